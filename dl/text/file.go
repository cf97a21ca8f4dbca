package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// FileError is what is wrong with a tokenizer's file: in which part of it, what was found, and what would be right.
type FileError struct {
	File     string // empty: the bytes had no file
	Part     string // such as model.merges[3]
	Found    string
	Expected string // may be empty
}

func (e *FileError) Error() string {
	s := e.Found
	if e.Part != "" {
		s = e.Part + ": " + s
	}
	if e.File != "" {
		s = e.File + ": " + s
	}
	if e.Expected != "" {
		s += "; expected " + e.Expected
	}
	return s
}

// maxFile is the size of a file above which it is refused.
const maxFile = 512 << 20

// Load reads a tokenizer from a file or a folder as Hugging Face has them. Of a folder, tokenizer.json is read if it is
// there, otherwise vocab.json with merges.txt (as GPT-2's), vocab.txt (as BERT's; tokenizer_config.json says whether
// letters are made small), or a model of SentencePiece (tokenizer.model, spiece.model, sentencepiece.bpe.model).
func Load(path string) (*Tokenizer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return loadFile(path)
	}
	for _, name := range [...]string{"tokenizer.json", "vocab.json", "vocab.txt", "tokenizer.model", "spiece.model",
		"sentencepiece.bpe.model"} {
		file := filepath.Join(path, name)
		if _, err := os.Stat(file); err == nil {
			return loadFile(file)
		} else if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return nil, &FileError{File: path, Found: "has no tokenizer",
		Expected: "tokenizer.json, vocab.json with merges.txt, vocab.txt or tokenizer.model"}
}

func loadFile(path string) (*Tokenizer, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	dir, name := filepath.Split(path)
	var t *Tokenizer
	switch {
	case name == "vocab.json":
		var merges []byte
		if merges, err = readFile(filepath.Join(dir, "merges.txt")); err != nil {
			return nil, err
		}
		t, err = parseGPT2(data, merges)
	case strings.HasSuffix(name, ".txt"):
		var config []byte
		if config, err = readFile(filepath.Join(dir, "tokenizer_config.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		t, err = parseBERT(data, config)
	case strings.HasSuffix(name, ".model"):
		t, err = ParseSentencePiece(data)
	default:
		t, err = Parse(data)
	}
	var broken *FileError
	if errors.As(err, &broken) && broken.File == "" {
		broken.File = path
	}
	return t, err
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, &FileError{File: path, Found: fmt.Sprintf("has more than %d bytes", maxFile)}
	}
	return data, nil
}

// parseGPT2 reads vocab.json and merges.txt.
func parseGPT2(vocab, merges []byte) (*Tokenizer, error) {
	r := &reader{}
	ids := r.vocabulary("", vocab)
	if r.err != nil {
		return nil, r.err
	}
	var pairs [][2]string
	for i, line := range strings.Split(strings.TrimSuffix(string(merges), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "#version") || line == "" && i > 0 {
			continue
		}
		a, b, ok := strings.Cut(line, " ")
		if !ok || strings.Contains(b, " ") || a == "" || b == "" {
			return nil, &FileError{File: "merges.txt", Part: fmt.Sprintf("line %d", i+1), Found: short(line),
				Expected: "two tokens with a space between them"}
		}
		pairs = append(pairs, [2]string{a, b})
	}
	m, err := NewBPE(ids, pairs, BPEOptions{})
	if err != nil {
		return nil, &FileError{File: "merges.txt", Found: err.Error()}
	}
	t := &Tokenizer{Model: m, PreTokenizer: ByteLevel{NoPrefixSpace: true}, Decoder: ByteLevel{},
		PostProcessor: ByteLevel{NoPrefixSpace: true, KeepOffsets: true}}
	if _, ok := ids["<|endoftext|>"]; ok {
		t.Add(AddedToken{Text: "<|endoftext|>", Special: true})
	}
	return t, nil
}

// parseBERT reads vocab.txt, a token a line, and what a tokenizer_config.json says of it.
func parseBERT(vocab, config []byte) (*Tokenizer, error) {
	ids := map[string]int{}
	lines := strings.Split(string(vocab), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for i, line := range lines {
		if !utf8.ValidString(line) {
			return nil, &FileError{Part: fmt.Sprintf("line %d", i+1), Found: "is not UTF-8"}
		}
		ids[strings.TrimRight(line, "\r")] = i
	}
	m, err := NewWordPiece(ids, WordPieceOptions{})
	if err != nil {
		return nil, &FileError{Found: err.Error(), Expected: "a vocabulary as BERT's, a token a line"}
	}
	var said struct {
		Lower   *bool `json:"do_lower_case"`
		Chinese *bool `json:"tokenize_chinese_chars"`
		Accents *bool `json:"strip_accents"`
	}
	if len(config) > 0 {
		if err := json.Unmarshal(config, &said); err != nil {
			return nil, &FileError{File: "tokenizer_config.json", Found: err.Error()}
		}
	}
	t := &Tokenizer{
		Model: m,
		Normalizer: BertNormalizer{KeepCase: said.Lower != nil && !*said.Lower, JoinChinese: said.Chinese != nil && !*said.Chinese,
			StripAccents: said.Accents},
		PreTokenizer: BertPreTokenizer{},
		Decoder:      WordPieceDecoder{},
	}
	for _, special := range [...]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		if _, ok := ids[special]; ok {
			t.Add(AddedToken{Text: special, Special: true})
		}
	}
	cls, ok1 := ids["[CLS]"]
	sep, ok2 := ids["[SEP]"]
	if ok1 && ok2 {
		t.PostProcessor = BertProcessing{Cls: SpecialToken{"[CLS]", cls}, Sep: SpecialToken{"[SEP]", sep}}
	}
	return t, nil
}
