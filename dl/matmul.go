package dl

import "fmt"

// A matrix is where one of the matrices of an operand lies: element [i, j] is
// at + i*stride + j, or at + j*stride + i when it is turned.
type matrix struct {
	*storage
	at, stride int
	turned     bool
}

// matrix returns how the matrices of the last two axes lie; ok is false when
// neither rows nor columns lie together.
func (t *Tensor) matrix() (m matrix, ok bool) {
	l := t.layout()
	n := len(l.shape)
	rows, cols, down, right := l.shape[n-2], l.shape[n-1], l.strides[n-2], l.strides[n-1]
	switch {
	case (right == 1 || cols == 1) && (down >= cols || rows == 1):
		return matrix{t.storage, l.offset, max(down, cols, 1), false}, true
	case (down == 1 || rows == 1) && (right >= rows || cols == 1):
		return matrix{t.storage, l.offset, max(right, rows, 1), true}, true
	}
	return matrix{}, false
}

// turn returns the transpose.
func (m matrix) turn() matrix { m.turned = !m.turned; return m }

// to returns the matrix that begins at another place.
func (m matrix) to(at int) matrix { m.at = at; return m }

// multiplyFlat computes c = a*b, or adds it to c, for contiguous tensors of two
// axes; turnA and turnB transpose the operands.
func multiplyFlat(c, a, b *Tensor, turnA, turnB, add bool) {
	p := product{c: c.flatMatrix(false), a: a.flatMatrix(turnA), b: b.flatMatrix(turnB), m: c.shape[0], n: c.shape[1], k: a.shape[1], add: add}
	if turnA {
		p.k = a.shape[0]
	}
	device.multiply(p)
}

func (t *Tensor) flatMatrix(turned bool) matrix {
	t.flat()
	return matrix{t.storage, t.offset, t.shape[1], turned}
}

// MatMul returns the matrix product [..., M, K] x [..., K, N] -> [..., M, N].
// The axes before are broadcast: they are equal, or 1 or missing in one operand.
// Transposed operands are read where they lie. As in NumPy and PyTorch, a vector
// is a row in front and a column behind, and has no axis in the result: that of
// two vectors is their inner product.
//
// On amd64 a product of float32 takes denormal numbers, those below 1.2e-38, for zero, and so do those of dense and recurrent
// layers and of attention: processors take some hundred times as long with them, and the gradients that vanish over a long
// sequence are full of them.
func (t *Tensor) MatMul(u *Tensor) *Tensor {
	t.check()
	if t.dtype.isHalf() && t.dtype == u.dtype {
		return t.To(Float32).MatMul(u.To(Float32)).To(t.dtype)
	}
	sameFloats("MatMul", t, u)
	if len(t.shape) == 0 || len(u.shape) == 0 {
		shapePanic("MatMul", "an operand without axes is no matrix and no vector; Mul multiplies by a number", t, u)
	}
	inner := max(len(u.shape)-2, 0)
	if k, k2 := t.shape[len(t.shape)-1], u.shape[inner]; k != k2 {
		which := "last but one"
		if len(u.shape) == 1 {
			which = "axis"
		}
		misfit("MatMul", fmt.Sprintf("the last axis of the first (%d) must equal the %s of the second (%d)", k, which, k2),
			[][]int{{len(t.shape) - 1}, {inner}}, t, u)
	}
	if len(t.shape) == 1 || len(u.shape) == 1 {
		return t.vectorMatMul(u)
	}
	t, u = t.matrices(), u.matrices()
	batchT, batchU := t.shape[:len(t.shape)-2], u.shape[:len(u.shape)-2]
	shape, ok := broadcastShapes(batchT, batchU)
	if !ok {
		misfit("MatMul", "the axes before the last two must be equal or 1, counted from the last of them", unlike(t.shape, u.shape, 2), t, u)
	}
	full := newShape(len(shape) + 2) // appended to, it would be allocated
	copy(full, shape)
	full[len(shape)], full[len(shape)+1] = t.shape[len(t.shape)-2], u.shape[len(u.shape)-1]
	out := result(t.dtype, full)
	multiplyMatrices(out, t, u, false, false, false)
	if recording(t, u) {
		r := matMulKind.new()
		r.a, r.b = t, u
		r.keep(u.needed(t), t.needed(u))
		attach(out, "MatMul", r)
	}
	return out
}

// vectorMatMul is MatMul where an operand is a vector, or both are.
func (t *Tensor) vectorMatMul(u *Tensor) *Tensor {
	row, column := len(t.shape) == 1, len(u.shape) == 1
	if row {
		t = t.Unsqueeze(0)
	}
	if column {
		u = u.Unsqueeze(-1)
	}
	y := t.MatMul(u)
	if column {
		y = y.Squeeze(-1)
	}
	if row && column {
		return y.Squeeze(-1)
	}
	if row {
		return y.Squeeze(-2)
	}
	return y
}

