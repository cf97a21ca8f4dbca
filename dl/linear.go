package dl

import (
	"fmt"
	"slices"
)

// Linear algebra is computed in float64, by LAPACK's algorithms in gonum; float32
// is converted on the way in and out. All operations take matrices with any
// number of axes in front.

// linear returns the operand of linear algebra as float64, and its dtype.
func (t *Tensor) linear(op string, square bool) (*Tensor, DType) {
	if !t.DType().IsFloat() {
		dtypePanic(op, "the elements must be floats; use To", t)
	}
	n := len(t.shape)
	if n < 2 {
		shapePanic(op, "at least two axes are needed", t)
	}
	if square && t.shape[n-1] != t.shape[n-2] {
		shapePanic(op, "the matrices must be square", t)
	}
	return t.To(Float64), t.dtype
}

// front is the shape of a tensor of matrices without that of the matrices.
func (t *Tensor) front() Shape { return t.shape[:len(t.shape)-2] }

// with appends axes to a shape, in memory of its own.
func (s Shape) with(axes ...int) Shape { return slices.Concat(s, axes) }

// bundle puts parts of the same batch beside each other in one result, which is
// recorded, and returns views of it: an operation has one result.
func bundle(op string, a *Tensor, parts []*Tensor, formula func(parts, grads []*Tensor) *Tensor) []*Tensor {
	front := a.front()
	shapes := make([]Shape, len(parts))
	flat := make([]*Tensor, len(parts))
	for i, p := range parts {
		shapes[i] = p.shape[len(front):].Clone()
		flat[i] = p.Reshape(front.with(shapes[i].Size())...)
	}
	var whole *Tensor
	NoGrad(func() { whole = Concat(-1, flat...) })
	open := func(t *Tensor) []*Tensor {
		views, at := make([]*Tensor, len(shapes)), 0
		for i, s := range shapes {
			views[i] = t.Narrow(-1, at, s.Size()).Reshape(slices.Concat(front, s)...)
			at += s.Size()
		}
		return views
	}
	derive(op, whole, []*Tensor{a}, func(dy *Tensor) []*Tensor {
		return []*Tensor{formula(open(whole), open(dy))}
	})
	return open(whole)
}

// toAll converts results.
func toAll(d DType, ts []*Tensor) []*Tensor {
	for i := range ts {
		ts[i] = ts[i].To(d)
	}
	return ts
}

// eye returns identity matrices that are broadcast, as bools or numbers.
func eye(d DType, n int) *Tensor {
	return tri(Int64, n, n, 0).Mul(tri(Int64, n, n, -1).Eq(New(Int64))).To(d)
}

// Solve returns the x for which a x = b, for square matrices a and matrices, or a
// vector, b. A matrix that is singular is a mistake: [LstSq] finds the x that
// comes nearest.
func Solve(a, b *Tensor) *Tensor { return solve("Solve", a, b) }

func solve(op string, a, b *Tensor) *Tensor {
	a, d := a.linear(op, true)
	b, vector := b.rightSide(op, a)
	x := solved(op, a, b, func(x *Tensor) int { return device.solve(a.packed(), b.packed(), x) },
		func(dx *Tensor) *Tensor { return solve(op, a.T(), dx) },
		func(da *Tensor) *Tensor { return da })
	return x.column(vector).To(d)
}

// rightSide returns the right side of equations as float64 matrices with the axes
// of a in front, and whether it was a vector.
func (b *Tensor) rightSide(op string, a *Tensor) (out *Tensor, vector bool) {
	if !b.DType().IsFloat() {
		dtypePanic(op, "the elements must be floats; use To", b)
	}
	n := a.shape[len(a.shape)-2]
	if vector = b.Rank() == 1; vector {
		b = b.Unsqueeze(1)
	}
	if b.Rank() < 2 || b.shape[len(b.shape)-2] != n {
		shapePanic(op, fmt.Sprintf("the right side must have %d rows", n), a, b)
	}
	front, ok := broadcastShapes(a.front(), b.front())
	if !ok || !front.Equal(a.front()) {
		shapePanic(op, "the axes in front of the matrices must be equal, or those of the right side 1", a, b)
	}
	return b.To(Float64).Expand(a.front().with(b.shape[len(b.shape)-2:]...)...), vector
}

