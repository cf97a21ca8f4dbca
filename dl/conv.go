package dl

import (
	"fmt"
)

// ConvOptions are the details of [Conv2D] and [ConvTranspose2D]. A stride or dilation of 0 means 1.
type ConvOptions struct {
	Stride   [2]int
	Padding  Padding // with zeros; the zero value is Valid
	Dilation [2]int  // from a tap of the kernel to the next
	// Groups divides channels and filters into so many groups; each filter sees the channels of its own group only. 0
	// means 1; as many as channels make the convolution depthwise.
	Groups        int
	OutputPadding [2]int // of ConvTranspose2D: rows and columns more below and right, fewer than Stride or Dilation
	Fuse          Fusion // is applied to the result
}

// Conv1DOptions are the details of [Conv1D] and [ConvTranspose1D]: see [ConvOptions].
type Conv1DOptions struct {
	Stride        int
	Padding       Padding
	Dilation      int
	Groups        int
	OutputPadding int
	Fuse          Fusion
}

// images are the options for images of one row.
func (o Conv1DOptions) images() ConvOptions {
	return ConvOptions{[2]int{1, o.Stride}, o.Padding, [2]int{1, o.Dilation}, o.Groups, [2]int{0, o.OutputPadding}, o.Fuse}
}

// windows are those that slide over images [N, H, W, C]: KH x KW large, their
// taps DH and DW, and they SH and SW apart. They reach PadTop and PadLeft over the
// edge, and give OH x OW places. A convolution has F filters in groups; a pooling
// has F = C. Windows over sequences have one axis, and H = KH = OH = 1. Those over
// volumes have three, and a depth.
type windows struct {
	N, H, W, C      int
	KH, KW, F       int
	SH, SW          int
	DH, DW          int
	Groups          int
	PadTop, PadLeft int
	OH, OW          int
	axes            int
	endH, endW      int // where the padding below and right ends, if windows reach over that

	D, KD, SD, DD, PadFront, OD int // of volumes
}

// image is the shape of the input, weights that of the weights, and places that
// of the output.
func (g *windows) image() Shape {
	switch g.axes {
	case 1:
		return shapeOf(g.N, g.W, g.C)
	case 3:
		return shapeOf(g.N, g.D, g.H, g.W, g.C)
	}
	return shapeOf(g.N, g.H, g.W, g.C)
}

func (g *windows) weights() Shape {
	switch g.axes {
	case 1:
		return shapeOf(g.KW, g.C/g.Groups, g.F)
	case 3:
		return shapeOf(g.KD, g.KH, g.KW, g.C/g.Groups, g.F)
	}
	return shapeOf(g.KH, g.KW, g.C/g.Groups, g.F)
}

func (g *windows) places() Shape {
	switch g.axes {
	case 1:
		return shapeOf(g.N, g.OW, g.F)
	case 3:
		return shapeOf(g.N, g.OD, g.OH, g.OW, g.F)
	}
	return shapeOf(g.N, g.OH, g.OW, g.F)
}

// windowsOver begins with the sizes of an image [N, H, W, C], or of a sequence
// [N, L, C].
func windowsOver(op string, axes int, x *Tensor) windows {
	x.check()
	switch s := x.shape; {
	case len(s) != axes+2 && axes == 1:
		shapePanic(op, "sequences are [N, L, C]", x)
	case len(s) != axes+2:
		shapePanic(op, "images are [N, H, W, C]", x)
	case axes == 1:
		return windows{N: s[0], H: 1, W: s[1], C: s[2], axes: axes}
	}
	return windows{N: x.shape[0], H: x.shape[1], W: x.shape[2], C: x.shape[3], axes: axes}
}

// maxWindow bounds sizes, strides and paddings, so that they never overflow.
const maxWindow = 1 << 31

