package lm

import (
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/nn"
)

// A model that went through a GGUF file has the recorded logits: of floats the same, of quantized ones near them.
func TestGGUFHasTheSameLogits(t *testing.T) {
	for _, name := range []string{"gpt2", "llama", "qwen2"} {
		m, r := open(t, name), record(t, name)
		for typ, tolerance := range map[gguf.Type]float64{gguf.F32: 1e-4, gguf.F16: 0.02, gguf.BF16: 0.2} {
			path := filepath.Join(t.TempDir(), "m.gguf")
			if err := SaveGGUF(path, m, typ, []gguf.Pair{{Key: "general.name", Value: name}}); err != nil {
				t.Fatal(err)
			}
			again, f, err := LoadGGUF(path, GGUFOptions{Half: true})
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" as "+typ.String(), again.Forward(tensor(r.Tokens)), r.Logits, tolerance)
			if again.Vocabulary() != 29 || again.Context() != 64 || again.End()[0] != 2 {
				t.Error(again.Vocabulary(), again.Context(), again.End())
			}
			// And once more, from the order that the file has.
			twice := filepath.Join(t.TempDir(), "m.gguf")
			if err := SaveGGUF(twice, again, gguf.F32, nil); err != nil {
				t.Fatal(err)
			}
			last, g, err := LoadGGUF(twice, GGUFOptions{})
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" twice", last.Forward(tensor(r.Tokens)), r.Logits, tolerance)
			f.Close()
			g.Close()
		}
	}
}

// Quantized matrices become floats, or what the options make of their blocks.
func TestQuantizedGGUF(t *testing.T) {
	dl.Seed(5)
	m, err := LlamaConfig{VocabSize: 64, HiddenSize: 64, IntermediateSize: 96, NumHiddenLayers: 2, NumAttentionHeads: 4, NumKeyValueHeads: 2, MaxPositionEmbeddings: 32}.New()
	if err != nil {
		t.Fatal(err)
	}
	x := dl.Of([]int32{1, 5, 9, 60, 2}, 1, 5)
	want := m.Forward(x)
	for typ, tolerance := range map[gguf.Type]float64{gguf.Q8_0: 0.01, gguf.Q4_0: 0.16} {
		path := filepath.Join(t.TempDir(), "m.gguf")
		if err := SaveGGUF(path, m, typ, nil); err != nil {
			t.Fatal(err)
		}
		floats, f, err := LoadGGUF(path, GGUFOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if d := floats.Forward(x).Sub(want).Abs().Max().Item(); !(d > 0 && d < tolerance) {
			t.Errorf("%v: logits differ by %v", typ, d)
		}
		made := 0
		blocks, g, err := LoadGGUF(path, GGUFOptions{Projection: func(name string, w gguf.Tensor, bias *nn.Parameter) (Projection, error) {
			if made++; w.Type != typ || made%2 == 0 {
				return nil, nil
			}
			v, err := w.Data()
			return &Linear{Weight: nn.NewParameter(name, v), Bias: bias}, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		if made != 15 || !blocks.Forward(x).AllClose(floats.Forward(x), 1e-5, 1e-6) {
			t.Errorf("%v: of %d matrices the logits are others", typ, made)
		}
	}
}

func TestGGUFMistakes(t *testing.T) {
	file := func(meta []gguf.Pair, sources ...gguf.Source) string {
		path := filepath.Join(t.TempDir(), "m.gguf")
		if err := gguf.Save(path, meta, sources); err != nil {
			t.Fatal(err)
		}
		return path
	}
	gpt2 := []gguf.Pair{{Key: "general.architecture", Value: "gpt2"}}
	sizes := append([]gguf.Pair{}, gpt2...)
	for _, key := range []string{"context_length", "embedding_length", "feed_forward_length", "block_count", "attention.head_count"} {
		sizes = append(sizes, gguf.Pair{Key: "gpt2." + key, Value: uint32(4)})
	}
	table := gguf.Source{Name: "token_embd.weight", Shape: []int{3, 4}, Values: make([]float32, 12)}
	for want, path := range map[string]string{
		"architecture":                     file(nil),
		"gpt2.context_length":              file(gpt2, table),
		"no tensor token_embd.weight":      file(sizes),
		"there is no tensor position_embd": file(sizes, table),
		"the model needs [3 4]":            file(sizes, gguf.Source{Name: "token_embd.weight", Shape: []int{3, 5}, Values: make([]float32, 15)}),
	} {
		if _, _, err := LoadGGUF(path, GGUFOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, which does not say %q", err, want)
		}
	}
	if err := SaveGGUF(filepath.Join(t.TempDir(), "x"), open(t, "yarn"), gguf.F32, nil); err == nil {
		t.Error("yarn was written")
	}
}
