package main

import (
	"slices"
	"time"
	"unsafe"

	"modelbook/dl/internal/cpu"
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// ours holds the operands of a shape for the kernels of this repository.
type ours struct {
	shape
	a, b, c []float32
}

func newOurs(s shape) *ours {
	return &ours{s, matrix(s.m*s.k*s.count, 7919), matrix(s.k*s.n*s.count, 104729), matrix(s.m*s.n*s.count, 1)}
}

// matrix returns n values, the first at a multiple of 64 bytes as the peers have it.
func matrix(n, step int) []float32 {
	m := make([]float32, n+16)
	for uintptr(unsafe.Pointer(&m[0]))%64 != 0 {
		m = m[1:]
	}
	m = m[:n]
	for i := range m {
		m[i] = float32(i*step%1000)*1e-3 - 0.5
	}
	return m
}

func (o *ours) multiply() {
	lda, ldb := o.k, o.n
	if o.ta {
		lda = o.m
	}
	if o.tb {
		ldb = o.k
	}
	a := gemm.Matrix[float32]{Data: o.a, Rows: o.m, Cols: o.k, Stride: lda, Transposed: o.ta}
	b := gemm.Matrix[float32]{Data: o.b, Rows: o.k, Cols: o.n, Stride: ldb, Transposed: o.tb}
	c := gemm.Of(o.c, o.m, o.n)
	if o.count == 1 {
		gemm.Sgemm(1, a, b, 0, c)
		return
	}
	gemm.Batch{Count: o.count, StepA: o.m * o.k, StepB: o.k * o.n, StepC: o.m * o.n}.Sgemm(a, b, c, false)
}

// measure returns the median seconds of the shape in so many milliseconds.
func (o *ours) measure(ms int) float64 { return medianTime(ms, o.multiply) }

func medianTime(ms int, f func()) float64 {
	var times []float64
	for start := time.Now(); time.Since(start) < time.Duration(ms)*time.Millisecond || len(times) < 3; {
		t := time.Now()
		f()
		times = append(times, time.Since(t).Seconds())
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// peak returns the GFLOP/s of n threads that do nothing but multiply and add
// in registers, with the instruction set in use; 0 where it is not written.
func peak(n, ms int) float64 {
	const turns = 100000
	flops, loop := 0.0, func(int64) {}
	switch cpu.Sets()[0] {
	case cpu.AVX512:
		flops, loop = 28*16*2*turns, peakAVX512
	case cpu.AVX2:
		flops, loop = 12*8*2*turns, peakAVX2
	default:
		return 0
	}
	t := medianTime(ms, func() {
		parallel.For(n, 1, func(lo, hi int) {
			for range hi - lo {
				loop(turns)
			}
		})
	})
	return flops * float64(n) / t / 1e9
}
