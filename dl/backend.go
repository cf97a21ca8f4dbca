package dl

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// A backend has the memory of tensors and computes with the elements in it.
// Operations check their operands, take memory, call the backend and record;
// they do not ask where elements are. The processor's is the only one; a second
// one, in the tests, checks what the operations ask for.
//
// Memory, all that moves, chooses, compares or combines elements of any layout,
// and products go through it. Conversions between dtypes, functions of one
// operand, reductions, convolutions, pooling, normalisations, attention, losses,
// fused layers and the loops over rows of float32 call the processor's kernels
// themselves, on memory from here.
type backend interface {
	// alloc returns memory for n elements, all zeros: a slice of their Go type.
	alloc(d DType, n int) any
	// undefined is told that an operation will write the first n elements of s
	// before it reads them.
	undefined(s *storage, n int)
	// loop runs an elementwise loop in parts of at least grain of its iterations.
	loop(j *loop, iterations, grain int)
	// multiply computes c = a*b (+ c when add is set), m x n with depth k.
	multiply(c matrix, m, n, k int, a, b matrix, add bool)
	// batch computes count such products; the matrices of one lie sc, sa and sb
	// behind those of the one before, and no two have the same result.
	batch(count int, c matrix, sc, m, n, k int, a matrix, sa int, b matrix, sb int, add bool)
}

var device backend = cpu{}

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
