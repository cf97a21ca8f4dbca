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
		if w.ceil && w.padding != nn.Same && (n-1)*stride+reach < in[i]+2*before && n*stride < in[i]+before {
			n++
			places[i] = n
			after = append(after, (n-1)*stride+reach-in[i]-before)
			continue
		}
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

// global pools whole images.
func (g *graph) global(op string, x *value, keep bool) *value {
	c := x.shape[len(x.shape)-1]
	y := g.node(op, []string{g.first(x)}, "")
	if keep {
		return &value{shape: dl.Shape{1, 1, c}, first: y}
	}
	return &value{shape: dl.Shape{c}, last: g.node("Flatten", []string{y}, "", intAttr("axis", 1))}
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

// convTranspose2D carries images back through the windows of a convolution. What dl cuts off is what ONNX calls pads; a
// negative end, which ONNX does not have, is more output.
func (g *graph) convTranspose2D(m *nn.ConvTranspose2D, x *value) (*value, error) {
	in := []string{g.first(x), g.weight(m.Weight, outFirst)}
	if m.Bias != nil {
		in = append(in, g.weight(m.Bias, nil))
	}
	out := dl.Shape{0, 0, m.Filters}
	var before, after, more []int
	for i := range 2 {
		stride, dilation := max(m.Stride[i], 1), max(m.Dilation[i], 1)
		reach := (m.Kernel[i]-1)*dilation + 1
		whole := (x.shape[i]-1)*stride + reach
		var lo, hi int
		if m.Padding == nn.Same {
			out[i] = x.shape[i] * stride
			lo, _ = m.Padding.Along(i, out[i], reach, stride)
			hi = whole - out[i] - lo
		} else {
			lo, _ = m.Padding.Along(i, whole, reach, stride)
			hi = lo - m.OutputPadding[i]
			out[i] = whole - lo - hi
		}
		before, after, more = append(before, lo), append(after, max(hi, 0)), append(more, max(-hi, 0))
	}
	w := window{size: m.Kernel[:], stride: []int{max(m.Stride[0], 1), max(m.Stride[1], 1)}}
	attributes := append(w.attributes(append(before, after...)), intsAttr("output_padding", more...))
	if max(m.Dilation[0], m.Dilation[1]) > 1 {
		attributes = append(attributes, intsAttr("dilations", max(m.Dilation[0], 1), max(m.Dilation[1], 1)))
	}
	if m.Groups > 1 {
		attributes = append(attributes, intAttr("group", m.Groups))
	}
	return g.activation(m.Activation, &value{shape: out, first: g.node("ConvTranspose", in, "", attributes...)})
}
