package lm

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// recorded is what testdata/models.py has written about a model.
type recorded struct {
	Tokens, Types [][]int32
	Lengths       []int
	Logits        []float64
	Mean, CLS     []float64
	Generated     map[string][][]int
}

var decoders = []string{"gpt2", "llama", "qwen2", "yarn"}

func record(t testing.TB, name string) (r recorded) {
	b, err := os.ReadFile("testdata/models.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all[name], &r); err != nil || len(r.Logits) == 0 {
		t.Fatal(name, err)
	}
	return r
}

func tensor(rows [][]int32) *dl.Tensor { return dl.Of(slices.Concat(rows...), len(rows), len(rows[0])) }

// near says how far values are from recorded ones.
func near(t testing.TB, what string, got *dl.Tensor, want []float64, tolerance float64) {
	t.Helper()
	values := dl.Values[float64](got.Contiguous())
	if len(values) != len(want) {
		t.Fatalf("%s: %v, recorded are %d values", what, got.Shape(), len(want))
	}
	worst := 0.0
	for i, v := range values {
		worst = max(worst, math.Abs(v-want[i]))
	}
	if !(worst <= tolerance) {
		t.Errorf("%s is %g from what PyTorch computes", what, worst)
	}
}

func open(t testing.TB, name string) Decoder {
	t.Helper()
	m, diff, err := Load(filepath.Join("testdata", name), LoadOptions{})
	if err != nil || len(diff.Unexpected)+len(diff.Missing) > 0 {
		t.Fatal(err, diff)
	}
	return m
}

func TestLogitsAreRecordedOnes(t *testing.T) {
	for _, name := range decoders {
		m, r := open(t, name), record(t, name)
		tokens := tensor(r.Tokens)
		near(t, name, m.Forward(tokens), r.Logits, 1e-4)
		dl.NoGrad(func() {
			c, v := m.NewCache(2, 20), m.Vocabulary()
			for _, part := range [][2]int{{0, 1}, {1, 8}, {8, 9}, {9, 20}} {
				y := m.Call(tokens.Slice(1, part[0], part[1]), CallOptions{Cache: c})
				for row := range 2 {
					near(t, fmt.Sprintf("%s, positions %v of sample %d with a cache", name, part, row), y.Index(row), r.Logits[(row*20+part[0])*v:(row*20+part[1])*v], 1e-4)
				}
			}
			// Samples of different lengths, padded with anything.
			c.Truncate(0)
			lengths := []int{7, 3}
			y := m.Call(tokens.Slice(1, 0, 7), CallOptions{Cache: c, Lengths: lengths, Last: true})
			for step := range 4 {
				for row, n := range lengths {
					near(t, fmt.Sprintf("%s, sample %d of length %d", name, row, n+step), y.Index(row), r.Logits[(row*20+n+step-1)*v:][:v], 1e-4)
				}
				next := dl.Of([]int32{r.Tokens[0][7+step], r.Tokens[1][3+step]}, 2, 1)
				y = m.Call(next, CallOptions{Cache: c, Last: true})
			}
		})
	}
}

func TestBERTIsTheRecordedOne(t *testing.T) {
	for _, name := range []string{"bert_mlm", "bert_classes", "bert_tokens"} {
		m, diff, err := LoadBERT(filepath.Join("testdata", name), LoadOptions{})
		if err != nil || len(diff.Unexpected)+len(diff.Missing) > 0 {
			t.Fatal(err, diff)
		}
		r := record(t, name)
		o := CallOptions{Lengths: r.Lengths, Types: tensor(r.Types)}
		near(t, name, m.Call(tensor(r.Tokens), o), r.Logits, 1e-4)
		near(t, name+", mean", Embed(m, tensor(r.Tokens), o, EmbedOptions{Normalize: true}), r.Mean, 1e-4)
		near(t, name+", first token", Embed(m, tensor(r.Tokens), o, EmbedOptions{Pooling: CLSPooling}), r.CLS, 1e-4)
	}
}

