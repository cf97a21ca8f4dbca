package gemm

import (
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// Finite says of a matrix whether all of its elements are finite.
type Finite interface{ Finite() bool }

// SgemmSparse is SgemmFused for an A that may hold many zeros, such as what a ReLU made. Where A is a row, and B large and
// finite, the rows of B that zeros would be multiplied with are not read: their products are zeros. B is asked only when it
// matters, as zero times what is not finite is not a number.
func SgemmSparse(a, b, c Matrix[float32], e Epilogue, finite Finite) {
	m, n, k := sizes(a, b, c)
	if m != 1 || b.Transposed || a.Transposed || !isFew(m, n, k, false) {
		SgemmFused(a, b, c, e)
		return
	}
	rows := lists.Take()
	defer lists.Put(rows)
	if rows.Collect(a.Data[:k]); rows.Len() > k/4*3 || !finite.Finite() {
		SgemmFused(a, b, c, e)
		return
	}
	multiplyFew(a, b, c, false, e, rows)
}

var lists freelist.List[vec.List]
