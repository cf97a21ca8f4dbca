// A GGUF file with llama.cpp, as the npm package node-llama-cpp has it built: a prompt, then one token at a time behind it,
// the likeliest. Prints the least time of the prompt and the lower decile of the times of tokens:
//
//	npm install node-llama-cpp@3 --ignore-scripts
//	node llamacpp.mjs model.gguf THREADS PROMPT TOKENS
import {getLlama} from "node-llama-cpp";

const [path, threads, prompt, count] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const llama = await getLlama({gpu: false, build: "never", maxThreads: threads, logLevel: "error"});
const model = await llama.loadModel({modelPath: path});
const context = await model.createContext({contextSize: prompt + count + 8, batchSize: prompt, threads});
const sequence = context.getSequence();
const ids = Array.from({length: prompt}, (_, i) => (i * 31 + 7) % 50000);
let least = Infinity;
for (let round = 0; round < 4; round++) {
	await sequence.clearHistory();
	const start = performance.now();
	await sequence.evaluateWithoutGeneratingNewTokens(ids);
	if (round > 0) least = Math.min(least, performance.now() - start);
}
const times = [];
let last = performance.now();
for await (const token of sequence.evaluate([11], {temperature: 0, yieldEogToken: true})) {
	const now = performance.now();
	times.push(now - last);
	last = now;
	if (times.length > count) break;
}
times.shift(); // it has the first evaluation's preparations
times.sort((a, b) => a - b);
console.log(`prompt ${least.toFixed(2)} ms, token ${times[Math.floor(times.length / 10)].toFixed(3)} ms`);
process.exit(0);
