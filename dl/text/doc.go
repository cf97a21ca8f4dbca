// Package text makes tokens of texts and texts of tokens, as the tokenizers of language models do, exactly as Hugging
// Face's tokenizers does.
//
// [Load] reads the tokenizer.json of a model, or the older files: vocab.json and merges.txt (GPT-2), vocab.txt (BERT),
// tokenizer.model and spiece.model (SentencePiece). [TrainBPE] makes a tokenizer of your own texts. [Tokenizer.Encode]
// gives an [Encoding] with the numbers of the tokens, where each stands in the text, and what a model needs besides;
// [Tokenizer.EncodeIDs] gives the numbers alone, fast, for whole books; [Tokenizer.Decode] makes text of numbers, and a
// [Stream] does it while they come.
//
// The numbers are ints: a tensor of them is made by dl.Of or a dataset.
//
// A tokenizer is made of parts, which are types of this package with the names that they have in a tokenizer.json:
//
//   - a [Normalizer], for instance [NFKC], [Lowercase], [BertNormalizer] or [Precompiled];
//   - a [PreTokenizer]: [ByteLevel], [BertPreTokenizer], [Metaspace], [Split], [Whitespace], [Punctuation], [Digits];
//   - a [Model]: [BPE], [WordPiece], [Unigram], [WordLevel];
//   - a [PostProcessor]: [TemplateProcessing], [BertProcessing], [RobertaProcessing];
//   - a [Decoder]: [ByteLevel], [WordPieceDecoder], [Metaspace], [ByteFallback].
//
// Unicode is that of Go and golang.org/x/text (15); Hugging Face's parts use versions from 9 to 16, so that letters
// assigned since 2020 may be told apart otherwise. Offsets are bytes (in Python they are letters).
package text
