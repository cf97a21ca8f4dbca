// Package conv computes two-dimensional convolutions and poolings of images
// in NHWC order (image, row, column, channel), kernels in the order row,
// column, channel, filter. No patch is ever copied (im2col): the window of a
// row of output pixels is a strided matrix already, which gemm's micro-kernel
// reads where it lies. Padded images are copied into a frame of zeros first,
// one at a time.
package conv

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// Geometry is the shape of a convolution or pooling.
type Geometry struct {
	N, H, W, C      int // input
	KH, KW, F       int // window, and filters (F = C for poolings)
	SH, SW          int // stride
	PadTop, PadLeft int // zeros above and left; below and right as OH and OW need
	OH, OW          int // output
}

// padded reports whether windows reach over the edge of the image, and the
// size of the frame.
func (g *Geometry) padded() (h, w int, yes bool) {
	h, w = (g.OH-1)*g.SH+g.KH, (g.OW-1)*g.SW+g.KW
	yes = g.PadTop > 0 || g.PadLeft > 0 || h > g.H || w > g.W
	if !yes {
		return g.H, g.W, false
	}
	return max(h, g.H+g.PadTop), max(w, g.W+g.PadLeft), true
}

// A job is one pass of a convolution, split by images.
type job struct {
	Geometry
	pass           func(*job, *scratch, int, int, int)
	x, w, bias, y  []float32
	dx, dw, db, wt []float32
	where          []int32
	relu           bool
	parts          int
}

// scratch is what a thread needs: an image in its frame, and a tile.
type scratch struct {
	frame []float32
	t     gemm.Tile
	w     windows
	ones  [1]float32
}

var free struct {
	sync.Mutex
	jobs      []*job
	scratches []*scratch
	sums      []float32
}

func takeJob() *job {
	free.Lock()
	defer free.Unlock()
	if n := len(free.jobs); n > 0 {
		j := free.jobs[n-1]
		free.jobs = free.jobs[:n-1]
		return j
	}
	return new(job)
}

func (j *job) release() {
	wt := j.wt
	*j = job{wt: wt}
	free.Lock()
	free.jobs = append(free.jobs, j)
	free.Unlock()
}

func takeScratch() *scratch {
	free.Lock()
	defer free.Unlock()
	if n := len(free.scratches); n > 0 {
		s := free.scratches[n-1]
		free.scratches = free.scratches[:n-1]
		return s
	}
	return &scratch{ones: [1]float32{1}}
}

