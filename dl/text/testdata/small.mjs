// Trains small tokenizers with Hugging Face's tokenizers on lines of Shakespeare and strings in many scripts, and records
// what they make of strings.
//
//	npm install tokenizers@0.23.2
//	bunzip2 -k -c dl/data/shakespeare/input.txt.bz2 > shakespeare.txt
//	node small.mjs shakespeare.txt dl/text/testdata
import { createRequire } from "node:module";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { strings } from "./strings.mjs";

const hf = createRequire(process.cwd() + "/")("tokenizers");
const [corpus, out] = process.argv.slice(2);
const work = fs.mkdtempSync(path.join(os.tmpdir(), "tokenizers"));

// The text to train on: a fifth of the plays, and strings in many scripts.
const file = path.join(work, "text.txt");
const plays = fs.readFileSync(corpus, "utf8");
fs.writeFileSync(file, plays.slice(0, 220000) + strings(300, 3).join("\n"));

function train(model, normalizer, preTokenizer) {
  const t = new hf.Tokenizer(model);
  if (normalizer) t.setNormalizer(normalizer);
  if (preTokenizer) t.setPreTokenizer(preTokenizer);
  t.train([file]);
  const saved = path.join(work, "t.json");
  t.save(saved);
  return JSON.parse(fs.readFileSync(saved, "utf8"));
}

// cut leaves the first n merges and the tokens that they need.
function cut(model, n) {
  const vocab = Object.entries(model.vocab).sort((a, b) => a[1] - b[1]);
  const merged = new Set(model.merges.map(([a, b]) => a + b));
  const kept = vocab.filter(([t]) => !merged.has(t)).map(([t]) => t);
  model.merges = model.merges.slice(0, n);
  for (const [a, b] of model.merges) if (!kept.includes(a + b)) kept.push(a + b);
  model.vocab = Object.fromEntries(kept.map((t, i) => [t, i]));
  return model;
}

// insert puts tokens before the others.
function insert(model, tokens) {
  const all = [...tokens, ...Object.keys(model.vocab).sort((a, b) => model.vocab[a] - model.vocab[b])];
  model.vocab = Object.fromEntries(all.map((t, i) => [t, i]));
}

const special = (id, content, more) => ({
  id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more,
});
const empty = { version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null,
  post_processor: null, decoder: null };
const bytesLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

const tokenizers = {};

// Byte-level BPE: as GPT-2's; as RoBERTa's; as Llama 3's.
const byteBPE = train(hf.BPE.empty(), null, hf.byteLevelPreTokenizer(false, true)).model;
for (const c of hf.byteLevelAlphabet()) if (!(c in byteBPE.vocab)) byteBPE.vocab[c] = Object.keys(byteBPE.vocab).length;
cut(byteBPE, 700);
const size = Object.keys(byteBPE.vocab).length;
tokenizers.gpt2 = { ...empty, added_tokens: [special(size, "<|endoftext|>")], pre_tokenizer: bytesLevel,
  post_processor: { ...bytesLevel, trim_offsets: false }, decoder: bytesLevel, model: byteBPE };
const roberta = structuredClone(byteBPE);
insert(roberta, ["<s>", "<pad>", "</s>", "<unk>"]);
tokenizers.roberta = { ...empty,
  added_tokens: [special(0, "<s>"), special(1, "<pad>"), special(2, "</s>"), special(3, "<unk>"),
    special(size + 4, "[MASK]", { lstrip: true })],
  truncation: { direction: "Right", max_length: 24, strategy: "LongestFirst", stride: 0 },
  padding: { strategy: { Fixed: 24 }, direction: "Right", pad_to_multiple_of: null, pad_id: 1, pad_type_id: 0, pad_token: "<pad>" },
  pre_tokenizer: { ...bytesLevel, add_prefix_space: true },
  post_processor: { type: "RobertaProcessing", sep: ["</s>", 2], cls: ["<s>", 0], trim_offsets: true, add_prefix_space: true },
  decoder: bytesLevel, model: roberta };
