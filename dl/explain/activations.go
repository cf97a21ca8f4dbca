package explain

import (
	"slices"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Activations are the outputs of a layer inside a model for samples x [N, ...], as the model is in use: what a
// convolution has found where, which plotting.Activations draws, or the numbers in which a classifier describes a sample,
// its embedding, for package manifold and to compare samples by. layer is a name of the model's Summary.
//
// It panics with a *dl.ValueError when there is no such layer.
func Activations(model *nn.Model, layer string, x *dl.Tensor) (y *dl.Tensor) {
	const op = "explain.Activations"
	at := slices.Index(model.Names(), layer)
	if at < 0 {
		dl.PanicValue(op, "the model has no layer %q; it has %v", layer, model.Names())
	}
	use, done := nn.InUse(model)
	defer done()
	part := *use.(*nn.Model)
	part.Layers = part.Layers[:at+1]
	dl.NoGrad(func() { y = part.Forward(x) })
	return y
}
