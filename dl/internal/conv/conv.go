// Package conv computes convolutions of images and volumes and poolings of images
// in NHWC order (image, row, column, channel), kernels in the order row,
// column, channel, filter. Those of 3 x 3 taps with many channels go by Winograd's
// algorithm (winograd.go). Of others, where the windows of a row of output pixels are a
// strided matrix already, gemm's micro-kernel reads them in place; the windows of
// dilated and grouped convolutions are copied beside each other (im2col), a few at a
// time, and those of small images with large weights many images at a time
// (gathered.go); depthwise ones have kernels of their own. Padded images are copied
// into a frame of zeros first, one at a time.
//
// Convolutions of volumes (volumes.go) are of two kinds: Winograd's algorithm in their planes (volume_tiles.go), and
// products of strips of the rows under a row of windows (slide.go, slide_weights.go).
//
// It imports packages cpu, gemm, parallel, vec and freelist. forward.go, backward.go,
// depthwise.go and pool.go are the operations, patches.go, depth.go and lines.go what
// they are made of; their assembly is written by ../gen.
package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// Geometry is the shape of a convolution or pooling.
type Geometry struct {
	N, H, W, C      int // input
	KH, KW, F       int // window, and filters (F = C for poolings)
	SH, SW          int // stride
	DH, DW          int // dilation: from a tap to the next; 0 means 1
	G               int // groups, each of some channels and filters, that have nothing to do with each other; 0 means 1
	PadTop, PadLeft int // zeros above and left; below and right as OH and OW need
	OH, OW          int // output
}

// padded reports whether windows reach over the edge of the image, and the
// size of the frame.
func (g *Geometry) padded() (h, w int, yes bool) {
	h, w = (g.OH-1)*g.SH+(g.KH-1)*max(g.DH, 1)+1, (g.OW-1)*g.SW+(g.KW-1)*max(g.DW, 1)+1
	yes = g.PadTop > 0 || g.PadLeft > 0 || h > g.H || w > g.W
	if !yes {
		return g.H, g.W, false
	}
	return max(h, g.H+g.PadTop), max(w, g.W+g.PadLeft), true
}

// A job is one pass of a convolution, split by images.
type job struct {
	Geometry
	pass          func(*job, *scratch, int, int, int)
	x, w, bias, y []float32 // backwards y is its gradient
	dx, dw, db    []float32
	relu          []float32 // backwards: the result, if a ReLU made it
	norm          Norm      // backwards
	before        NormSums  // backwards
	normSums      []float64 // of each image; kept
	wt, sums      []float32 // kept for the next job
	u, du         []float32 // transformed weights, and gradients of them for each part; kept
	backwards     bool
	where         []int32
	clip          bool // apply ReLU
	parts         int
}

// scratch is what a thread needs.
type scratch struct {
	frame  []float32 // an image with its padding
	grad   []float32 // the gradient of an image
	patch  []float32 // windows
	sums   []float32
	taps   []float32 // the gradient of the weights of a single channel, in the order column, row
	v, m   []float32 // planes of tiles
	back   []float32 // the gradient of an image with its padding, or through a norm
	even   []float32 // a gradient of the result in even numbers of rows and columns
	graded int       // the number of the image, from 1 on, whose gradient Winograd's algorithm has in grad or even

	t    gemm.Tile
	w    windows
	r    runs
	d    depth
	slab slab
	l    lines
}

// Memory that is kept between calls.
var (
	jobs      freelist.List[job]
	scratches freelist.List[scratch]
)

func (j *job) release() {
	*j = job{wt: j.wt, sums: j.sums, normSums: j.normSums, u: j.u, du: j.du}
	jobs.Put(j)
}

func (s *scratch) release() {
	s.t, s.w, s.r, s.d, s.l = gemm.Tile{}, windows{}, runs{}, depth{}, lines{}
	s.graded = 0
	scratches.Put(s)
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return hugepages.Make[float32](n)
	}
	return s[:n]
}

// loose is the number of parts for each thread in a pass whose parts need no
// memory of their own: a thread that other work slows down gets fewer.
const loose = 4

func (j *job) run(partsPerThread int) {
	j.parts = min(partsPerThread*parallel.Threads(), j.N)
	parallel.Run(j.parts, 1, j)
}

// Range handles the parts lo <= part < hi: images are split evenly.
func (j *job) Range(lo, hi int) {
	for part := lo; part < hi; part++ {
		s := scratches.Take()
		j.pass(j, s, part, j.N*part/j.parts, j.N*(part+1)/j.parts)
		s.release()
	}
}

// image returns image n of x, in its frame where the geometry pads, and the
// length of its rows in pixels.
func (j *job) image(s *scratch, x []float32, n int) ([]float32, int) {
	h, w, padded := j.padded()
	size := j.H * j.W * j.C
	img := x[n*size : (n+1)*size]
	if !padded {
		return img, j.W
	}
	s.frame = grow(s.frame, h*w*j.C)
	row := j.W * j.C
	surround(s.frame, row, j.H, w*j.C, j.PadTop, j.PadLeft*j.C, func(dst []float32, r int) { copy(dst, img[r*row:]) })
	return s.frame, w
}

// surround has rows of n elements written into longer ones, from row top and element left on, with zeros around them.
func surround(dst []float32, n, rows, wide, top, left int, write func(dst []float32, row int)) {
	zeros := 0 // begin there
	for r := range rows {
		at := (top+r)*wide + left
		clear(dst[zeros:at])
		write(dst[at:at+n], r)
		zeros = at + n
	}
	clear(dst[zeros:])
}
