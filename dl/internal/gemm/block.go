package gemm

import (
	"unsafe"

	"modelbook/dl/internal/cpu"
	"modelbook/dl/internal/hugepages"
	"modelbook/internal/freelist"
)

// Block sizes, and when to pack. The figures are for SGEMM with AVX-512 on
// Zen 4 (caches 32 KB, 1 MB, 32 MB shared), in shares of the peak of
// multiply-adds: the best repetition of one run for each size, on a machine with
// other work, so that a point or two are noise.
var (
	// depth is the most depth that one pass takes: at 256 a panel of B has
	// 32 KB, the block of B below has so many panels that one row of the next
	// tile of A can be fetched with each, and C is read and written once in 256
	// multiply-adds. 2048 x 2048 x 2048 and 2048 x 512 x 128 with 512: 86 and
	// 95 %, 384: 88 and 97 %, 256: 91 and 97 %.
	depth = 256
	// deep allows passes of twice the depth where a packed block of B with all columns stays near even so and the first
	// cache holds a tile of A: C is read and written half as often. On a Xeon with 48 KB, GFLOP/s with 256 and 512:
	// 2048 x 256 x 1024 of B^T 157 and 163; but 256 x 1024 x 2048 of A^T, whose blocks would have half of the columns,
	// 152 and 148.
	deep = cpu.L1() >= 40<<10
	// blockB is how many values of B stay in L2 while the tiles of A pass by;
	// the rest of L2 is for these and for C. 1024 x 1024 x 1024 with half of it:
	// 90 %, with 5/8: 93 %; 2048 x 2048 x 2048: 91 % with both.
	blockB = cpu.L2() / 4 * 5 / 8
	// packedB: with more rows it pays to pack a B that is not transposed,
	// except where it has a single panel. 60: 95 % for 128 x 512 x 784, 256: 98 %.
	packedB = 256
	// spreadB is how far rows of B lie apart that are packed from spreadRows rows of A on: each is on a page of its own, and
	// some hundreds of these are more than the processor has at hand. On a Xeon, GFLOP/s without and with: 256 x 1024 x
	// 2048 of A^T 130 and 149, 128 x 3072 x 768 118 and 139, 128 x 900 x 2048 107 and 126, 48 x 3072 x 768 109 and 116,
	// but 128 x 640 x 2048 138 and 132.
	spreadB, spreadRows = 896, 40
	// A is read where it lies, as long as a tile of it does not fill few sets of
	// the caches: rows of A a multiple of a page apart, or of A^T farther than
	// half of that, are packed. 1024 x 1024 x 1024 without: 73 %, with: 80 to 88 %
	// (both with a depth of 512). A^T of 768 columns, 768 x 3072 x 1024, on a Xeon
	// with AMX, beside oneDNN in the same rounds: 0.71 and 0.75 without, 0.82 and
	// 0.84 with. Of narrower A^T, rows a multiple of setsA apart are in a quarter of
	// the sets or fewer, which counts where many panels of B meet the tile: on a Xeon,
	// GFLOP/s without and with: 128 x 512 x 2048 152 and 156, 256 x 256 x 256 161 and
	// 165, but 128 x 128 x 2048 163 and 162.
	page  = 1024
	setsA = 64
	// far is the number of values of C from which C is fetched beforehand.
	far = 1 << 16
)

// A block is a part of a product that one thread computes: rows m0..m1 and
// columns n0..n1 of C over the depth k0..k1.
type block struct {
	m0, m1, n0, n1, k0, k1 int
	c                      []float32
	ldc                    int
	add                    bool
	e                      Epilogue
}

// scratch is one thread's memory: a packed block of B and a packed tile of A.
type scratch struct {
	a, b []float32
	t    Tile
}

var scratches = freelist.List[scratch]{New: func() *scratch {
	return &scratch{a: make([]float32, 16*(2*depth+16)), b: hugepages.Make[float32]((blockB + 64*depth) / 32 * 33)}
}}

func (s *scratch) release() {
	s.t = Tile{}
	scratches.Put(s)
}

// pieces cuts n into equal pieces of at most size and returns their length, a
// multiple of unit.
func pieces(n, size, unit int) int {
	count := (n + size - 1) / size
	return ((n+count-1)/count + unit - 1) / unit * unit
}

// passDepth is the most depth of a pass with a packed B of so many columns.
func passDepth(columns int) int {
	if deep && columns*2*depth <= blockB {
		return 2 * depth
	}
	return depth
}

// panelSize is how far panels of B lie apart, with so many rows. Unless B is transposed, each of its rows is written to all
// of them: they are not a multiple of a page apart, which would be in the same sets of the first cache.
func (k *Kernel) panelSize(rows int, transB bool) int {
	size := k.Cols * rows
	if !transB && size > 0 && size%page == 0 {
		size += k.Cols
	}
	return size
}