const llama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
tokenizers.llama3 = { ...empty,
  added_tokens: [special(size, "<|endoftext|>"), special(size + 1, "water", { single_word: true, special: false }),
    special(size + 2, "Hamlet", { normalized: true, special: false, rstrip: true }), special(size + 3, "naïve", { normalized: true, special: false }),
    special(size + 4, "</s>", { lstrip: true, rstrip: true })],
  normalizer: { type: "NFC" },
  pre_tokenizer: { type: "Sequence", pretokenizers: [
    { type: "Split", pattern: { Regex: llama3 }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false }] },
  post_processor: { type: "Sequence", processors: [{ ...bytesLevel, trim_offsets: true, add_prefix_space: true }, {
    type: "TemplateProcessing", single: [{ SpecialToken: { id: "<|endoftext|>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "<|endoftext|>", type_id: 1 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { "<|endoftext|>": { id: "<|endoftext|>", ids: [size, size], tokens: ["<|endoftext|>", "<|endoftext|>"] } } }] },
  decoder: bytesLevel, model: { ...structuredClone(byteBPE), ignore_merges: true } };

// WordPiece: as BERT's, uncased and cased. The words of BPE with a prefix are its vocabulary.
function bert(lowercase, accents) {
  const model = train(hf.WordPiece.empty(), hf.bertNormalizer({ lowercase }), hf.bertPreTokenizer()).model;
  const vocab = Object.keys(model.vocab).sort((a, b) => model.vocab[a] - model.vocab[b]).slice(0, 2500);
  model.vocab = Object.fromEntries(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...vocab].map((t, i) => [t, i]));
  return { ...empty,
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((t, i) => special(i, t)),
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: accents, lowercase },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true }, model };
}
tokenizers.bert = bert(true, null);
tokenizers.bertcased = bert(false, null);
tokenizers.bertcased.truncation = { direction: "Left", max_length: 16, strategy: "LongestFirst", stride: 0 };

// BPE of SentencePiece with bytes for what is not in the vocabulary: as Llama 2's.
const bytes = [...Array(256).keys()].map((b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
const spBPE = cut(train(hf.BPE.empty(), null, hf.metaspacePreTokenizer()).model, 900);
for (const t of Object.keys(spBPE.vocab)) { // letters outside Latin become bytes
  if ([...t].length == 1 && t.codePointAt(0) > 0x17f && t != "▁" && !spBPE.merges.some(([a, b]) => a == t || b == t)) delete spBPE.vocab[t];
}
insert(spBPE, ["<unk>", "<s>", "</s>", ...bytes]);
Object.assign(spBPE, { byte_fallback: true, fuse_unk: true, unk_token: "<unk>" });
tokenizers.llama2 = { ...empty,
  added_tokens: [special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")],
  normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, { type: "Replace", pattern: { String: " " }, content: "▁" }] },
  post_processor: { type: "TemplateProcessing", single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "<s>", type_id: 1 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } } },
  decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" },
    { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] },
  model: spBPE };
// The same without bytes: unknown letters, each for itself.
const noBytes = structuredClone(spBPE);
for (const b of bytes) delete noBytes.vocab[b];
insert(noBytes, []);
Object.assign(noBytes, { byte_fallback: false, fuse_unk: false });
tokenizers.unknown = { ...structuredClone(tokenizers.llama2), model: noBytes,
  normalizer: { type: "Sequence", normalizers: [{ type: "NFKD" }, { type: "StripAccents" }, { type: "Lowercase" }] },
  pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true },
  decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true } };

// Unigram: as T5's.
const unigram = train(hf.Unigram.empty(), hf.nfkcNormalizer(), hf.metaspacePreTokenizer()).model;
const letters = unigram.vocab.filter(([t]) => [...t].length == 1 && t.codePointAt(0) < 0x3000);
const longer = unigram.vocab.filter(([t]) => [...t].length > 1 && t != "<unk>").slice(0, 1500);
unigram.vocab = [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ...letters, ...longer];
unigram.unk_id = 2;
tokenizers.t5 = { ...empty, added_tokens: [special(0, "<pad>"), special(1, "</s>"), special(2, "<unk>")],
  normalizer: { type: "NFKC" },
  pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true }] },
  post_processor: { type: "TemplateProcessing", single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }, { Sequence: { id: "B", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
    special_tokens: { "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] } } },
  decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true }, model: unigram };

// Each normalizer alone, before a model whose tokens are single letters, so that all offsets are seen.
const single = { type: "Unigram", unk_id: 0, vocab: [["<unk>", 0], ["e", -1]], byte_fallback: false };
const normalizers = {
  nfc: { type: "NFC" }, nfd: { type: "NFD" }, nfkc: { type: "NFKC" }, nfkd: { type: "NFKD" }, lowercase: { type: "Lowercase" },
  stripaccents: { type: "Sequence", normalizers: [{ type: "NFD" }, { type: "StripAccents" }] }, nmt: { type: "Nmt" },
  strip: { type: "Strip", strip_left: true, strip_right: true }, prepend: { type: "Prepend", prepend: "<>" },
  replace: { type: "Sequence", normalizers: [{ type: "Replace", pattern: { Regex: "[aeiou]+|\\s\\p{Lu}" }, content: "é!" }, { type: "Replace", pattern: { String: "th" }, content: "" }] },
  bytes: { type: "ByteLevel" }, bert: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true },
};
for (const [name, normalizer] of Object.entries(normalizers)) {
  tokenizers["normalizer_" + name] = { ...empty, normalizer, decoder: { type: "Fuse" }, model: single,
    pre_tokenizer: { type: "Split", pattern: { Regex: "(?:.|\\n)" }, behavior: "Isolated", invert: false } };
}

