// Records what Hugging Face's tokenizers makes of strings: a line of JSON for each.
//
//	npm install tokenizers@0.23.2
//	node reference.mjs DIR COUNT [SEED] > DIR/reference.jsonl
//	go test modelbook/dl/text -run TestReference -tokenizer DIR
//
// DIR has a tokenizer.json.
import { createRequire } from "node:module";
import { strings } from "./strings.mjs";

const { Tokenizer } = createRequire(process.cwd() + "/")("tokenizers");
const [dir, count, seed] = process.argv.slice(2);
const tokenizer = Tokenizer.fromFile(dir + "/tokenizer.json");
for (const text of strings(Number(count), Number(seed ?? 1))) {
  const e = await tokenizer.encode(text);
  const ids = e.getIds();
  process.stdout.write(JSON.stringify({
    text, ids, tokens: e.getTokens(), offsets: e.getOffsets(), words: e.getWordIds().map((w) => w ?? -1),
    types: e.getTypeIds(), special: e.getSpecialTokensMask(),
    decoded: ids.length ? await tokenizer.decode(ids, true) : "", all: ids.length ? await tokenizer.decode(ids, false) : "",
  }) + "\n");
}
