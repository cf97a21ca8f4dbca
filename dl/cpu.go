package dl

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// cpu is the processor.
type cpu struct{}

func (cpu) alloc(d DType, n int) any { return dtypes[d].make(n) }

func (cpu) undefined(*storage, int) {}

func (cpu) loop(j *loop, iterations, grain int) { parallel.Run(iterations, grain, j) }

func (cpu) multiply(c matrix, m, n, k int, a, b matrix, add bool) {
	if c.dtype == Float32 {
		multiply(a.turned, b.turned, m, n, k, a.f32(), a.stride, b.f32(), b.stride, c.f32(), add, gemm.Epilogue{})
		return
	}
	beta := 0.0
	if add {
		beta = 1
	}
	gemm.Dgemm(a.turned, b.turned, m, n, k, 1, a.f64(), a.stride, b.f64(), b.stride, beta, c.f64(), c.stride)
}

func (p cpu) batch(count int, c matrix, sc, m, n, k int, a matrix, sa int, b matrix, sb int, add bool) {
	if c.dtype == Float32 && MatMulPrecision() == PrecisionHighest {
		gemm.Batch(count, a.turned, b.turned, m, n, k, a.f32(), a.stride, sa, b.f32(), b.stride, sb, c.f32(), c.stride, sc, add)
		return
	}
	for i := range count {
		p.multiply(c.to(c.at+i*sc), m, n, k, a.to(a.at+i*sa), b.to(b.at+i*sb), add)
	}
}