// matrices returns t if its matrices can be read where they lie, and a
// contiguous copy otherwise.
func (t *Tensor) matrices() *Tensor {
	if _, ok := t.matrix(); ok {
		t.check()
		return t
	}
	return t.Contiguous()
}

// matMulRecord is the record of MatMul.
type matMulRecord struct {
	node
	a, b *Tensor
}

var matMulKind = newKind[matMulRecord]()

func (r *matMulRecord) operands(list []*Tensor) []*Tensor { return append(list, r.a, r.b) }

func (r *matMulRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.MatMul(r.b.T()).unstretched(r.a.shape), r.a.T().MatMul(dy).unstretched(r.b.shape)}
}

func (r *matMulRecord) backward(s *sweep, dy *Tensor) {
	a, b := r.a, r.b
	for k, x := range [2]*Tensor{a, b} {
		if !s.wants(x) {
			continue
		}
		g, whole, fresh := s.matrixBuffer(x)
		// A matrix that several batches shared gets the sum.
		shared := Shape(x.shape[:len(x.shape)-2]).Size() != Shape(dy.shape[:len(dy.shape)-2]).Size()
		if fresh && (shared || dy.size == 0) {
			whole.clear()
			fresh = false
		}
		if k == 0 {
			multiplyMatrices(g, dy, b, false, true, !fresh)
		} else {
			multiplyMatrices(g, a, dy, true, false, !fresh)
		}
	}
}

// matrixBuffer is buffer for an operand of a product, which may lie turned. That
// of x.T() is the transpose of the buffer of x, so that the gradient is not
// transposed afterwards; whole is the latter.
func (s *sweep) matrixBuffer(x *Tensor) (g, whole *Tensor, fresh bool) {
	v, ok := x.from.(*viewRecord)
	if !ok || v.seen != s.number || v.grad != nil || v.shown || s.samples > 0 || !v.transposes() || !s.wants(v.x) {
		g, fresh = s.buffer(x)
		return g, g, fresh
	}
	whole, fresh = s.buffer(v.x)
	return viewOf(whole, layout{x.shape, v.strides, whole.offset}), whole, fresh
}

// multiplyMatrices computes c = a*b, or adds it to c, for all batches: turnA and
// turnB transpose the matrices. Products that share a result are added up in it,
// one after the other.
func multiplyMatrices(c, a, b *Tensor, turnA, turnB, add bool) {
	shape, _ := broadcastShapes(a.shape[:len(a.shape)-2], b.shape[:len(b.shape)-2])
	shape, _ = broadcastShapes(shape, c.shape[:len(c.shape)-2])
	ma, _ := a.matrix()
	mb, _ := b.matrix()
	mc, _ := c.matrix()
	m, n, k := c.shape[len(c.shape)-2], c.shape[len(c.shape)-1], a.shape[len(a.shape)-1]
	if turnA {
		ma, k = ma.turn(), a.shape[len(a.shape)-2]
	}
	if turnB {
		mb = mb.turn()
	}
	count := shape.Size()
	if count == 0 || m == 0 || n == 0 {
		return
	}
	switch {
	case count == 1:
		device.multiply(product{c: mc, a: ma, b: mb, m: m, n: n, k: k, add: add}.upright())
		return
	case b.batches() == 1 && !ma.turned && a.strides == nil && c.batches() == count && a.batches() == count:
		device.multiply(product{c: mc, a: ma, b: mb, m: count * m, n: n, k: k, add: add}) // the batches are rows of one product
		return
	case c.batches() == 1 && ma.turned && a.strides == nil && !mb.turned && b.strides == nil && a.batches() == count && b.batches() == count:
		device.multiply(product{c: mc, a: ma, b: mb, m: m, n: n, k: count * k, add: add}.upright()) // the batches are the depth of one product
		return
	}
	w := newWalk("MatMul", c.batchLayout().expand(shape), a.batchLayout().expand(shape), b.batchLayout().expand(shape))
	inner, steps := w.inner()
	apart := c.batches() == count // each product has its own result
	for row, at := 0, w.start(0); row < w.rows(); row++ {
		many := batch{product{c: mc.to(at.at[0]), a: ma.to(at.at[1]), b: mb.to(at.at[2]), m: m, n: n, k: k, add: add}, inner, steps[0], steps[1], steps[2]}
		if apart {
			device.batch(many)
		} else {
			for i := range inner {
				device.multiply(many.at(i).upright())
			}
		}
		w.next(&at)
	}
}

// batches is the number of matrices.
func (t *Tensor) batches() int { return Shape(t.shape[:len(t.shape)-2]).Size() }

// batchLayout is where the matrices begin.
func (t *Tensor) batchLayout() layout {
	l := t.layout()
	n := len(l.shape) - 2
	return layout{l.shape[:n], l.strides[:n], l.offset}
}
