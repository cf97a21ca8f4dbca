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
		f.ofAttention(l, path)
	case *LSTM:
		f.ofRecurrent(&l.stack, path, own, "_l")
	case *GRU:
		f.ofRecurrent(&l.stack, path, own, "_l")
	case *SimpleRNN:
		f.ofRecurrent(&l.stack, path, own, "_l")
	case *LSTMCell:
		f.ofRecurrent(&l.stack, path, own, "")
	case *GRUCell:
		f.ofRecurrent(&l.stack, path, own, "")
	case *SimpleRNNCell:
		f.ofRecurrent(&l.stack, path, own, "")
	case *DepthwiseConv1D, *DepthwiseConv2D:
		if own == "weight" { // [K..., C, multiplier], a convolution of as many groups as channels there: [C*multiplier, 1, K...]
			f.depthwise()
		}
	case *Bilinear:
		if own == "weight" {
			f.shape, f.axes = dl.Shape{f.shape[2], f.shape[0], f.shape[1]}, []int{1, 2, 0}
		}
	case *PReLU:
		name("weight")
	case *around:
		f.ofDerived(l.of, path, image)
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

// ofAttention is for the parameters of an attention: queries, keys and values are one tensor, unless what is attended to
// has other channels.
func (f *form) ofAttention(l *MultiHeadAttention, path string) {
	name := func(as ...string) {
		f.names = nil
		for _, n := range as {
			f.names = append(f.names, join(path, n))
		}
	}
	d := l.Weight.Value.Dim(0)
	queries := l.Weight.Value.Dim(1)
	all := queries
	if l.KVWeight != nil {
		all += l.KVWeight.Value.Dim(1)
	}
	rows := func(from, to int) {
		if l.KVWeight != nil {
			f.rows = [2]int{from, to}
		}
	}
	switch f.parameter {
	case l.Weight:
		f.axes = []int{1, 0}
		if f.shape = (dl.Shape{queries, d}); l.Context > 0 && l.Context != d {
			name("q_proj_weight")
			return
		}
		name("in_proj_weight")
		f.shape = dl.Shape{all, d}
		rows(0, queries)
	case l.KVWeight:
		f.axes = []int{1, 0}
		if l.Context != d {
			name("k_proj_weight", "v_proj_weight")
			f.beside, f.shape = true, dl.Shape{(all - queries) / 2, l.Context}
			return
		}
		name("in_proj_weight")
		f.shape = dl.Shape{all, d}
		rows(queries, all)
	case l.Bias:
		name("in_proj_bias")
		f.shape = dl.Shape{all}
		rows(0, queries)
	case l.KVBias:
		name("in_proj_bias")
		f.shape = dl.Shape{all}
		rows(queries, all)
	case l.OutWeight:
		name("out_proj.weight")
		f.shape, f.axes = dl.Shape{f.shape[1], f.shape[0]}, []int{1, 0}
	case l.OutBias:
		name("out_proj.bias")
	}
}

// ofRecurrent is for the parameters of a recurrent layer, whose gates are in PyTorch's order: "recurrent_weight_1_reverse"
// is weight_hh_l1_reverse, with "_l" before the number of a layer, which a cell's do not have. A GRU with ResetBefore is
// none of PyTorch's.
func (f *form) ofRecurrent(s *stack, path, own, before string) {
	if s.resetBefore {
		return
	}
	own, reverse := strings.CutSuffix(own, "_reverse")
	layer := "0"
	if i := strings.LastIndexByte(own, '_'); i >= 0 && own[i+1] >= '0' && own[i+1] <= '9' {
		own, layer = own[:i], own[i+1:]
	}
	end := ""
	if before != "" {
		end = before + layer
	}
	if reverse {
		end += "_reverse"
	}
	switch own {
	case "weight":
		f.names[0] = join(path, "weight_ih"+end)
	case "recurrent_weight":
		f.names[0] = join(path, "weight_hh"+end)
	case "projection":
		f.names[0] = join(path, "weight_hr"+end)
	case "recurrent_bias":
		f.names[0] = join(path, "bias_hh"+end)
	case "bias":
		f.names[0] = join(path, "bias_ih"+end)
		if s.kind != gruCells { // one for both
			f.names = append(f.names, join(path, "bias_hh"+end))
		}
	}
	if len(f.shape) == 2 {
		f.shape, f.axes = dl.Shape{f.shape[1], f.shape[0]}, []int{1, 0}
	}
}

// ofDerived is for the parameters of a layer whose weight is computed: those of torch.nn.utils.parametrizations. The
// spectral norm of a transposed convolution is that of another matrix there.
func (f *form) ofDerived(d *derived, path string, image dl.Shape) {
	if _, transposed := strings.CutPrefix(typeName(d.body), "ConvTranspose"); transposed && len(d.extra) > 1 {
		return
	}
	own, weight := f.parameter.own, form{parameter: d.raw, names: []string{"weight"}, shape: d.raw.Value.Shape()}
	weight.asPyTorch(d.body, image)
	as := func(name string) { f.names[0] = join(path, "parametrizations.weight."+name) }
	switch {
	case f.parameter == d.raw:
		f.shape, f.split, f.axes = weight.shape, weight.split, weight.axes
		if as("original"); len(d.extra) == 1 { // with a length beside it
			as("original1")
		}
	case own == "g":
		f.shape = append(f.shape, make(dl.Shape, len(weight.shape)-1)...)
		for i := range f.shape[1:] {
			f.shape[i+1] = 1
		}
		as("original0")
	case own == "u":
		as("0._u")
	case own == "v":
		// Of what leads to an output, in the order of the file: the weight's axes but the first.
		split := weight.split
		if split == nil {
			split = weight.shape
		}
		if weight.axes != nil && len(split) > 2 {
			f.split = split[1:]
			for _, a := range weight.axes {
				if a > 0 {
					f.axes = append(f.axes, a-1)
				}
			}
		}
		as("0._v")
	default:
		f.asPyTorch(d.body, image)
	}
}

// depthwise is for the weights of a depthwise convolution.
func (f *form) depthwise() {
	n := len(f.shape)
	kernel, c, m := f.shape[:n-2], f.shape[n-2], f.shape[n-1]
	f.split = append(dl.Shape{c, m}, kernel...)
	f.shape = append(dl.Shape{c * m, 1}, kernel...)
	f.axes = nil
	for i := range kernel {
		f.axes = append(f.axes, i+2)
	}
	f.axes = append(f.axes, 0, 1)
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
	var follow func(layer Module, in, image dl.Shape) dl.Shape
	follow = func(layer Module, in, image dl.Shape) dl.Shape {
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
		if w, ok := layer.(interface{ inner() Forwarder }); ok && w.inner() != nil { // Dense within a wrapper, too
			return follow(w.inner(), in, image)
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
				in = m.output(i)
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
