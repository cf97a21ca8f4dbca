package lora

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// Linear is a matrix with a low-rank addition: what stands in the place of the matrix in a model.
type Linear struct {
	Base lm.Projection // y = x W^T + b; not trained
	A    *nn.Parameter // [rank, in], at first uniform within 1/sqrt(in) of 0: PyTorch's Kaiming distribution for a = sqrt(5)
	B    *nn.Parameter // [out, rank], at first 0, so that the addition is
	// Scale is what the addition counts: Alpha/Rank.
	Scale float64

	dropout  float64
	merged   bool
	training bool
	rand     *dl.Rand
}

// sized is a projection that knows its numbers of channels, as [lm.Linear] and quantized ones do.
type sized interface{ Sizes() (in, out int) }

// newLinear adds to a projection, whose parameters are named with a prefix.
func newLinear(base lm.Projection, in, out, rank int, prefix string, c *Config) *Linear {
	bound := 1 / math.Sqrt(float64(in))
	return &Linear{
		Base:  base,
		A:     nn.NewParameter(prefix+".lora_A.weight", c.Rand.Uniforms(-bound, bound, rank, in)),
		B:     nn.NewParameter(prefix+".lora_B.weight", dl.Zeros(out, rank)),
		Scale: c.scale(rank), dropout: c.Dropout, rand: c.Rand,
	}
}

// Sizes are the numbers of channels of inputs and outputs.
func (l *Linear) Sizes() (in, out int) { return l.A.Value.Dim(1), l.B.Value.Dim(0) }

// Forward computes the outputs [..., out] for x [..., in].
func (l *Linear) Forward(x *dl.Tensor) *dl.Tensor {
	y := l.Base.Forward(x) // it says what is wrong with x
	if l.merged {
		return y
	}
	in, out := l.Sizes()
	if l.training && l.dropout > 0 {
		x = dl.Dropout(x, l.dropout, l.rand)
	}
	if x.Rank() != 2 {
		x = x.Reshape(-1, in)
	}
	d := x.MatMul(l.A.Value.T()).MulScalar(l.Scale).MatMul(l.B.Value.T())
	switch y.Rank() {
	case 2:
	case 3: // without taking memory for a shape
		d = d.Reshape(y.Dim(0), y.Dim(1), out)
	default:
		d = d.Reshape(y.Shape()...)
	}
	return y.Add(d)
}

// Parameters returns those of the matrix, and A and B.
func (l *Linear) Parameters() []*nn.Parameter {
	return append(append([]*nn.Parameter(nil), l.Base.Parameters()...), l.A, l.B)
}

// SetTraining switches dropout: see [nn.SetTraining].
func (l *Linear) SetTraining(on bool) {
	l.training = on
	if t, ok := l.Base.(interface{ SetTraining(on bool) }); ok {
		t.SetTraining(on)
	}
}

// SetRand says where dropout's random numbers come from: see [nn.SetRand].
func (l *Linear) SetRand(r *dl.Rand) {
	l.rand = r
	if t, ok := l.Base.(interface{ SetRand(r *dl.Rand) }); ok {
		t.SetRand(r)
	}
}

// addTo adds the addition, times a sign, to the weights of the matrix.
func (l *Linear) addTo(base *lm.Linear, sign float64) {
	dl.NoGrad(func() {
		w := base.Weight.Value
		if base.InFirst {
			w.CopyFrom(w.Add(l.A.Value.T().MatMul(l.B.Value.T()).MulScalar(sign * l.Scale)))
		} else {
			w.CopyFrom(w.Add(l.B.Value.MatMul(l.A.Value).MulScalar(sign * l.Scale)))
		}
	})
}
