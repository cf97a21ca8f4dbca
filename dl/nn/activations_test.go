package nn

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	bilinear := func(l *Bilinear, x []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{l.Forward(x[0], x[1])} }
	cases := map[string]any{
		"ActivationLayer of LeakyReLU":  ActivationLayer{Activation: LeakyReLU, Alpha: 0.3},
		"ActivationLayer of ELU":        ActivationLayer{Activation: ELU, Alpha: 0.5},
		"ActivationLayer of SoftShrink": ActivationLayer{Activation: SoftShrink, Alpha: 0.25},
		"Threshold":                     Threshold{Limit: 0.25, Value: -1},
		"RReLU":                         RReLU{}, "RReLU of a range": RReLU{Lower: -0.1, Upper: 0.5},
		"PReLU": PReLU{}, "PReLU shared": PReLU{Shared: true},
		"GLU": GLU{}, "SwiGLU": SwiGLU, "GeGLU": GeGLU, "ReGLU": ReGLU,
		"Maxout":                        Maxout{Pieces: 3},
		"Dense of 1 axes":               Dense{Units: 2, Activation: GELU},
		"Dense of 4 axes":               Dense{Units: 2, Activation: GELU},
		"EinsumDense":                   EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{2}, BiasAxes: "c", Activation: ReLU},
		"EinsumDense to heads":          EinsumDense{Equation: "abc,cde->abde", OutputShape: []int{0, 2, 3}, BiasAxes: "de", Activation: GELU},
		"EinsumDense from heads":        EinsumDense{Equation: "abde, dec -> abc", OutputShape: []int{3, 3}, BiasAxes: "c", Activation: Tanh},
		"EinsumDense of any axes":       EinsumDense{Equation: "...x,xy->...y", OutputShape: []int{2}, BiasAxes: "y", Activation: ReLU},
		"EinsumDense over places":       EinsumDense{Equation: "abc,bd->adc", OutputShape: []int{2, 0}, BiasAxes: "d", Activation: GELU},
		"EinsumDense of each place":     EinsumDense{Equation: "abc,bcd->abd", OutputShape: []int{0, 2}, BiasAxes: "bd", Activation: Tanh},
		"EinsumDense of channels first": EinsumDense{Equation: "ab...,bc->ac...", OutputShape: []int{4}, BiasAxes: "c", Activation: ReLU},
		"EinsumDense without bias":      EinsumDense{Equation: "abc,cd->ad", OutputShape: []int{2}},
		"Bilinear":                      with(Bilinear{Second: 2, Units: 5}, bilinear),
		"Bilinear of sequences":         with(Bilinear{Units: 3, NoBias: true}, bilinear),
	}
	for name, a := range map[string]Activation{
		"GELUTanh": GELUTanh, "SiLU": SiLU, "Mish": Mish, "ELU": ELU, "SELU": SELU, "CELU": CELU, "Softplus": Softplus, "Softsign": Softsign, "ReLU6": ReLU6,
		"HardSwish": HardSwish, "HardSigmoid": HardSigmoid, "HardTanh": HardTanh, "LogSigmoid": LogSigmoid, "LogSoftmax": LogSoftmax, "Softmin": Softmin,
		"TanhShrink": TanhShrink, "SoftShrink": SoftShrink, "HardShrink": HardShrink, "Exponential": Exponential,
	} {
		cases[name] = a
	}
	area("activations", cases)
}

