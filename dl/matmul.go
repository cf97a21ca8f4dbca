package dl

import (
	"fmt"
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

// product computes c = op(a)*op(b) (+ c when add is set), m x n with depth k,
// for matrices at the given places in memory.
func product(transA, transB bool, m, n, k int, a *Tensor, ao int, b *Tensor, bo int, c *Tensor, co int, add bool) {
	if a.dtype == Float32 {
		multiply(transA, transB, m, n, k, a.f32()[ao:], b.f32()[bo:], c.f32()[co:], add, gemm.Epilogue{})
		return
	}
	lda, ldb := rowLengths(transA, transB, m, n, k)
	beta := 0.0
	if add {
		beta = 1
	}
	gemm.Dgemm(transA, transB, m, n, k, 1, a.f64()[ao:], lda, b.f64()[bo:], ldb, beta, c.f64()[co:], n)
}

// MatMul returns the matrix product [..., M, K] x [..., K, N] -> [..., M, N].
// The axes before are equal, or one operand has none and is used for all.
func (t *Tensor) MatMul(u *Tensor) *Tensor {
	sameFloats("MatMul", t, u)
	if len(t.shape) < 2 || len(u.shape) < 2 {
		shapePanic("MatMul", "both operands need at least two axes", t, u)
	}
	m, k := t.shape[len(t.shape)-2], t.shape[len(t.shape)-1]
	k2, n := u.shape[len(u.shape)-2], u.shape[len(u.shape)-1]
	batchT, batchU := t.shape[:len(t.shape)-2], u.shape[:len(u.shape)-2]
	if k != k2 {
		shapePanic("MatMul", fmt.Sprintf("the last axis of the first (%d) must equal the last but one of the second (%d)", k, k2), t, u)
	}
	batch := batchT
	if len(batchT) == 0 {
		batch = batchU
	}
	if len(batchT) > 0 && len(batchU) > 0 && !batchT.Equal(batchU) {
		shapePanic("MatMul", "the axes before the last two must be equal", t, u)
	}
	out := result(t.dtype, append(shapeOf(batch...), m, n))
	bs := batches{count: batch.Size(), m: m, n: n, k: k, sharedA: len(batchT) == 0, sharedB: len(batchU) == 0}
	bs.forward(t, u, out)
	if node := record(out, backMatMul, t, u); node != nil {
		node.ints = [3]int{m, n, k}
	}
	return out
}

// batches are the products of one MatMul, m x n with depth k. An operand that
// has no axes for them is shared.
type batches struct {
	count, m, n, k   int
	sharedA, sharedB bool
}

// strides returns the sizes of A and B, 0 for a shared one.
func (s *batches) strides() (a, b int) {
	a, b = s.m*s.k, s.k*s.n
	if s.sharedA {
		a = 0
	}
	if s.sharedB {
		b = 0
	}
	return a, b
}

// forward computes c = a*b.
func (s *batches) forward(a, b, c *Tensor) {
	if s.sharedB && !s.sharedA { // the batches are rows of one product
		product(false, false, s.count*s.m, s.n, s.k, a, 0, b, 0, c, 0, false)
		return
	}
	sa, sb := s.strides()
	many(s.count, false, false, s.m, s.n, s.k, a, sa, b, sb, c, s.m*s.n, false)
}

// gradientA computes da = dc*b^T, or adds it to da.
func (s *batches) gradientA(dc, b, da *Tensor, add bool) {
	sa, sb := s.strides()
	switch {
	case s.sharedB && !s.sharedA:
		product(false, true, s.count*s.m, s.k, s.n, dc, 0, b, 0, da, 0, add)
	case s.sharedA:
		for i := range s.count {
			product(false, true, s.m, s.k, s.n, dc, i*s.m*s.n, b, i*sb, da, 0, add || i > 0)
		}
	default:
		many(s.count, false, true, s.m, s.k, s.n, dc, s.m*s.n, b, sb, da, sa, add)
	}
}

// gradientB computes db = a^T*dc, or adds it to db.
func (s *batches) gradientB(a, dc, db *Tensor, add bool) {
	sa, sb := s.strides()
	switch {
	case s.sharedB && !s.sharedA: // the batches are the depth of one product
		product(true, false, s.k, s.n, s.count*s.m, a, 0, dc, 0, db, 0, add)
	case s.sharedB:
		for i := range s.count {
			product(true, false, s.k, s.n, s.m, a, i*sa, dc, i*s.m*s.n, db, 0, add || i > 0)
		}
	default:
		many(s.count, true, false, s.k, s.n, s.m, a, sa, dc, s.m*s.n, db, sb, add)
	}
}

// many computes count products; the operands of one lie sa, sb and sc behind
// those of the one before.
func many(count int, transA, transB bool, m, n, k int, a *Tensor, sa int, b *Tensor, sb int, c *Tensor, sc int, add bool) {
	if a.dtype == Float32 && MatMulPrecision() == PrecisionHighest {
		lda, ldb := rowLengths(transA, transB, m, n, k)
		gemm.Batch(count, transA, transB, m, n, k, a.f32(), lda, sa, b.f32(), ldb, sb, c.f32(), n, sc, add)
		return
	}
	for i := range count {
		product(transA, transB, m, n, k, a, i*sa, b, i*sb, c, i*sc, add)
	}
}

// rowLengths returns how long the rows of A and B are in memory.
func rowLengths(transA, transB bool, m, n, k int) (lda, ldb int) {
	lda, ldb = k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	return lda, ldb
}

func backMatMul(nd *node) {
	a, b, dy := nd.in[0], nd.in[1], nd.out.grad
	batch := Shape(nd.out.shape[:len(nd.out.shape)-2]).Size()
	bs := batches{count: batch, m: nd.ints[0], n: nd.ints[1], k: nd.ints[2], sharedA: len(a.shape) == 2, sharedB: len(b.shape) == 2}
	if a.requires {
		g, fresh := a.buffer()
		if fresh && batch == 0 {
			g.zero()
		}
		bs.gradientA(dy, b, g, !fresh)
	}
	if b.requires {
		g, fresh := b.buffer()
		if fresh && batch == 0 {
			g.zero()
		}
		bs.gradientB(a, dy, g, !fresh)
	}
}

// Affine returns act(x*w + b) for x [N, K], w [K, M] and b [M] or nil: [N, M].
func Affine(x, w, b *Tensor, act Activation) *Tensor {
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
	if nd := record(out, backAffine, x, w, b); nd != nil {
		nd.relu = act == ActReLU
		if act == ActGELU {
			nd.saved[0] = before
		}
	}
	return out
}

// affine computes out = act(before), before = x*w + b; the two are one except
// for GELU.
func affine(x, w, b *Tensor, act Activation, before, out *Tensor) {
	n, k, m := x.shape[0], x.shape[1], w.shape[1]
	if x.dtype != Float32 {
		product(false, false, n, m, k, x, 0, w, 0, before, 0, false)
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
	multiply(false, false, n, m, k, x.f32(), w.f32(), before.f32(), false, e)
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

// beforeActivation returns the gradient in front of a fused activation.
func (n *node) beforeActivation() *Tensor {
	dy, y := n.out.grad, n.out
	if x := n.saved[0]; x != nil { // GELU
		if dy.dtype == Float32 {
			share(len(dy.f32()), elementGrain, pass{dst: dy.f32(), a: x.f32(), f: func(p *pass, lo, hi int) {
				vec.GELUGrad(p.dst[lo:hi], p.dst[lo:hi], p.a[lo:hi])
			}})
			return dy
		}
		for i, v := range x.f64() {
			dy.f64()[i] *= geluRule.d(v, 0, params{})
		}
		return dy
	}
	if !n.relu || n.masked {
		return dy
	}
	if dy.dtype == Float32 {
		vec.ReluGrad(dy.f32(), dy.f32(), y.f32())
		return dy
	}
	for i, v := range y.f64() {
		if !(v > 0) {
			dy.f64()[i] = 0
		}
	}
	return dy
}

// sumRows adds the rows of dy to the gradient of a bias.
func (b *Tensor) sumRows(dy *Tensor) {
	if b == nil || !b.requires {
		return
	}
	g := b.target()
	if b.dtype == Float32 {
		columnSums(g.f32(), dy.f32())
	} else {
		g.zero()
		for i, v := range dy.f64() {
			g.f64()[i%len(g.f64())] += v
		}
	}
	b.accumulate(g)
}

func backAffine(nd *node) {
	x, w, b := nd.in[0], nd.in[1], nd.in[2]
	dy := nd.beforeActivation()
	n, k, m := x.shape[0], x.shape[1], w.shape[1]
	if x.requires {
		g, fresh := x.buffer()
		product(false, true, n, k, m, dy, 0, w, 0, g, 0, !fresh)
	}
	if w.requires && !w.deferGrad(x, dy) {
		g, fresh := w.buffer()
		product(true, false, k, m, n, x, 0, dy, 0, g, 0, !fresh)
	}
	b.sumRows(dy)
}