// Published numbers of parameters: of transformers' num_parameters for the models of these names.
func TestPublishedParameterCounts(t *testing.T) {
	gpt2 := func(c GPT2Config) func() (int64, error) { return c.Count }
	bert := func(c BERTConfig) func() (int64, error) { return c.Count }
	llama := func(c LlamaConfig) func() (int64, error) { return c.Count }
	large := BERTConfig{HiddenSize: 1024, NumHiddenLayers: 24, NumAttentionHeads: 16, IntermediateSize: 4096}
	base := BERTConfig{}
	base.Architectures, large.Architectures = []string{BertModel}, []string{BertModel}
	for _, c := range []struct {
		name  string
		count func() (int64, error)
		want  int64
	}{
		{"gpt2", gpt2(GPT2Config{}), 124_439_808},
		{"gpt2-medium", gpt2(GPT2Config{NEmbd: 1024, NLayer: 24, NHead: 16}), 354_823_168},
		{"gpt2-large", gpt2(GPT2Config{NEmbd: 1280, NLayer: 36, NHead: 20}), 774_030_080},
		{"gpt2-xl", gpt2(GPT2Config{NEmbd: 1600, NLayer: 48, NHead: 25}), 1_557_611_200},
		{"bert-base-uncased", bert(base), 109_482_240},
		{"bert-large-uncased", bert(large), 335_141_888},
		{"bert-base-uncased, masked words", bert(BERTConfig{}), 109_514_298},
		{"bert-base-uncased, two labels", bert(BERTConfig{Architectures: []string{BertForSequenceClassification}}), 109_483_778},
		{"TinyLlama-1.1B", llama(LlamaConfig{VocabSize: 32000, HiddenSize: 2048, IntermediateSize: 5632, NumHiddenLayers: 22, NumAttentionHeads: 32, NumKeyValueHeads: 4}), 1_100_048_384},
		{"SmolLM-135M", llama(LlamaConfig{VocabSize: 49152, HiddenSize: 576, IntermediateSize: 1536, NumHiddenLayers: 30, NumAttentionHeads: 9, NumKeyValueHeads: 3, TieWordEmbeddings: true}), 134_515_008},
		{"Qwen2-0.5B", llama(LlamaConfig{ModelType: "qwen2", VocabSize: 151936, HiddenSize: 896, IntermediateSize: 4864, NumHiddenLayers: 24, NumAttentionHeads: 14, NumKeyValueHeads: 2, TieWordEmbeddings: true}), 494_032_768},
		{"Llama-3.2-1B", llama(LlamaConfig{VocabSize: 128256, HiddenSize: 2048, IntermediateSize: 8192, NumHiddenLayers: 16, NumAttentionHeads: 32, NumKeyValueHeads: 8, HeadDim: 64, TieWordEmbeddings: true}), 1_235_814_400},
	} {
		if got, err := c.count(); err != nil || got != c.want {
			t.Errorf("%s has %d parameters, published are %d (%v)", c.name, got, c.want, err)
		}
	}
}

