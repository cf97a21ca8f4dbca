package quant

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// gpt2 is a small model with random weights, which a second call makes again.
func gpt2(t testing.TB) *lm.GPT2 {
	dl.Seed(3)
	m, err := lm.GPT2Config{VocabSize: 96, NPositions: 48, NEmbd: 64, NLayer: 2, NHead: 4, InitializerRange: 0.15}.New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func llama(t testing.TB) *lm.Llama {
	dl.Seed(4)
	m, err := lm.LlamaConfig{VocabSize: 96, HiddenSize: 64, IntermediateSize: 96, NumHiddenLayers: 2, NumAttentionHeads: 4,
		NumKeyValueHeads: 2, MaxPositionEmbeddings: 48, InitializerRange: 0.15}.New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var formats = map[dl.BlockFormat]struct {
	typ       gguf.Type
	tolerance float64 // of logits
}{dl.Q8_0: {gguf.Q8_0, 0.06}, dl.Q4_0: {gguf.Q4_0, 0.5}}

// apart is the length of the difference, relative to what it should be.
func apart(got, want *dl.Tensor) float64 {
	g, w := dl.Values[float64](got), dl.Values[float64](want)
	difference, length := 0.0, 0.0
	for i := range w {
		difference, length = difference+(g[i]-w[i])*(g[i]-w[i]), length+w[i]*w[i]
	}
	return math.Sqrt(difference / length)
}

func tokens(n int) *dl.Tensor {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i*i*7+5*i) % 96
	}
	return dl.Of(ids, 1, n)
}

// A quantized model says nearly the same, of few tokens and of many.
func TestDynamicIsNearFloat32(t *testing.T) {
	for f, c := range formats {
		for name, models := range map[string][2]lm.Decoder{"gpt2": {gpt2(t), gpt2(t)}, "llama": {llama(t), llama(t)}} {
			m, q := models[0], models[1]
			if err := Dynamic(q, Options{Format: f}); err != nil {
				t.Fatal(err)
			}
			for _, n := range []int{1, 5, 30} {
				if d := apart(q.Forward(tokens(n)), m.Forward(tokens(n))); d > c.tolerance || d == 0 {
					t.Errorf("%s %v: %d logits are %v apart", name, f, n, d)
				}
			}
			for _, slot := range lm.Projections(q) {
				if l, ok := (*slot.At).(*Linear); !ok || l.Weight.Format != f {
					t.Errorf("%s: %T stands in the place of %s", name, *slot.At, slot.Name)
				}
			}
			if head, _ := tied(q); head != nil {
				t.Errorf("%s: the tied head is float32 still", name)
			}
		}
	}
}

// Steps with a cache go on as the model does with all tokens at once.
func TestQuantizedSteps(t *testing.T) {
	for f := range formats {
		m := gpt2(t)
		if err := Dynamic(m, Options{Format: f}); err != nil {
			t.Fatal(err)
		}
		s := lm.NewSession(m, 1, 16)
		var ids []int
		for _, id := range dl.Values[int32](tokens(5)) {
			ids = append(ids, int(id))
		}
		if err := s.Prompt([][]int{ids[:4]}); err != nil {
			t.Fatal(err)
		}
		if err := s.Step(ids[4:]); err != nil {
			t.Fatal(err)
		}
		want := m.Call(tokens(5), lm.CallOptions{Last: true})
		if d := apart(dl.Of(s.Logits(0), 1, 96), want); d > 0.02 { // keys and values are rounded in other blocks
			t.Errorf("%v: a step is %v apart", f, d)
		}
	}
}

