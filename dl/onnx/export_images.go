package onnx

import (
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// window slides over sequences, images or volumes.
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
		switch w.padding {
		case nn.Same:
			before = max(0, (n-1)*stride+reach-in[i]) - before
		case nn.Causal:
			before = 0
		}
		after = append(after, before)
	}
	return places, append(pads, after...)
}

// attributes are those of convolutions and pools.
func (w *window) attributes(pads []int) []attribute {
	all := []attribute{intsAttr("kernel_shape", w.size...), intsAttr("strides", w.stride...), intsAttr("pads", pads...)}
	if w.dilation != nil && slices.Max(w.dilation) > 1 {
		all = append(all, intsAttr("dilations", w.dilation...))
	}
	return all
}

func (g *graph) pool(op string, x *value, w window, more ...attribute) *value {
	places, pads := w.places(x.shape)
	if w.ceil {
		more = append(more, intAttr("ceil_mode", 1))
	}
	y := g.node(op, []string{g.first(x)}, "", append(w.attributes(pads), more...)...)
	return &value{shape: append(dl.Shape(places), x.shape[len(x.shape)-1]), first: y}
}

// normPool takes the norm of each window. ONNX has it for whole orders; for others the mean of the powers, zeros around the
// image included, is made a sum.
func (g *graph) normPool(x *value, w window, norm float64) *value {
	if p := int(norm); float64(p) == norm && p <= math.MaxInt32 {
		return g.pool("LpPool", x, w, intAttr("p", p))
	}
	count := 1
	for _, n := range w.size {
		count *= n
	}
	powers := g.each(x, func(name string) string {
		return g.node("Pow", []string{g.node("Abs", []string{name}, ""), g.number(norm)}, "")
	})
	return g.each(g.pool("AveragePool", powers, w, intAttr("count_include_pad", 1)), func(name string) string {
		return g.node("Pow", []string{g.node("Mul", []string{name, g.number(float64(count))}, ""), g.number(1 / norm)}, "")
	})
}

// global pools whole images.
func (g *graph) global(op string, x *value, keep bool) *value {
	n := len(x.shape) - 1
	y := g.node(op, []string{g.first(x)}, "")
	if keep {
		return &value{shape: append(dl.Shape(ones(n)), x.shape[n]), first: y}
	}
	return &value{shape: dl.Shape{x.shape[n]}, last: g.node("Flatten", []string{y}, "", intAttr("axis", 1))}
}

// filters are those of a convolution.
type filters struct {
	weight        string // [out, in/groups, K...], of transposed ones [in, out/groups, K...]
	bias          *nn.Parameter
	count, groups int
	activation    nn.Activation
}

// inputs are those of an operator.
func (g *graph) inputs(x *value, f filters) []string {
	in := []string{g.first(x), f.weight}
	if f.bias != nil {
		in = append(in, g.weight(f.bias, nil))
	}
	return in
}

func (f *filters) attributes() []attribute {
	if f.groups > 1 {
		return []attribute{intAttr("group", f.groups)}
	}
	return nil
}

func (g *graph) conv(x *value, w window, f filters) (*value, error) {
	places, pads := w.places(x.shape)
	y := g.node("Conv", g.inputs(x, f), "", append(w.attributes(pads), f.attributes()...)...)
	return g.activation(f.activation, &value{shape: append(dl.Shape(places), f.count), first: y})
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

// depthFirst makes the weights of a depthwise convolution, [K..., C, multiplier], into [C*multiplier, 1, K...].
func depthFirst(w *dl.Tensor) *dl.Tensor {
	n := w.Rank() - 2
	shape := append(w.Shape()[:n:n], 1, w.Dim(n)*w.Dim(n+1))
	return outFirst(w.Reshape(shape...))
}

// separable writes a depthwise convolution and one with a window of 1.
func (g *graph) separable(x *value, w window, depth, point, bias *nn.Parameter, a nn.Activation) (*value, error) {
	n := depth.Value.Rank()
	channels := depth.Value.Dim(n-2) * depth.Value.Dim(n-1)
	y, err := g.conv(x, w, filters{weight: g.weight(depth, depthFirst), count: channels, groups: depth.Value.Dim(n - 2)})
	if err != nil {
		return nil, err
	}
	one := ones(n - 2)
	return g.conv(y, window{size: one, stride: one}, filters{weight: g.weight(point, outFirst), bias: bias, count: point.Value.Dim(-1), activation: a})
}

// convTranspose carries images back through the windows of a convolution. What dl cuts off is what ONNX calls pads; a
// negative end, which ONNX does not have, is more output.
func (g *graph) convTranspose(x *value, w window, outputPadding []int, f filters) (*value, error) {
	n := len(w.size)
	out := make(dl.Shape, n, n+1)
	w.stride, w.dilation = slices.Clone(w.stride), slices.Clone(w.dilation)
	var before, after, more []int
	for i := range n {
		stride, dilation := max(w.stride[i], 1), max(w.dilation[i], 1)
		w.stride[i], w.dilation[i] = stride, dilation
		reach := (w.size[i]-1)*dilation + 1
		whole := (x.shape[i]-1)*stride + reach
		var lo, hi int
		if w.padding == nn.Same {
			out[i] = x.shape[i] * stride
			lo, _ = w.padding.Along(i, out[i], reach, stride)
			hi = whole - out[i] - lo
		} else {
			lo, _ = w.padding.Along(i, whole, reach, stride)
			hi = lo - outputPadding[i]
			out[i] = whole - lo - hi
		}
		before, after, more = append(before, lo), append(after, max(hi, 0)), append(more, max(-hi, 0))
	}
	attributes := append(w.attributes(append(before, after...)), intsAttr("output_padding", more...))
	attributes = append(attributes, f.attributes()...)
	return g.activation(f.activation, &value{shape: append(out, f.count), first: g.node("ConvTranspose", g.inputs(x, f), "", attributes...)})
}