// column undoes what rightSide does to a vector.
func (t *Tensor) column(vector bool) *Tensor {
	if vector {
		return t.Squeeze(-1)
	}
	return t
}

// solved records the solution of equations a x = b, which compute finds. back
// returns the gradient of b for that of x; that of a is -db x^T, of which part
// takes what was read of a.
func solved(op string, a, b *Tensor, compute func(x *Tensor) int, back, part func(t *Tensor) *Tensor) *Tensor {
	x := New(Float64, b.shape...)
	if x.size > 0 {
		if bad := compute(x); bad >= 0 {
			PanicValue(op, "matrix %d is singular: no solution is the only one; LstSq and Pinv find the nearest", bad)
		}
	}
	return derive(op, x, []*Tensor{a, b}, func(dx *Tensor) []*Tensor {
		db := back(dx)
		return []*Tensor{part(db.MatMul(x.T()).Neg()), db}
	})
}

// SolveLower returns the x for which a x = b, for the lower triangles of square
// matrices a; what is above them is not read.
func SolveLower(a, b *Tensor) *Tensor { return solveTriangle("SolveLower", a, b, false) }

// SolveUpper returns the x for which a x = b, for the upper triangles of square
// matrices a; what is below them is not read.
func SolveUpper(a, b *Tensor) *Tensor { return solveTriangle("SolveUpper", a, b, true) }

func solveTriangle(op string, a, b *Tensor, upper bool) *Tensor {
	a, d := a.linear(op, true)
	b, vector := b.rightSide(op, a)
	x := solved(op, a, b, func(x *Tensor) int { return device.solveTriangle(a.packed(), b.packed(), x, upper) },
		func(dx *Tensor) *Tensor { return solveTriangle(op, a.T(), dx, !upper) },
		func(da *Tensor) *Tensor { return da.triangle(op, 0, !upper) })
	return x.column(vector).To(d)
}

// Inv returns the inverse of square matrices. To multiply by it, Solve is faster
// and more exact.
func (t *Tensor) Inv() *Tensor {
	a, d := t.linear("Inv", true)
	n := a.shape[len(a.shape)-1]
	return solve("Inv", a, eye(Float64, n)).To(d)
}

// SlogDet returns the sign of the determinant of square matrices, and the
// logarithm of its absolute value: 0 and -Inf for singular ones.
func (t *Tensor) SlogDet() (sign, logAbs *Tensor) {
	a, d := t.linear("SlogDet", true)
	sign, logAbs = a.determinants()
	derive("SlogDet", logAbs, []*Tensor{a}, func(dy *Tensor) []*Tensor {
		return []*Tensor{a.Inv().T().Mul(dy.Unsqueeze(-1).Unsqueeze(-1))}
	})
	return sign.To(d), logAbs.To(d)
}

func (t *Tensor) determinants() (sign, logAbs *Tensor) {
	sign, logAbs = New(Float64, t.front()...), New(Float64, t.front()...)
	if sign.size > 0 {
		device.determinants(t.packed(), sign, logAbs)
	}
	return sign, logAbs
}

// Det returns the determinant of square matrices.
func (t *Tensor) Det() *Tensor {
	a, d := t.linear("Det", true)
	var out *Tensor
	NoGrad(func() {
		sign, logAbs := a.determinants()
		out = sign.Mul(logAbs.Exp())
	})
	return derive("Det", out, []*Tensor{a}, func(dy *Tensor) []*Tensor {
		dy = dy.Unsqueeze(-1).Unsqueeze(-1)
		// By Hadamard's inequality the product of the rows' lengths is the largest
		// that a determinant can be: beside it, this one is nothing.
		most := a.Detach().Norm(2, -1).Prod(-1)
		if out.Detach().Abs().Le(most.MulScalar(1e-10)).Any().at(0) != 0 {
			return []*Tensor{a.cofactors().Mul(dy)}
		}
		return []*Tensor{a.Inv().T().Mul(dy.Mul(out.Unsqueeze(-1).Unsqueeze(-1)))}
	}).To(d)
}