func (s *scratch) release() {
	s.t, s.w = gemm.Tile{}, windows{}
	free.Lock()
	free.scratches = append(free.scratches, s)
	free.Unlock()
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// loose is the number of parts for each thread of a pass whose parts need no
// memory of their own: a thread that is slowed down by other work gets fewer.
const loose = 4

func (j *job) run(partsPerThread int) {
	j.parts = min(partsPerThread*parallel.Threads(), j.N)
	parallel.Run(j.parts, 1, j)
}

// Range handles the parts lo <= part < hi: images are split evenly.
func (j *job) Range(lo, hi int) {
	for part := lo; part < hi; part++ {
		s := takeScratch()
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
	clear(s.frame)
	for r := range j.H {
		copy(s.frame[((r+j.PadTop)*w+j.PadLeft)*j.C:], img[r*j.W*j.C:(r+1)*j.W*j.C])
	}
	return s.frame, w
}

// Forward computes y [N,OH,OW,F] from x [N,H,W,C] and w [KH,KW,C,F], adds bias
// [F] unless it is nil, and applies ReLU when relu is set.
func Forward(g Geometry, x, w, bias []float32, relu bool, y []float32) {
	j := takeJob()
	j.Geometry, j.pass, j.x, j.w, j.bias, j.y, j.relu = g, (*job).forward, x, w, bias, y, relu
	j.run(loose)
	j.release()
}

func (j *job) forward(s *scratch, _, n0, n1 int) {
	kern := gemm.Best()
	t := &s.t
	t.K, t.AI, t.AK = int64(j.KW*j.C), int64(j.SW*j.C), 1
	t.BK, t.Ldc = int64(j.F), int64(j.F)
	tiles := (j.OW + kern.Rows - 1) / kern.Rows
	for n := n0; n < n1; n++ {
		img, width := j.image(s, j.x, n)
		for oy := range j.OH {
			row := j.y[(n*j.OH+oy)*j.OW*j.F:]
			for f := 0; f < j.F; f += kern.Cols {
				cols := min(kern.Cols, j.F-f)
				for tile := range tiles {
					ox := j.OW * tile / tiles
					rows := j.OW*(tile+1)/tiles - ox
					t.C = &row[ox*j.F+f]
					t.Flags, t.Bias = 0, nil
					for ky := range j.KH {
						if ky == j.KH-1 {
							if j.bias != nil {
								t.Bias = &j.bias[f]
							}
							if j.relu {
								t.Flags |= gemm.ReLU
							}
						}
						t.A = &img[((oy*j.SH+ky)*width+ox*j.SW)*j.C]
						t.B = &j.w[ky*j.KW*j.C*j.F+f]
						kern.Run(t, rows, cols)
						t.Flags = gemm.Add
					}
				}
			}
		}
	}
}

// BackwardWeights computes dw [KH,KW,C,F] and, unless it is nil, db [F] from
// x [N,H,W,C] and dy [N,OH,OW,F]. Each thread sums over its own images; the
// sums are added in the order of the threads.
func BackwardWeights(g Geometry, x, dy, dw, db []float32) {
	j := takeJob()
	j.Geometry, j.pass, j.x, j.y, j.dw, j.db = g, (*job).backwardWeights, x, dy, dw, db
	size := len(dw) + len(db)
	j.wt = grow(j.wt, (parallel.Threads()-1)*size)
	clear(dw)
	clear(db)
	clear(j.wt)
	j.run(1)
	for part := 1; part < j.parts; part++ {
		sums := j.wt[(part-1)*size:]
		for i := range dw {
			dw[i] += sums[i]
		}
		for i := range db {
			db[i] += sums[len(dw)+i]
		}
	}
	j.release()
}

func (j *job) backwardWeights(s *scratch, part, n0, n1 int) {
	kern := gemm.Best()
	dw, db := j.dw, j.db
	if part > 0 {
		size := len(dw) + len(db)
		sums := j.wt[(part-1)*size : part*size]
		dw, db = sums[:len(dw)], sums[len(dw):]
	}
	t := &s.t
	t.Flags, t.K, t.BK, t.Ldc = gemm.Add, int64(j.OW), int64(j.F), int64(j.F)
	height := j.KW * j.C
	tiles := (height + kern.Rows - 1) / kern.Rows
	for n := n0; n < n1; n++ {
		img, width := j.image(s, j.x, n)
		for oy := range j.OH {
			dy := j.y[(n*j.OH+oy)*j.OW*j.F:]
			for f := 0; f < j.F; f += kern.Cols {
				cols := min(kern.Cols, j.F-f)
				t.B = &dy[f]
				t.AI, t.AK = 1, int64(j.SW*j.C)
				for ky := range j.KH {
					row := img[(oy*j.SH+ky)*width*j.C:]
					for tile := range tiles {
						i := height * tile / tiles
						t.A, t.C = &row[i], &dw[(ky*height+i)*j.F+f]
						kern.Run(t, height*(tile+1)/tiles-i, cols)
					}
				}
				if len(db) > 0 { // a column of ones times dy
					t.A, t.AI, t.AK, t.C = &s.ones[0], 0, 0, &db[f]
					kern.Run(t, 1, cols)
				}
			}
		}
	}
}

// BackwardInput computes dx [N,H,W,C] from dy [N,OH,OW,F] and w [KH,KW,C,F].
func BackwardInput(g Geometry, dy, w, dx []float32) {
	j := takeJob()
	j.Geometry, j.pass, j.y, j.dx = g, (*job).backwardInput, dy, dx
	j.wt = grow(j.wt, len(w)) // [KH,F,KW,C]: filters outward, so that a row of the window is contiguous
	for ky := range g.KH {
		for i := range g.KW * g.C {
			for f := range g.F {
				j.wt[(ky*g.F+f)*g.KW*g.C+i] = w[(ky*g.KW*g.C+i)*g.F+f]
			}
		}
	}
	j.run(loose)
	j.release()
}

func (j *job) backwardInput(s *scratch, _, n0, n1 int) {
	kern := gemm.Best()
	h, width, padded := j.padded()
	size, run := j.H*j.W*j.C, j.KW*j.C
	t := &s.t
	t.Flags, t.K, t.AK, t.BK = gemm.Add, int64(j.F), 1, int64(run)
	// Output pixels whose windows do not overlap can be one tile.
	apart := 1
	for apart*j.SW < j.KW {
		apart++
	}
	t.AI, t.Ldc = int64(apart*j.F), int64(apart*j.SW*j.C)
	for n := n0; n < n1; n++ {
		img := j.dx[n*size : (n+1)*size]
		if padded {
			s.frame = grow(s.frame, h*width*j.C)
			img = s.frame
		}
		clear(img)
		for oy := range j.OH {
			dy := j.y[(n*j.OH+oy)*j.OW*j.F:]
			for ky := range j.KH {
				row := img[(oy*j.SH+ky)*width*j.C:]
				for first := range min(apart, j.OW) {
					count := (j.OW - first + apart - 1) / apart
					for i := 0; i < count; i += kern.Rows {
						ox := first + i*apart
						for c := 0; c < run; c += kern.Cols {
							t.A, t.B, t.C = &dy[ox*j.F], &j.wt[ky*j.F*run+c], &row[ox*j.SW*j.C+c]
							kern.Run(t, min(kern.Rows, count-i), min(kern.Cols, run-c))
						}
					}
				}
			}
		}
		if padded {
			out := j.dx[n*size : (n+1)*size]
			for r := range j.H {
				copy(out[r*j.W*j.C:(r+1)*j.W*j.C], img[((r+j.PadTop)*width+j.PadLeft)*j.C:])
			}
		}
	}
}
