package dl

import (
	"sync"

	"modelbook/dl/internal/conv"
	"modelbook/dl/internal/parallel"
)

func (cpu) maxPool(g windows, x, y, where *Tensor) {
	if x.dtype == Float32 {
		conv.MaxPool(g.geometry(), x.f32(), y.f32(), where.i32())
		return
	}
	in, out, taps := x.f64(), y.f64(), where.i32()
	g.eachWindow(func(n, oy, ox, o int) {
		for c := range g.C {
			first := true
			for ky := range g.KH {
				for kx := range g.KW {
					i, ok := g.under(n, oy, ox, ky, kx)
					if !ok {
						continue
					}
					if v := in[i+c]; first || v > out[o+c] || v != v {
						out[o+c], taps[o+c] = v, int32(ky*g.KW+kx)
					}
					first = false
				}
			}
		}
	})
}

func (cpu) maxPoolGrad(g windows, dy, y, where, dx *Tensor) {
	if dx.dtype == Float32 {
		conv.MaxPoolGrad(g.geometry(), dy.f32(), y.values(), where.i32(), dx.f32())
		return
	}
	dx.clear()
	taps, from, to := where.i32(), dy.f64(), dx.f64()
	g.eachWindow(func(n, oy, ox, o int) {
		for c := range g.C {
			if y == nil || y.f64()[o+c] > 0 {
				to[g.place(n, oy, ox, c, taps[o+c])] += from[o+c]
			}
		}
	})
}

func (cpu) maxPoolPlaces(g windows, where *Tensor, at []int) {
	taps := where.i32()
	g.eachWindow(func(n, oy, ox, o int) {
		for c := range g.C {
			at[o+c] = g.place(n, oy, ox, c, taps[o+c])
		}
	})
}

// eachWindow calls f for every window, with where its results begin.
func (g *windows) eachWindow(f func(n, oy, ox, o int)) {
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				f(n, oy, ox, ((n*g.OH+oy)*g.OW+ox)*g.C)
			}
		}
	}
}

// under returns where the pixel under a tap begins; ok is false over the edge.
func (g *windows) under(n, oy, ox, ky, kx int) (i int, ok bool) {
	iy, ix := oy*g.SH+ky-g.PadTop, ox*g.SW+kx-g.PadLeft
	return ((n*g.H+iy)*g.W + ix) * g.C, iy >= 0 && iy < g.H && ix >= 0 && ix < g.W
}

// place is where the element of a channel under a tap is.
func (g *windows) place(n, oy, ox, c int, tap int32) int {
	i, _ := g.under(n, oy, ox, int(tap)/g.KW, int(tap)%g.KW)
	return i + c
}

func (cpu) averagePool(g windows, x, y *Tensor, whole bool) {
	if x.dtype == Float32 {
		averageJob{g, x.f32(), y.f32(), whole, false}.share(g.N * g.OH)
		return
	}
	averagePool(&g, x.f64(), y.f64(), whole, false, 0, g.N*g.OH, addScaled)
}

func (cpu) averagePoolGrad(g windows, dy, dx *Tensor, whole bool) {
	dx.clear()
	if dx.dtype == Float32 {
		averageJob{g, dx.f32(), dy.f32(), whole, true}.share(g.N)
		return
	}
	averagePool(&g, dx.f64(), dy.f64(), whole, true, 0, g.N*g.OH, addScaled)
}

// An averageJob averages rows of windows, or, backwards, whole images.
type averageJob struct {
	geo              windows
	x, y             []float32
	whole, backwards bool
}

// averageJobs are kept, so that an operation allocates nothing.
var averageJobs = sync.Pool{New: func() any { return new(averageJob) }}

func (j averageJob) share(parts int) {
	q := averageJobs.Get().(*averageJob)
	*q = j
	parallel.Run(parts, rowGrain(max(1, len(j.x)/max(parts, 1))), q)
	*q = averageJob{}
	averageJobs.Put(q)
}

func (j *averageJob) Range(lo, hi int) {
	if j.backwards {
		lo, hi = lo*j.geo.OH, hi*j.geo.OH
	}
	averagePool(&j.geo, j.x, j.y, j.whole, j.backwards, lo, hi, axpy)
}

// addScaled adds f*x to y.
func addScaled(f float64, x, y []float64) {
	for i, v := range x {
		y[i] += f * v
	}
}

// averagePool averages the rows lo <= row < hi of windows, of all images, of x to y, or, backwards, spreads y over x.
func averagePool[T float](g *windows, x, y []T, whole, backwards bool, lo, hi int, add func(f T, x, y []T)) {
	for row := lo; row < hi; row++ {
		n, oy := row/g.OH, row%g.OH
		for ox := range g.OW {
			y0, y1, x0, x1 := g.inside(oy, ox)
			out := y[(row*g.OW+ox)*g.C:][:g.C]
			f := 1 / T(max(1, (y1-y0)*(x1-x0)))
			if whole {
				f = 1 / T(g.padded(oy*g.SH-g.PadTop, g.KH, g.endH)*g.padded(ox*g.SW-g.PadLeft, g.KW, g.endW))
			}
			if !backwards {
				clear(out)
			}
			for iy := y0; iy < y1; iy++ {
				for ix := x0; ix < x1; ix++ {
					in := x[((n*g.H+iy)*g.W+ix)*g.C:][:g.C]
					if backwards {
						add(f, out, in)
					} else {
						add(f, in, out)
					}
				}
			}
		}
	}
}

// padded is how much of a window lies in the image and its padding, along an axis.
func (g *windows) padded(from, size, end int) int {
	if end == 0 {
		return size
	}
	return min(size, end-from)
}

// inside returns the rows and columns of the image under a window.
func (g *windows) inside(oy, ox int) (y0, y1, x0, x1 int) {
	y0, x0 = oy*g.SH-g.PadTop, ox*g.SW-g.PadLeft
	return max(y0, 0), min(y0+g.KH, g.H), max(x0, 0), min(x0+g.KW, g.W)
}
