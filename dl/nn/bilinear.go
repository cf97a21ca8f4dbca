package nn

import (
	"fmt"

	"modelbook/dl"
)

func init() { addKinds(map[string]kind{"Bilinear": kindOf[Bilinear]()}) }

// Bilinear is linear in each of two inputs: output k is the sum over i and j of a[i] * Weight[i, j, k] * b[j], plus
// Bias[k], for a [..., In] and b [..., Second]. Build is told the shape of a. It has two inputs, so it is no layer of a
// chain: call its Forward in a model of your own. The default weights are uniform in ±1/sqrt(In), as PyTorch's.
type Bilinear struct {
	Second     int // size of the second input; 0: that of the first
	Units      int
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: uniform in ±1/sqrt(In), as in PyTorch
	BiasInit   Initializer `json:"-"` // nil: Zeros (PyTorch: uniform in ±1/sqrt(In))

	Weight *Parameter `json:"-"` // set by Build: [In, Second, Units]
	Bias   *Parameter `json:"-"` // set by Build: [Units]
}

// Build makes the layer for first inputs of a shape: see [Layer].
func (l Bilinear) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis to connect")
	}
	last := len(in) - 1
	if l.Second == 0 {
		l.Second = in[last]
	}
	if l.Units < 1 || l.Second < 1 {
		return nil, nil, fmt.Errorf("Units is %d and Second %d; give the number of outputs and of values of the second input", l.Units, l.Second)
	}
	if err := checkShape(dl.Shape{in[last], l.Second, l.Units}); err != nil {
		return nil, nil, err
	}
	l.Weight = b.Parameter("weight", l.WeightInit, VarianceScaling{Scale: 1.0 / 3, Uniform: true}, in[last], l.Units, in[last], l.Second, l.Units)
	if l.Bias = nil; !l.NoBias {
		l.Bias = b.Parameter("bias", l.BiasInit, Zeros, in[last], l.Units, l.Units)
	}
	return &l, append(in[:last:last], l.Units), nil
}

// Forward computes the outputs [..., Units] for a [..., In] and b [..., Second].
func (l *Bilinear) Forward(a, b *dl.Tensor) *dl.Tensor {
	w, bias := l.Weight.tensor("nn.Bilinear"), l.Bias.optional()
	n, m, k := w.Dim(0), w.Dim(1), w.Dim(2)
	last := a.Rank() - 1
	if last < 0 || b.Rank() != a.Rank() || a.Dim(-1) != n || b.Dim(-1) != m || !a.Shape()[:last].Equal(b.Shape()[:last]) {
		dl.PanicShape("nn.Bilinear.Forward", fmt.Sprintf("inputs [..., %d] and [..., %d] that agree in the other axes are needed", n, m), a, b)
	}
	rows := a.Size() / n
	left := a.Reshape(rows, n).MatMul(w.Reshape(n, m*k)).Reshape(rows, m, k)
	y := b.Reshape(rows, 1, m).MatMul(left)
	var shape [8]int // most have fewer axes: nothing is allocated
	y = y.Reshape(append(append(shape[:0], a.Shape()[:last]...), k)...)
	if bias != nil {
		y = y.Add(bias)
	}
	return y
}

// Parameters returns the parameters of the layer.
func (l *Bilinear) Parameters() []*Parameter { return present(l.Weight, l.Bias) }
