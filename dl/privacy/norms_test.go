package privacy

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
)

// modelCase is a model with inputs.
type modelCase struct {
	name   string
	input  dl.Shape
	tokens int // inputs are tokens below this; 0: numbers
	layers []nn.Layer
}

var modelCases = []modelCase{
	{"dense", dl.Shape{5}, 0, []nn.Layer{nn.Dense{Units: 7, Activation: nn.ReLU}, nn.Dense{Units: 6, Activation: nn.GELU}, nn.Dense{Units: 3, Activation: nn.Tanh}}},
	{"dense without bias", dl.Shape{5}, 0, []nn.Layer{nn.Dense{Units: 7, NoBias: true}}},
	{"dense of few places", dl.Shape{3, 20}, 0, []nn.Layer{nn.Dense{Units: 30, Activation: nn.ReLU}, nn.Dense{Units: 25}}},
	{"dense of many places", dl.Shape{40, 4}, 0, []nn.Layer{nn.Dense{Units: 5, Activation: nn.GELU}, nn.Dense{Units: 3}}},
	{"convolutions", dl.Shape{14, 14, 1}, 0, []nn.Layer{
		nn.Conv2D{Filters: 4, Kernel: [2]int{5, 5}, Stride: [2]int{2, 2}, Padding: nn.Same, Activation: nn.ReLU}, nn.MaxPool2D{},
		nn.Conv2D{Filters: 6, Kernel: [2]int{2, 2}, Activation: nn.Tanh}, nn.Flatten{}, nn.Dense{Units: 3}}},
	{"convolutions of three by three", dl.Shape{8, 8, 16}, 0, []nn.Layer{
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Padding: nn.Same, Activation: nn.ReLU},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Padding: nn.Same, Activation: nn.ReLU}, nn.GlobalAvgPool2D{}, nn.Dense{Units: 2}}},
	{"grouped, dilated, pointwise", dl.Shape{9, 9, 4}, 0, []nn.Layer{
		nn.Conv2D{Filters: 8, Kernel: [2]int{1, 1}, Activation: nn.ReLU}, nn.Conv2D{Filters: 8, Kernel: [2]int{3, 3}, Groups: 2, Dilation: [2]int{2, 2}, Activation: nn.ReLU},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Groups: 8, NoBias: true}, nn.Conv2D{Filters: 3, Kernel: [2]int{1, 1}, Activation: nn.ReLU}}},
	{"sequences", dl.Shape{12, 3}, 0, []nn.Layer{nn.Conv1D{Filters: 5, Kernel: 3, Padding: nn.Causal, Activation: nn.ReLU}, nn.GlobalAvgPool1D{}, nn.Dense{Units: 2}}},
	{"embedding", dl.Shape{9}, 6, []nn.Layer{nn.Embedding{Vocabulary: 6, Units: 4}, nn.Flatten{}, nn.Dense{Units: 3}}},
	{"norms", dl.Shape{6, 8}, 0, []nn.Layer{nn.LayerNorm{}, nn.Dense{Units: 8}, nn.RMSNorm{}, nn.Dense{Units: 8, Activation: nn.ReLU}, nn.GroupNorm{Groups: 2}, nn.Dense{Units: 2}}},
	{"lstm", dl.Shape{7, 3}, 0, []nn.Layer{nn.LSTM{Units: 4}, nn.Dense{Units: 2}}},
	{"lstms", dl.Shape{7, 3}, 0, []nn.Layer{nn.LSTM{Units: 4, ReturnSequences: true}, nn.LSTM{Units: 5}, nn.Dense{Units: 2}}},
	{"gru", dl.Shape{7, 3}, 0, []nn.Layer{nn.GRU{Units: 4}, nn.Dense{Units: 2}}},
	{"simple rnn", dl.Shape{7, 3}, 0, []nn.Layer{nn.SimpleRNN{Units: 4}, nn.Dense{Units: 2}}},
	{"both directions", dl.Shape{7, 3}, 0, []nn.Layer{nn.Bidirectional{Layer: nn.GRU{Units: 3}}, nn.Dense{Units: 2}}},
}

func (c *modelCase) build(t *testing.T, n int) (*nn.Model, *dl.Tensor) {
	t.Helper()
	dl.Seed(7)
	m, err := nn.Sequential(c.input, c.layers...)
	if err != nil {
		t.Fatal(c.name, err)
	}
	r := dl.NewRand(3)
	shape := append(dl.Shape{n}, c.input...)
	if c.tokens > 0 {
		values := make([]int32, shape.Size())
		for i := range values {
			values[i] = int32(r.IntN(c.tokens))
		}
		return m, dl.Of(values, shape...)
	}
	return m, r.Uniforms(-1, 1, shape...)
}

