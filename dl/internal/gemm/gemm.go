package gemm

import (
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
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

// An Epilogue is applied to C while it is still in registers or a near cache.
type Epilogue struct {
	Bias   []float32 // n values added to each row, or nil
	ReLU   bool      // clip what is negative to zero
	Finish Finisher  // called after these, or nil
}

// A Finisher gets each piece of a row of C when it is complete, while it is in the
// first caches: c are the columns of row i from j on. Threads call it at the same
// time, each for its own pieces.
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
	whole          bool      // the depth is not split

	count                     int // products of a batch; 0: this is none
	strideA, strideB, strideC int // from one to the next
}

// products keeps them between calls, so that calls do not allocate.
var products freelist.List[product]

// Sgemm computes C = alpha*A*B + beta*C.
func Sgemm(alpha float32, a, b Matrix[float32], beta float32, c Matrix[float32]) {
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if beta != 0 && beta != 1 {
		for i := range c.Rows {
			row := c.Data[i*c.Stride:][:c.Cols]
			for j, v := range row {
				row[j] = beta * v
			}
		}
	}
	if alpha == 0 {
		a.Cols, b.Rows = 0, 0
	} else if alpha != 1 { // rare: scale a copy of A
		scaled := make([]float32, len(a.Data))
		for i, v := range a.Data {
			scaled[i] = alpha * v
		}
		a.Data = scaled
	}
	run(a, b, c, beta != 0, Epilogue{})
}

// SgemmFused computes C = A*B and applies the epilogue.
func SgemmFused(a, b, c Matrix[float32], e Epilogue) { run(a, b, c, false, e) }

// SgemmInOrder computes C = A*B, each sum in the same order for every number of threads.
func SgemmInOrder(a, b, c Matrix[float32]) {
	m, n, k := sizes(a, b, c)
	if m == 0 || n == 0 {
		return
	}
	p := newProduct(a, b, c, m, n, k)
	p.whole = true
	p.run()
	p.release()
}

// SgemmHere computes C = A*B, added to what C holds if add is set, on the goroutine that calls it.
func SgemmHere(a, b, c Matrix[float32], add bool) {
	m, n, k := sizes(a, b, c)
	if m == 0 || n == 0 || k == 0 && add {
		return
	}
	p := newProduct(a, b, c, m, n, k)
	if k == 0 {
		p.finishRows(true)
	} else {
		s := scratches.Take()
		p.block(s, &block{m1: m, n1: n, k1: k, c: p.c, ldc: p.ldc, add: add})
		s.release()
	}
	p.release()
}

// StaysNear reports whether so many values of B stay in L2 while A passes by.
func StaysNear(values int) bool { return values <= blockB }

// A Batch is several products of one shape. Operands of one lie StepA, StepB
// and StepC behind those of the one before; a step of 0 uses the same A or B for
// all.
type Batch struct{ Count, StepA, StepB, StepC int }

// Sgemm computes the products C = A*B, added to what C holds if add is set. The
// matrices are those of the first one.
func (t Batch) Sgemm(a, b, c Matrix[float32], add bool) {
	m, n, k := sizes(a, b, c)
	count := t.Count
	if m == 0 || n == 0 || count == 0 {
		return
	}
	p := newProduct(a, b, c, m, n, k)
	p.add, p.strideA, p.strideB, p.strideC = add, t.StepA, t.StepB, t.StepC
	if k == 0 || count < parallel.Threads() { // threads share each
		for i := range count {
			p.a, p.b, p.c = a.Data[i*t.StepA:], b.Data[i*t.StepB:], c.Data[i*t.StepC:]
			p.run()
		}
	} else {
		p.count = count
		parallel.Run(count, 1+small/(m*n*k), p)
	}
	p.release()
}

func run(a, b, c Matrix[float32], add bool, e Epilogue) {
	m, n, k := sizes(a, b, c)
	if m == 0 || n == 0 {
		return
	}
	if isFew(m, n, k, a.Transposed) {
		multiplyFew(a, b, c, add, e, nil)
		return
	}
	if b.Transposed && !a.Transposed && !add && !e.ReLU && e.Bias == nil && e.Finish == nil && k > 0 && betterTransposed(m, n, k, b.Stride) {
		multiplyTransposed(a, b, c)
		return
	}
	if a.Transposed && !b.Transposed && !add && !e.ReLU && e.Bias == nil && e.Finish == nil && k > 0 && isTall(m, n, k) {
		multiplyTall(a, b, c)
		return
	}
	p := newProduct(a, b, c, m, n, k)
	p.add, p.e = add, e
	p.run()
	p.release()
}

// newProduct returns that of best for C = A*B, m x n over a depth of k.
func newProduct(a, b, c Matrix[float32], m, n, k int) *product {
	p := products.Take()
	*p = product{kern: best, transA: a.Transposed, transB: b.Transposed, m: m, n: n, k: k, a: a.Data, b: b.Data, c: c.Data,
		lda: a.Stride, ldb: b.Stride, ldc: c.Stride, partial: p.partial}
	return p
}

func (p *product) release() {
	*p = product{partial: p.partial}
	products.Put(p)
}

func (p *product) run() {
	if p.k == 0 {
		p.finishRows(!p.add)
		return
	}
	threads := parallel.Threads()
	depths := threads
	if p.whole {
		depths = 1
	}
	p.plan = p.kern.plan(p.transB, p.m, p.n, p.k, threads, depths)
	parts := p.plan.parts()
	if parts == 1 {
		p.Range(0, 1)
		return
	}
	if need := (p.plan.depths - 1) * p.m * p.n; cap(p.partial) < need {
		p.partial = hugepages.Make[float32](need)
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
	s := scratches.Take()
	defer s.release()
	for part := lo; part < hi; part++ {
		if p.count > 0 {
			one := *p
			one.a, one.b = p.a[part*p.strideA:], p.b[part*p.strideB:]
			one.block(s, &block{m1: p.m, n1: p.n, k1: p.k, c: p.c[part*p.strideC:], ldc: p.ldc, add: p.add})
			continue
		}
		row, col, d := p.plan.part(part)
		m0, m1 := p.plan.bounds(row, p.m)
		panels := (p.n + p.kern.Cols - 1) / p.kern.Cols
		b := block{
			m0: m0, m1: m1,
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
