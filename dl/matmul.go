package dl

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

// An Activation is applied by an operation to its result while that is still
// in registers.
type Activation uint8

// The fused activations.
const (
	ActNone Activation = iota
	ActReLU
)

// product computes c = op(a)*op(b) (+ c when add is set), m x n with depth k,
// for matrices at the given places in memory.
func product(transA, transB bool, m, n, k int, a *Tensor, ao int, b *Tensor, bo int, c *Tensor, co int, add bool) {
	lda, ldb := k, n
	if transA {
		lda = m
	}
	if transB {
		ldb = k
	}
	beta := 0.0
	if add {
		beta = 1
	}
	if a.dtype == Float32 {
		gemm.Sgemm(transA, transB, m, n, k, 1, a.f32[ao:], lda, b.f32[bo:], ldb, float32(beta), c.f32[co:], n)
		return
	}
	if m == 0 || n == 0 {
		return
	}
	flag := map[bool]blas.Transpose{false: blas.NoTrans, true: blas.Trans}
	if k == 0 {
		if !add {
			clear(c.f64[co : co+m*n])
		}
		return
	}
	gonum.Implementation{}.Dgemm(flag[transA], flag[transB], m, n, k, 1, a.f64[ao:], lda, b.f64[bo:], ldb, beta, c.f64[co:], n)
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
	st, su := m*k, k*n
	if len(batchT) == 0 {
		st = 0
	}
	if len(batchU) == 0 {
		su = 0
	}
	for b := range batch.Size() {
		product(false, false, m, n, k, t, b*st, u, b*su, out, b*m*n, false)
	}
	if node := record(out, backMatMul, t, u); node != nil {
		node.ints = [3]int{m, n, k}
	}
	return out
}

func backMatMul(nd *node) {
	a, b, dy := nd.in[0], nd.in[1], nd.out.grad
	m, n, k := nd.ints[0], nd.ints[1], nd.ints[2]
	batches := Shape(nd.out.shape[:len(nd.out.shape)-2]).Size()
	sa, sb := m*k, k*n
	if len(a.shape) == 2 {
		sa = 0
	}
	if len(b.shape) == 2 {
		sb = 0
	}
	for which, x := range []*Tensor{a, b} {
		if !x.requires {
			continue
		}
		g := result(x.dtype, x.shape)
		g.zero()
		for i := range batches {
			if which == 0 { // dA = dY B^T
				product(false, true, m, k, n, dy, i*m*n, b, i*sb, g, i*sa, true)
			} else { // dB = A^T dY
				product(true, false, k, n, m, a, i*sa, dy, i*m*n, g, i*sb, true)
			}
		}
		x.accumulate(g)
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
	n, k, m := x.shape[0], x.shape[1], w.shape[1]
	out := result(x.dtype, shapeOf(n, m))
	if x.dtype == Float32 {
		e := gemm.Epilogue{ReLU: act == ActReLU}
		if b != nil {
			e.Bias = b.f32
		}
		gemm.SgemmFused(false, false, n, m, k, x.f32, k, w.f32, m, out.f32, m, e)
	} else {
		product(false, false, n, m, k, x, 0, w, 0, out, 0, false)
		finish(out, b, act)
	}
	if nd := record(out, backAffine, x, w, b); nd != nil {
		nd.relu = act == ActReLU
	}
	return out
}

// finish adds the bias to the rows of a float64 result and applies act.
func finish(out, b *Tensor, act Activation) {
	if b != nil {
		for i := range out.f64 {
			out.f64[i] += b.f64[i%len(b.f64)]
		}
	}
	if act == ActReLU {
		for i, v := range out.f64 {
			out.f64[i] = max(v, 0)
		}
	}
}

// beforeReLU returns the gradient in front of a fused ReLU.
func (n *node) beforeReLU() *Tensor {
	dy, y := n.out.grad, n.out
	if !n.relu || n.masked {
		return dy
	}
	if dy.dtype == Float32 {
		vec.ReluGrad(dy.f32, dy.f32, y.f32)
		return dy
	}
	for i, v := range y.f64 {
		if !(v > 0) {
			dy.f64[i] = 0
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
		columnSums(g.f32, dy.f32)
	} else {
		g.zero()
		for i, v := range dy.f64 {
			g.f64[i%len(g.f64)] += v
		}
	}
	b.accumulate(g)
}

func backAffine(nd *node) {
	x, w, b := nd.in[0], nd.in[1], nd.in[2]
	dy := nd.beforeReLU()
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
