package dl

import "modelbook/dl/internal/gemm"

// UseBLAS makes gonum's blas32, and with it every float32 matrix product of
// gonum, run on this package's kernels.
func UseBLAS() { gemm.Use() }
