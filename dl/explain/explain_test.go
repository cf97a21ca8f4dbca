package explain

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

func small(t testing.TB, outputs int) *nn.Model {
	t.Helper()
	dl.Seed(3)
	last := nn.Dense{Units: outputs, Activation: nn.Softmax}
	if outputs == 1 {
		last.Activation = nn.Sigmoid
	}
	m, err := nn.Sequential(dl.Shape{6, 6, 2}, nn.Conv2D{Filters: 3, Kernel: [2]int{3, 3}, Activation: nn.Tanh}, nn.Dropout{Rate: 0.5},
		nn.Conv2D{Filters: 4, Kernel: [2]int{2, 2}, Activation: nn.Tanh}, nn.Flatten{}, last)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// logitOf is the logit of a class for one picture.
func logitOf(m *nn.Model, x []float32, class int) float64 {
	var y []float64
	dl.NoGrad(func() { y = dl.Values[float64](m.Logits(dl.Of(x, 1, 6, 6, 2))) })
	if len(y) == 1 {
		return y[0] * float64(2*class-1)
	}
	return y[class]
}

// The saliency of a pixel is the numeric derivative of the class's logit, the largest of its channels.
func TestSaliencyIsTheDerivative(t *testing.T) {
	for _, outputs := range []int{3, 1} {
		m := small(t, outputs)
		x := dl.NewRand(5).Normals(0, 1, 2, 6, 6, 2)
		classes := []int{1, 0}
		got := Saliency(m, x, classes)
		if !got.Shape().Equal(dl.Shape{2, 6, 6}) {
			t.Fatalf("shape %v", got.Shape())
		}
		for n, class := range classes {
			values := dl.Values[float32](x.Slice(0, n, n+1))
			for _, pixel := range []int{0, 7, 20, 35} {
				want := 0.0
				for c := range 2 {
					const h = 1e-2
					at := 2*pixel + c
					old := values[at]
					values[at] = old + h
					up := logitOf(m, values, class)
					values[at] = old - h
					down := logitOf(m, values, class)
					values[at] = old
					want = max(want, math.Abs(up-down)/(2*h))
				}
				if v := dl.Values[float64](got)[n*36+pixel]; math.Abs(v-want) > 2e-3*max(want, 0.1) {
					t.Errorf("%d outputs, picture %d, pixel %d: %v, numerically %v", outputs, n, pixel, v, want)
				}
			}
		}
	}
}

// A map is the channels of the layer, each times the mean of the numeric derivatives of the class's logit, above 0.
func TestGradCAMIsTheWeightedChannels(t *testing.T) {
	m := small(t, 3)
	x := dl.NewRand(6).Normals(0, 1, 1, 6, 6, 2)
	var a *dl.Tensor
	dl.NoGrad(func() { a = m.Layers[2].Forward(m.Layers[0].Forward(x)) })
	s := a.Shape() // [1, 3, 3, 4]
	values := dl.Values[float32](a)
	rest := func(v []float32) float64 {
		var y *dl.Tensor
		dl.NoGrad(func() { y = m.Layers[4].(nn.Headed).Logits(m.Layers[3].Forward(dl.Of(v, s...))) })
		return dl.Values[float64](y)[2]
	}
	weights := make([]float64, s[3])
	for i := range values {
		const h = 1e-2
		old := values[i]
		values[i] = old + h
		up := rest(values)
		values[i] = old - h
		weights[i%s[3]] += (up - rest(values)) / (2 * h) / float64(s[1]*s[2])
		values[i] = old
	}
	got := dl.Values[float64](GradCAM(m, "conv2d_1", x, []int{2}))
	for p := range s[1] * s[2] {
		want := 0.0
		for c, w := range weights {
			want += w * float64(values[p*s[3]+c])
		}
		if want = max(want, 0); math.Abs(got[p]-want) > 2e-3 {
			t.Errorf("place %d: %v, numerically %v", p, got[p], want)
		}
	}
	if again := dl.Values[float64](GradCAM(m, "", x, []int{2})); again[0] != got[0] {
		t.Error("the last layer with pictures is not the one that is taken")
	}
}

// Explaining leaves the model as it was, in training too, and draws no random numbers.
func TestExplainingLeavesTheModelAlone(t *testing.T) {
	m := small(t, 3)
	x := dl.NewRand(7).Normals(0, 1, 2, 6, 6, 2)
	before := Saliency(m, x, nil)
	m.SetTraining(true)
	after := Saliency(m, x, nil)
	if fmt.Sprint(dl.Values[float32](before)) != fmt.Sprint(dl.Values[float32](after)) {
		t.Error("a model in training has another saliency")
	}
	for _, p := range m.Parameters() {
		if p.Value.Grad() != nil {
			t.Errorf("%s has a gradient", p.Name)
		}
	}
	if x.RequiresGrad() {
		t.Error("the input requires a gradient")
	}
}

func TestMistakes(t *testing.T) {
	m := small(t, 3)
	x := dl.Zeros(2, 6, 6, 2)
	flat, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func(){
		"there is no class 3":                    func() { Saliency(m, x, []int{0, 3}) },
		"1 classes for 2 samples":                func() { Saliency(m, x, []int{0}) },
		`no layer "conv9"; it has`:               func() { GradCAM(m, "conv9", x, nil) },
		"squares of 7 pixels, every 3, do not":   func() { Occlusion(m, x, nil, OcclusionOptions{Size: 7}) },
		"squares of 2 pixels, every -1, do not":  func() { Occlusion(m, x, nil, OcclusionOptions{Size: 2, Stride: -1}) },
		"pictures are [N, height, width":         func() { Occlusion(flat, dl.Zeros(1, 4), nil, OcclusionOptions{}) },
		"there is no class 4":                    func() { Occlusion(m, x, []int{0, 4}, OcclusionOptions{}) },
		`no layer "pool"; it has [conv2d drop`:   func() { Activations(m, "pool", x) },
		"the outputs of flatten are":             func() { GradCAM(m, "flatten", x, nil) },
		"no layer of the model has outputs":      func() { GradCAM(flat, "", dl.Zeros(1, 4), nil) },
		"a classifier has the outputs [N, class": func() { Saliency(m.Layers[0], x, nil) },
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, want) {
					t.Errorf("%q does not say %q", p, want)
				}
			}()
			f()
		}()
	}
}
