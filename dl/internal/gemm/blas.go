package gemm

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's implementation with Sgemm of this package in it.
type BLAS struct{ gonum.Implementation }

// Sgemm computes C = alpha*op(A)*op(B) + beta*C. It checks its arguments as
// gonum's does.
func (b BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, bb []float32, ldb int, beta float32, c []float32, ldc int) {
	transA, transB := tA != blas.NoTrans, tB != blas.NoTrans
	rowsA, colsA, rowsB, colsB := m, k, k, n
	if transA {
		rowsA, colsA = k, m
	}
	if transB {
		rowsB, colsB = n, k
	}
	fits := func(x []float32, rows, cols, ld int) bool {
		return ld >= max(1, cols) && len(x) >= (rows-1)*ld+cols
	}
	if m <= 0 || n <= 0 || k <= 0 || !fits(a, rowsA, colsA, lda) || !fits(bb, rowsB, colsB, ldb) || !fits(c, m, n, ldc) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, bb, ldb, beta, c, ldc) // panics with gonum's words, or has nothing to do
		return
	}
	Sgemm(transA, transB, m, n, k, alpha, a, lda, bb, ldb, beta, c, ldc)
}

// Use makes gonum's blas32 run on this package.
func Use() { blas32.Use(BLAS{}) }
