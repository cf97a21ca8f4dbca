package explain

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// GradCAM is where a convolution has found what speaks for a class (Selvaraju et al. 2017): the sum of the layer's
// channels, each weighted by the mean gradient of the class's logit, as far as it is above 0. layer is a name of the
// model's Summary whose outputs are [height, width, channels]; "" is the last such layer. x are images [N, H, W, C];
// classes is one for each, or nil for the classes that the model predicts. The maps are [N, height, width], of the
// layer's size.
//
// It panics with a *dl.ValueError when there is no such layer or class.
func GradCAM(model *nn.Model, layer string, x *dl.Tensor, classes []int) *dl.Tensor {
	const op = "explain.GradCAM"
	at := layerOf(op, model, layer)
	use, done := nn.InUse(model)
	defer done()
	layers := use.(*nn.Model).Layers
	a := input(x)
	for i, l := range layers[:at+1] {
		if i == len(layers)-1 {
			a = logits(l, a)
		} else {
			a = l.Forward(a)
		}
	}
	a = a.Detach().RequireGrad()
	y := a
	for i, l := range layers[at+1:] {
		if at+1+i == len(layers)-1 {
			y = logits(l, y)
		} else {
			y = l.Forward(y)
		}
	}
	g := dl.GradWith(dl.GradOptions{Gradient: direction(op, y, classes)}, y, a)[0]
	s := a.Shape()
	weights := g.Mean(1, 2).Reshape(s[0], 1, 1, s[3])
	return a.Detach().Mul(weights).Sum(3).ReLU()
}

// layerOf is the place of a layer with images for outputs.
func layerOf(op string, model *nn.Model, name string) int {
	names, shapes := model.Names(), model.Shapes()
	last := -1
	for i, shape := range shapes {
		switch {
		case name == names[i] && len(shape) != 3:
			dl.PanicValue(op, "the outputs of %s are %v; a map is made of [height, width, channels]", name, shape)
		case name == names[i]:
			return i
		case len(shape) == 3 && i < len(shapes)-1:
			last = i
		}
	}
	switch {
	case name != "":
		dl.PanicValue(op, "the model has no layer %q; it has %v", name, names)
	case last < 0:
		dl.PanicValue(op, "no layer of the model has outputs [height, width, channels]")
	}
	return last
}
