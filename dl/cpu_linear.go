package dl

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// general returns the i-th of a batch of matrices.
func general(t *Tensor, i int) blas64.General {
	r, c := t.shape[len(t.shape)-2], t.shape[len(t.shape)-1]
	return blas64.General{Rows: r, Cols: c, Stride: max(1, c), Data: t.f64()[i*r*c:][: r*c : r*c]}
}

// count is how many matrices there are.
func count(t *Tensor) int { return t.front().Size() }

// copied returns a copy of the i-th of a batch of matrices, to be overwritten.
func copied(t *Tensor, i int) blas64.General {
	g := general(t, i)
	g.Data = append([]float64(nil), g.Data...)
	return g
}

// factored returns the LU factors of a matrix and the rows it exchanged.
func factored(t *Tensor, i int) (lu blas64.General, pivots []int, ok bool) {
	lu = copied(t, i)
	pivots = make([]int, lu.Rows)
	return lu, pivots, lapack64.Getrf(lu, pivots)
}

func (cpu) solve(a, b, x *Tensor) (bad int) {
	copy(x.f64(), b.f64())
	for i := range count(a) {
		lu, pivots, ok := factored(a, i)
		if !ok {
			return i
		}
		lapack64.Getrs(blas.NoTrans, lu, general(x, i), pivots)
	}
	return -1
}

func (cpu) solveTriangle(a, b, x *Tensor, upper bool) (bad int) {
	copy(x.f64(), b.f64())
	for i := range count(a) {
		g := general(a, i)
		t := blas64.Triangular{N: g.Rows, Stride: g.Stride, Data: g.Data, Uplo: blas.Lower, Diag: blas.NonUnit}
		if upper {
			t.Uplo = blas.Upper
		}
		for k := range g.Rows {
			if g.Data[k*g.Stride+k] == 0 {
				return i
			}
		}
		blas64.Trsm(blas.Left, blas.NoTrans, 1, t, general(x, i))
	}
	return -1
}

func (cpu) determinants(a, sign, logAbs *Tensor) {
	for i := range count(a) {
		lu, pivots, _ := factored(a, i)
		s, sum := 1.0, 0.0
		for k, p := range pivots {
			d := lu.Data[k*lu.Stride+k]
			if (p != k) != (d < 0) {
				s = -s
			}
			if d == 0 {
				s = 0
			}
			sum += math.Log(math.Abs(d))
		}
		sign.f64()[i], logAbs.f64()[i] = s, sum
	}
}

// lower writes the lower triangle of the i-th matrix of a to out, and zeros above
// it.
func lower(a *Tensor, i int, out blas64.General) blas64.Symmetric {
	g := general(a, i)
	for r := range g.Rows {
		row := out.Data[r*out.Stride:][:g.Cols]
		clear(row)
		copy(row[:r+1], g.Data[r*g.Stride:])
	}
	return blas64.Symmetric{N: g.Rows, Stride: out.Stride, Data: out.Data, Uplo: blas.Lower}
}

func (cpu) cholesky(a, l *Tensor) (bad int) {
	for i := range count(a) {
		if _, ok := lapack64.Potrf(lower(a, i, general(l, i))); !ok {
			return i
		}
	}
	return -1
}

func (cpu) qr(a, q, r *Tensor) {
	for i := range count(a) {
		f, out, tri := copied(a, i), general(q, i), general(r, i)
		k := min(f.Rows, f.Cols)
		tau, work := make([]float64, k), make([]float64, 1)
		lapack64.Geqrf(f, tau, work, -1)
		work = make([]float64, int(work[0]))
		lapack64.Geqrf(f, tau, work, len(work))
		for row := range k {
			clear(tri.Data[row*tri.Stride:][:row])
			copy(tri.Data[row*tri.Stride+row:][:f.Cols-row], f.Data[row*f.Stride+row:])
		}
		for row := range f.Rows {
			copy(out.Data[row*out.Stride:][:k], f.Data[row*f.Stride:])
		}
		lapack64.Orgqr(out, tau, work[:1], -1)
		work = make([]float64, int(work[0]))
		lapack64.Orgqr(out, tau, work, len(work))
	}
}

func (cpu) eigh(a, w, v *Tensor) (bad int) {
	n := a.shape[len(a.shape)-1]
	for i := range count(a) {
		s := lower(a, i, general(v, i))
		if hasNaNs(s.Data) {
			return i
		}
		work := make([]float64, 1)
		values := w.f64()[i*n:][:n]
		lapack64.Syev(lapack.EVCompute, s, values, work, -1)
		work = make([]float64, int(work[0]))
		if !lapack64.Syev(lapack.EVCompute, s, values, work, len(work)) {
			return i
		}
	}
	return -1
}

func (cpu) svd(a, u, s, vt *Tensor) (bad int) {
	k := s.shape[len(s.shape)-1]
	for i := range count(a) {
		f := copied(a, i)
		if hasNaNs(f.Data) {
			return i
		}
		values, left, right, work := s.f64()[i*k:][:k], general(u, i), general(vt, i), make([]float64, 1)
		lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, f, left, right, values, work, -1)
		work = make([]float64, int(work[0]))
		if !lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, f, left, right, values, work, len(work)) {
			return i
		}
	}
	return -1
}

// hasNaNs also finds infinities, with which the algorithms do not end.
func hasNaNs(x []float64) bool {
	for _, v := range x {
		if v-v != 0 {
			return true
		}
	}
	return false
}
