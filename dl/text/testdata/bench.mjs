// Measures Hugging Face's tokenizers in one thread, in seconds of the processor.
//
//	npm install tokenizers@0.23.2
//	RAYON_NUM_THREADS=1 node bench.mjs DIR shakespeare.txt
import { createRequire } from "node:module";
import fs from "node:fs";

const hf = createRequire(process.cwd() + "/")("tokenizers");
const [dir, file] = process.argv.slice(2);
const text = fs.readFileSync(file, "utf8");
const lines = text.split(/(?<=\n)/);
const tokenizer = hf.Tokenizer.fromFile(dir + "/tokenizer.json");
const megabytes = Buffer.byteLength(text) / 1e6;
async function best(name, run) {
  let least = Infinity;
  for (let i = 0; i < 6; i++) {
    const before = process.cpuUsage();
    await run();
    const used = process.cpuUsage(before);
    least = Math.min(least, (used.user + used.system) / 1e6);
  }
  console.log(`${name}: ${(megabytes / least).toFixed(2)} MB/cpu-s`);
}
await best("lines in a batch", () => tokenizer.encodeBatch(lines));
await best("the whole text", () => tokenizer.encode(text));
