package nn

import (
	"reflect"
	"strings"

	"modelbook/dl"
)

// asPyTorch is how the parameter of a layer stands in a file of PyTorch. image is the shape of the image [H, W, C] whose
// Flatten the layer, a Dense, comes behind, or nil.
func (f *form) asPyTorch(layer Module, image dl.Shape) {
	path, own := parent(f.names[0]), f.parameter.own
	name := func(as string) { f.names[0] = join(path, as) }
	turned := func() { f.shape, f.axes = dl.Shape{f.shape[1], f.shape[0]}, []int{1, 0} }
	switch l := layer.(type) {
	case *Dense:
		if own != "weight" {
			return
		}
		turned()
		if image != nil {
			h, w, c := image[0], image[1], image[2]
			f.split, f.axes = dl.Shape{f.shape[0], c, h, w}, []int{2, 3, 1, 0}
		}
	case *BatchNorm:
		name(map[string]string{"gamma": "weight", "beta": "bias", "mean": "running_mean", "variance": "running_var"}[own])
	case *MultiHeadAttention:
		name(map[string]string{"weight": "in_proj_weight", "bias": "in_proj_bias", "out_weight": "out_proj.weight", "out_bias": "out_proj.bias"}[own])
		if f.parameter == l.Weight || f.parameter == l.OutWeight {
			turned()
		}
	default:
		kind := reflect.TypeOf(layer).Elem().Name()
		switch {
		case strings.HasPrefix(kind, "Conv") && own == "weight": // [K..., in, out], transposed ones [K..., out, in]
			f.kernelFirst()
		case own == "gamma": // of other normalisations
			name("weight")
		case own == "beta":
			name("bias")
		}
	}
}

// kernelFirst is for the weights of a convolution: the last two axes come first in PyTorch, the last of them first of all.
func (f *form) kernelFirst() {
	n := len(f.shape)
	ours := f.shape
	f.shape = append(dl.Shape{ours[n-1], ours[n-2]}, ours[:n-2]...)
	f.axes = nil
	for i := 2; i < n; i++ {
		f.axes = append(f.axes, i)
	}
	f.axes = append(f.axes, 1, 0)
}

// flattened finds the Dense that come behind the Flatten of an image, in models and graphs, and the shapes of these
// images: PyTorch flattens channel by channel, and the rows of such a Dense are in that order.
func flattened(m Module) map[Module]dl.Shape {
	found := map[Module]dl.Shape{}
	var look func(m Module)
	// follow says what image a value is the flattened form of, after a layer with the shape in as its input.
	follow := func(layer Module, in, image dl.Shape) dl.Shape {
		switch layer.(type) {
		case *Flatten:
			if len(in) == 3 && in[0]*in[1] > 1 {
				return in
			}
			return nil
		case *Dense:
			if image != nil {
				found[layer] = image
			}
			return nil
		case *Dropout, *ActivationLayer:
			return image
		}
		look(layer)
		return nil
	}
	look = func(m Module) {
		switch m := m.(type) {
		case *Model:
			in, image := m.Input, dl.Shape(nil)
			for i, layer := range m.Layers {
				image = follow(layer, in, image)
				in = m.outputs[i]
			}
		case *Graph:
			images := map[*Node]dl.Shape{}
			for _, n := range m.nodes {
				if n.layer >= 0 {
					images[n] = follow(m.layers[n.layer].module, n.from[0].Shape, images[n.from[0]])
				}
			}
		case *GraphLayer:
			look(m.Graph)
		default:
			if c, ok := m.(container); ok {
				for _, part := range c.parts() {
					look(part.module)
				}
				return
			}
			if !ofThisPackage(m) {
				w := walker{visit: func(_ string, x any) bool {
					if inner, ok := x.(Module); ok {
						look(inner)
						return false
					}
					_, parameter := x.(*Parameter)
					return !parameter
				}}
				w.root(m)
			}
		}
	}
	look(m)
	return found
}
