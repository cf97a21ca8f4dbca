package nn

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/optim"
)

// array is a tensor in testdata/transformer.json.
type array struct {
	Shape []int
	Data  []float64
}

func (a array) tensor() *dl.Tensor {
	values := make([]float32, len(a.Data))
	for i, v := range a.Data {
		values[i] = float32(v)
	}
	return dl.Of(values, a.Shape...)
}

// transformerFile is testdata/transformer.json, recorded from PyTorch by the script beside it.
type transformerFile struct {
	GPT struct {
		Tokens, Labels array
		Start, End     map[string]array
		Losses         []float64
	}
}

func transformers(t *testing.T) (f transformerFile) {
	text, err := os.ReadFile("testdata/transformer.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func gpt(t testing.TB, vocabulary, length, units, heads, blocks int) *Model {
	layers := []Layer{Embedding{Vocabulary: vocabulary, Units: units}, PositionalEmbedding{}}
	for range blocks {
		layers = append(layers, TransformerBlock{Heads: heads, Causal: true, Epsilon: 1e-5})
	}
	m, err := Sequential(dl.Shape{length}, append(layers, LayerNorm{Epsilon: 1e-5}, Dense{Units: vocabulary, NoBias: true})...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTenStepsOfAGPTAreThoseOfPyTorch(t *testing.T) {
	r := transformers(t).GPT
	m := gpt(t, 11, 6, 8, 2, 2)
	if len(r.Start) != len(m.Parameters()) {
		t.Errorf("%d parameters, PyTorch's has %d", len(m.Parameters()), len(r.Start))
	}
	for name, value := range r.Start {
		m.Parameter(name).Value.CopyFrom(value.tensor())
	}
	rule := &optim.AdamW{LearningRate: 1e-2, Epsilon: 1e-8, WeightDecay: 0.01}
	tokens, labels := r.Tokens.tensor().To(dl.Int32), r.Labels.tensor().To(dl.Int32)
	arena := dl.NewArena()
	for step, want := range r.Losses {
		var got float64
		arena.Run(func() {
			loss := dl.SparseCrossEntropy(m.Logits(tokens), labels)
			loss.Backward()
			rule.Step(Trainable(m))
			got = loss.Item()
		})
		for _, p := range m.Parameters() {
			p.Value.ZeroGrad()
		}
		if math.Abs(got-want) > 1e-4*want {
			t.Errorf("loss %v at step %d, PyTorch has %v", got, step+1, want)
		}
	}
	for name, want := range r.End {
		for i, v := range m.Parameter(name).Value.Float32s() {
			if strings.HasSuffix(name, "multiheadattention.bias") && i/8 == 1 {
				continue // a bias of the keys changes nothing: its gradient is rounding, which Adam makes steps of
			}
			if w := want.Data[i]; !(math.Abs(float64(v)-w) <= 2e-3*(0.1+math.Abs(w))) {
				t.Errorf("%s[%d] = %v in the end, PyTorch has %v", name, i, v, w)
				break
			}
		}
	}
}

// The GPT of the benchmark has as many parameters as PyTorch's.
func TestGPTCountsParameters(t *testing.T) {
	if n := gpt(t, 256, 128, 128, 4, 4).Summary().Total; n != 875264 {
		t.Errorf("%d parameters", n)
	}
}

func TestTransformersAreSavedAndLoaded(t *testing.T) {
	m, err := Sequential(dl.Shape{5}, Embedding{Vocabulary: 7, Units: 6}, PositionalEmbedding{},
		TransformerBlock{Heads: 3, Causal: true, Hidden: 10, Activation: ReLU, Dropout: 0.1, Epsilon: 1e-4},
		Residual{Layers: []Layer{LayerNorm{}, Residual{Layers: []Layer{Dense{Units: 6}, Tanh}}, MultiHeadAttention{Heads: 2, NoBias: true}}},
		Dense{Units: 7, Activation: Softmax})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	same, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	x := dl.Of([]int32{1, 2, 3, 4, 5, 6, 0, 1, 2, 3}, 2, 5)
	if got, want := same.Predict(x).Float32s(), m.Predict(x).Float32s(); !slices.Equal(got, want) {
		t.Errorf("the loaded model predicts %v, the saved one %v", got, want)
	}
	if got, want := same.Summary().String(), m.Summary().String(); got != want {
		t.Errorf("loaded:\n%s\nsaved:\n%s", got, want)
	}
	for _, name := range []string{"transformerblock.residual.multiheadattention.out_weight", "residual.residual.dense.weight", "residual.layernorm.gamma"} {
		if same.Parameter(name) == nil {
			t.Errorf("no parameter %s", name)
		}
	}
	// Its dropout is switched with the model.
	m.SetTraining(true)
	m.SetRand(dl.NewRand(1))
	if slices.Equal(m.Forward(x).Float32s(), m.Predict(x).Float32s()) {
		t.Error("nothing was dropped in training")
	}
}

func TestTransformerErrors(t *testing.T) {
	deep := strings.Repeat(`{"layers":[{"type":"Residual","config":`, 2000) + "{}" + strings.Repeat(`}]}`, 2000)
	_, err := FromStructure(`{"input":[4],"layers":[{"type":"Residual","config":`+deep+`}]}`, nil)
	if err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("a deeply nested structure: %v", err)
	}
	sequence := dl.Shape{5, 6}
	for _, c := range []struct {
		input  dl.Shape
		layers []Layer
		says   string
	}{
		{sequence, []Layer{MultiHeadAttention{Heads: 4}}, "it must divide the 6 channels"},
		{sequence, []Layer{MultiHeadAttention{}}, "Heads is 0"},
		{dl.Shape{5}, []Layer{MultiHeadAttention{Heads: 1}}, "not a sequence of vectors"},
		{dl.Shape{5}, []Layer{TransformerBlock{Heads: 1}}, "not a sequence of vectors"},
		{dl.Shape{5}, []Layer{PositionalEmbedding{}}, "not a sequence of vectors"},
		{dl.Shape{5}, []Layer{Embedding{Units: 3}}, "Vocabulary is 0"},
		{sequence, []Layer{LayerNorm{Epsilon: -1}}, "Epsilon -1"},
		{sequence, []Layer{Residual{}}, "layer 1 (Residual) on input [5 6]: no layers"},
		{sequence, []Layer{Residual{Layers: []Layer{nil}}}, "layer 1 is nil"},
		{sequence, []Layer{Residual{Layers: []Layer{Dense{Units: 5}}}}, "the body makes [5 5] of [5 6]"},
		{sequence, []Layer{Residual{Layers: []Layer{Dense{}}}}, "layer 1 (Residual) on input [5 6]: layer 1 (Dense) on input [5 6]: Units is 0"},
		{sequence, []Layer{TransformerBlock{Heads: 2, Dropout: 2}}, "Rate is 2"},
	} {
		m, err := Sequential(c.input, c.layers...)
		if err == nil || !strings.Contains(err.Error(), c.says) || m != nil {
			t.Errorf("%v on %v: %v, want it to say %q", c.layers, c.input, err, c.says)
		}
	}
}
