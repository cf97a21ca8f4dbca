package text_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modelbook/dl/text"
)

// hostile are files that are wrong, and what is said of them.
var hostile = []struct{ name, file, want string }{
	{"empty", ``, "has no object"},
	{"null", `null`, "has no object"},
	{"not an object", `[1]`, "cannot unmarshal array"},
	{"cut off", `{"model": {"type": "BPE"`, "unexpected end"},
	{"version", `{"version": "2.0"}`, `version: "2.0"; expected 1.0`},
	{"no model", `{"version": "1.0"}`, "model: is missing"},
	{"kind of model", `{"model": {"type": "Transformer"}}`, `model.type: "Transformer"; expected BPE, WordPiece`},
	{"no vocabulary", `{"model": {"type": "BPE", "merges": []}}`, "model.vocab: is missing"},
	{"vocabulary", `{"model": {"type": "BPE", "vocab": [], "merges": []}}`, "model.vocab: cannot unmarshal array"},
	{"fraction", `{"model": {"type": "BPE", "vocab": {"a": 1.5}, "merges": []}}`, "model.vocab: cannot unmarshal number 1.5"},
	{"negative", `{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}`, `the token "a" has the number -1`},
	{"large number", `{"model": {"type": "BPE", "vocab": {"a": 4294967296}, "merges": []}}`, "numbers go from 0 to 2147483646"},
	{"merge", `{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}`, `model.merges[0]: "a"; expected two tokens`},
	{"merge of three", `{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a", "a"]]}}`, "model.merges[0]: has 3 tokens"},
	{"merge of nothing", `{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}`, `merge 0: the token "b" is not in the vocabulary`},
	{"merge to nothing", `{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]}}`, `merge 0: "aa" is not in the vocabulary`},
	{"dropout", `{"model": {"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}}`, "model.dropout: 0.1"},
	{"unknown", `{"model": {"type": "WordPiece", "vocab": {"a": 0}}}`, `the unknown token "[UNK]" is not in the vocabulary`},
	{"unknown word", `{"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "?"}}`, `the unknown token "?"`},
	{"unigram", `{"model": {"type": "Unigram", "vocab": [["a"]]}}`, `model.vocab[0]: "[\"a\"]"; expected a token and its log`},
	{"unigram's unknown", `{"model": {"type": "Unigram", "vocab": [["a", -1]], "unk_id": 7}}`, "the number of the unknown token is 7"},
	{"normalizer", `{"model": {"type": "Unigram", "vocab": []}, "normalizer": {"type": "NFX"}}`, `normalizer.type: "NFX"; expected a normalizer`},
	{"inner normalizer", `{"model": {"type": "Unigram", "vocab": []}, "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, null]}}`,
		"normalizer.normalizers[1]: is null"},
	{"flag", `{"model": {"type": "Unigram", "vocab": []}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": "yes"}}`,
		"pre_tokenizer.add_prefix_space: cannot unmarshal string"},
	{"behavior", `{"model": {"type": "Unigram", "vocab": []}, "pre_tokenizer": {"type": "Punctuation", "behavior": "Never"}}`,
		"pre_tokenizer.behavior: \"Never\"; expected one of Isolated"},
	{"pattern", `{"model": {"type": "Unigram", "vocab": []}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a(b"}}}`,
		"pre_tokenizer.pattern.Regex: the regular expression \"a(b\": at byte 3: a ( without )"},
	{"letter", `{"model": {"type": "Unigram", "vocab": []}, "pre_tokenizer": {"type": "Metaspace", "replacement": "ab"}}`, "one letter"},
	{"charsmap", `{"model": {"type": "Unigram", "vocab": []}, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "/////w=="}}`,
		"says that its trie has 4294967295 bytes, and 0 bytes follow"},
	{"special tokens", `{"model": {"type": "Unigram", "vocab": []}, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}], "pair": [], "special_tokens": {}}}`,
		`post_processor.single[0].SpecialToken.id: "x" is not one of special_tokens`},
	{"ids", `{"model": {"type": "Unigram", "vocab": []}, "post_processor": {"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {"x": {"ids": [1], "tokens": []}}}}`,
		"post_processor.special_tokens.x: has 1 ids and 0 tokens"},
	{"processor", `{"model": {"type": "Unigram", "vocab": []}, "post_processor": {"type": "BertProcessing", "sep": ["a"]}}`, "post_processor.sep: is not a token and its number"},
	{"added", `{"model": {"type": "Unigram", "vocab": []}, "added_tokens": [{"id": 1, "content": "a"}, {"id": 1, "content": "b"}]}`,
		`added_tokens[1].id: 1 is the number of "a" and of "b"`},
	{"truncation", `{"model": {"type": "Unigram", "vocab": []}, "truncation": {"max_length": -1}}`, "truncation.max_length: -1"},
	{"padding", `{"model": {"type": "Unigram", "vocab": []}, "padding": {"strategy": {"Fixed": 2000000000}}}`, "pads to 2000000000 tokens"},
	{"deep", `{"model": {"type": "Unigram", "vocab": []}, "normalizer": ` + strings.Repeat(`{"type": "Sequence", "normalizers": [`, 40) +
		strings.Repeat(`]}`, 40) + `}`, "nest more than 16 deep"},
}

