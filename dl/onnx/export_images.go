package onnx

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// window slides over images [height, width, channels].
type window struct {
	size, stride []int
	padding      nn.Padding
}

// places are the sizes of the result, without channels; pads those that ONNX has: all begins, then all ends.
func (w *window) places(in dl.Shape) (places, pads []int) {
	image := [2]int{in[0], in[1]}
	before, n := w.padding.Around(image, [2]int(w.size), [2]int(w.stride))
	after := before
	if w.padding == nn.Same {
		for i := range 2 {
			after[i] = max(0, (n[i]-1)*w.stride[i]+w.size[i]-image[i]) - before[i]
		}
	}
	return n[:], append(before[:], after[:]...)
}

// attributes are those of convolutions and pools.
func (w *window) attributes(pads []int) []attribute {
	return []attribute{intsAttr("kernel_shape", w.size...), intsAttr("strides", w.stride...), intsAttr("pads", pads...)}
}

func (g *graph) pool(op string, x *value, w window, more ...attribute) *value {
	places, pads := w.places(x.shape)
	y := g.node(op, []string{g.first(x)}, "", append(w.attributes(pads), more...)...)
	return &value{shape: append(dl.Shape(places), x.shape[len(x.shape)-1]), first: y}
}

func (g *graph) conv2D(m *nn.Conv2D, x *value) (*value, error) {
	w := window{size: m.Kernel[:], stride: m.Stride[:], padding: m.Padding}
	places, pads := w.places(x.shape)
	in := []string{g.first(x), g.weight(m.Weight, outFirst)}
	if m.Bias != nil {
		in = append(in, g.weight(m.Bias, nil))
	}
	y := g.node("Conv", in, "", w.attributes(pads)...)
	return g.activation(m.Activation, &value{shape: append(dl.Shape(places), m.Filters), first: y})
}

// outFirst makes weights [K..., in, out] into [out, in, K...].
func outFirst(w *dl.Tensor) *dl.Tensor {
	n := w.Rank()
	axes := []int{n - 1, n - 2}
	for i := range n - 2 {
		axes = append(axes, i)
	}
	return w.Permute(axes...).Contiguous()
}
