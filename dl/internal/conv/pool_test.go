package conv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"modelbook/dl/internal/parallel"
)

var poolings = []Geometry{
	{N: 3, H: 26, W: 26, C: 32, KH: 2, KW: 2, SH: 2, SW: 2, OH: 13, OW: 13},
	{N: 2, H: 11, W: 11, C: 64, KH: 2, KW: 2, SH: 2, SW: 2, OH: 5, OW: 5}, // a row and a column are left out
	{N: 2, H: 7, W: 9, C: 37, KH: 2, KW: 3, SH: 2, SW: 3, OH: 3, OW: 3},
	{N: 5, H: 7, W: 7, C: 19, KH: 3, KW: 3, SH: 2, SW: 2, OH: 3, OW: 3},                        // windows overlap
	{N: 2, H: 7, W: 8, C: 16, KH: 3, KW: 3, SH: 2, SW: 2, PadTop: 1, PadLeft: 0, OH: 4, OW: 4}, // and reach over the edge
	{N: 2, H: 5, W: 5, C: 8, KH: 3, KW: 3, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, OH: 5, OW: 5},  //
	{N: 1, H: 7, W: 7, C: 33, KH: 2, KW: 2, SH: 3, SW: 3, OH: 2, OW: 2},                        // there are gaps
	{N: 1, H: 3, W: 3, C: 16, KH: 5, KW: 5, SH: 1, SW: 1, PadTop: 2, PadLeft: 2, OH: 3, OW: 3}, // larger than the image
	{N: 2, H: 5, W: 7, C: 20, KH: 2, KW: 2, SH: 2, SW: 2, PadTop: 0, PadLeft: 0, OH: 3, OW: 4}, // same
	{N: 4, H: 3, W: 3, C: 1, KH: 2, KW: 2, SH: 1, SW: 1, OH: 2, OW: 2},
}

// Poolings and their gradients agree with the definition, bit for bit, on every instruction set.
func TestMaxPool(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	machine := best
	defer func() { best = machine }()
	for _, kernel := range sets {
		t.Run(fmt.Sprint(kernel.width), func(t *testing.T) {
			best = kernel
			r := rand.New(rand.NewPCG(3, 4))
			for i, g := range poolings {
				parallel.SetThreads(1 + i%2)
				for _, relu := range []bool{false, true} {
					checkMaxPool(t, r, g, relu)
				}
			}
		})
	}
}

func checkMaxPool(t *testing.T, r *rand.Rand, g Geometry, relu bool) {
	t.Helper()
	g.F = g.C
	x, dy := random(r, g.N*g.H*g.W*g.C), random(r, g.N*g.OH*g.OW*g.C)
	for i := range x {
		x[i] = float32(math.Round(float64(4*x[i]))) / 4 // many are equal
		if relu {
			x[i] = max(x[i], 0)
		} else if r.IntN(100) == 0 {
			x[i] = float32(math.NaN())
		}
	}
	y, wantY, from := make([]float32, len(dy)), make([]float32, len(dy)), make([]int, len(dy))
	for i := range wantY {
		wantY[i], from[i] = float32(math.Inf(-1)), -1
	}
	taps(g, func(i, k int) {
		if v := x[i]; from[k] < 0 || v > wantY[k] || v != v {
			wantY[k], from[k] = v, i
		}
	})
	where := make([]int32, len(y))
	MaxPool(g, x, y, where)
	for i := range y {
		if math.Float32bits(y[i]) != math.Float32bits(wantY[i]) {
			t.Fatalf("%+v: y[%d] = %v, want %v", g, i, y[i], wantY[i])
		}
	}
	wantDX, dx := make([]float32, len(x)), random(r, len(x))
	for i, at := range from {
		if !relu || y[i] > 0 {
			wantDX[at] += dy[i]
		}
	}
	if relu {
		MaxPoolGrad(g, dy, y, where, dx)
	} else {
		MaxPoolGrad(g, dy, nil, where, dx)
	}
	if !slices.EqualFunc(dx, wantDX, func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-5 }) {
		t.Fatalf("%+v, relu %v: wrong gradient", g, relu)
	}
}

// taps calls f for every element of the image under an element of the result, row by row.
func taps(g Geometry, f func(x, y int)) {
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				for ky := range g.KH {
					for kx := range g.KW {
						iy, ix := oy*g.SH+ky-g.PadTop, ox*g.SW+kx-g.PadLeft
						if iy < 0 || iy >= g.H || ix < 0 || ix >= g.W {
							continue
						}
						for c := range g.C {
							f(((n*g.H+iy)*g.W+ix)*g.C+c, ((n*g.OH+oy)*g.OW+ox)*g.C+c)
						}
					}
				}
			}
		}
	}
}

func BenchmarkMaxPool(b *testing.B) {
	parallel.SetThreads(1)
	defer parallel.SetThreads(0)
	g := poolings[0]
	g.N = 64
	x, y, where := make([]float32, g.N*g.H*g.W*g.C), make([]float32, g.N*g.OH*g.OW*g.C), make([]int32, g.N*g.OH*g.OW*g.C)
	b.Run("forward", func(b *testing.B) {
		b.SetBytes(int64(4 * (len(x) + 2*len(y))))
		for b.Loop() {
			MaxPool(g, x, y, where)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		b.SetBytes(int64(4 * (len(x) + 3*len(y))))
		for b.Loop() {
			MaxPoolGrad(g, y, y, where, x)
		}
	})
}
