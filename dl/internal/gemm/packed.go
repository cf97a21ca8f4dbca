package gemm

import (
	"unsafe"

	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
)

// A Packed is a B that multiplies many A, each too small to pack it for: it lies in memory panel by
// panel, in the order in which the micro-kernel reads it, as the steps of a recurrent layer do with
// their weights.
type Packed struct {
	kern       *Kernel
	rows, cols int
	panel      int // how far panels lie apart
	data       []float32
	from       Matrix[float32] // B while it is packed
}

// Pack takes the elements of b, in memory that is used again.
func (p *Packed) Pack(b Matrix[float32]) {
	p.kern, p.rows, p.cols, p.panel = best, b.Rows, b.Cols, best.panelSize(b.Rows, b.Transposed)
	size := (b.Cols + best.Cols - 1) / best.Cols * p.panel
	if cap(p.data) < size {
		p.data = hugepages.Make[float32](size)
	}
	p.data = p.data[:size]
	if size == 0 {
		return
	}
	p.from = b
	parallel.Run((b.Cols+best.Cols-1)/best.Cols, 1+packGrain/p.panel, (*packing)(p))
	p.from = Matrix[float32]{}
}

// packGrain is how many elements are worth a thread, which packs a few in a nanosecond.
const packGrain = 1 << 15

// A packing is a Packed whose panels threads fill.
type packing Packed

// Range packs the panels lo to hi.
func (p *packing) Range(lo, hi int) {
	q := product{kern: p.kern, transB: p.from.Transposed, n: p.cols, k: p.rows, b: p.from.Data, ldb: p.from.Stride}
	q.packB(p.data[lo*p.panel:], p.kern.Cols, lo*p.kern.Cols, min(p.cols, hi*p.kern.Cols), 0, p.rows)
}

// Sgemm computes C = A*B, added to what C holds if add is set, on the goroutine that calls it. C and A
// are not transposed.
func (p *Packed) Sgemm(a, c Matrix[float32], add bool) { p.SgemmFetch(a, c, add, nil) }

// SgemmFetch is Sgemm, which meanwhile fetches next, which the caller works on afterwards, into the near caches, if B is there.
func (p *Packed) SgemmFetch(a, c Matrix[float32], add bool, next []float32) {
	if a.Rows != c.Rows || a.Cols != p.rows || c.Cols != p.cols || a.Transposed || c.Transposed {
		panic("gemm: the matrices of a product do not fit")
	}
	m, n, k, kern := c.Rows, p.cols, p.rows, p.kern
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		if !add {
			for i := range m {
				clear(c.Data[i*c.Stride:][:n])
			}
		}
		return
	}
	s := scratches.Take()
	defer s.release()
	t := &s.t
	t.Ldc, t.AI, t.AK, t.BK, t.BN = int64(c.Stride), int64(a.Stride), 1, int64(kern.Cols), int64(p.panel)
	kc, tiles := pieces(k, passDepth(n), 8), (m+kern.Rows-1)/kern.Rows
	// Where B stays in the second cache, a tile of A meets all of it. Elsewhere a part of one panel, as deep as the first
	// cache holds, meets all tiles of A before the next one.
	width := n
	if !StaysNear(len(p.data)) {
		width = kern.Cols
	}
	for j := 0; j < n; j += width {
		at := j / kern.Cols * p.panel
		for ks := 0; ks < k; ks += kc {
			t.K, t.Flags = int64(min(kc, k-ks)), Prefetch|Flush
			if add || ks > 0 {
				t.Flags |= Add
			}
			t.B = &p.data[at+ks*kern.Cols]
			for tile := range tiles {
				i, end := m*tile/tiles, m*(tile+1)/tiles
				t.A, t.C, t.next = &a.Data[i*a.Stride+ks], &c.Data[i*c.Stride+j], nil
				if width == n { // each call of the kernel fetches its part
					call, calls := ks/kc*tiles+tile, (k+kc-1)/kc*tiles
					t.spread(next[len(next)*call/calls:len(next)*(call+1)/calls], n/kern.Cols)
				}
				if next := at + p.panel + ks*kern.Cols; width < n && tile == tiles-1 && next < len(p.data) {
					// Half of the part that the first tile reads next; the first cache has no room for more. 2 % of
					// 32 x 1024 x 256, on a Xeon.
					t.next, t.nextK, t.nextN = unsafe.Pointer(&p.data[next]), 64, 0
				}
				kern.Run(t, end-i, min(width, n-j))
			}
		}
	}
}
