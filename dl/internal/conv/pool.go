package conv

import (
	"math"
	"unsafe"
)

// windows is one call of a pooling kernel: count windows side by side whose
// taps all lie in the image, and of each pixel the first vecs vectors of
// channels. Distances are in bytes. The assembly reads the fields by their
// offsets: keep the order.
type windows struct {
	x     *float32 // first pixel of the first window: of the image, or of its gradient
	y     *float32 // pooled values, or their gradients
	where *int32   // number of the largest tap in its window
	value *float32 // maxPoolGrad: pooled values
	count int64
	vecs  int64
	step  int64 // from a window to the next
	c     int64 // from a pixel to the next
	row   int64 // from a row of the image to the next
	kh    int64
	kw    int64
	tap   int64 // number of the first tap
	skip  int64 // taps over the edge at the end of a row
	one   int64
	rest  int64 // channels beyond vecs
	low   float64
	flags int64
}

// Flags of windows, for maxPoolGrad.
const (
	gradRelu = 1 << iota // no gradient where the pooled value is not positive
	gradAdd              // add to what is there
)

// MaxPool writes the largest element of each window of x [N,H,W,C] to y
// [N,OH,OW,C] and the number of its tap, row by row, to where. Of equal ones it
// is the first; a NaN is larger than everything.
func MaxPool(g Geometry, x, y []float32, where []int32) {
	j := jobs.Take()
	j.Geometry, j.pass, j.x, j.y, j.where = g, (*job).maxPool, x, y, where
	j.run(loose)
	j.release()
}

// MaxPoolGrad computes dx [N,H,W,C] from dy [N,OH,OW,C] and where. Unless y is
// nil it holds the pooled values, and dx is the gradient in front of a ReLU
// whose result was pooled: a window whose largest element is 0 has none.
func MaxPoolGrad(g Geometry, dy, y []float32, where []int32, dx []float32) {
	j := jobs.Take()
	j.Geometry, j.pass, j.y, j.w, j.where, j.dx = g, (*job).maxPoolGrad, dy, y, where, dx
	j.run(loose)
	j.release()
}

func (j *job) maxPool(s *scratch, _, n0, n1 int) {
	j.eachRun(n0, n1, func(r run) {
		from := 0
		if vecs(j.C) > 0 {
			w := &s.w
			*w = j.windows(r)
			w.x, w.y, w.where = &j.x[r.x], &j.y[r.y], &j.where[r.y]
			best.maxPool((*byte)(unsafe.Pointer(w)))
			from = vecs(j.C) * best.width
		}
		if from < j.C {
			j.maxPoolRun(r, from)
		}
	})
}

// maxPoolRun is maxPool for the channels from from on: the oracle.
func (j *job) maxPoolRun(r run, from int) {
	for i := range r.count {
		y, where := j.y[r.y+i*j.C:][:j.C], j.where[r.y+i*j.C:][:j.C]
		for c := from; c < j.C; c++ {
			y[c], where[c] = float32(math.Inf(-1)), int32(r.tap)
		}
		for ky := range r.kh {
			for kx := range r.kw {
				x := j.x[r.x+(i*j.SW+ky*j.W+kx)*j.C:][:j.C]
				for c := from; c < j.C; c++ {
					if v := x[c]; v > y[c] || v != v {
						y[c], where[c] = v, int32(r.tap+ky*j.KW+kx)
					}
				}
			}
		}
	}
}

