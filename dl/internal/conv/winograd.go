package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

// Winograd's algorithm F(2x2, 3x3) (Lavin and Gray, 2015) takes 16 products where a convolution of 3 x 3 taps takes 36: a
// tile of 4 x 4 pixels of the image, 2 apart, becomes 16 values of each channel, in 16 planes; the weights become 16
// matrices; plane times matrix gives 16 values of each filter, of which 2 x 2 pixels of the result are sums. Each gradient
// goes the same way back. Transformed values are sums of at most four, so errors are about those of the definition.

// planes is the number of values of a tile.
const planes = 16

// tileGrid is the number of tiles of an image, down and across.
func (g *Geometry) tileGrid() (down, across int) { return (g.OH + 1) / 2, (g.OW + 1) / 2 }

// winogradFrom is the number of tiles that pay for transforming the weights. (A variable for tests.)
var winogradFrom = 64

// winograd reports whether the algorithm is faster here: where the transformations, which are a matter of memory, are
// small beside the products.
func (j *job) winograd() bool {
	if best.width == 0 || !j.plain() || j.KH != 3 || j.KW != 3 || j.SH != 1 || j.SW != 1 || j.C%32 != 0 || j.F%32 != 0 {
		return false
	}
	down, across := j.tileGrid()
	return j.N*down*across >= winogradFrom
}

// A tileBlock is the tiles of some rows of tiles, of one image or of several, on their way through a convolution. Rows are
// numbered through all images. In v are planes of channels, in m of filters.
type tileBlock struct {
	from, to int // rows
	across   int // tiles of a row
	v, m     []float32
	ldv, ldm int // from a tile to the next, not a power of two
	vs, ms   int // from a plane to the next
}

func (b *tileBlock) tiles() int { return (b.to - b.from) * b.across }

// gap is what lies between tiles, so that those of many channels do not fall into the same sets of the caches.
const gap = 16

// tilesOf describes a block, whose planes lie in memory that is used again.
func (j *job) tilesOf(s *scratch, from, to int) tileBlock {
	_, across := j.tileGrid()
	b := tileBlock{from: from, to: to, across: across, ldv: j.C + gap, ldm: j.F + gap}
	b.vs, b.ms = b.tiles()*b.ldv, b.tiles()*b.ldm
	s.v, s.m = grow(s.v, planes*b.vs), grow(s.m, planes*b.ms)
	b.v, b.m = s.v, s.m
	return b
}

// winogradTiles is the number of tiles of a block: few enough to stay in L2, so many that the weights are not read too
// often. (A variable for tests.)
var winogradTiles = 64

// tileBlocks calls f for the rows of tiles of the images n0 to n1-1, some at a time.
func (j *job) tileBlocks(n0, n1 int, f func(from, to int)) {
	down, across := j.tileGrid()
	per := max(1, winogradTiles/across)
	n := (n1 - n0) * down
	parts := (n + per - 1) / per
	for part := range parts {
		f(n0*down+n*part/parts, n0*down+n*(part+1)/parts)
	}
}

// framed is the size of an image with what tiles need around it, and whether it has that already.
func (j *job) framed() (h, w int, already bool) {
	down, across := j.tileGrid()
	h, w = 2*down+2, 2*across+2
	if j.PadTop == 0 && j.PadLeft == 0 && h <= j.H && w <= j.W {
		return j.H, j.W, true
	}
	return h, w, false
}

// unframe copies the pixels of an image out of its frame.
func (j *job) unframe(img, frame []float32, h, w int) {
	columns := min(j.W, w-j.PadLeft) * j.C
	if columns <= 0 {
		return
	}
	for r := range min(j.H, h-j.PadTop) {
		copy(img[r*j.W*j.C:][:columns], frame[((r+j.PadTop)*w+j.PadLeft)*j.C:])
	}
}

// inputTiles transforms the image under the rows of tiles from r0 to r1.
func (j *job) inputTiles(s *scratch, b *tileBlock, r0, r1 int) {
	down, _ := j.tileGrid()
	size := j.H * j.W * j.C
	j.beside(s)
	for r := r0; r < r1; r++ {
		j.inputRow(s, j.x[r/down*size:(r/down+1)*size], r%down, b.v[(r-b.from)*b.across*b.ldv:], b.vs, b.ldv)
	}
}

// beside prepares memory for rows of an image: what is beside it is 0, and stays so.
func (g *Geometry) beside(s *scratch) {
	columns, left, n := g.tileColumns()
	s.patch = grow(s.patch, 4*columns)
	for i := range 4 {
		clear(s.patch[i*columns:][:min(left, columns)])
		clear(s.patch[i*columns:][max(0, left+n):columns])
	}
}

// tileColumns is the length of the rows under tiles, in elements, and where and how long that of the image is.
func (g *Geometry) tileColumns() (columns, left, n int) {
	_, across := g.tileGrid()
	columns, left = (2*across+2)*g.C, g.PadLeft*g.C
	return columns, left, min(g.W*g.C, columns-left)
}