// Each pre-tokenizer alone, before a model that knows no word.
const preTokenizers = {
  whitespace: { type: "Whitespace" }, whitespacesplit: { type: "WhitespaceSplit" }, bert: { type: "BertPreTokenizer" },
  digits: { type: "Digits", individual_digits: false }, eachdigit: { type: "Digits", individual_digits: true },
  punctuation: { type: "Punctuation", behavior: "Contiguous" }, punctuationnext: { type: "Punctuation", behavior: "MergedWithNext" },
  punctuationprevious: { type: "Punctuation", behavior: "MergedWithPrevious" }, punctuationremoved: { type: "Punctuation", behavior: "Removed" },
  delimiter: { type: "CharDelimiterSplit", delimiter: "e" }, fixed: { type: "FixedLength", length: 3 },
  metaspacefirst: { type: "Metaspace", replacement: "_", prepend_scheme: "first", split: true },
  metaspacewhole: { type: "Metaspace", replacement: "▁", prepend_scheme: "never", split: false },
  invert: { type: "Split", pattern: { Regex: "\\w+|[^\\w\\s]+" }, behavior: "Removed", invert: true },
  literal: { type: "Split", pattern: { String: "the" }, behavior: "MergedWithPrevious", invert: false },
  gpt2: bytesLevel, prefixed: { ...bytesLevel, add_prefix_space: true },
  qwen2: { type: "Split", pattern: { Regex: llama3.replace("{1,3}", "") }, behavior: "Isolated", invert: false },
  o200k: { type: "Split", behavior: "Isolated", invert: false, pattern: { Regex: "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" } },
  deepseek: { type: "Sequence", pretokenizers: [{ type: "Split", pattern: { Regex: "\\p{N}{1,3}" }, behavior: "Isolated", invert: false },
    { type: "Split", pattern: { Regex: "[一-龥぀-ゟ゠-ヿ]+" }, behavior: "Isolated", invert: false },
    { type: "Split", behavior: "Isolated", invert: false, pattern: { Regex: "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" } }] },
};
for (const [name, pre_tokenizer] of Object.entries(preTokenizers)) {
  tokenizers["pretokenizer_" + name] = { ...empty, pre_tokenizer, model: single };
}

const zip = (value) => zlib.gzipSync(JSON.stringify(value) + "\n", { level: 9 });
const parts = {};
for (const [name, tokenizer] of Object.entries(tokenizers)) {
  const part = name.includes("_");
  const t = hf.Tokenizer.fromString(JSON.stringify(tokenizer));
  const record = async (e, more) => ({ ...more, ids: e.getIds(), tokens: e.getTokens(), offsets: e.getOffsets(),
    words: e.getWordIds().map((w) => w ?? -1), types: e.getTypeIds(), special: e.getSpecialTokensMask(),
    decoded: e.getLength() ? await t.decode(e.getIds(), true) : "", all: e.getLength() ? await t.decode(e.getIds(), false) : "" });
  const cases = [], pairs = [];
  for (const text of strings(part ? 60 : 320, part ? 11 : 5)) cases.push(await record(await t.encode(text), { text }));
  const all = strings(60, 9);
  for (let i = 8; !part && tokenizer.truncation?.direction != "Left" && i + 1 < all.length; i += 2) pairs.push(await record(await t.encode(all[i], all[i + 1]), { text: all[i], second: all[i + 1] }));
  if (part) parts[name] = { tokenizer, cases, pairs };
  else fs.writeFileSync(path.join(out, name + ".json.gz"), zip({ tokenizer, cases, pairs }));
}
fs.writeFileSync(path.join(out, "parts.json.gz"), zip(parts));
fs.rmSync(work, { recursive: true });