// cofactors returns the derivatives of determinants by each element, which are
// determinants themselves: the inverse of a singular matrix does not tell them.
func (t *Tensor) cofactors() *Tensor {
	n := t.shape[len(t.shape)-1]
	if n == 1 {
		return FullLike(t, 1)
	}
	others := func(i int) (at []int) {
		for k := range n {
			if k != i {
				at = append(at, k)
			}
		}
		return at
	}
	var all []*Tensor
	for i := range n {
		rows := t.IndexSelect(-2, others(i))
		for k := range n {
			minor := rows.IndexSelect(-1, others(k)).Det()
			if (i+k)%2 == 1 {
				minor = minor.Neg()
			}
			all = append(all, minor)
		}
	}
	return Stack(all...).MoveAxis(0, -1).Reshape(t.shape...)
}

// Trace returns the sums of the diagonals of matrices.
func (t *Tensor) Trace() *Tensor { return t.diagonal("Trace", 0).Sum(-1) }

// Cholesky returns the lower triangles L for which L L^T is t, for matrices that
// are symmetric and positive definite. Only their lower triangles are read.
func (t *Tensor) Cholesky() *Tensor {
	a, d := t.linear("Cholesky", true)
	out := New(Float64, a.shape...)
	if out.size > 0 {
		if bad := device.cholesky(a.packed(), out); bad >= 0 {
			PanicValue("Cholesky", "matrix %d is not positive definite", bad)
		}
	}
	return derive("Cholesky", out, []*Tensor{a}, func(dy *Tensor) []*Tensor {
		p := out.T().MatMul(dy).Tril(0)
		p = p.Sub(p.Diagonal(0).DiagEmbed(0).MulScalar(0.5))
		upper := out.T()
		s := SolveUpper(upper, SolveUpper(upper, p).T())
		return []*Tensor{s.Add(s.T()).MulScalar(0.5)}
	}).To(d)
}

// QR returns matrices with orthonormal columns, and upper triangles, whose
// products are t: [M, K] and [K, N], K the smaller one of M and N. Gradients flow
// where M is not below N.
func (t *Tensor) QR() (q, r *Tensor) {
	a, d := t.linear("QR", false)
	m, n := a.shape[len(a.shape)-2], a.shape[len(a.shape)-1]
	k := min(m, n)
	q, r = New(Float64, a.front().with(m, k)...), New(Float64, a.front().with(k, n)...)
	if a.size > 0 {
		device.qr(a.packed(), q, r)
	}
	parts := toAll(d, bundle("QR", a, []*Tensor{q, r}, func(parts, grads []*Tensor) *Tensor {
		if m < n {
			PanicValue("QR", "there is no gradient of matrices with fewer rows than columns, %v", a.shape)
		}
		q, r, dq, dr := parts[0], parts[1], grads[0], grads[1]
		s := r.MatMul(dr.T()).Sub(dq.T().MatMul(q)).Tril(0)
		s = s.Add(s.Tril(-1).T())
		return SolveUpper(r, dq.Add(q.MatMul(s)).T()).T()
	}))
	return parts[0], parts[1]
}

// gaps returns v[j] - v[i] for all i and j, and 1 where they are the same.
func gaps(v *Tensor) *Tensor {
	n := v.shape[len(v.shape)-1]
	return Where(eye(Bool, n), FullLike(New(Float64), 1), v.Unsqueeze(-2).Sub(v.Unsqueeze(-1)))
}

// Eigh returns the eigenvalues of symmetric matrices, in ascending order, and
// their eigenvectors as columns. Only the lower triangles are read. The gradient
// of eigenvectors whose eigenvalues are equal is not finite.
func (t *Tensor) Eigh() (values, vectors *Tensor) {
	a, d := t.linear("Eigh", true)
	n := a.shape[len(a.shape)-1]
	w, v := New(Float64, a.front().with(n)...), New(Float64, a.shape...)
	if a.size > 0 {
		if bad := device.eigh(a.packed(), w, v); bad >= 0 {
			PanicValue("Eigh", "matrix %d has a NaN, or does not converge", bad)
		}
	}
	parts := toAll(d, bundle("Eigh", a, []*Tensor{w, v}, func(parts, grads []*Tensor) *Tensor {
		w, v, dw, dv := parts[0], parts[1], grads[0], grads[1]
		s := v.T().MatMul(dv).Div(gaps(w))
		s = Where(eye(Bool, n), New(Float64), s).Add(dw.DiagEmbed(0))
		return v.MatMul(s).MatMul(v.T())
	}))
	return parts[0], parts[1]
}

