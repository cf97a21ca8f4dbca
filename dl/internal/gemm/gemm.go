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

// An Epilogue is what happens to C while it is still near.
type Epilogue struct {
	Bias   []float32 // n values added to each row, or nil
	ReLU   bool      // clip what is negative to zero
	Finish Finisher  // or nil: what comes after these
}

// A Finisher is handed each piece of a row of C when it is complete, while it
// lies in the first caches: c are columns j and following of row i. Threads call
// it at the same time, each for its own pieces.
type Finisher interface{ Finish(i, j int, c []float32) }

// A product is one GEMM, which its threads share as the plan says, or a batch
// of small ones, which they share among them.
type product struct {
	kern           *Kernel
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	lda, ldb, ldc  int
	add            bool
	e              Epilogue
	plan           plan
	partial        []float32 // C of the second and later parts of the depth

	count                     int // products of a batch; 0: this is none
	strideA, strideB, strideC int // from one to the next
}

// free keeps what a product needs between calls, so that calls do not allocate.
var free struct {
	sync.Mutex
	products  []*product
	turned    []*turned
	scratches []*scratch
	prepares  []*prepare
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

// Batch computes count products C = op(A)*op(B), added to what C holds if add is
// set. Operands of one lie strideA, strideB and strideC behind those of the one
// before; a stride of 0 uses the same A or B for all.
func Batch(count int, transA, transB bool, m, n, k int, a []float32, lda, strideA int, b []float32, ldb, strideB int, c []float32, ldc, strideC int, add bool) {
	if m == 0 || n == 0 || count == 0 {
		return
	}
	p := takeProduct()
	*p = product{kern: best, transA: transA, transB: transB, m: m, n: n, k: k, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, add: add, partial: p.partial,
		strideA: strideA, strideB: strideB, strideC: strideC}
	if k == 0 || count < parallel.Threads() { // threads share each
		for i := range count {
			p.a, p.b, p.c = a[i*strideA:], b[i*strideB:], c[i*strideC:]
			p.run()
		}
	} else {
		p.count = count
		parallel.Run(count, 1+small/(m*n*k), p)
	}
	p.release()
}

func run(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, add bool, e Epilogue) {
	if m == 0 || n == 0 {
		return
	}
	if transB && !transA && !add && !e.ReLU && e.Bias == nil && k > 0 && turns(m, n, k, ldb) {
		turn(m, n, k, a, lda, b, ldb, c, ldc)
		return
	}
	p := takeProduct()
	*p = product{kern: best, transA: transA, transB: transB, m: m, n: n, k: k, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, add: add, e: e, partial: p.partial}
	p.run()
	p.release()
}

func takeProduct() *product {
	free.Lock()
	defer free.Unlock()
	if i := len(free.products); i > 0 {
		p := free.products[i-1]
		free.products = free.products[:i-1]
		return p
	}
	return new(product)
}

func (p *product) release() {
	*p = product{partial: p.partial}
	free.Lock()
	free.products = append(free.products, p)
	free.Unlock()
}

func (p *product) run() {
	if p.k == 0 {
		p.finishRows(!p.add)
		return
	}
	p.plan = p.kern.plan(p.transB, p.m, p.n, p.k, parallel.Threads())
	parts := p.plan.parts()
	if parts == 1 {
		p.Range(0, 1)
		return
	}
	if need := (p.plan.depths - 1) * p.m * p.n; cap(p.partial) < need {
		p.partial = make([]float32, need)
	} else {
		p.partial = p.partial[:need]
	}
	parallel.Run(parts, 1, p)
	if p.plan.depths == 1 {
		return
	}
	for d := 1; d < p.plan.depths; d++ {
		partial := p.partial[(d-1)*p.m*p.n:]
		for i := range p.m {
			c := p.c[i*p.ldc : i*p.ldc+p.n]
			if p.kern.long {
				addDoubles(c, partial[i*p.n:(i+1)*p.n])
			} else {
				vec.Add(c, c, partial[i*p.n:(i+1)*p.n])
			}
		}
	}
	p.finishRows(false)
}

// Range computes the parts, or the products of a batch, lo <= part < hi.
func (p *product) Range(lo, hi int) {
	s := takeScratch()
	defer s.release()
	for part := lo; part < hi; part++ {
		if p.count > 0 {
			one := *p
			one.a, one.b = p.a[part*p.strideA:], p.b[part*p.strideB:]
			one.block(s, &block{m1: p.m, n1: p.n, k1: p.k, c: p.c[part*p.strideC:], ldc: p.ldc, add: p.add})
			continue
		}
		row, col, d := part%p.plan.rows, part/p.plan.rows%p.plan.cols, part/p.plan.rows/p.plan.cols
		panels := (p.n + p.kern.Cols - 1) / p.kern.Cols
		b := block{
			m0: p.m * row / p.plan.rows, m1: p.m * (row + 1) / p.plan.rows,
			n0: panels * col / p.plan.cols * p.kern.Cols, n1: min(p.n, panels*(col+1)/p.plan.cols*p.kern.Cols),
			k0: p.k * d / p.plan.depths, k1: p.k * (d + 1) / p.plan.depths,
			c: p.c, ldc: p.ldc, add: p.add, e: p.e,
		}
		if p.plan.depths > 1 {
			b.e = Epilogue{}
		}
		if d > 0 {
			b.c, b.ldc, b.add = p.partial[(d-1)*p.m*p.n:], p.n, false
		}
		p.block(s, &b)
	}
}

// finishRows applies the epilogue to a C that is already summed up, or, if zero
// is set, has no terms.
func (p *product) finishRows(zero bool) {
	for i := range p.m {
		c := p.c[i*p.ldc : i*p.ldc+p.n]
		if zero {
			clear(c)
		}
		if p.e.Bias != nil {
			vec.Add(c, c, p.e.Bias[:p.n])
		}
		if p.e.ReLU {
			vec.Relu(c, c)
		}
		if p.e.Finish != nil {
			p.e.Finish.Finish(i, 0, c)
		}
	}
}