func (j *job) maxPoolGrad(s *scratch, _, n0, n1 int) {
	flags := int64(0)
	if j.w != nil {
		flags |= gradRelu
	}
	size := j.H * j.W * j.C
	if j.SH != j.KH || j.SW != j.KW { // windows overlap, or leave gaps
		clear(j.dx[n0*size : n1*size])
		flags |= gradAdd
	} else {
		j.clearEdge(n0, n1)
	}
	j.eachRun(n0, n1, func(r run) {
		from := 0
		if vecs(j.C) > 0 {
			w := &s.w
			*w = j.windows(r)
			w.x, w.y, w.where, w.flags = &j.dx[r.x], &j.y[r.y], &j.where[r.y], flags
			if j.w != nil {
				w.value = &j.w[r.y]
			}
			best.maxPoolGrad((*byte)(unsafe.Pointer(w)))
			from = vecs(j.C) * best.width
		}
		if from < j.C {
			j.maxPoolGradRun(r, from, flags)
		}
	})
}

// maxPoolGradRun is maxPoolGrad for the channels from from on: the oracle.
func (j *job) maxPoolGradRun(r run, from int, flags int64) {
	for i := range r.count {
		at := r.y + i*j.C
		for ky := range r.kh {
			for kx := range r.kw {
				dx := j.dx[r.x+(i*j.SW+ky*j.W+kx)*j.C:][:j.C]
				tap := int32(r.tap + ky*j.KW + kx)
				for c := from; c < j.C; c++ {
					d := float32(0)
					if j.where[at+c] == tap && (j.w == nil || j.w[at+c] > 0) {
						d = j.y[at+c]
					}
					if flags&gradAdd != 0 {
						d += dx[c]
					}
					dx[c] = d
				}
			}
		}
	}
}

// clearEdge clears the rows and columns of dx that no window reaches when
// windows stand side by side.
func (j *job) clearEdge(n0, n1 int) {
	rows, cols := min(j.H, j.OH*j.KH-j.PadTop), min(j.W, j.OW*j.KW-j.PadLeft)
	for n := n0; n < n1; n++ {
		img := j.dx[n*j.H*j.W*j.C : (n+1)*j.H*j.W*j.C]
		clear(img[rows*j.W*j.C:])
		if cols < j.W {
			for r := range rows {
				clear(img[(r*j.W+cols)*j.C : (r+1)*j.W*j.C])
			}
		}
	}
}

// A run is some windows side by side with the same taps inside the image.
type run struct {
	x, y   int // places of the first in x and in y
	count  int
	kh, kw int // taps
	tap    int // number of the first
}

// eachRun calls f for all windows of the images n0 <= n < n1.
func (j *job) eachRun(n0, n1 int, f func(r run)) {
	// Windows from first to last-1 do not reach over the left or right edge.
	first := min((j.PadLeft+j.SW-1)/j.SW, j.OW)
	last := max(first, min((j.W+j.PadLeft-j.KW)/j.SW+1, j.OW))
	if j.W+j.PadLeft < j.KW {
		last = first
	}
	for n := n0; n < n1; n++ {
		for oy := range j.OH {
			y0 := oy*j.SH - j.PadTop
			top, bottom := max(y0, 0), min(y0+j.KH, j.H)
			for ox := 0; ox < j.OW; {
				x0 := ox*j.SW - j.PadLeft
				left, right := max(x0, 0), min(x0+j.KW, j.W)
				r := run{x: ((n*j.H+top)*j.W + left) * j.C, y: ((n*j.OH+oy)*j.OW + ox) * j.C, count: 1,
					kh: bottom - top, kw: right - left, tap: (top-y0)*j.KW + left - x0}
				if ox == first && last > first {
					r.count = last - first
				}
				f(r)
				ox += r.count
			}
		}
	}
}

// windows describes a run to a kernel.
func (j *job) windows(r run) windows {
	v := vecs(j.C)
	return windows{count: int64(r.count), vecs: int64(v), step: int64(4 * j.SW * j.C), c: int64(4 * j.C),
		row: int64(4 * j.W * j.C), kh: int64(r.kh), kw: int64(r.kw), tap: int64(r.tap), skip: int64(j.KW - r.kw), one: 1,
		rest: int64(4 * (j.C - v*best.width)), low: math.Float64frombits(uint64(math.Float32bits(float32(math.Inf(-1))))), flags: 0}
}