func TestActivationMistakes(t *testing.T) {
	for _, c := range []struct {
		layer Layer
		in    dl.Shape
		says  string
	}{
		{ActivationLayer{Activation: ReLU, Alpha: 0.1}, dl.Shape{3}, "relu has no parameter"},
		{ActivationLayer{Activation: ELU, Alpha: -1}, dl.Shape{3}, "it must be positive"},
		{Softmax, dl.Shape{}, "no axis for softmax"},
		{GLU{}, dl.Shape{3}, "must have an even size"},
		{RReLU{Lower: 0.5, Upper: 0.1}, dl.Shape{3}, "Lower is 0.5 and Upper 0.1; the slopes are finite numbers from Lower to Upper"},
		{RReLU{Upper: math.Inf(1)}, dl.Shape{3}, "Upper +Inf"},
		{GLU{Gate: Activation(99)}, dl.Shape{4}, "no activation 99"},
		{Maxout{Pieces: 2}, dl.Shape{3}, "it must divide the last axis of [3]"},
		{Maxout{Pieces: -1}, dl.Shape{3}, "Pieces is -1"},
		{Bilinear{}, dl.Shape{3}, "Units is 0"},
		{Bilinear{Units: 1 << 20}, dl.Shape{1 << 20}, "too many values"},
		{Dense{Units: 1}, dl.Shape{}, "no axis to connect"},
		{EinsumDense{}, dl.Shape{3}, `Equation "": it has the indices of the inputs, the weights and the outputs, such as "abc,cd->abd"`},
		{EinsumDense{Equation: "ab->a"}, dl.Shape{3}, "it has the indices"},
		{EinsumDense{Equation: "ab,bc,cd->ad"}, dl.Shape{3}, "it has the indices"},
		{EinsumDense{Equation: "ab,b1->a1", OutputShape: []int{2}}, dl.Shape{3}, "'1' is no index"},
		{EinsumDense{Equation: "......b,bc->...c", OutputShape: []int{2}}, dl.Shape{3}, "'.' is no index"},
		{EinsumDense{Equation: "abb,bc->ac", OutputShape: []int{2}}, dl.Shape{3, 3}, `index 'b' is twice in "abb"`},
		{EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{0, 2}}, dl.Shape{3}, "the inputs have 3 indices; a batch of samples [3] has 2 axes"},
		{EinsumDense{Equation: "...abc,cd->...abd", OutputShape: []int{0, 0, 2}}, dl.Shape{3}, "the inputs have 3 indices"},
		{EinsumDense{Equation: "ab,ac->bc", OutputShape: []int{0, 2}}, dl.Shape{3}, "the first index of the inputs is the batch"},
		{EinsumDense{Equation: "ab,->a"}, dl.Shape{3}, "the weights have no index"},
		{EinsumDense{Equation: "ab,bc->acd", OutputShape: []int{2, 2}}, dl.Shape{3}, "index 'd' of the outputs is in neither the inputs nor the weights"},
		{EinsumDense{Equation: "ab,bc->ac"}, dl.Shape{3}, `OutputShape [] must have a size for each of the indices "c"`},
		{EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{0}}, dl.Shape{3}, "must say how large index 'c' is"},
		{EinsumDense{Equation: "abc,cd->abd", OutputShape: []int{5, 2}}, dl.Shape{3, 4}, "OutputShape [5 2] has 5 for index 'b', which is 3 in inputs [3 4]; 0 takes it from there"},
		{EinsumDense{Equation: "ab,bcd->ac", OutputShape: []int{2}}, dl.Shape{3}, "index 'd' of the weights is in neither"},
		{EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{2}, BiasAxes: "b"}, dl.Shape{3}, `index 'b' is none of a sample of outputs, "c"`},
		{EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{1 << 40}}, dl.Shape{1 << 20}, "too many values"},
		{EinsumDense{Equation: "ab,bc->ac", OutputShape: []int{2}, Activation: 99}, dl.Shape{3}, "no activation 99"},
	} {
		if _, _, err := one(c.layer, c.in, &Builder{Rand: dl.NewRand(1)}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%#v on %v: %v, want it to say %q", c.layer, c.in, err, c.says)
		}
	}
	l := Build(Bilinear{Second: 2, Units: 3}, 4)
	for _, c := range [][2]*dl.Tensor{{dl.Ones(5, 4), dl.Ones(5, 3)}, {dl.Ones(5, 4), dl.Ones(4, 2)}, {dl.Ones(4), dl.Ones(5, 2)}, {dl.Ones(), dl.Ones()}} {
		if err := dl.Try(func() { l.Forward(c[0], c[1]) }); err == nil || !strings.Contains(err.Error(), "[..., 4] and [..., 2]") {
			t.Errorf("%v", err)
		}
	}
	if err := dl.Try(func() { Activation(99).Apply(dl.Ones(2)) }); err == nil || !strings.Contains(err.Error(), "no activation 99") {
		t.Errorf("%v", err)
	}
	if err := new(Activation).UnmarshalText([]byte("rely")); err == nil || !strings.Contains(err.Error(), "gelu_tanh") {
		t.Errorf("%v", err)
	}
}

// The gains are those of torch.nn.init.calculate_gain.
func TestGains(t *testing.T) {
	for a, want := range map[Activation]float64{Identity: 1, Sigmoid: 1, Tanh: 5.0 / 3, ReLU: math.Sqrt(2), LeakyReLU: 1.4141428569978354, SELU: 0.75} {
		if got := a.Gain(); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: %v, want %v", a, got, want)
		}
	}
}
