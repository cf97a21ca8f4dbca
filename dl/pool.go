package dl

import (
	"cmp"
	"fmt"
)

// PoolOptions say over which windows [MaxPool2D] and [AvgPool2D] go.
type PoolOptions struct {
	Size    [2]int  // rows and columns of a window; zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // at most half a window, the zero value is Valid; what lies over the edge is no part of a window
	// CountIncludePad makes AvgPool2D count what lies over the edge, as zeros: each
	// mean is a sum divided by the whole size of a window. This is PyTorch's
	// default; Keras, and this package, count only what lies inside the image.
	CountIncludePad bool
	// Ceil lets a last window reach over the edge rather than leave rows or columns
	// out: PyTorch's ceil_mode.
	Ceil bool
}

// Pool1DOptions say over which windows [MaxPool1D] and [AvgPool1D] go: see [PoolOptions].
type Pool1DOptions struct {
	Size            int // zero: 2
	Stride          int // zero: Size
	Padding         Padding
	CountIncludePad bool
	Ceil            bool
}

func (o Pool1DOptions) images() PoolOptions {
	size := cmp.Or(o.Size, 2)
	return PoolOptions{[2]int{1, size}, [2]int{1, cmp.Or(o.Stride, size)}, o.Padding, o.CountIncludePad, o.Ceil}
}

// MaxPool1D returns the largest element of each window of x [N, L, C].
func MaxPool1D(x *Tensor, o Pool1DOptions) *Tensor { return maxPool("MaxPool1D", 1, x, o.images()) }

// MaxPool2D returns the largest element of each window of x [N, H, W, C].
func MaxPool2D(x *Tensor, o PoolOptions) *Tensor { return maxPool("MaxPool2D", 2, x, o) }

func maxPool(op string, axes int, x *Tensor, o PoolOptions) *Tensor {
	g := o.geometry(op, axes, x)
	x = x.Contiguous()
	x.float(op)
	out := result(x.dtype, g.places())
	where := result(Int32, out.shape)
	device.maxPool(g, x, out, where)
	if recording(x) {
		r := maxPoolKind.new()
		r.x, r.where, r.geo = x, where, g
		if x.from != nil && x.from.head().relu {
			r.keep(out)
		}
		attach(out, op, r)
	}
	return out
}

// geometry is that of the windows over x, checked.
func (o PoolOptions) geometry(op string, axes int, x *Tensor) windows {
	if o.Size == [2]int{} {
		o.Size = [2]int{2, 2}
	}
	for i := range o.Stride {
		if o.Stride[i] == 0 {
			o.Stride[i] = o.Size[i]
		}
	}
	g := windowsOver(op, axes, x)
	g.take(op, o.Size, g.C, ConvOptions{Stride: o.Stride, Padding: o.Padding}, x)
	for i, n := range o.Padding.n[:axes] {
		if n > o.Size[2-axes+i]/2 {
			shapePanic(op, fmt.Sprintf("a padding of %v is more than half of the window %s", o.Padding, g.sizes(o.Size)), x)
		}
	}
	g.slide(op, o.Padding, x)
	if o.Ceil {
		if axes == 2 {
			_, g.OH = o.Padding.AlongUp(0, g.H, g.KH, g.SH)
		}
		_, g.OW = o.Padding.AlongUp(axes-1, g.W, g.KW, g.SW)
		if o.Padding.kind == padNumbers {
			g.endH, g.endW = g.H+g.PadTop, g.W+g.PadLeft
		}
	}
	return g
}

// maxPoolRecord is the record of MaxPool1D and MaxPool2D.
type maxPoolRecord struct {
	node
	x, where *Tensor // where is the tap of each largest element
	geo      windows
}

var maxPoolKind = newKind[maxPoolRecord]()

func (r *maxPoolRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

// backward also applies the gradient of a ReLU that was fused into what was
// pooled: on the pooled values, of which there are fewer.
func (r *maxPoolRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	var y *Tensor
	if b.fuseReLU(r.x, g) {
		y = r.out
	}
	device.maxPoolGrad(r.geo, dy, y, r.where, g)
	b.add(r.x, g)
}

func (r *maxPoolRecord) gradients(dy *Tensor) []*Tensor {
	at := make([]int, r.where.size)
	device.maxPoolPlaces(r.geo, r.where, at)
	return []*Tensor{dy.scattered(r.x.shape, at, 1)}
}

// AvgPool1D returns the mean of each window of x [N, L, C]: see [AvgPool2D].
func AvgPool1D(x *Tensor, o Pool1DOptions) *Tensor {
	return averagePooled("AvgPool1D", 1, x, o.images())
}

// AvgPool2D returns the mean of each window of x [N, H, W, C]. What lies over
// the edge is not counted unless CountIncludePad says so.
func AvgPool2D(x *Tensor, o PoolOptions) *Tensor { return averagePooled("AvgPool2D", 2, x, o) }

func averagePooled(op string, axes int, x *Tensor, o PoolOptions) *Tensor {
	g := o.geometry(op, axes, x)
	x = x.Contiguous()
	x.float(op)
	out := result(x.dtype, g.places())
	device.averagePool(g, x, out, o.CountIncludePad)
	if recording(x) {
		r := avgPoolKind.new()
		r.x, r.geo, r.whole = x, g, o.CountIncludePad
		attach(out, op, r)
	}
	return out
}

// avgPoolRecord is the record of AvgPool1D and AvgPool2D, or of their gradient.
type avgPoolRecord struct {
	node
	x        *Tensor
	geo      windows
	whole    bool // see CountIncludePad
	gradient bool
}

var avgPoolKind = newKind[avgPoolRecord]()

func (r *avgPoolRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *avgPoolRecord) backward(b *sweep, dy *Tensor) {
	g := result(r.x.dtype, r.x.shape)
	r.apply(dy, g, !r.gradient)
	b.add(r.x, g)
}

func (r *avgPoolRecord) gradients(dy *Tensor) []*Tensor {
	dy = dy.Contiguous()
	out := result(dy.dtype, r.x.shape)
	r.apply(dy, out, !r.gradient)
	if recording(dy) {
		n := avgPoolKind.new()
		n.x, n.geo, n.whole, n.gradient = dy, r.geo, r.whole, !r.gradient
		attach(out, "the gradient of "+r.op, n)
	}
	return []*Tensor{out}
}

// apply writes to out the means of the windows of x, or, backwards, the elements
// of x spread over their windows.
func (r *avgPoolRecord) apply(x, out *Tensor, backwards bool) {
	if backwards {
		device.averagePoolGrad(r.geo, x, out, r.whole)
	} else {
		device.averagePool(r.geo, x, out, r.whole)
	}
}
