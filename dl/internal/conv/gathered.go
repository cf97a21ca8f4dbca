package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// Where the images of the result are small and the weights large, a product for each image would read all weights for a few
// rows. The windows of many images are then copied beside each other, and are one product.

// A gathering copies windows of images, or adds their gradients up.
type gathering struct {
	*job
	windows []float32 // of the images from n0 on
	n0      int
	add     bool // to dx
}

var (
	gatherings freelist.List[gathering]
	// gatherTo is the number of pixels of the result up to which they are gathered, gatherFrom that of weights.
	// (Variables for tests.)
	gatherTo, gatherFrom = 64, 1 << 15
)

// gatherSize is the number of elements of windows at a time.
const gatherSize = 1 << 20

func (j *job) gathers() bool {
	return j.G == 1 && j.N > 1 && j.OH*j.OW <= gatherTo && j.KH*j.KW*j.C*j.F >= gatherFrom
}

// windowSize is the number of elements of a window, and of those of an image.
func (j *job) windowSize() (one, all int) {
	one = j.KH * j.KW * j.C
	return one, one * j.OH * j.OW
}

// Range does the images n0+lo to n0+hi-1.
func (g *gathering) Range(lo, hi int) {
	s := scratches.Take()
	own := s.patch
	_, all := g.windowSize()
	for i := lo; i < hi; i++ {
		s.patch = g.windows[i*all : (i+1)*all]
		if g.add {
			g.scatter(s, g.n0+i)
		} else {
			img, width := g.image(s, g.x, g.n0+i)
			g.patches(s, img, width, 0, g.OH, false)
		}
	}
	s.patch = own
	s.release()
}

// scatter adds the gradients of the windows of image n to its own.
func (j *job) scatter(s *scratch, n int) {
	h, width, padded := j.padded()
	size := j.H * j.W * j.C
	img := j.dx[n*size : (n+1)*size]
	if padded {
		s.frame = grow(s.frame, h*width*j.C)
		img = s.frame
	}
	clear(img)
	j.patches(s, img, width, 0, j.OH, true)
	if padded {
		out := j.dx[n*size : (n+1)*size]
		for r := range j.H {
			copy(out[r*j.W*j.C:(r+1)*j.W*j.C], img[((r+j.PadTop)*width+j.PadLeft)*j.C:])
		}
	}
}

// eachGathering calls f for some images at a time, with memory for their windows.
func (j *job) eachGathering(f func(g *gathering, n0, n1 int)) {
	_, all := j.windowSize()
	images := min(j.N, max(1, gatherSize/all))
	blocks := (j.N + images - 1) / images
	g := gatherings.Take()
	*g = gathering{job: j, windows: grow(g.windows, images*all)}
	for i := range blocks {
		g.n0 = j.N * i / blocks
		f(g, g.n0, j.N*(i+1)/blocks)
	}
	*g = gathering{windows: g.windows}
	gatherings.Put(g)
}

func (g *gathering) run(images int, add bool) {
	g.add = add
	parallel.Run(images, 1, g)
}

// rowsOf is the matrix of the pixels of some images of a result.
func (j *job) rowsOf(y []float32, n0, n1 int) gemm.Matrix[float32] {
	pixels := j.OH * j.OW
	return gemm.Of(y[n0*pixels*j.F:n1*pixels*j.F], (n1-n0)*pixels, j.F)
}

func (j *job) forwardGathered() {
	one, _ := j.windowSize()
	j.eachGathering(func(g *gathering, n0, n1 int) {
		g.run(n1-n0, false)
		y := j.rowsOf(j.y, n0, n1)
		gemm.SgemmFused(gemm.Of(g.windows, y.Rows, one), gemm.Of(j.w, one, j.F), y, gemm.Epilogue{Bias: j.bias, ReLU: j.clip})
	})
}

func (j *job) backwardGathered() {
	one, _ := j.windowSize()
	s := scratches.Take()
	clear(j.db)
	j.eachGathering(func(g *gathering, n0, n1 int) {
		dy, size := j.rowsOf(j.y, n0, n1), j.OH*j.OW*j.F
		if j.norm.X != nil {
			s.back = grow(s.back, len(dy.Data))
			j.norm.gradient(s.back, dy.Data, n0*size)
			dy.Data = s.back
		}
		if db := j.db; db != nil || j.relu != nil {
			var y []float32
			if j.relu != nil {
				y, s.grad = j.relu[n0*size:n1*size], grow(s.grad, (n1-n0)*size)
			}
			if db == nil {
				s.sums = grow(s.sums, j.F)
				db = s.sums // not wanted
			}
			s.mask(s.grad, dy.Data, y, db, dy.Rows)
			if y != nil {
				dy.Data = s.grad
			}
		}
		if j.dw != nil {
			g.run(n1-n0, false)
			beta := float32(1)
			if n0 == 0 {
				beta = 0
			}
			gemm.Sgemm(1, gemm.Of(g.windows, dy.Rows, one).T(), dy, beta, gemm.Of(j.dw, one, j.F))
		}
		if j.dx != nil {
			gemm.SgemmFused(dy, gemm.Of(j.w, one, j.F).T(), gemm.Of(g.windows, dy.Rows, one), gemm.Epilogue{})
			g.run(n1-n0, true)
		}
	})
	s.release()
}
