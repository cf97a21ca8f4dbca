package conv

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

// each calls f for every weight that touches an input pixel on the way to an
// output pixel: the definition of a convolution.
func each(g Geometry, f func(x, w, y int)) {
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
							for k := range g.F {
								f(((n*g.H+iy)*g.W+ix)*g.C+c, ((ky*g.KW+kx)*g.C+c)*g.F+k, ((n*g.OH+oy)*g.OW+ox)*g.F+k)
							}
						}
					}
				}
			}
		}
	}
}

var geometries = []Geometry{
	{N: 3, H: 28, W: 28, C: 1, KH: 3, KW: 3, F: 32, SH: 1, SW: 1, OH: 26, OW: 26},
	{N: 2, H: 7, W: 9, C: 5, KH: 3, KW: 3, F: 40, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, OH: 7, OW: 9},
	{N: 2, H: 8, W: 8, C: 3, KH: 3, KW: 2, F: 7, SH: 2, SW: 2, PadTop: 0, PadLeft: 0, OH: 4, OW: 4},
	{N: 1, H: 9, W: 9, C: 2, KH: 5, KW: 5, F: 3, SH: 3, SW: 2, PadTop: 2, PadLeft: 1, OH: 3, OW: 4},
	{N: 2, H: 5, W: 5, C: 4, KH: 1, KW: 1, F: 6, SH: 1, SW: 1, OH: 5, OW: 5},
	{N: 2, H: 11, W: 9, C: 1, KH: 4, KW: 5, F: 35, SH: 2, SW: 2, PadTop: 2, PadLeft: 2, OH: 6, OW: 5},
	{N: 1, H: 6, W: 6, C: 2, KH: 2, KW: 2, F: 3, SH: 3, SW: 3, OH: 2, OW: 2},
}

func near(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-3 {
			t.Fatalf("%s[%d] = %v, want %v", what, i, got[i], want[i])
		}
	}
}

// Output and gradients agree with the definition, with every micro-kernel and
// thread count, whichever gradients are wanted.
func TestConvolution(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	machine := best
	defer func() { best = machine }()
	for k, kernel := range gemm.Kernels() {
		t.Run(kernel.Name, func(t *testing.T) {
			defer gemm.Force(kernel)()
			best = sets[min(k, len(sets)-1)]
			r := rand.New(rand.NewPCG(1, 2))
			for i, g := range geometries {
				parallel.SetThreads(1 + i%2)
				checkConvolution(t, r, g, i%2 == 0)
			}
		})
	}
}

func checkConvolution(t *testing.T, r *rand.Rand, g Geometry, relu bool) {
	x, w, bias := random(r, g.N*g.H*g.W*g.C), random(r, g.KH*g.KW*g.C*g.F), random(r, g.F)
	y, dy := make([]float32, g.N*g.OH*g.OW*g.F), random(r, g.N*g.OH*g.OW*g.F)
	wantY, wantDW, wantDX, wantDB := make([]float32, len(y)), make([]float32, len(w)), make([]float32, len(x)), make([]float32, g.F)
	each(g, func(i, j, k int) { wantY[k] += x[i] * w[j] })
	for i := range y {
		wantY[i] += bias[i%g.F]
		if relu {
			wantY[i] = max(0, wantY[i])
		}
	}
	Forward(g, x, w, bias, relu, y)
	near(t, "y", y, wantY)

	masked := make([]float32, len(dy))
	for i, d := range dy {
		if !relu || y[i] > 0 {
			masked[i] = d
		}
		wantDB[i%g.F] += masked[i]
	}
	each(g, func(i, j, k int) {
		wantDW[j] += x[i] * masked[k]
		wantDX[i] += w[j] * masked[k]
	})
	if !relu {
		y = nil
	}
	untouched := slices.Clone(dy)
	for wanted := range 8 {
		var dw, db, dx []float32
		if wanted&1 != 0 {
			dw = random(r, len(w))
		}
		if wanted&2 != 0 {
			db = random(r, g.F)
		}
		if wanted&4 != 0 {
			dx = random(r, len(x))
		}
		Backward(g, x, w, dy, y, dw, db, dx)
		if dw != nil {
			near(t, "dw", dw, wantDW)
		}
		if db != nil {
			near(t, "db", db, wantDB)
		}
		if dx != nil {
			near(t, "dx", dx, wantDX)
		}
	}
	if !slices.Equal(dy, untouched) {
		t.Error("dy was changed")
	}
}