// take sets the size of the window and the options.
func (g *windows) take(op string, size [2]int, filters int, o ConvOptions, shown ...*Tensor) {
	o.Fuse.check(op)
	g.KH, g.KW, g.F, g.Groups = size[0], size[1], filters, max(o.Groups, 1)
	g.SH, g.SW, g.DH, g.DW = max(o.Stride[0], 1), max(o.Stride[1], 1), max(o.Dilation[0], 1), max(o.Dilation[1], 1)
	if min(size[0], size[1]) < 1 || min(o.Stride[0], o.Stride[1], o.Dilation[0], o.Dilation[1]) < 0 || max(g.KH, g.KW, g.SH, g.SW) > maxWindow ||
		max(g.DH, g.DW) > maxWindow/max(g.KH, g.KW) {
		shapePanic(op, fmt.Sprintf("a window of %s with stride %s and dilation %s is impossible", g.sizes(size), g.sizes(o.Stride), g.sizes(o.Dilation)), shown...)
	}
	if wrong := o.Padding.Suits(g.axes); wrong != "" {
		shapePanic(op, wrong, shown...)
	}
	if o.Groups < 0 || g.C%g.Groups != 0 || g.F%g.Groups != 0 {
		shapePanic(op, fmt.Sprintf("%d channels and %d filters cannot be divided into %d groups", g.C, g.F, o.Groups), shown...)
	}
}

// reach is how far a window reaches, down and across.
func (g *windows) reach() [2]int { return [2]int{(g.KH-1)*g.DH + 1, (g.KW-1)*g.DW + 1} }

// slide finds the places of the window.
func (g *windows) slide(op string, p Padding, shown ...*Tensor) {
	reach, free := g.reach(), p.kind != padNumbers
	if g.OH = 1; g.axes == 2 {
		g.PadTop, g.OH = p.Along(0, g.H, reach[0], g.SH)
	}
	g.PadLeft, g.OW = p.Along(g.axes-1, g.W, reach[1], g.SW)
	if g.OH < 1 && (g.H > 0 || !free) || g.OW < 1 && (g.W > 0 || !free) {
		shapePanic(op, fmt.Sprintf("a window of %s does not fit into %s with the padding %v", g.sizes(reach), g.sizes([2]int{g.H, g.W}), p), shown...)
	}
}

// sizes shows a number for each axis: "3x3".
func (g *windows) sizes(n [2]int) string {
	if g.axes == 1 {
		return fmt.Sprint(n[1])
	}
	return fmt.Sprintf("%dx%d", n[0], n[1])
}

// Conv1D slides w [K, C/Groups, F] over sequences x [N, L, C], adds b [F] unless
// it is nil: [N, OL, F], where a padding of p places makes OL
// (L+2p-(K-1)*Dilation-1)/Stride+1. See [Conv2D].
func Conv1D(x, w, b *Tensor, o Conv1DOptions) *Tensor {
	return convolved("Conv1D", 1, x, w, b, o.images())
}

// Conv2D slides w [KH, KW, C/Groups, F] over images x [N, H, W, C], adds b [F]
// unless it is nil: [N, OH, OW, F], where a padding of p rows makes OH
// (H+2p-(KH-1)*Dilation-1)/Stride+1. As in every framework, it is
// a cross-correlation: the kernel is not flipped.
func Conv2D(x, w, b *Tensor, o ConvOptions) *Tensor { return convolved("Conv2D", 2, x, w, b, o) }

func convolved(op string, axes int, x, w, b *Tensor, o ConvOptions) *Tensor {
	if o.Fuse == FuseGELU {
		o.Fuse = NoFusion
		return convolved(op, axes, x, w, b, o).GELU()
	}
	if o.OutputPadding != [2]int{} {
		shapePanic(op, "OutputPadding is for transposed convolutions", x, w)
	}
	g := windowsOver(op, axes, x)
	size, channels, filters := kernelOf(op, axes, x, w, "C/Groups, F")
	g.take(op, size, filters, o, x, w)
	if channels*g.Groups != g.C {
		misfit(op, fmt.Sprintf("with %d channels in %d groups each filter has %d, the weights have %d", g.C, g.Groups, g.C/g.Groups, channels),
			[][]int{{len(x.shape) - 1}, {len(w.shape) - 2}}, x, w)
	}
	checkBias(op, x, w, b, filters)
	g.slide(op, o.Padding, x, w)
	if m := g.F / max(g.C, 1); g.C > 1 && g.Groups == g.C && m > 1 { // depthwise, of m copies of each channel
		shape := newShape(len(x.shape) + 1)
		copy(shape, x.shape)
		shape[len(x.shape)] = m
		many := shapeOf(x.shape...)
		many[len(many)-1] = g.F
		x = x.Unsqueeze(-1).Expand(shape...).Reshape(many...)
		g.C, g.Groups = g.F, g.F
	}
	return g.convolved(op, x, w, b, o.Fuse == FuseReLU)
}

