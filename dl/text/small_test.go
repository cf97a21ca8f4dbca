package text_test

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl/text"
)

// recording is a small tokenizer, and what Hugging Face's tokenizers 0.23.2 made with it: see testdata/small.mjs.
type recording struct {
	Tokenizer json.RawMessage `json:"tokenizer"`
	Cases     []recorded      `json:"cases"`
	Pairs     []recorded      `json:"pairs"`
}

func readGzip(t testing.TB, path string, into any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// recordings are all recordings by name.
func recordings(t testing.TB) map[string]*recording {
	t.Helper()
	all := map[string]*recording{}
	readGzip(t, "testdata/parts.json.gz", &all)
	files, err := filepath.Glob("testdata/*.json.gz")
	if err != nil || len(files) < 9 {
		t.Fatalf("found %q, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json.gz")
		if name != "parts" {
			all[name] = &recording{}
			readGzip(t, file, all[name])
		}
	}
	return all
}

// TestReference compares with Hugging Face's tokenizers: as GPT-2's, RoBERTa's, Llama 2's and 3's, BERT's and T5's, and
// each normalizer and pre-tokenizer alone. Each tokenizer is written and read again once, and must stay the same.
func TestReference(t *testing.T) {
	all := recordings(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := all[name]
			tok, err := text.Parse(r.Tokenizer)
			if err != nil {
				t.Fatal(err)
			}
			written, err := tok.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if tok, err = text.Parse(written); err != nil {
				t.Fatal(err)
			}
			if again, err := tok.JSON(); err != nil || string(again) != string(written) {
				t.Errorf("written twice, it differs: %v", err)
			}
			wrong := 0
			for _, c := range append(r.Cases, r.Pairs...) {
				if what, problem := c.compare(tok); what != "" {
					if wrong++; wrong <= 5 {
						t.Errorf("%s of %q and %q:\n\t%s", what, c.Text, c.Second, problem)
					}
				}
			}
			if len(r.Cases) < 60 || wrong > 5 {
				t.Errorf("%d of %d strings differ", wrong, len(r.Cases)+len(r.Pairs))
			}
		})
	}
}