// block computes a block: a part of B at a time stays in L2, and the tiles of A
// pass by.
func (p *product) block(s *scratch, b *block) {
	kern := p.kern
	m, n, k := b.m1-b.m0, b.n1-b.n0, b.k1-b.k0
	packB := p.transB || n > kern.Cols && (m > packedB || m >= spreadRows && p.ldb >= spreadB)
	most := depth
	if p.m > packedB && !p.transA { // of the whole product, so that sums do not depend on the number of threads
		most = passDepth(p.n)
	}
	kc := pieces(k, most/kern.unit(), 8)
	nc := pieces(n, max(kern.Cols, blockB/min(kc, k)), kern.Cols)
	tiles := (m + kern.Rows - 1) / kern.Rows
	t := &s.t
	t.Ldc = int64(b.ldc)
	for js := b.n0; js < b.n1; js += nc {
		je := min(js+nc, b.n1)
		packA := p.packsA(je - js)
		for ks := b.k0; ks < b.k1; ks += kc {
			ke := min(ks+kc, b.k1)
			b.begin(t, js, ks, ke)
			if packB {
				p.packB(s.b, kern.Cols, js, je, ks, ke)
				t.B, t.BK, t.BN = &s.b[0], int64(kern.Cols), int64(kern.panelSize(ke-ks, p.transB))
			} else {
				t.B, t.BK, t.BN = &p.b[ks*p.ldb+js], int64(p.ldb), int64(kern.Cols)
			}
			for tile := range tiles {
				i, end := b.m0+m*tile/tiles, b.m0+m*(tile+1)/tiles
				a, stepI, stepK := p.at(i, ks)
				t.A, t.AI, t.AK = a, stepI, stepK
				if packA {
					t.A = &s.a[0]
					t.AI, t.AK = p.packA(s.a, i, end-i, ks, ke)
				}
				t.next, t.nextK, t.nextN = nil, 0, 0
				if end < b.m1 { // a row of the next tile with each panel, or a column with each p
					next, panel := end, 4*stepI
					if p.transA { // of two lines that it may need, this tile has the first
						next, panel = min(2*end-i, b.m1)-1, 0
					}
					a, _, _ := p.at(next, ks)
					t.next, t.nextK, t.nextN = unsafe.Pointer(a), 4*stepK, panel
					if places := t.K * int64((je-js)/kern.Cols); !p.transA && je-js < (end-i)*kern.Cols && places > 0 && stepI <= 2*t.K {
						// fewer panels than rows: all of them in a row, with what lies between
						t.nextK = (4*int64(min(end-i, b.m1-end))*stepI + places - 1) / places
						t.nextN = t.nextK * t.K
					}
				}
				if left := tiles - tile; left <= 2 && !packB && je-js == p.ldb && ke < b.k1 {
					// Half of the next rows of B with each of the last two tiles: where B
					// comes from memory, the first tile would wait for it. 64 x 128 x 21632
					// without: 3.7 ms, with: 3.2.
					size := min(kc, b.k1-ke) * p.ldb / 2
					t.next = unsafe.Pointer(&p.b[ke*p.ldb+js+(2-left)*size])
					t.nextK = int64(4*size) / (t.K * max(1, int64(je-js)/int64(kern.Cols)))
					t.nextN = t.nextK * t.K
				}
				t.C = &b.c[i*b.ldc+js]
				kern.Run(t, end-i, je-js)
				if b.e.Finish != nil && ke == b.k1 {
					for ; i < end; i++ {
						b.e.Finish.Finish(i, js, b.c[i*b.ldc+js:i*b.ldc+je])
					}
				}
			}
		}
	}
}

// packsA reports whether tiles of A are packed that meet so many columns of B.
func (p *product) packsA(columns int) bool {
	switch cols := p.kern.Cols; {
	case columns <= cols:
		return false
	case p.transA:
		return p.lda >= page/2 || p.lda%setsA == 0 && columns >= 8*cols
	}
	return p.lda%page == 0
}

// begin sets what is the same for all tiles of a pass over the depth ks..ke.
func (b *block) begin(t *Tile, js, ks, ke int) {
	t.K, t.Flags, t.Bias = int64(ke-ks), Flush, nil
	if ks > b.k0 || b.add {
		t.Flags |= Add
	}
	if (b.m1-b.m0)*(b.n1-b.n0) > far {
		t.Flags |= Prefetch
	}
	if ke < b.k1 {
		return
	}
	if b.e.Bias != nil {
		t.Bias = &b.e.Bias[js]
	}
	if b.e.ReLU {
		t.Flags |= ReLU
	}
}

// at returns where element i, k of op(A) lies, and the steps along its rows and columns.
func (p *product) at(i, k int) (a *float32, stepI, stepK int64) {
	unit := p.kern.unit()
	if p.transA {
		return &p.a[k*p.lda+i*unit], int64(unit), int64(p.lda)
	}
	return &p.a[i*p.lda+k*unit], int64(p.lda), int64(unit)
}
