package gemm

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's implementation with this package's Sgemm and Dgemm.
type BLAS struct{ gonum.Implementation }

// Sgemm computes C = alpha*op(A)*op(B) + beta*C. It checks its arguments as
// gonum's does.
func (b BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, bb []float32, ldb int, beta float32, c []float32, ldc int) {
	if !fits(tA, tB, m, n, k, len(a), lda, len(bb), ldb, len(c), ldc) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, bb, ldb, beta, c, ldc) // panics with gonum's words, or has nothing to do
		return
	}
	Sgemm(alpha, operandMatrix(tA, m, k, a, lda), operandMatrix(tB, k, n, bb, ldb), beta, Matrix[float32]{c, m, n, ldc, false})
}

// Dgemm is Sgemm for float64.
func (b BLAS) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, bb []float64, ldb int, beta float64, c []float64, ldc int) {
	if !fits(tA, tB, m, n, k, len(a), lda, len(bb), ldb, len(c), ldc) {
		b.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, bb, ldb, beta, c, ldc)
		return
	}
	Dgemm(alpha, operandMatrix(tA, m, k, a, lda), operandMatrix(tB, k, n, bb, ldb), beta, Matrix[float64]{c, m, n, ldc, false})
}

// operandMatrix is an operand as BLAS describes it.
func operandMatrix[T any](t blas.Transpose, rows, cols int, data []T, ld int) Matrix[T] {
	return Matrix[T]{data, rows, cols, ld, t != blas.NoTrans}
}

// fits reports whether a product has terms and its operands lie in their slices.
func fits(tA, tB blas.Transpose, m, n, k, lenA, lda, lenB, ldb, lenC, ldc int) bool {
	known := func(t blas.Transpose) bool { return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans }
	inside := func(length, rows, cols, ld int) bool { return ld >= max(1, cols) && length >= (rows-1)*ld+cols }
	rowsA, colsA, rowsB, colsB := m, k, k, n
	if tA != blas.NoTrans {
		rowsA, colsA = k, m
	}
	if tB != blas.NoTrans {
		rowsB, colsB = n, k
	}
	return known(tA) && known(tB) && m > 0 && n > 0 && k > 0 &&
		inside(lenA, rowsA, colsA, lda) && inside(lenB, rowsB, colsB, ldb) && inside(lenC, m, n, ldc)
}

// Use makes gonum's blas32 and blas64, and with them its matrices, run on this package.
func Use() {
	blas32.Use(BLAS{})
	blas64.Use(BLAS{})
}
