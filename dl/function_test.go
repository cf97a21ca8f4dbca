package dl

import (
	"math"
	"strings"
	"testing"
)

// cube is x^3 with a derivative of its own.
type cube struct{ x *Tensor }

func (c *cube) Forward(xs ...*Tensor) *Tensor {
	c.x = xs[0]
	return xs[0].Mul(xs[0]).Mul(xs[0])
}

func (c *cube) Backward(dy *Tensor) []*Tensor { return []*Tensor{dy.Mul(c.x.Square()).MulScalar(3)} }

// reversed is the identity whose gradient changes sign (Ganin and Lempitsky, 2015).
type reversed struct{}

func (reversed) Forward(xs ...*Tensor) *Tensor { return xs[0] }
func (reversed) Backward(dy *Tensor) []*Tensor { return []*Tensor{dy.Neg()} }

// wrong returns what its name says.
type wrong struct{ grads []*Tensor }

func (w wrong) Forward(xs ...*Tensor) *Tensor { return xs[0].Clone() }
func (w wrong) Backward(*Tensor) []*Tensor    { return w.grads }

func TestFunction(t *testing.T) {
	if err := CheckGradients(func(xs ...*Tensor) *Tensor { return weigh(Apply(&cube{}, xs[0])) }, input(1, 3, 2)); err != nil {
		t.Error(err)
	}
	x := Of([]float64{2, -3}).RequireGrad()
	g := GradWith(GradOptions{CreateGraph: true}, Apply(&cube{}, x).Sum(), x)[0]
	near(t, "first", g, 0, 12, 27)
	near(t, "second", Grad(g.Sum(), x)[0], 0, 12, -18)

	y := Apply(reversed{}, x)
	near(t, "the operand itself", y, 0, 2, -3)
	y.Mul(x).Sum().Backward() // -x from y, and x
	near(t, "reversed", x.Grad(), 0, 2-2, -3+3)
	if x.from != nil {
		t.Error("the operand became a result")
	}
	if Apply(reversed{}, Of([]float64{1})).RequiresGrad() {
		t.Error("recorded without a reason")
	}
	for _, c := range []struct {
		grads []*Tensor
		want  string
	}{
		{nil, "dl.wrong: Backward returned 0 gradients for 1 operands"},
		{[]*Tensor{New(Float64, 3)}, "dl.wrong: shapes [3] and [2]: the gradient of operand 0 must have its shape"},
		{[]*Tensor{Zeros(2)}, "dl.wrong: float32 and float64: the gradient of operand 0 must have its dtype"},
	} {
		if err := Try(func() { Apply(wrong{c.grads}, x).Sum().Backward() }); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	x.ZeroGrad()
	Apply(wrong{[]*Tensor{nil}}, x).Sum().Backward()
	if g := x.Grad(); g != nil {
		t.Errorf("none was returned, got %v", g)
	}
}

// A NaN is found where it is born.
func TestDetectAnomalies(t *testing.T) {
	x := Of([]float64{1, -1}).RequireGrad().SetName("weights")
	for _, c := range []struct {
		f    func()
		want []string
	}{
		{func() { x.Exp().MulScalar(-1).Log().Sum() }, []string{"Log of [2]: a NaN was born in its result of shape [2]", "function_test.go:"}},
		{func() { x.Log() }, []string{"Log of weights: a NaN was born in its result"}},
		{func() { x.AddScalar(-1).Square().Sqrt().Sum().Backward() }, []string{"Square, backwards, of [2]: a NaN was born in the gradient of operand 0"}},
		{func() { x.Add(Of([]float64{math.NaN(), 0})) }, []string{"Add of weights and [2]: operand 1 has a NaN already"}},
		{func() { layerOfNaN{}.Forward(x) }, []string{"Log in dl.layerOfNaN of weights"}},
	} {
		err := Try(func() { DetectAnomalies(c.f) })
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
	if err := Try(func() {
		DetectAnomalies(func() { x.Square().Sum().Backward() })
		x.Log().Sum().Backward() // outside
	}); err != nil {
		t.Error(err)
	}
}

type layerOfNaN struct{}

func (layerOfNaN) Forward(x *Tensor) *Tensor { return x.Log() }
