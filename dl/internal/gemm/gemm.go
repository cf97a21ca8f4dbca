package gemm

import (
	"sync"

	"modelbook/dl/internal/parallel"
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

// Block sizes. A panel of B (depth x Cols) stays in the first caches while
// the tiles of a block of A (height x depth) pass by; the block stays in L2.
const (
	depth  = 512
	height = 336
	// wide is the number of columns from which packing A pays.
	wide = 512
	// deep: a product this much deeper than wide and high is split by depth.
	deep = 16
)

// A product is one GEMM. Its threads share C by rows, by columns, or, when
// there is little of C and much depth, by depth.
type product struct {
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	lda, ldb, ldc  int
	add            bool
	e              Epilogue
	byDepth        bool
	byRows         bool
	parts          int
	partial        []float32 // of parts 1.. of a product split by depth
}

// free keeps what a product needs between calls, so that calls do not allocate.
var free struct {
	sync.Mutex
	products  []*product
	scratches []*scratch
}

// scratch is one thread's memory: packed A and B.
type scratch struct {
	a, b []float32
	t    Tile
}

func takeScratch() *scratch {
	free.Lock()
	defer free.Unlock()
	if n := len(free.scratches); n > 0 {
		s := free.scratches[n-1]
		free.scratches = free.scratches[:n-1]
		return s
	}
	return &scratch{a: make([]float32, height*depth), b: make([]float32, depth*64)}
}

func (s *scratch) release() {
	s.t = Tile{}
	free.Lock()
	free.scratches = append(free.scratches, s)
	free.Unlock()
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
	*p = product{transA, transB, m, n, k, a, b, c, lda, ldb, ldc, add, e, false, false, 1, p.partial}
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
	kern := best
	threads := parallel.Threads()
	if int64(p.m)*int64(p.n)*int64(p.k) < 1<<17 {
		threads = 1
	}
	if threads == 1 {
		p.block(0, p.m, 0, p.n, 0, p.k, p.c, p.ldc, p.add, p.e)
		return
	}
	switch rows, cols := (p.m+kern.Rows-1)/kern.Rows, (p.n+kern.Cols-1)/kern.Cols; {
	case p.k > deep*max(p.m, p.n) && p.k >= 2*depth:
		p.byDepth, p.parts = true, min(threads, p.k/depth)
		if need := (p.parts - 1) * p.m * p.n; cap(p.partial) < need {
			p.partial = make([]float32, need)
		} else {
			p.partial = p.partial[:need]
		}
	case rows >= cols:
		p.byRows, p.parts = true, min(threads, rows)
	default:
		p.parts = min(threads, cols)
	}
	parallel.Run(p.parts, 1, p)
	if p.byDepth {
		for part := 1; part < p.parts; part++ {
			partial := p.partial[(part-1)*p.m*p.n:]
			for i := range p.m {
				c := p.c[i*p.ldc : i*p.ldc+p.n]
				for j, v := range partial[i*p.n : (i+1)*p.n] {
					c[j] += v
				}
			}
		}
		p.finishRows(0, p.m, false)
	}
}

// Range computes the parts lo <= part < hi.
func (p *product) Range(lo, hi int) {
	kern := best
	for part := lo; part < hi; part++ {
		switch {
		case p.byDepth:
			k0, k1 := p.k*part/p.parts, p.k*(part+1)/p.parts
			c, ldc, add := p.c, p.ldc, p.add
			if part > 0 {
				c, ldc, add = p.partial[(part-1)*p.m*p.n:], p.n, false
			}
			p.block(0, p.m, 0, p.n, k0, k1, c, ldc, add, Epilogue{})
		case p.byRows:
			tiles := (p.m + kern.Rows - 1) / kern.Rows
			p.block(p.m*(tiles*part/p.parts)/tiles, p.m*(tiles*(part+1)/p.parts)/tiles, 0, p.n, 0, p.k, p.c, p.ldc, p.add, p.e)
		default:
			cols := (p.n + kern.Cols - 1) / kern.Cols
			p.block(0, p.m, cols*part/p.parts*kern.Cols, min(p.n, cols*(part+1)/p.parts*kern.Cols), 0, p.k, p.c, p.ldc, p.add, p.e)
		}
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

// block computes rows m0..m1 and columns n0..n1 of C over the depth k0..k1.
func (p *product) block(m0, m1, n0, n1, k0, k1 int, c []float32, ldc int, add bool, e Epilogue) {
	kern := best
	s := takeScratch()
	defer s.release()
	t := &s.t
	packA := n1-n0 >= wide || !p.transA && p.lda%1024 == 0 && n1-n0 > kern.Cols
	packB := p.transB || m1-m0 > 4*kern.Rows && p.n >= wide
	for ks := k0; ks < k1; ks += depth {
		ke := min(ks+depth, k1)
		t.K = int64(ke - ks)
		flags := uint64(Add)
		if ks == k0 && !add {
			flags = 0
		}
		last := ke == k1
		if last && e.ReLU {
			flags |= ReLU
		}
		for ms := m0; ms < m1; ms += height {
			me := min(ms+height, m1)
			tiles := (me - ms + kern.Rows - 1) / kern.Rows
			if packA {
				p.packA(s.a, ms, me, ks, ke, tiles)
			}
			for js := n0; js < n1; js += kern.Cols {
				je := min(js+kern.Cols, n1)
				if packB {
					p.packB(s.b, kern.Cols, js, je, ks, ke)
					t.B, t.BK = &s.b[0], int64(kern.Cols)
				} else {
					t.B, t.BK = &p.b[ks*p.ldb+js], int64(p.ldb)
				}
				t.Bias = nil
				if last && e.Bias != nil {
					t.Bias = &e.Bias[js]
				}
				t.Ldc, t.Flags = int64(ldc), flags
				for tile := range tiles {
					i := ms + (me-ms)*tile/tiles
					rows := ms + (me-ms)*(tile+1)/tiles - i
					switch {
					case packA:
						t.A, t.AI, t.AK = &s.a[(i-ms)*(ke-ks)], 1, int64(rows)
					case p.transA:
						t.A, t.AI, t.AK = &p.a[ks*p.lda+i], 1, int64(p.lda)
					default:
						t.A, t.AI, t.AK = &p.a[i*p.lda+ks], int64(p.lda), 1
					}
					t.C = &c[i*ldc+js]
					kern.Run(t, rows, je-js)
				}
			}
		}
	}
}

// packA copies a block of A, tile by tile, so that a kernel reads it in order.
func (p *product) packA(dst []float32, ms, me, ks, ke, tiles int) {
	for tile := range tiles {
		i0, i1 := ms+(me-ms)*tile/tiles, ms+(me-ms)*(tile+1)/tiles
		rows := i1 - i0
		d := dst[(i0-ms)*(ke-ks):][:rows*(ke-ks)]
		if p.transA {
			for k := ks; k < ke; k++ {
				copy(d[(k-ks)*rows:][:rows], p.a[k*p.lda+i0:])
			}
			continue
		}
		for i := i0; i < i1; i++ {
			for k, v := range p.a[i*p.lda+ks : i*p.lda+ke] {
				d[k*rows+i-i0] = v
			}
		}
	}
}

// packB copies a panel of op(B) with cols columns in memory.
func (p *product) packB(dst []float32, cols, js, je, ks, ke int) {
	if !p.transB {
		for k := ks; k < ke; k++ {
			copy(dst[(k-ks)*cols:][:je-js], p.b[k*p.ldb+js:])
		}
		return
	}
	j, k := js, ks
	for ; j+8 <= je; j += 8 {
		for k = ks; k+8 <= ke; k += 8 {
			if !transpose8(&p.b[j*p.ldb+k], p.ldb, &dst[(k-ks)*cols+j-js], cols) {
				break
			}
		}
		for jj := j; jj < j+8; jj++ {
			for kk := k; kk < ke; kk++ {
				dst[(kk-ks)*cols+jj-js] = p.b[jj*p.ldb+kk]
			}
		}
	}
	for ; j < je; j++ {
		for k, v := range p.b[j*p.ldb+ks : j*p.ldb+ke] {
			dst[k*cols+j-js] = v
		}
	}
}
