package gemm

import (
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// portable is the micro-kernel in Go.
var portable = &Kernel{Name: "portable", Rows: 4, Cols: 32}

var best = kernels[0]

// Best returns the micro-kernel in use.
func Best() *Kernel { return best }

// Kernels returns the micro-kernels that this machine runs, the best first.
func Kernels() []*Kernel { return kernels }

// Force makes k the micro-kernel in use, for tests, and returns a function
// that undoes it.
func Force(k *Kernel) (undo func()) {
	old := best
	best = k
	return func() { best = old }
}

// An Epilogue is what happens to C while it is still in registers.
type Epilogue struct {
	Bias []float32 // n values added to each row, or nil
	ReLU bool
}

// A product is one GEMM, which its threads share as the plan says.
type product struct {
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	lda, ldb, ldc  int
	add            bool
	e              Epilogue
	plan           plan
	partial        []float32 // C of the second and later parts of the depth
}

// free keeps what a product needs between calls, so that calls do not allocate.
var free struct {
	sync.Mutex
	products  []*product
	scratches []*scratch
}

// Sgemm computes C = alpha*op(A)*op(B) + beta*C for row-major matrices: op(A)
// is m x k, op(B) k x n and C m x n; lda, ldb and ldc are the lengths of a row
// in memory.
func Sgemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m == 0 || n == 0 {
		return
	}
	if beta != 0 && beta != 1 {
		for i := range m {
			for j, v := range c[i*ldc : i*ldc+n] {
				c[i*ldc+j] = beta * v
			}
		}
	}
	if alpha == 0 {
		k = 0
	} else if alpha != 1 { // rare: scale a copy of A
		scaled := make([]float32, len(a))
		for i, v := range a {
			scaled[i] = alpha * v
		}
		a = scaled
	}
	run(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, beta != 0, Epilogue{})
}

// SgemmFused computes C = op(A)*op(B) and applies the epilogue.
func SgemmFused(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, e Epilogue) {
	run(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, false, e)
}

func run(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, add bool, e Epilogue) {
	if m == 0 || n == 0 {
		return
	}
	free.Lock()
	var p *product
	if i := len(free.products); i > 0 {
		p = free.products[i-1]
		free.products = free.products[:i-1]
	} else {
		p = new(product)
	}
	free.Unlock()
	*p = product{transA, transB, m, n, k, a, b, c, lda, ldb, ldc, add, e, plan{}, p.partial}
	p.run()
	p.a, p.b, p.c, p.e = nil, nil, nil, Epilogue{}
	free.Lock()
	free.products = append(free.products, p)
	free.Unlock()
}

func (p *product) run() {
	if p.k == 0 {
		p.finishRows(0, p.m, !p.add)
		return
	}
	p.plan = best.plan(p.transB, p.m, p.n, p.k, parallel.Threads())
	if p.plan.depths > 1 {
		if need := (p.plan.depths - 1) * p.m * p.n; cap(p.partial) < need {
			p.partial = make([]float32, need)
		} else {
			p.partial = p.partial[:need]
		}
	}
	if parts := p.plan.parts(); parts > 1 {
		parallel.Run(parts, 1, p)
	} else {
		p.Range(0, 1)
	}
	if p.plan.depths > 1 {
		for d := 1; d < p.plan.depths; d++ {
			partial := p.partial[(d-1)*p.m*p.n:]
			for i := range p.m {
				c := p.c[i*p.ldc : i*p.ldc+p.n]
				vec.Add(c, c, partial[i*p.n:(i+1)*p.n])
			}
		}
		p.finishRows(0, p.m, false)
	}
}

// Range computes the parts lo <= part < hi.
func (p *product) Range(lo, hi int) {
	kern := best
	for part := lo; part < hi; part++ {
		row, col, d := part%p.plan.rows, part/p.plan.rows%p.plan.cols, part/p.plan.rows/p.plan.cols
		panels := (p.n + kern.Cols - 1) / kern.Cols
		b := block{
			m0: p.m * row / p.plan.rows, m1: p.m * (row + 1) / p.plan.rows,
			n0: panels * col / p.plan.cols * kern.Cols, n1: min(p.n, panels*(col+1)/p.plan.cols*kern.Cols),
			k0: p.k * d / p.plan.depths, k1: p.k * (d + 1) / p.plan.depths,
			c: p.c, ldc: p.ldc, add: p.add, e: p.e,
		}
		if p.plan.depths > 1 {
			b.e = Epilogue{}
		}
		if d > 0 {
			b.c, b.ldc, b.add = p.partial[(d-1)*p.m*p.n:], p.n, false
		}
		p.block(&b)
	}
}

// finishRows applies the epilogue to rows of C that are already summed up.
func (p *product) finishRows(lo, hi int, zero bool) {
	for i := lo; i < hi; i++ {
		c := p.c[i*p.ldc : i*p.ldc+p.n]
		if zero {
			clear(c)
		}
		for j, v := range p.e.Bias {
			c[j] += v
		}
		if p.e.ReLU {
			for j, v := range c {
				if v < 0 {
					c[j] = 0
				}
			}
		}
	}
}
