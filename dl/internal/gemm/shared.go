package gemm

import (
	"unsafe"

	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// A Shared is products A^T*B of one B, which is packed once for all of them, and the sums of its columns: the gradients of
// the parameters of a recurrent layer are those of what came in and of the states with the gradient of the gates.
type Shared struct {
	B    Matrix[float32]
	Each [2]SharedPart
	Sums []float32 // of the columns of B; nil: not needed
}

// A SharedPart is one of the products: C = A^T times as many rows of B, from row At on, and as many of its first columns as
// C has, or it is added to C. Without rows of C there is none.
type SharedPart struct {
	A, C Matrix[float32]
	At   int
	Add  bool
}

// one is a column of ones, with steps of 0.
var one float32 = 1

// sharedProducts are kept, so that calls do not allocate.
var sharedProducts freelist.List[sharedProduct]

type sharedProduct struct {
	Shared
	kern  *Kernel
	parts int // of the columns, for the threads
}

// Sgemm computes the products. Each sum is in the same order for every number of threads.
func (p *Shared) Sgemm() {
	rows, work := p.B.Rows, 0
	for i := range p.Each {
		e := &p.Each[i]
		if e.C.Rows == 0 || e.C.Cols == 0 {
			continue
		}
		if p.B.Transposed || e.A.Transposed || e.C.Transposed || e.A.Cols != e.C.Rows || e.C.Cols > p.B.Cols || e.At < 0 || e.At+e.A.Rows > rows {
			panic("gemm: the matrices of a product do not fit")
		}
		work += e.C.Rows * e.A.Rows
		if e.A.Rows == 0 && !e.Add {
			for r := range e.C.Rows {
				clear(e.C.Data[r*e.C.Stride:][:e.C.Cols])
			}
		}
	}
	if rows == 0 {
		clear(p.Sums)
	}
	panels := (p.B.Cols + best.Cols - 1) / best.Cols
	if rows == 0 || panels == 0 || work == 0 && p.Sums == nil {
		return
	}
	s := sharedProducts.Take()
	*s = sharedProduct{Shared: *p, kern: best, parts: panels}
	if work*p.B.Cols < small {
		s.parts = 1
	} else {
		s.parts = min(panels, parallel.Threads())
	}
	parallel.Run(s.parts, 1, s)
	*s = sharedProduct{}
	sharedProducts.Put(s)
}

// Range computes parts of the columns.
func (p *sharedProduct) Range(lo, hi int) {
	s := scratches.Take()
	defer s.release()
	n, k, cols := p.B.Cols, p.B.Rows, p.kern.Cols
	panels := (n + cols - 1) / cols
	n0, n1 := panels*lo/p.parts*cols, min(n, panels*hi/p.parts*cols)
	kc := pieces(k, depth, 8)
	nc := pieces(n1-n0, max(cols, blockB/min(kc, k)), cols)
	b := product{kern: p.kern, n: n, k: k, b: p.B.Data, ldb: p.B.Stride}
	for js := n0; js < n1; js += nc {
		je := min(js+nc, n1)
		for ks := 0; ks < k; ks += kc {
			ke := min(ks+kc, k)
			b.packB(s.b, cols, js, je, ks, ke)
			for i := range p.Each {
				p.Each[i].multiply(s, p.kern, js, je, ks, ke)
			}
			if p.Sums != nil {
				t := &s.t
				t.A, t.AI, t.AK, t.next = &one, 0, 0, nil
				t.pass(p.kern, s, 0, ke-ks, ke-ks, ks > 0)
				t.C, t.Ldc = &p.Sums[js], 0
				p.kern.Run(t, 1, je-js)
			}
		}
	}
}

// pass sets what is the same for all tiles of the rows lo to hi of a packed block of so many rows.
func (t *Tile) pass(kern *Kernel, s *scratch, lo, hi, rows int, add bool) {
	t.B, t.BK, t.BN = &s.b[lo*kern.Cols], int64(kern.Cols), int64(kern.panelSize(rows, false))
	t.K, t.Flags, t.Bias = int64(hi-lo), Flush, nil
	if add {
		t.Flags |= Add
	}
}

// multiply does the columns js to je with the packed rows ks to ke of B.
func (e *SharedPart) multiply(s *scratch, kern *Kernel, js, je, ks, ke int) {
	m := e.C.Rows
	lo, hi := max(ks, e.At), min(ke, e.At+e.A.Rows)
	je = min(je, e.C.Cols)
	if m == 0 || lo >= hi || js >= je {
		return
	}
	t := &s.t
	t.pass(kern, s, lo-ks, hi-ks, ke-ks, e.Add || lo > e.At)
	t.Ldc = int64(e.C.Stride)
	if m*e.C.Cols > far {
		t.Flags |= Prefetch
	}
	a := product{kern: kern, transA: true, a: e.A.Data, lda: e.A.Stride}
	tiles, packA := (m+kern.Rows-1)/kern.Rows, a.packsA(je-js)
	for tile := range tiles {
		i, end := m*tile/tiles, m*(tile+1)/tiles
		t.A, t.AI, t.AK = a.at(i, lo-e.At)
		if packA {
			t.A = &s.a[0]
			t.AI, t.AK = a.packA(s.a, i, end-i, lo-e.At, hi-e.At)
		}
		t.next, t.nextK, t.nextN = nil, 0, 0
		if end < m { // a row of the next tile with each p: of two lines that it may need, this tile has the first
			t.next, t.nextK = unsafe.Pointer(&e.A.Data[(lo-e.At)*e.A.Stride+min(2*end-i, m)-1]), 4*int64(e.A.Stride)
		}
		t.C = &e.C.Data[i*e.C.Stride+js]
		kern.Run(t, end-i, je-js)
	}
}
