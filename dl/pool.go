package dl

import "fmt"

// PoolOptions say over which windows [MaxPool2D] and [AvgPool2D] go.
type PoolOptions struct {
	Size    [2]int  // rows and columns of a window; zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // at most half a window, the zero value is Valid; what lies over the edge is no part of a window
	// CountIncludePad makes AvgPool2D count what lies over the edge, as zeros: each
	// mean is a sum divided by the whole size of a window. This is PyTorch's
	// default; Keras, and this package, count only what lies inside the image.
	CountIncludePad bool
}

// MaxPool2D returns the largest element of each window of x [N, H, W, C].
func MaxPool2D(x *Tensor, o PoolOptions) *Tensor {
	x = x.Contiguous()
	x.float("MaxPool2D")
	g := o.geometry("MaxPool2D", x)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.C))
	where := result(Int32, out.shape)
	device.maxPool(g, x, out, where)
	if recording(x) {
		r := maxPoolKind.new()
		r.x, r.where, r.geo = x, where, g
		if x.from != nil && x.from.head().relu {
			r.keep(out)
		}
		attach(out, "MaxPool2D", r)
	}
	return out
}

// geometry is that of the windows over x, checked.
func (o PoolOptions) geometry(op string, x *Tensor) windows {
	if o.Size == [2]int{} {
		o.Size = [2]int{2, 2}
	}
	for i := range o.Stride {
		if o.Stride[i] == 0 {
			o.Stride[i] = o.Size[i]
		}
	}
	g := windowsOver(op, 2, x)
	g.take(op, o.Size, g.C, ConvOptions{Stride: o.Stride, Padding: o.Padding}, x)
	if o.Padding.n[0] > o.Size[0]/2 || o.Padding.n[1] > o.Size[1]/2 {
		shapePanic(op, fmt.Sprintf("a padding of %v is more than half of the window %dx%d", o.Padding, o.Size[0], o.Size[1]), x)
	}
	g.slide(op, o.Padding, x)
	return g
}

// maxPoolRecord is the record of MaxPool2D.
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

// AvgPool2D returns the mean of each window of x [N, H, W, C]. What lies over
// the edge is not counted unless CountIncludePad says so.
func AvgPool2D(x *Tensor, o PoolOptions) *Tensor {
	x = x.Contiguous()
	x.float("AvgPool2D")
	g := o.geometry("AvgPool2D", x)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.C))
	device.averagePool(g, x, out, o.CountIncludePad)
	if recording(x) {
		r := avgPoolKind.new()
		r.x, r.geo, r.whole = x, g, o.CountIncludePad
		attach(out, "AvgPool2D", r)
	}
	return out
}

// avgPoolRecord is the record of AvgPool2D, or of its gradient.
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
		attach(out, "the gradient of AvgPool2D", n)
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
