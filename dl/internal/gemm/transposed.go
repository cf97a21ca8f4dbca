package gemm

import (
	"unsafe"

	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// A transposedProduct is C = A*B^T for a small A and a large B, computed as
// (B*A^T)^T. B, which is the largest, is read once, in order and in place; A^T is
// packed, and small blocks of the result are transposed when they are written to
// C. Packing B would take a third of the time of 64 x 21632 x 128.
type transposedProduct struct {
	m, n, k       int
	a, b, c       []float32
	lda, ldb, ldc int
	panels        []float32 // A^T
}

// transposedRows is the number of rows of B, and of columns of C, in a block: two
// lines of each row of C.
const transposedRows = 32

// transposeFrom is the size of B from which it comes from memory, not from L2 or L3:
// then 64 x 21632 x 128, computed transposed in a training step, takes 3.7 ms in place of
// 4.8. From L3 both take 3.5. (A variable for tests.)
var transposeFrom = 1 << 20

// betterTransposed reports whether a product is faster when computed transposed:
// when A^T stays in L2 and the rows of B do not fall into the same sets of L1.
func betterTransposed(m, n, k, ldb int) bool {
	return best != portable && n*k >= transposeFrom && m >= 32 && m <= 128 && k >= 64 && k <= 512 && ldb%512 != 0
}

// multiplyTransposed computes C = A*B^T.
func multiplyTransposed(a, b, c Matrix[float32]) {
	m, n, k := sizes(a, b, c)
	t := transposedProducts.Take()
	*t = transposedProduct{m, n, k, a.Data, b.Data, c.Data, a.Stride, b.Stride, c.Stride, t.panels}
	size := (m + best.Cols - 1) / best.Cols * best.panelSize(k, true)
	if cap(t.panels) < size {
		t.panels = hugepages.Make[float32](size)
	}
	t.panels = t.panels[:size]
	p := product{kern: best, transB: true, b: a.Data, ldb: a.Stride}
	p.packB(t.panels, best.Cols, 0, m, 0, k)
	parallel.Run((n+transposedRows-1)/transposedRows, 1+small/(m*transposedRows*k), t)
	t.release()
}

// Range computes blocks of columns of C.
func (p *transposedProduct) Range(lo, hi int) {
	kern := best
	s := scratches.Take()
	defer s.release()
	t := &s.t
	t.K, t.AI, t.AK = int64(p.k), int64(p.ldb), 1
	t.B, t.BK, t.BN = &p.panels[0], int64(kern.Cols), int64(kern.panelSize(p.k, true))
	t.Ldc, t.Flags, t.Bias = int64(p.m), Flush, nil
	d := s.b[:transposedRows*p.m]
	fetched := int64(p.k) * int64(max(1, p.m/kern.Cols)) // places to fetch from in a tile
	for j := lo * transposedRows; j < min(hi*transposedRows, p.n); j += transposedRows {
		rows := min(transposedRows, p.n-j)
		fetchRows(p.c[j:], p.ldc, p.m) // meanwhile: each row is a page away from the next one
		tiles := (rows + kern.Rows - 1) / kern.Rows
		for tile := range tiles {
			i, end := rows*tile/tiles, rows*(tile+1)/tiles
			t.A, t.C = &p.b[(j+i)*p.ldb], &d[i*p.m]
			t.next = nil
			if j+end < p.n { // the next rows
				t.next = unsafe.Pointer(&p.b[(j+end)*p.ldb])
				t.nextK = (4*int64(end-i)*int64(p.ldb) + fetched - 1) / fetched
				t.nextN = t.nextK * t.K
			}
			kern.Run(t, end-i, p.m)
		}
		Transpose(p.c[j:], p.ldc, d, p.m, rows, p.m)
	}
}

var transposedProducts freelist.List[transposedProduct]

func (p *transposedProduct) release() {
	*p = transposedProduct{panels: p.panels}
	transposedProducts.Put(p)
}
