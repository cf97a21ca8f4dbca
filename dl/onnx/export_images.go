package onnx

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// window slides over images [height, width, channels].
type window struct {
	size, stride, dilation []int // dilation may be nil: 1
	padding                nn.Padding
	ceil                   bool
}

// places are the sizes of the result, without channels; pads those that ONNX has: all begins, then all ends.
func (w *window) places(in dl.Shape) (places, pads []int) {
	var after []int
	for i, stride := range w.stride {
		reach := w.size[i]
		if w.dilation != nil {
			reach = (reach-1)*max(w.dilation[i], 1) + 1
		}
		before, n := w.padding.Along(i, in[i], reach, stride)
		if w.ceil {
			before, n = w.padding.AlongUp(i, in[i], reach, stride)
		}
		places, pads = append(places, n), append(pads, before)
		if w.padding == nn.Same {
			before = max(0, (n-1)*stride+reach-in[i]) - before
		}
		after = append(after, before)
	}
	return places, append(pads, after...)
}

// attributes are those of convolutions and pools.
func (w *window) attributes(pads []int) []attribute {
	return []attribute{intsAttr("kernel_shape", w.size...), intsAttr("strides", w.stride...), intsAttr("pads", pads...)}
}

func (g *graph) pool(op string, x *value, w window, more ...attribute) *value {
	places, pads := w.places(x.shape)
	if w.ceil {
		more = append(more, intAttr("ceil_mode", 1))
	}
	y := g.node(op, []string{g.first(x)}, "", append(w.attributes(pads), more...)...)
	return &value{shape: append(dl.Shape(places), x.shape[len(x.shape)-1]), first: y}
}

func (g *graph) conv2D(m *nn.Conv2D, x *value) (*value, error) {
	w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
	places, pads := w.places(x.shape)
	in := []string{g.first(x), g.weight(m.Weight, outFirst)}
	if m.Bias != nil {
		in = append(in, g.weight(m.Bias, nil))
	}
	attributes := w.attributes(pads)
	if max(m.Dilation[0], m.Dilation[1]) > 1 {
		attributes = append(attributes, intsAttr("dilations", m.Dilation[:]...))
	}
	if m.Groups > 1 {
		attributes = append(attributes, intAttr("group", m.Groups))
	}
	y := g.node("Conv", in, "", attributes...)
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
