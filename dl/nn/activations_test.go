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
		"PReLU":                         PReLU{}, "PReLU shared": PReLU{Shared: true},
		"GLU": GLU{}, "SwiGLU": SwiGLU, "GeGLU": GeGLU, "ReGLU": ReGLU,
		"Maxout":                Maxout{Pieces: 3},
		"Dense of 1 axes":       Dense{Units: 2, Activation: GELU},
		"Dense of 4 axes":       Dense{Units: 2, Activation: GELU},
		"Bilinear":              with(Bilinear{Second: 2, Units: 5}, bilinear),
		"Bilinear of sequences": with(Bilinear{Units: 3, NoBias: true}, bilinear),
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
		{GLU{Gate: Activation(99)}, dl.Shape{4}, "no activation 99"},
		{Maxout{Pieces: 2}, dl.Shape{3}, "it must divide the last axis of [3]"},
		{Maxout{Pieces: -1}, dl.Shape{3}, "Pieces is -1"},
		{Bilinear{}, dl.Shape{3}, "Units is 0"},
		{Bilinear{Units: 1 << 20}, dl.Shape{1 << 20}, "too many values"},
		{Dense{Units: 1}, dl.Shape{}, "no axis to connect"},
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