// lossOf gives each sample's output another weight, so that gradients differ in size.
func lossOf(y *dl.Tensor, first int) *dl.Tensor {
	n := y.Dim(0)
	flat := y.Reshape(n, y.Size()/n)
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i+first) * 0.7
	}
	return flat.Square().Add(flat).Sum(1).Mul(dl.Of(w))
}

// The norms are those of gradients that are computed one by one, and the weighted sum is that of these.
func TestGradientsOfSamplesAreThoseOneByOne(t *testing.T) {
	const n, limit = 5, 0.8
	for _, c := range modelCases {
		m, x := c.build(t, n)
		parameters := nn.Trainable(m)
		var norms []float64
		sums := make([][]float64, len(parameters))
		for i := range n {
			lossOf(m.Forward(x.Narrow(0, i, 1)), i+1).Sum().Backward()
			square := 0.0
			for _, p := range parameters {
				for _, g := range p.Grad().Float32s() {
					square += float64(g) * float64(g)
				}
			}
			norms = append(norms, math.Sqrt(square))
			factor := min(1, limit/math.Sqrt(square))
			for k, p := range parameters {
				if sums[k] == nil {
					sums[k] = make([]float64, p.Size())
				}
				for e, g := range p.Grad().Float32s() {
					sums[k][e] += factor * float64(g)
				}
				p.ZeroGrad()
			}
		}
		arena := dl.NewArena()
		for range 2 { // in memory that is used again, too
			arena.Run(func() {
				gradient.Samples(lossOf(m.Forward(x), 1), func(squares []float64) {
					for i, s := range squares {
						if got := math.Sqrt(s); math.Abs(got-norms[i]) > 1e-4*norms[i] {
							t.Errorf("%s: the gradient of sample %d has the norm %v, by itself %v", c.name, i, got, norms[i])
						}
						squares[i] = min(1, limit/math.Sqrt(s))
					}
				})
			})
			for k, p := range parameters {
				g := p.Grad()
				if g == nil {
					t.Fatalf("%s: parameter %s has no gradient", c.name, p.Name())
				}
				for e, got := range g.Float32s() {
					if math.Abs(float64(got)-sums[k][e]) > 2e-4 {
						t.Fatalf("%s: element %d of the gradient of %s is %v, one by one %v", c.name, e, p.Name(), got, sums[k][e])
					}
				}
				p.ZeroGrad()
			}
		}
		if got := Norms(lossOf(m.Forward(x), 1), m); len(got) != n || math.Abs(got[2]-norms[2]) > 1e-4*norms[2] {
			t.Errorf("%s: Norms says %v, one by one %v", c.name, got, norms)
		}
	}
}

// What has no gradients by sample is refused with a reason.
func TestModelsWithoutGradientsOfSamples(t *testing.T) {
	for _, c := range []struct {
		modelCase
		words string
	}{
		{modelCase{"batch norm", dl.Shape{4}, 0, []nn.Layer{nn.Dense{Units: 3}, nn.BatchNorm{}}}, "use GroupNorm or LayerNorm"},
		{modelCase{"weight norm", dl.Shape{4}, 0, []nn.Layer{nn.WeightNorm{Layer: nn.Dense{Units: 3}}}}, "weight"},
	} {
		m, x := c.build(t, 5)
		nn.SetTraining(m, true)
		err := dl.Try(func() { Norms(lossOf(m.Forward(x), 1), m) })
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	w := dl.Full(0.5, 3, 3).RequireGrad().SetName("w")
	x := dl.NewRand(1).Uniforms(-1, 1, 2, 3)
	for words, f := range map[string]func() *dl.Tensor{
		"used in two places": func() *dl.Tensor { return dl.Affine(dl.Affine(x, w, nil, dl.NoFusion), w, nil, dl.NoFusion) },
		"operation MatMul":   func() *dl.Tensor { return x.MatMul(w) },
		"hides the operations": func() *dl.Tensor {
			return dl.Checkpoint(func(in ...*dl.Tensor) *dl.Tensor { return dl.Affine(in[0], w, nil, dl.NoFusion) }, x)
		},
		"is a parameter itself":  func() *dl.Tensor { return dl.Affine(w, w.Detach(), nil, dl.NoFusion).Slice(0, 0, 2) },
		"has no axis of samples": func() *dl.Tensor { return x.Mul(dl.Full(1, 2, 3).RequireGrad()) },
	} {
		err := dl.Try(func() { gradient.Samples(f().Sum(1), func([]float64) {}) })
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if err := dl.Try(func() { Norms(nil, &nn.Model{}) }); err == nil {
		t.Error("no values")
	}
}
