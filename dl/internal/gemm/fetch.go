package gemm

import "unsafe"

// A Fetching computes products one after the other on one goroutine, which fetch what their caller works on in between. It
// keeps its memory from one to the next: taken anew for each, that would be another thread's in turn, and in its caches.
type Fetching struct{ s *scratch }

// Fetch begins a Fetching. Call Release when it is done.
func Fetch() Fetching { return Fetching{scratches.Take()} }

// Release gives its memory back.
func (f Fetching) Release() { f.s.release() }

// Sgemm computes C = A*B; A is transposed and B is not. Meanwhile it fetches next, which the caller works on afterwards,
// into the near caches: the arithmetic leaves memory idle, and the caller's work, which has little arithmetic, need not
// wait for memory.
func (f Fetching) Sgemm(a, b, c Matrix[float32], next [3][]float32) {
	m, n, k := sizes(a, b, c)
	if !a.Transposed || b.Transposed {
		panic("gemm: a Fetching of other matrices than A^T*B")
	}
	kern, s := best, f.s
	p := product{kern: kern, transA: true, a: a.Data, lda: a.Stride}
	kc := pieces(k, depth, 8)
	tiles := (m + kern.Rows - 1) / kern.Rows
	t := &s.t
	t.Ldc, t.BK, t.BN, t.Bias = int64(c.Stride), int64(b.Stride), int64(kern.Cols), nil
	for ks := 0; ks < k; ks += kc {
		ke := min(ks+kc, k)
		t.K, t.Flags, t.B = int64(ke-ks), Flush, &b.Data[ks*b.Stride]
		if ks > 0 {
			t.Flags |= Add
		}
		for tile := range tiles {
			i, end := m*tile/tiles, m*(tile+1)/tiles
			t.A = &s.a[0]
			t.AI, t.AK = p.packA(s.a, i, end-i, ks, ke)
			t.next, t.nextK, t.nextN = nil, 0, 0
			if ks == 0 {
				t.fetch(next[tile*3/tiles], tile, tiles, n/kern.Cols)
			}
			t.C = &c.Data[i*c.Stride]
			kern.runFetching(t, end-i, n)
		}
	}
}

// fetch spreads a tile's share of a third of what is to be fetched over the
// tile's multiply-adds.
func (t *Tile) fetch(from []float32, tile, tiles, panels int) {
	first := (tile*3/tiles*tiles + 2) / 3 // the tile with which this third begins
	last := ((tile*3/tiles+1)*tiles + 2) / 3
	t.spread(from[len(from)*(tile-first)/(last-first):len(from)*(tile+1-first)/(last-first)], panels)
}

// spread fetches from meanwhile, spread over the tile's multiply-adds.
func (t *Tile) spread(from []float32, panels int) {
	if len(from) == 0 || panels == 0 {
		return
	}
	t.next = unsafe.Pointer(&from[0])
	t.nextK = (int64(4*len(from)) + t.K*int64(panels) - 1) / (t.K * int64(panels))
	t.nextN = t.nextK * t.K
}