// SVD returns the singular value decomposition: u diag(s) vt is t, with the
// singular values s in descending order; the columns of u, [M, K], and the rows
// of vt, [K, N], are orthonormal. The gradient of vectors whose singular values
// are equal is not finite.
func (t *Tensor) SVD() (u, s, vt *Tensor) {
	a, d := t.linear("SVD", false)
	m, n := a.shape[len(a.shape)-2], a.shape[len(a.shape)-1]
	k := min(m, n)
	u, s, vt = New(Float64, a.front().with(m, k)...), New(Float64, a.front().with(k)...), New(Float64, a.front().with(k, n)...)
	if a.size > 0 {
		if bad := device.svd(a.packed(), u, s, vt); bad >= 0 {
			PanicValue("SVD", "matrix %d has a NaN, or does not converge", bad)
		}
	}
	parts := toAll(d, bundle("SVD", a, []*Tensor{u, s, vt}, func(parts, grads []*Tensor) *Tensor {
		u, s, v := parts[0], parts[1], parts[2].T()
		du, ds, dv := grads[0], grads[1], grads[2].T()
		skew := func(x *Tensor) *Tensor { return x.Sub(x.T()) }
		row, column := s.Unsqueeze(-2), s.Unsqueeze(-1)
		e := gaps(s.Square())
		inner := skew(u.T().MatMul(du)).Div(e).Mul(row)
		inner = inner.Add(skew(v.T().MatMul(dv)).Div(e).Mul(column)).Add(ds.DiagEmbed(0))
		g := u.MatMul(inner)
		if m > k {
			g = g.Add(du.Sub(u.MatMul(u.T().MatMul(du))).Div(row))
		}
		g = g.MatMul(v.T())
		if n > k {
			g = g.Add(u.MatMul(dv.Sub(v.MatMul(v.T().MatMul(dv))).Div(row).T()))
		}
		return g
	}))
	return parts[0], parts[1], parts[2]
}

// LstSq returns the x for which the squares of a x - b have the smallest sum, and
// of several the smallest one, for matrices a whose smaller side is their rank.
func LstSq(a, b *Tensor) *Tensor {
	a, d := a.linear("LstSq", false)
	b, vector := b.rightSide("LstSq", a)
	var x *Tensor
	if err := Try(func() {
		if m, n := a.shape[len(a.shape)-2], a.shape[len(a.shape)-1]; m >= n {
			q, r := a.QR()
			x = SolveUpper(r, q.T().MatMul(b))
		} else {
			q, r := a.T().QR()
			x = q.MatMul(SolveLower(r.T(), b))
		}
	}); err != nil {
		PanicValue("LstSq", "the rows, or columns, of a matrix depend on each other: multiply by Pinv instead (%v)", err)
	}
	return x.column(vector).To(d)
}

// Pinv returns the pseudo-inverse of matrices (Moore and Penrose): singular values
// below the largest one times the longer side times the dtype's precision count
// as 0.
func (t *Tensor) Pinv() *Tensor {
	a, d := t.linear("Pinv", false)
	precision := 0x1p-52
	if d != Float64 {
		precision = 0x1p-23
	}
	var out *Tensor
	NoGrad(func() {
		u, s, vt := a.SVD()
		m, n := a.shape[len(a.shape)-2], a.shape[len(a.shape)-1]
		small := s.Le(s.Slice(-1, 0, min(1, s.shape[len(s.shape)-1])).MulScalar(float64(max(m, n)) * precision))
		inverse := Where(small, New(Float64), s.MaskedFill(small, 1).Reciprocal())
		out = vt.T().Mul(inverse.Unsqueeze(-2)).MatMul(u.T())
	})
	return derive("Pinv", out, []*Tensor{a}, func(dy *Tensor) []*Tensor {
		p, pt, g := out, out.T(), dy.T() // Golub and Pereyra, 1973
		k := g.MatMul(p)
		kp := k.MatMul(pt)
		da := p.MatMul(k).T().Neg().Add(kp).Sub(a.MatMul(p).MatMul(kp)).Add(pt.MatMul(p).MatMul(g.Sub(k.MatMul(a))))
		return []*Tensor{da}
	}).To(d)
}