// convolved computes a convolution, whose operands have been checked.
func (g windows) convolved(op string, x, w, b *Tensor, relu bool) *Tensor {
	x, w, b = x.Contiguous(), w.Contiguous(), b.contiguous()
	out := result(x.dtype, g.places())
	device.convolve(convolution{windows: g, x: x, w: w, b: b, y: out, relu: relu})
	if recording(x, w, b) {
		r := convKind.new()
		r.x, r.w, r.b, r.geo = x, w, b, g
		r.relu = relu
		var y *Tensor
		if r.relu {
			y = out
		}
		r.keep(w.needed(x), x.needed(w), y)
		attach(out, op, r)
	}
	return out
}

// kernelOf returns the sizes of weights: of the window, and of the last two axes, which are called so.
func kernelOf(op string, axes int, x, w *Tensor, last string) (size [2]int, inner, outer int) {
	w.check()
	sameFloats(op, x, w)
	s := w.shape
	if len(s) != axes+2 {
		shapePanic(op, "the weights must be ["+[]string{"", "K, ", "KH, KW, ", "KD, KH, KW, "}[axes]+last+"]", x, w)
	}
	if size = [2]int{1, s[axes-1]}; axes == 2 {
		size[0] = s[0]
	}
	return size, s[axes], s[axes+1]
}

// checkBias checks that a bias, if there is one, has an element for each filter.
func checkBias(op string, x, w, b *Tensor, filters int) {
	if b == nil {
		return
	}
	b.check()
	if len(b.shape) != 1 || b.shape[0] != filters {
		misfit(op, fmt.Sprintf("the bias must have an element for each of %d filters", filters), ends(w.shape, b.shape), w, b)
	}
	sameFloats(op, x, b)
}

// convRecord is the record of Conv1D, Conv2D and Conv3D.
type convRecord struct {
	node
	x, w, b *Tensor
	geo     windows
}

var convKind = newKind[convRecord]()

func (r *convRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x, r.w, r.b) }

func (r *convRecord) backward(s *sweep, dy *Tensor) {
	x, w, b := r.x, r.w, r.b
	dx, dw, db := s.wanted(x), s.wanted(w), s.wanted(b)
	g := convolutionGrad{windows: r.geo, x: x, w: w, dy: dy, dx: dx, dw: dw, db: db}
	if r.relu && !r.masked {
		g.y = r.out
	}
	g.norm, g.before = r.norm, s.sumsBefore(x, dx)
	device.convolveGrad(g)
	s.add(x, dx)
	s.add(w, dw)
	s.add(b, db)
}

func (r *convRecord) gradients(dy *Tensor) []*Tensor {
	if r.relu {
		dy = dy.Mul(r.out.Gt(constant(r.out.dtype, 0)).To(dy.dtype))
	}
	op := "the gradient of " + r.op
	grads := []*Tensor{convolve(op, r.geo, convInput, nil, r.w, dy), convolve(op, r.geo, convWeights, r.x, nil, dy), nil}
	if r.b != nil {
		grads[2] = dy.Reshape(-1, r.geo.F).Sum(0)
	}
	return grads
}

// wanted is the target of x, nil when its gradient is not asked for.
func (b *sweep) wanted(x *Tensor) *Tensor {
	if !b.wants(x) {
		return nil
	}
	return b.target(x)
}
