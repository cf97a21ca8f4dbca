package dl

import (
	"testing"

	"modelbook/dl/internal/gradient"
)

// counted is a Function that says what it costs.
type counted struct{}

func (counted) Forward(xs ...*Tensor) *Tensor { return xs[0].MulScalar(2) }
func (counted) Backward(dy *Tensor) []*Tensor { return []*Tensor{dy.MulScalar(2)} }
func (counted) MACs() int64                   { return 77 }

// The operations behind a result are found, each once, with their multiply-adds.
func TestMultiplyAddsOfOperations(t *testing.T) {
	param := func(shape ...int) *Tensor { return Ones(shape...).RequireGrad() }
	x := Ones(2, 5, 6).RequireGrad()
	images := Ones(2, 8, 8, 4).RequireGrad()
	a := param(6, 7)
	for name, tt := range map[string]struct {
		y    *Tensor
		macs int64
	}{
		"MatMul":            {x.MatMul(a), 2 * 5 * 6 * 7},
		"MatMul of batches": {x.MatMul(x.T()), 2 * 5 * 6 * 5},
		"Affine":            {Affine(Ones(3, 6), a, param(7), FuseReLU), 3 * 6 * 7},
		"two products":      {x.MatMul(a).ReLU().MatMul(param(7, 3)), 2*5*6*7 + 2*5*7*3},
		"one used twice":    {func() *Tensor { y := x.MatMul(a); return y.Mul(y).Sum() }(), 2 * 5 * 6 * 7},
		"Einsum":            {Einsum("nij,jk->nik", x, a), 2 * 5 * 6 * 7},
		"Conv2D":            {Conv2D(images, param(3, 3, 4, 10), nil, ConvOptions{}), 2 * 6 * 6 * 10 * 3 * 3 * 4},
		"Conv2D, stride 2":  {Conv2D(images, param(2, 2, 4, 10), nil, ConvOptions{Stride: [2]int{2, 2}}), 2 * 4 * 4 * 10 * 2 * 2 * 4},
		"depthwise":         {Conv2D(images, param(3, 3, 1, 4), nil, ConvOptions{Groups: 4}), 2 * 6 * 6 * 4 * 3 * 3},
		"attention":         {Attention(x, x, x, AttentionOptions{Heads: 2}), 2 * 2 * 5 * 5 * 6},
		"additions":         {x.Add(x).Exp().Sum(), 0},
		"a Function":        {Apply(counted{}, x), 77},
		"nothing":           {Ones(3), 0},
	} {
		sum := int64(0)
		for _, o := range gradient.Walk(tt.y) {
			sum += o.MACs
		}
		if sum != tt.macs {
			t.Errorf("%s: %d multiply-adds, want %d", name, sum, tt.macs)
		}
	}
	ops := gradient.Walk(x.MatMul(a).T().Sum())
	if len(ops) < 3 || ops[0].Name != "MatMul" || ops[0].View || !ops[1].View || len(ops[0].Operands) != 2 || ops[0].Operands[1] != gradient.Key(a) ||
		ops[1].Operands[0] != ops[0].Result {
		t.Errorf("%+v", ops)
	}
}