// inputRow transforms the image under row r of its tiles to v; planes lie vs apart, tiles ldv.
func (g *Geometry) inputRow(s *scratch, img []float32, r int, v []float32, vs, ldv int) {
	_, across := g.tileGrid()
	columns, left, n := g.tileColumns()
	if row := g.W * g.C; n > 0 {
		src := s.fourRows(img, row, 2*r-g.PadTop, g.H)
		s.line(byInput, &rows{s.patch[left:], columns, 0}, &rows{src, row, 0}, 1, n)
	}
	for i := range 4 {
		s.line(byInput, &rows{v[4*i*vs:], vs, ldv}, &rows{s.patch[i*columns:], g.C, 2 * g.C}, across, g.C)
	}
}

// fourRows returns the rows of an image from y on, with zeros for those that are not in it.
func (s *scratch) fourRows(img []float32, row, y, height int) []float32 {
	if y >= 0 && y+4 <= height {
		return img[y*row:]
	}
	s.frame = grow(s.frame, 4*row)
	clear(s.frame)
	if from, to := max(y, 0), min(y+4, height); from < to {
		copy(s.frame[(from-y)*row:], img[from*row:to*row])
	}
	return s.frame
}

// outputTiles computes the pixels of the result from the sums of the rows of tiles from r0 to r1.
func (j *job) outputTiles(s *scratch, b *tileBlock, r0, r1 int) {
	down, _ := j.tileGrid()
	size := j.OH * j.OW * j.F
	for r := r0; r < r1; r++ {
		j.outputRow(s, b.m[(r-b.from)*b.across*b.ldm:], b.ms, b.ldm, j.y[r/down*size:(r/down+1)*size], r%down, j.clip)
	}
}

// outputRow computes the pixels of image y under row r of its tiles from their sums m; planes lie ms apart, tiles ldm.
func (g *Geometry) outputRow(s *scratch, m []float32, ms, ldm int, y []float32, r int, clip bool) {
	_, across := g.tileGrid()
	for x := range 4 {
		column := &rows{m[x*ms:], 4 * ms, 0}
		s.line(byOutput, column, column, 1, across*ldm)
	}
	s.patch = grow(s.patch, 2*g.F)
	for i := range min(2, g.OH-2*r) {
		row := y[(2*r+i)*g.OW*g.F:][:g.OW*g.F]
		from := &rows{m[4*i*ms:], ms, ldm}
		pairs := g.OW / 2
		s.line(byOutput, &rows{row, g.F, 2 * g.F}, from, pairs, g.F)
		if g.OW%2 > 0 { // of the last two pixels the first
			from.data = from.data[pairs*ldm:]
			s.line(byOutput, &rows{s.patch, g.F, 0}, from, 1, g.F)
			copy(row[2*pairs*g.F:], s.patch)
		}
		if clip {
			vec.Relu(row, row)
		}
	}
}

// biasOf is what is added to plane p of the sums: what is in this one goes to each of the four pixels.
func (j *job) biasOf(p int) []float32 {
	if p == 5 {
		return j.bias
	}
	return nil
}

// planeProduct multiplies a plane of tiles, a, of k values, by a matrix in panels, k x n, from column j0 to j1, or adds
// that to c; to the sums it adds a bias unless that is nil.
func (s *scratch) planeProduct(a []float32, lda, tileCount, k int, b []float32, c []float32, ldc, j0, j1 int, add bool, bias []float32) {
	kern, t := gemm.Best(), &s.t
	columns := min(kern.Cols, j1-j0) // that a call takes: those of a panel
	t.AI, t.AK, t.BK, t.BN, t.Ldc, t.Bias = int64(lda), 1, int64(columns), int64(columns*k), int64(ldc), nil
	panel := columns
	if k*(j1-j0) <= nearPanels {
		columns = j1 - j0
	}
	for j := j0; j < j1; j += columns {
		for k0 := 0; k0 < k; k0 += nearDepth {
			t.K, t.Flags = int64(min(nearDepth, k-k0)), 0
			if add || k0 > 0 {
				t.Flags = gemm.Add
			}
			if t.Bias = nil; bias != nil && k0+nearDepth >= k {
				t.Bias = &bias[j]
			}
			t.B = &b[j*k+k0*panel]
			tiles(kern, tileCount, func(i, rows int) {
				t.A, t.C = &a[i*lda+k0], &c[i*ldc+j]
				kern.Run(t, rows, min(columns, j1-j))
			})
		}
	}
}

const (
	// nearPanels is the number of weights that stay in the first cache while all tiles pass by.
	nearPanels = 8 << 10
	// nearDepth is how deep a panel is that stays there.
	nearDepth = 256
)

