package dl

import "fmt"

// ConvOptions are the details of [Conv2D]. A stride of 0 means 1.
type ConvOptions struct {
	Stride  [2]int
	Padding Padding // with zeros; the zero value is Valid
	Fuse    Fusion
}

// windows are those that slide over images [N, H, W, C]: KH x KW large, SH and
// SW apart. They reach PadTop and PadLeft over the edge, and give OH x OW
// places. A convolution has F filters; a pooling has F = C.
type windows struct {
	N, H, W, C      int
	KH, KW, F       int
	SH, SW          int
	PadTop, PadLeft int
	OH, OW          int
}

// geometry works out the output of a window that slides over x [N, H, W, C].
func geometry(op string, x *Tensor, kh, kw, filters int, stride [2]int, pad Padding) windows {
	if len(x.shape) != 4 {
		shapePanic(op, "images are [N, H, W, C]", x)
	}
	g := windows{N: x.shape[0], H: x.shape[1], W: x.shape[2], C: x.shape[3], KH: kh, KW: kw, F: filters,
		SH: max(stride[0], 1), SW: max(stride[1], 1)}
	if kh < 1 || kw < 1 || stride[0] < 0 || stride[1] < 0 {
		shapePanic(op, fmt.Sprintf("a window of %dx%d with stride %v is impossible", kh, kw, stride), x)
	}
	if pad.height < 0 || pad.width < 0 {
		shapePanic(op, fmt.Sprintf("a padding of %v is impossible", pad), x)
	}
	before, places := pad.Around([2]int{g.H, g.W}, [2]int{kh, kw}, [2]int{g.SH, g.SW})
	if places[0] < 1 && g.H > 0 || places[1] < 1 && g.W > 0 || pad != Same && (places[0] < 1 || places[1] < 1) {
		shapePanic(op, fmt.Sprintf("a window of %dx%d does not fit into %dx%d with the padding %v", kh, kw, g.H, g.W, pad), x)
	}
	g.PadTop, g.PadLeft, g.OH, g.OW = before[0], before[1], places[0], places[1]
	return g
}

// Conv2D slides w [KH, KW, C, F] over x [N, H, W, C], adds b [F] unless it is
// nil: [N, OH, OW, F]. As in every framework, it is
// a cross-correlation: the kernel is not flipped.
func Conv2D(x, w, b *Tensor, o ConvOptions) *Tensor {
	if o.Fuse == FuseGELU {
		o.Fuse = NoFusion
		return Conv2D(x, w, b, o).GELU()
	}
	x, w, b = x.Contiguous(), w.Contiguous(), b.contiguous()
	sameFloats("Conv2D", x, w)
	if len(x.shape) != 4 || len(w.shape) != 4 || x.shape[3] != w.shape[2] {
		shapePanic("Conv2D", "x [N, H, W, C] and w [KH, KW, C, F] are needed", x, w)
	}
	if b != nil && (len(b.shape) != 1 || b.shape[0] != w.shape[3]) {
		shapePanic("Conv2D", "the bias must have an element for each filter", w, b)
	}
	if b != nil {
		sameFloats("Conv2D", x, b)
	}
	g := geometry("Conv2D", x, w.shape[0], w.shape[1], w.shape[3], o.Stride, o.Padding)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.F))
	device.convolve(convolution{windows: g, x: x, w: w, b: b, y: out, relu: o.Fuse == FuseReLU})
	if recording(x, w, b) {
		r := convKind.new()
		r.x, r.w, r.b, r.geo = x, w, b, g
		r.relu = o.Fuse == FuseReLU
		var y *Tensor
		if r.relu {
			y = out
		}
		r.keep(w.needed(x), x.needed(w), y)
		attach(out, "Conv2D", r)
	}
	return out
}

// convRecord is the record of Conv2D.
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
	device.convolveGrad(g)
	s.add(x, dx)
	s.add(w, dw)
	s.add(b, db)
}

func (r *convRecord) gradients(dy *Tensor) []*Tensor {
	if r.relu {
		dy = dy.Mul(r.out.Gt(New(r.out.dtype)).To(dy.dtype))
	}
	grads := []*Tensor{convolve(r.geo, convInput, nil, r.w, dy), convolve(r.geo, convWeights, r.x, nil, dy), nil}
	if r.b != nil {
		grads[2] = dy.Sum(0, 1, 2)
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
