package dl

import "modelbook/dl/internal/gemm"

// UseBLAS makes gonum's blas32 and blas64 run matrix products on this
// package's kernels: mat.Dense's Mul, for one, is several times as fast.
func UseBLAS() { gemm.Use() }