func TestHostileFiles(t *testing.T) {
	for _, c := range hostile {
		tok, err := text.Parse([]byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", c.name, tok, err, c.want)
		}
		var broken *text.FileError
		if err != nil && !errors.As(err, &broken) {
			t.Errorf("%s: the error is a %T", c.name, err)
		}
	}
}

// TestHostileFolders says which file of a folder is wrong.
func TestHostileFolders(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fails := func(path, want string) {
		t.Helper()
		if _, err := text.Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	fails(filepath.Join(dir, "none"), "no such file")
	fails(dir, "has no tokenizer; expected tokenizer.json, vocab.json with merges.txt")
	write("vocab.txt", "[PAD]\na\n")
	fails(dir, `vocab.txt: the unknown token "[UNK]" is not in the vocabulary`)
	write("vocab.json", `{"a": 0}`)
	fails(dir, "merges.txt: no such file")
	write("merges.txt", "#version: 0.2\na\n")
	fails(dir, `merges.txt: line 2: "a"; expected two tokens`)
	write("tokenizer.json", `{}`)
	fails(dir, "tokenizer.json: model: is missing")
	write("tokenizer.model", "\xff\xff")
	fails(filepath.Join(dir, "tokenizer.model"), "expected a model of SentencePiece")
}

// TestSlowRegexes runs expressions whose alternatives multiply: they end soon all the same.
func TestSlowRegexes(t *testing.T) {
	start := time.Now()
	for _, pattern := range []string{`(a*)*b`, `(a|a)*b`, `(a+)+$|b`, `((a?){30}a{30})+b`, `(?=(a*)*b)a`} {
		re, err := text.CompileRegex(pattern)
		if err != nil {
			t.Fatal(err)
		}
		tok := &text.Tokenizer{Model: must(text.NewUnigram([]text.ScoredToken{{Token: "?"}}, 0, false)), PreTokenizer: text.Split{Pattern: re}}
		if e := tok.Encode(strings.Repeat("a", 300) + "c"); e.Len() == 0 {
			t.Errorf("%s: no tokens", pattern)
		}
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("they took %v", d)
	}
	for pattern, want := range map[string]string{
		`(?<=a)b`: "a group (?<", `a{2,1}`: "repetition {2,1}", `a{1001}`: "up to 1000", `[b-a]`: "ends before it begins", `*a`: "nothing before it",
		`\p{Klingon}`: "no category, script", `\q`: `a \q, which is not known`, `[a&&b]`: "class in a class", `a)`: "closes nothing",
		strings.Repeat("(", 60): "nest more than 50", strings.Repeat("a", 20_000): "more than 10000", `((a{100}){100}){100}`: "larger than",
		`((){1000}){1000}`: "larger than", `\x{110000}`: "number of a letter", `\`: "a \\ at the end", `[a`: "a [ without ]",
	} {
		if _, err := text.CompileRegex(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: got %v, want an error with %q", pattern, err, want)
		}
	}
}