// What is saved is what was loaded: the file's tensors, and the configuration with what no field stands for.
func TestSavedIsLoaded(t *testing.T) {
	for _, name := range append([]string{"bert_mlm", "bert_classes", "bert_tokens"}, decoders...) {
		from, dir := filepath.Join("testdata", name), filepath.Join(t.TempDir(), name)
		var m Model
		var err error
		if slices.Contains(decoders, name) {
			m = open(t, name)
		} else {
			m, _, err = LoadBERT(from, LoadOptions{Copy: true})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := Save(dir, m); err != nil {
			t.Fatal(err)
		}
		want, _, err := dl.LoadSafetensors(filepath.Join(from, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		got, meta, err := dl.LoadSafetensors(filepath.Join(dir, "model.safetensors"))
		if err != nil || len(got) != len(want) || meta["format"] != "pt" {
			t.Fatal(err, len(got), len(want), meta)
		}
		for _, w := range want {
			i := slices.IndexFunc(got, func(g dl.Named) bool { return g.Name == w.Name })
			if i < 0 || !got[i].Tensor.Shape().Equal(w.Tensor.Shape()) || !slices.Equal(got[i].Tensor.Float32s(), w.Tensor.Float32s()) {
				t.Errorf("%s: %s is not as it was", name, w.Name)
			}
		}
		var before, after map[string]any
		for path, to := range map[string]*map[string]any{from: &before, dir: &after} {
			b, err := os.ReadFile(filepath.Join(path, "config.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, to); err != nil {
				t.Fatal(err)
			}
		}
		for key, value := range before {
			if fmt.Sprint(after[key]) != fmt.Sprint(value) {
				t.Errorf("%s: config.json has %s %v, it was %v", name, key, after[key], value)
			}
		}
	}
}

// Files of half precision, shards, and files of a model without its head.
func TestFormsOfFiles(t *testing.T) {
	want := record(t, "gpt2")
	tensors, _, err := dl.LoadSafetensors("testdata/gpt2/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("testdata/gpt2/config.json")
	if err != nil {
		t.Fatal(err)
	}
	folder := func(write func(dir string) error) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := write(dir); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, half := range []string{"F16", "BF16"} {
		dir := folder(func(dir string) error {
			var all []dl.Named
			for _, n := range tensors {
				d := map[string]dl.DType{"F16": dl.Float16, "BF16": dl.BFloat16}[half]
				all = append(all, dl.Named{Name: n.Name, Tensor: n.Tensor.To(d)})
			}
			return dl.SaveSafetensors(filepath.Join(dir, "model.safetensors"), all, nil)
		})
		converted, _, err := LoadGPT2(dir, LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		kept, _, err := LoadGPT2(dir, LoadOptions{Half: true})
		if err != nil {
			t.Fatal(err)
		}
		if kept.WTE.Value.DType() == dl.Float32 || converted.WTE.Value.DType() != dl.Float32 {
			t.Error("Half does not keep the type, or nothing converts it")
		}
		a, b := converted.Forward(tensor(want.Tokens)), kept.Forward(tensor(want.Tokens))
		if !a.AllClose(b, 1e-6, 1e-6) {
			t.Error("kept and converted weights have other logits")
		}
		near(t, half, a, want.Logits, 0.2)
	}
	sharded := folder(func(dir string) error {
		weights := map[string]string{}
		for i, part := range [][]dl.Named{tensors[:9], tensors[9:]} {
			file := fmt.Sprintf("model-0000%d-of-00002.safetensors", i+1)
			var renamed []dl.Named
			for _, n := range part { // as the published GPT-2, whose file is that of the model without a head
				name := n.Name[len("transformer."):]
				weights[name] = file
				renamed = append(renamed, dl.Named{Name: name, Tensor: n.Tensor})
			}
			if i == 0 {
				renamed = append(renamed, dl.Named{Name: "h.0.attn.bias", Tensor: dl.Ones(1, 1, 4, 4)}, dl.Named{Name: "odd", Tensor: dl.Ones(2)})
				weights["h.0.attn.bias"], weights["odd"] = file, file
			}
			if err := dl.SaveSafetensors(filepath.Join(dir, file), renamed, nil); err != nil {
				return err
			}
		}
		b, err := json.Marshal(map[string]any{"metadata": map[string]any{"total_size": 1}, "weight_map": weights})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), b, 0o666)
	})
	m, diff, err := LoadGPT2(sharded, LoadOptions{})
	if err != nil || !slices.Equal(diff.Unexpected, []string{"odd"}) || len(diff.Missing) > 0 {
		t.Fatal(err, diff)
	}
	near(t, "shards", m.Forward(tensor(want.Tokens)), want.Logits, 1e-4)
	lacking := folder(func(dir string) error {
		return dl.SaveSafetensors(filepath.Join(dir, "model.safetensors"), tensors[1:], nil)
	})
	if _, diff, err := LoadGPT2(lacking, LoadOptions{}); err == nil || len(diff.Missing) != 1 {
		t.Error("a missing tensor is no error", err, diff)
	}
	if m, diff, err := LoadGPT2(lacking, LoadOptions{Partial: true}); err != nil || len(diff.Missing) != 1 || m == nil {
		t.Error(err, diff)
	}
	b, diff, err := LoadBERTAs("testdata/bert_mlm", BertForSequenceClassification, 5, LoadOptions{})
	if err != nil || len(diff.Missing) != 4 || len(diff.Unexpected) != 5 {
		t.Fatal(err, diff)
	}
	if y := b.Forward(tensor(record(t, "bert_mlm").Tokens)); !y.Shape().Equal(dl.Shape{2, 5}) {
		t.Error(y.Shape())
	}
}

// Gradients reach all parameters, are those of differences, and are the same with checkpoints.
func TestModelsLearn(t *testing.T) {
	for _, name := range decoders {
		m, r := open(t, name), record(t, name)
		x, y := tensor(r.Tokens).Slice(1, 0, 8), tensor(r.Tokens).Slice(1, 1, 9).Contiguous().Reshape(-1)
		loss := func() *dl.Tensor {
			return dl.SparseCrossEntropy(m.Forward(x).Reshape(-1, m.Vocabulary()), y)
		}
		gradients := func() (all [][]float32) {
			for _, p := range nn.Trainable(m) {
				p.ZeroGrad()
			}
			loss().Backward()
			for _, p := range nn.Trainable(m) {
				if p.Grad() == nil {
					t.Fatalf("%s: %v has no gradient", name, p.Shape())
				}
				all = append(all, slices.Clone(p.Grad().Float32s()))
			}
			return all
		}
		plain := gradients()
		for i, p := range nn.Trainable(m) {
			at := p.Size() / 2
			if i == 0 {
				at = int(r.Tokens[0][2]) * p.Dim(1) // a token that occurs
			}
			v := p.Float32s()
			before, h := v[at], float32(1e-2)
			v[at] = before + h
			up := loss().Item()
			v[at] = before - h
			down := loss().Item()
			v[at] = before
			if want := (up - down) / float64(2*h); math.Abs(want-float64(plain[i][at])) > 2e-3+0.02*math.Abs(want) {
				t.Errorf("%s: parameter %d has the gradient %v at %d, differences say %v", name, i, plain[i][at], at, want)
			}
		}
		switch m := m.(type) {
		case *GPT2:
			m.Checkpoint, m.Config.ResidPdrop, m.Config.EmbdPdrop, m.Config.AttnPdrop = true, 0, 0, 0
		case *Llama:
			m.Checkpoint = true
		}
		nn.SetTraining(m, true)
		for i, g := range gradients() {
			for k, v := range g {
				if math.Abs(float64(v-plain[i][k])) > 1e-5 {
					t.Fatalf("%s: with checkpoints parameter %d has the gradient %v at %d, without %v", name, i, v, k, plain[i][k])
				}
			}
		}
	}
}
