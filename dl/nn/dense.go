package nn

import (
	"fmt"

	"modelbook/dl"
)

// Dense connects every input with every output: activation(x · Weight + Bias) for x [N, in], Weight [in, Units],
// Bias [Units]. Of samples with more axes, such as sequences [N, T, in] and images, the last one is connected, place by
// place: [N, T, Units]. For all values of an image put nn.Flatten{} before it. Built by Sequential, it carries its
// parameters. It is PyTorch's Linear.
type Dense struct {
	Units      int
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform in ±1/sqrt(in))
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d Dense) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := d.Activation.check(); err != nil {
		return nil, nil, err
	}
	if d.Units < 1 {
		return nil, nil, fmt.Errorf("Units is %d; give the number of outputs", d.Units)
	}
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis to connect")
	}
	last := len(in) - 1
	n, out := in[last], append(in[:last:last], d.Units)
	if err := checkShape(dl.Shape{n, d.Units}); err != nil {
		return nil, nil, err
	}
	d.Weight = b.Parameter("weight", d.WeightInit, GlorotUniform, n, d.Units, n, d.Units)
	if d.Bias = nil; !d.NoBias {
		d.Bias = b.Parameter("bias", d.BiasInit, Zeros, n, d.Units, d.Units)
	}
	return &d, out, nil
}

// Forward computes the outputs for a batch.
func (d *Dense) Forward(x *dl.Tensor) *dl.Tensor {
	fused, rest := d.Activation.fused()
	return rest.Apply(affine("nn.Dense", x, d.Weight, d.Bias, fused))
}

// Head is the activation with which the layer ends: see [Headed].
func (d *Dense) Head() Activation { return d.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (d *Dense) Logits(x *dl.Tensor) *dl.Tensor {
	return affine("nn.Dense", x, d.Weight, d.Bias, dl.NoFusion)
}

// addTo is to.Add of the outputs: see [adder].
func (d *Dense) addTo(to, x, _ *dl.Tensor) *dl.Tensor {
	if d.Activation != Identity {
		return to.Add(d.Forward(x))
	}
	return affineAdd("nn.Dense", to, x, d.Weight, d.Bias)
}

// Parameters returns the parameters of the layer.
func (d *Dense) Parameters() []*Parameter { return present(d.Weight, d.Bias) }

// affine is dl.Affine of the last axis, for a layer of the given name.
func affine(layer string, x *dl.Tensor, weight, bias *Parameter, act dl.Fusion) *dl.Tensor {
	w, b := weight.tensor(layer), bias.optional()
	switch x.Rank() {
	case 0:
		dl.PanicShape(layer+".Forward", "the input has no axis to connect", x)
	case 1, 2:
		return dl.Affine(x, w, b, act)
	case 3: // nothing is allocated
		n, t := x.Dim(0), x.Dim(1)
		return dl.Affine(x.Reshape(n*t, x.Dim(2)), w, b, act).Reshape(n, t, w.Dim(1))
	}
	var sizes [8]int // most have fewer axes: nothing is allocated
	shape, last := append(sizes[:0], x.Shape()...), x.Rank()-1
	if shape[last] == 0 { // Reshape could not tell the number of rows
		dl.PanicShape(layer+".Forward", "the last axis is empty", x)
	}
	y := dl.Affine(x.Reshape(-1, shape[last]), w, b, act)
	shape[last] = w.Dim(1)
	return y.Reshape(shape...)
}

// affineAdd is to.Add of affine without an activation: in one pass, where the two have the same shape and dtype.
func affineAdd(layer string, to, x *dl.Tensor, weight, bias *Parameter) *dl.Tensor {
	w, b := weight.tensor(layer), bias.optional()
	rank, units := x.Rank(), w.Dim(1)
	if s := to.Shape(); rank < 2 || rank > 3 || len(s) != rank || s[rank-1] != units || !equal(s[:rank-1], x.Shape()[:rank-1]) || to.DType() != x.DType() {
		return to.Add(affine(layer, x, weight, bias, dl.NoFusion))
	}
	if rank == 2 {
		return dl.AffineAdd(to, x, w, b)
	}
	n, t := x.Dim(0), x.Dim(1)
	return dl.AffineAdd(to.Reshape(n*t, units), x.Reshape(n*t, x.Dim(2)), w, b).Reshape(n, t, units)
}

// Flatten makes each sample one row: [N, a, b, c] becomes [N, a*b*c].
type Flatten struct{}

// Build makes the layer for inputs of a shape: see [Layer].
func (f Flatten) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	return &f, dl.Shape{volume(in)}, nil
}

// Forward computes the outputs for a batch.
func (f *Flatten) Forward(x *dl.Tensor) *dl.Tensor { return x.Flatten(1) }

// Parameters returns the parameters of the layer.
func (f *Flatten) Parameters() []*Parameter { return nil }
