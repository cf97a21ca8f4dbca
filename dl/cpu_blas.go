package dl

import "modelbook/dl/internal/gemm"

// AccelerateGonum makes gonum's blas32 and blas64 run matrix products on this
// package's kernels: mat.Dense's Mul, for one, is several times as fast. It
// changes nothing in this package, which uses no other BLAS.
func AccelerateGonum() { gemm.Use() }