// What is saved is what is used: the blocks of the file, where they lie in it.
func TestGGUFKeepsBlocks(t *testing.T) {
	for f, c := range formats {
		for name, m := range map[string]lm.Decoder{"gpt2": gpt2(t), "llama": llama(t)} {
			if err := Dynamic(m, Options{Format: f}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "m.gguf")
			if err := lm.SaveGGUF(path, m, c.typ, nil); err != nil {
				t.Fatal(err)
			}
			again, file, err := LoadGGUF(path)
			if err != nil {
				t.Fatal(err)
			}
			names := map[*byte]string{}
			for _, w := range file.Tensors {
				if w.Type == c.typ {
					names[&w.Bytes()[0]] = w.Name
				}
			}
			if table, ok := tableOf(again).(*Table); !ok || names[&table.Weight.Blocks[0]] != "token_embd.weight" {
				t.Errorf("%s %v: tokens are not looked up in the file", name, f)
			}
			for i, slot := range lm.Projections(again) {
				l, ok := (*slot.At).(*Linear)
				if !ok || names[&l.Weight.Blocks[0]] == "" {
					t.Errorf("%s %v: %s is not computed with the blocks of the file", name, f, slot.Name)
					continue
				}
				was := (*lm.Projections(m)[i].At).(*Linear)
				if name == "gpt2" && !bytes.Equal(was.Weight.Blocks, l.Weight.Blocks) {
					t.Errorf("%s %v: %s has other blocks", name, f, slot.Name)
				}
			}
			// The table of tokens was float32 and is quantized now, by which all differs a little.
			if d := apart(again.Forward(tokens(30)), m.Forward(tokens(30))); d > c.tolerance {
				t.Errorf("%s %v: logits are %v apart", name, f, d)
			}
			// From here on nothing changes.
			twice := filepath.Join(t.TempDir(), "m.gguf")
			if err := lm.SaveGGUF(twice, again, c.typ, nil); err != nil {
				t.Fatal(err)
			}
			last, g, err := LoadGGUF(twice)
			if err != nil {
				t.Fatal(err)
			}
			if d := apart(last.Forward(tokens(30)), again.Forward(tokens(30))); d > 1e-5 {
				t.Errorf("%s %v: saved twice, logits are %v apart", name, f, d)
			}
			file.Close()
			g.Close()
		}
	}
}

// Gradients flow through quantized matrices to what is before them.
func TestGradientsFlow(t *testing.T) {
	m, q := gpt2(t), gpt2(t)
	if err := Dynamic(q, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*lm.GPT2{m, q} {
		dl.SparseCrossEntropy(m.Forward(tokens(30).Slice(1, 0, 29)).Reshape(29, -1), tokens(30).Slice(1, 1, 30).Reshape(-1)).Backward()
	}
	if d := apart(q.Blocks[0].Ln1.Weight.Value.Grad(), m.Blocks[0].Ln1.Weight.Value.Grad()); d > 0.05 {
		t.Errorf("the gradients are %v apart", d)
	}
}

func TestSkip(t *testing.T) {
	m := gpt2(t)
	if err := Dynamic(m, Options{Skip: func(name string) bool { return name == "head" || strings.HasSuffix(name, "c_attn") }}); err != nil {
		t.Fatal(err)
	}
	for _, slot := range lm.Projections(m) {
		if _, is := (*slot.At).(*lm.Linear); is != strings.HasSuffix(slot.Name, "c_attn") {
			t.Errorf("%T stands in the place of %s", *slot.At, slot.Name)
		}
	}
	if m.Head != nil {
		t.Error("the head is quantized")
	}
}

func TestFromDense(t *testing.T) {
	dl.Seed(5)
	net := nn.Build(nn.Dense{Units: 10, Activation: nn.ReLU}, 64)
	x := dl.Randn(4, 64)
	l, err := FromDense(net, dl.Q8_0)
	if err != nil {
		t.Fatal(err)
	}
	if d := apart(l.Forward(x), net.Forward(x)); d > 0.02 {
		t.Errorf("outputs are %v apart", d)
	}
	if in, out := l.Sizes(); in != 64 || out != 10 || len(l.Parameters()) != 1 {
		t.Error(in, out, l.Parameters())
	}
}

func TestMistakes(t *testing.T) {
	w := dl.Ones(4, 64)
	bias := func(n int) *nn.Parameter { return nn.NewParameter("bias", dl.Zeros(n)) }
	made := func(l *Linear, err error) error { return err }
	done := gpt2(t)
	if err := Dynamic(done, Options{}); err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"a matrix [out, in] is needed":         made(New(dl.Ones(64), nil, dl.Q8_0)),
		"no whole blocks of 32":                made(New(dl.Ones(4, 33), nil, dl.Q8_0)),
		"the bias is [5]":                      made(New(w, bias(5), dl.Q8_0)),
		"there are Q8_0 and Q4_0":              made(New(w, nil, 9)),
		"the layer is not built":               made(FromDense(&nn.Dense{Units: 3}, dl.Q8_0)),
		"is quantized from its own weights":    Dynamic(done, Options{}),
		"there are products with Q8_0 and Q4_": made(FromGGUF(gguf.Tensor{Name: "w", Shape: []int{4, 64}}, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}

func tableOf(m lm.Decoder) lm.TokenTable {
	if g, ok := m.(*lm.GPT2); ok {
		return g.Tokens
	}
	return m.(*lm.Llama).Tokens
}
