package gemm

import (
	"modelbook/dl/internal/hugepages"
	"modelbook/internal/freelist"
)

// isTall reports whether C = A^T*B, with a C of so many rows and columns and a depth of k, is faster as (B^T*A)^T: the few columns of C are few
// panels of B for a tile of A, whose column-wise reading counts; the other way round tiles of B^T, which is small, meet many
// panels of A. On a Xeon, GFLOP/s without and with: 512 x 128 x 2048 142 and 154, 512 x 64 x 2048 130 and 156, but
// 1024 x 256 x 2048 151 and 142.
func isTall(m, n, k int) bool {
	return best != portable && n >= 32 && n <= 128 && m >= 4*n && k >= 512
}

// talls keeps their results, so that calls do not allocate.
var talls freelist.List[[]float32]

// multiplyTall computes such a product.
func multiplyTall(a, b, c Matrix[float32]) {
	m, n, k := sizes(a, b, c)
	kept := talls.Take()
	if cap(*kept) < m*n {
		*kept = hugepages.Make[float32](m * n)
	}
	turned := (*kept)[:m*n]
	p := newProduct(b.T(), a.T(), Of(turned, n, m), n, m, k)
	p.run()
	p.release()
	Transpose(c.Data, c.Stride, turned, m, n, m)
	talls.Put(kept)
}
