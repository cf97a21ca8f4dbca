package dl

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

// An Activation is applied by an operation to its result while that is still
// in registers or in the first caches.
type Activation uint8

// The fused activations.
const (
	ActNone Activation = iota
	ActReLU
	ActGELU
)

// Affine returns act(x*w + b) for x [N, K], w [K, M] and b [M] or nil: [N, M].
func Affine(x, w, b *Tensor, act Activation) *Tensor {
	x, w, b = x.Contiguous(), w.Contiguous(), b.contiguous()
	sameFloats("Affine", x, w)
	if len(x.shape) != 2 || len(w.shape) != 2 || x.shape[1] != w.shape[0] {
		shapePanic("Affine", "x [N, K] and w [K, M] are needed", x, w)
	}
	if b != nil && (len(b.shape) != 1 || b.shape[0] != w.shape[1]) {
		shapePanic("Affine", "the bias must have an element for each column of w", w, b)
	}
	if b != nil {
		sameFloats("Affine", x, b)
	}
	out := result(x.dtype, shapeOf(x.shape[0], w.shape[1]))
	before := out // GELU; its gradient needs that
	if act == ActGELU && recording(x, w, b) {
		before = result(x.dtype, out.shape)
	}
	affine(x, w, b, act, before, out)
	if recording(x, w, b) {
		r := affineKind.new()
		r.x, r.w, r.b, r.act = x, w, b, act
		r.relu = act == ActReLU
		var y *Tensor
		if r.relu {
			y = out
		}
		r.keep(w.needed(x), x.needed(w), y)
		if act == ActGELU {
			r.before = before
		}
		attach(out, "Affine", r)
	}
	return out
}

// affine computes out = act(before), before = x*w + b; the two are one except
// for GELU.
func affine(x, w, b *Tensor, act Activation, before, out *Tensor) {
	n, k, m := x.shape[0], x.shape[1], w.shape[1]
	if x.dtype != Float32 {
		product(false, false, n, m, k, x, w, before, false)
		finish(before, b, act)
		if act == ActGELU {
			for i, v := range before.f64() {
				out.f64()[i] = geluRule.f(v, params{})
			}
		}
		return
	}
	e := gemm.Epilogue{ReLU: act == ActReLU}
	if b != nil {
		e.Bias = b.f32()
	}
	if act == ActGELU {
		g := takeGELU()
		defer g.release()
		g.out, g.cols, e.Finish = out.f32(), m, g
	}
	multiply(false, false, n, m, k, x.f32(), k, w.f32(), m, before.f32(), false, e)
}

// A geluFinisher writes the GELU of the rows of a product that are complete.
type geluFinisher struct {
	out  []float32
	cols int
}

func (g *geluFinisher) Finish(i, j int, c []float32) {
	vec.GELU(g.out[i*g.cols+j:][:len(c)], c)
}

// geluFinishers are kept, so that an operation allocates nothing.
var geluFinishers struct {
	sync.Mutex
	free []*geluFinisher
}

func takeGELU() *geluFinisher {
	geluFinishers.Lock()
	defer geluFinishers.Unlock()
	n := len(geluFinishers.free)
	if n == 0 {
		return new(geluFinisher)
	}
	g := geluFinishers.free[n-1]
	geluFinishers.free = geluFinishers.free[:n-1]
	return g
}

func (g *geluFinisher) release() {
	g.out = nil
	geluFinishers.Lock()
	geluFinishers.free = append(geluFinishers.free, g)
	geluFinishers.Unlock()
}

// finish adds the bias to the rows of a float64 result and applies act.
func finish(out, b *Tensor, act Activation) {
	if b != nil {
		for i := range out.f64() {
			out.f64()[i] += b.f64()[i%len(b.f64())]
		}
	}
	if act == ActReLU {
		for i, v := range out.f64() {
			out.f64()[i] = max(v, 0)
		}
	}
}

// affineRecord is the record of Affine.
type affineRecord struct {
	node
	x, w, b *Tensor
	act     Activation
	before  *Tensor // the argument of GELU
}

var affineKind = newKind[affineRecord]()

func (r *affineRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x, r.w, r.b) }

func (r *affineRecord) compose() *Tensor {
	y := r.x.MatMul(r.w)
	if r.b != nil {
		y = y.Add(r.b)
	}
	switch r.act {
	case ActReLU:
		return y.ReLU()
	case ActGELU:
		return y.GELU()
	}
	return y
}

func (r *affineRecord) backward(s *sweep, dy *Tensor) {
	if r.act == ActGELU {
		backGELU(dy, r.before)
	} else {
		r.backReLU(dy)
	}
	x, w := r.x, r.w
	n, k, m := x.shape[0], x.shape[1], w.shape[1]
	if s.wants(x) {
		g, fresh := s.buffer(x)
		product(false, true, n, k, m, dy, w, g, !fresh)
	}
	if s.wants(w) && !s.deferGrad(w, x, dy) {
		g, fresh := s.buffer(w)
		product(true, false, k, m, n, x, dy, g, !fresh)
	}
	s.sumRows(r.b, dy)
}

// backGELU multiplies dy by the derivative of GELU at x.
func backGELU(dy, x *Tensor) {
	if dy.dtype == Float32 {
		share(len(dy.f32()), elementGrain, pass{dst: dy.f32(), a: x.f32(), f: func(p *pass, lo, hi int) {
			vec.GELUGrad(p.dst[lo:hi], p.dst[lo:hi], p.a[lo:hi])
		}})
		return
	}
	for i, v := range x.f64() {
		dy.f64()[i] *= geluRule.d(v, 0, params{})
	}
}

// backReLU applies the gradient of a ReLU that is fused into an operation,
// unless that is done already.
func (n *node) backReLU(dy *Tensor) {
	if !n.relu || n.masked {
		return
	}
	if dy.dtype == Float32 {
		vec.ReluGrad(dy.f32(), dy.f32(), n.out.f32())
		return
	}
	for i, v := range n.out.f64() {
		if !(v > 0) {
			dy.f64()[i] = 0
		}
	}
}

// sumRows adds the rows of dy to the gradient of a bias, which may be nil.
func (s *sweep) sumRows(bias, dy *Tensor) {
	if !s.wants(bias) {
		return
	}
	g := s.target(bias)
	if bias.dtype == Float32 {
		columnSums(g.f32(), dy.f32())
	} else {
		g.zero()
		for i, v := range dy.f64() {
			g.f64()[i%len(g.f64())] += v
		}
	}
	s.add(bias, g)
}
