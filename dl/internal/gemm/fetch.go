package gemm

import "unsafe"

// SgemmFetch computes C = A^T*B on the calling goroutine: A is k x m, B k x n
// and C m x n. Meanwhile it brings next, what the caller works on afterwards,
// into the near caches: the arithmetic leaves memory idle, and the caller's
// work with little arithmetic does not have to wait for it.
func SgemmFetch(m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, next [3][]float32) {
	kern := best
	s := takeScratch()
	defer s.release()
	p := product{kern: kern, transA: true, a: a, lda: lda}
	kc := pieces(k, depth, 8)
	tiles := (m + kern.Rows - 1) / kern.Rows
	t := &s.t
	t.Ldc, t.BK, t.BN, t.Bias = int64(ldc), int64(ldb), int64(kern.Cols), nil
	for ks := 0; ks < k; ks += kc {
		ke := min(ks+kc, k)
		t.K, t.Flags, t.B = int64(ke-ks), 0, &b[ks*ldb]
		if ks > 0 {
			t.Flags = Add
		}
		for tile := range tiles {
			i, end := m*tile/tiles, m*(tile+1)/tiles
			t.A = &s.a[0]
			t.AI, t.AK = p.packA(s.a, i, end-i, ks, ke)
			t.next, t.nextK, t.nextN = nil, 0, 0
			if ks == 0 {
				t.fetch(next[tile*3/tiles], tile, tiles, n/kern.Cols)
			}
			t.C = &c[i*ldc]
			kern.Run(t, end-i, n)
		}
	}
}

// fetch spreads a tile's share of a third of what is to be fetched over the
// tile's multiply-adds.
func (t *Tile) fetch(from []float32, tile, tiles, panels int) {
	first := (tile*3/tiles*tiles + 2) / 3 // the tile with which this third begins
	last := ((tile*3/tiles+1)*tiles + 2) / 3
	lo, hi := len(from)*(tile-first)/(last-first), len(from)*(tile+1-first)/(last-first)
	if lo == hi || panels == 0 {
		return
	}
	t.next = unsafe.Pointer(&from[lo])
	t.nextK = (int64(4*(hi-lo)) + t.K*int64(panels) - 1) / (t.K * int64(panels))
	t.nextN = t.nextK * t.K
}