// outputGrad is the gradient of image n of the result, through the norm and the ReLU, and in even numbers of rows and
// columns. What is new is added to db.
func (j *job) outputGrad(s *scratch, n int, db []float32) []float32 {
	down, across := j.tileGrid()
	size := j.OH * j.OW * j.F
	dy, odd := j.y[n*size:(n+1)*size], j.OH%2 > 0 || j.OW%2 > 0
	known := s.graded == n+1
	s.graded = n + 1
	if j.norm.X != nil {
		if s.grad = grow(s.grad, size); !known {
			j.norm.gradient(s.grad, dy, n*size)
		}
		dy = s.grad
	}
	if j.relu != nil || db != nil && !known {
		var y []float32
		if j.relu != nil {
			y, s.grad = j.relu[n*size:(n+1)*size], grow(s.grad, size)
		}
		if db == nil {
			s.sums = grow(s.sums, j.F)
			db = s.sums // not wanted
		}
		if !known {
			s.mask(s.grad, dy, y, db, j.OH*j.OW)
		}
		if y != nil {
			dy = s.grad
		}
	}
	if !odd {
		return dy
	}
	columns := 2 * across * j.F
	s.even = grow(s.even, 2*down*columns)
	if !known {
		clear(s.even)
		for y := range j.OH {
			copy(s.even[y*columns:], dy[y*j.OW*j.F:(y+1)*j.OW*j.F])
		}
	}
	return s.even
}

// outputGradTiles transforms the gradients of the result in the rows of tiles from r0 to r1, and adds them to db unless that
// is nil.
func (j *job) outputGradTiles(s *scratch, b *tileBlock, r0, r1 int, db []float32) {
	down, _ := j.tileGrid()
	columns := 2 * b.across * j.F
	for r := r0; r < r1; r++ {
		dy := j.outputGrad(s, r/down, db)
		s.gradRow(dy[2*(r%down)*columns:], b.across, j.F, b.m[(r-b.from)*b.across*b.ldm:], b.ms, b.ldm)
	}
}

// gradRow transforms two rows of the gradient of a result to a row of tiles m.
func (s *scratch) gradRow(dy []float32, across, filters int, m []float32, ms, ldm int) {
	columns := 2 * across * filters
	s.patch = grow(s.patch, 4*columns)
	s.line(byOutputGrad, &rows{s.patch, columns, 0}, &rows{dy, columns, 0}, 1, columns)
	for i := range 4 {
		s.line(byOutputGrad, &rows{m[4*i*ms:], ms, ldm}, &rows{s.patch[i*columns:], filters, 2 * filters}, across, filters)
	}
}

// weightsProduct adds to the gradient du of a transformed matrix, in the rows i0 to i1 of its C rows, or writes it.
func (j *job) weightsProduct(s *scratch, b *tileBlock, p int, du []float32, add bool, i0, i1 int) {
	kern, t := gemm.Best(), &s.t
	t.K, t.AI, t.AK = int64(b.tiles()), 1, int64(b.ldv)
	t.B, t.BK, t.BN, t.Ldc = &b.m[p*b.ms], int64(b.ldm), int64(kern.Cols), int64(j.F)
	t.Flags, t.Bias = 0, nil
	if add {
		t.Flags = gemm.Add
	}
	tiles(kern, i1-i0, func(i, rows int) {
		t.A, t.C = &b.v[p*b.vs+i0+i], &du[(i0+i)*j.F]
		kern.Run(t, rows, j.F)
	})
}

// inputGradTiles adds the gradients in v of the rows of tiles from r0 to r1 to the pixels of dx.
func (j *job) inputGradTiles(s *scratch, b *tileBlock, r0, r1 int) {
	down, _ := j.tileGrid()
	h, w, already := j.framed()
	size := j.H * j.W * j.C
	at, n := (r0-b.from)*b.across*b.ldv, (r1-r0)*b.across*b.ldv
	for x := range 4 {
		column := &rows{b.v[x*b.vs+at:], 4 * b.vs, 0}
		s.line(byInputGrad, column, column, 1, n)
	}
	for r := r0; r < r1; r++ {
		image, y := r/down, r%down
		frame := j.dx[image*size : (image+1)*size]
		if !already {
			s.back = grow(s.back, h*w*j.C)
			frame = s.back
		}
		if y == 0 {
			clear(frame)
			if h-j.PadTop < j.H || w-j.PadLeft < j.W { // no tile reaches the rest
				clear(j.dx[image*size : (image+1)*size])
			}
		}
		for i := range 4 {
			s.line(byInputGradAdd, &rows{frame[(2*y+i)*w*j.C:], j.C, 2 * j.C}, &rows{b.v[4*i*b.vs+(r-b.from)*b.across*b.ldv:], b.vs, b.ldv}, b.across, j.C)
		}
		if y == down-1 && !already {
			j.unframe(j.dx[image*size:(image+1)*size], frame, h, w)
		}
	}
}
