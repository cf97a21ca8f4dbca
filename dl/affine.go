package dl

// Fusion names a function that an operation applies to its result while that is
// still in registers or in the first caches: Affine(x, w, b, FuseReLU) is
// Affine(x, w, b, NoFusion).ReLU(), in one pass over memory.
type Fusion uint8

// The functions that can be fused.
const (
	NoFusion Fusion = iota
	FuseReLU
	FuseGELU
)

// Affine returns x*w + b for x [N, K], w [K, M] and b [M] or nil: [N, M].
func Affine(x, w, b *Tensor, act Fusion) *Tensor {
	act.check("Affine")
	return affineOf("Affine", x, w, b, nil, act)
}

// AffineAdd returns y + x*w + b for x [N, K], w [K, M], b [M] or nil, and y [N, M]: [N, M]. It is y.Add(Affine(x, w, b,
// NoFusion)), as at the end of a residual block, in one pass over memory. PyTorch has it as addmm.
func AffineAdd(y, x, w, b *Tensor) *Tensor {
	y.check()
	y = y.Contiguous()
	if len(y.shape) != 2 {
		shapePanic("AffineAdd", "y [N, M] is needed", y)
	}
	return affineOf("AffineAdd", x, w, b, y, NoFusion)
}

func affineOf(op string, x, w, b, added *Tensor, act Fusion) *Tensor {
	x, w, b = x.Contiguous(), w.Contiguous(), b.contiguous()
	sameFloats(op, x, w)
	if len(x.shape) != 2 || len(w.shape) != 2 {
		shapePanic(op, "x [N, K] and w [K, M] are needed", x, w)
	}
	if x.shape[1] != w.shape[0] {
		misfit(op, "x [N, K] and w [K, M] are needed", [][]int{{1}, {0}}, x, w)
	}
	if b != nil && (len(b.shape) != 1 || b.shape[0] != w.shape[1]) {
		misfit(op, "the bias must have an element for each column of w", ends(w.shape, b.shape), w, b)
	}
	if b != nil {
		sameFloats(op, x, b)
	}
	if added != nil {
		sameFloats(op, x, added)
		if rows, columns := added.shape[0] != x.shape[0], added.shape[1] != w.shape[1]; rows {
			misfit(op, "y must have as many rows as x", [][]int{{0}, {0}}, added, x)
		} else if columns {
			misfit(op, "y must have as many columns as w", [][]int{{1}, {1}}, added, w)
		}
	}
	out := result(x.dtype, shapeOf(x.shape[0], w.shape[1]))
	before := out // GELU; its gradient needs that
	if act == FuseGELU && recording(x, w, b) {
		before = result(x.dtype, out.shape)
	}
	device.affine(affine{x: x, w: w, b: b, added: added, before: before, y: out, act: act})
	if recording(x, w, b, added) {
		r := affineKind.new()
		r.x, r.w, r.b, r.added, r.act = x, w, b, added, act
		r.relu = act == FuseReLU
		var y *Tensor
		if r.relu {
			y = out
		}
		r.keep(w.needed(x), x.needed(w), y)
		if act == FuseGELU {
			r.before = before
		}
		attach(out, op, r)
	}
	return out
}

// affineRecord is the record of Affine and of AffineAdd.
type affineRecord struct {
	node
	x, w, b, added *Tensor
	act            Fusion
	before         *Tensor // the argument of GELU
}

var affineKind = newKind[affineRecord]()

func (r *affineRecord) operands(list []*Tensor) []*Tensor {
	return append(list, r.added, r.x, r.w, r.b) // the last ones say which layer it is of
}

func (r *affineRecord) compose() *Tensor {
	y := r.x.MatMul(r.w)
	if r.b != nil {
		y = y.Add(r.b)
	}
	if r.added != nil {
		y = r.added.Add(y)
	}
	switch r.act {
	case FuseReLU:
		return y.ReLU()
	case FuseGELU:
		return y.GELU()
	}
	return y
}

func (r *affineRecord) backward(s *sweep, dy *Tensor) {
	if r.act == FuseGELU {
		device.activationGrad(dy, r.before, FuseGELU)
	} else {
		r.backReLU(dy)
	}
	x, w := r.x, r.w
	if s.wants(x) {
		g, fresh := s.buffer(x)
		multiplyFlat(g, dy, w, false, true, !fresh)
	}
	later := s.wants(w) && s.deferGrad(w, x, dy)
	if s.wants(w) && !later {
		g, fresh := s.buffer(w)
		multiplyFlat(g, x, dy, true, false, !fresh)
	}
	s.sumRows(r.b, dy)
	switch {
	case r.added == nil:
	case later || s.samples > 0: // dy is read once more
		s.add(r.added, dy)
	default:
		s.hand(r.added, dy)
	}
}

// backReLU applies the gradient of a ReLU that is fused into an operation,
// unless that is done already.
func (n *node) backReLU(dy *Tensor) {
	if n.relu && !n.masked {
		device.activationGrad(dy, n.out, FuseReLU)
	}
}

// sumRows adds the rows of dy to the gradient of a bias, which may be nil.
func (s *sweep) sumRows(bias, dy *Tensor) {
	if s.wants(bias) {
		g := s.target(bias)
		device.sumTo(dy, g)
		s.add(bias, g)
	}
}
