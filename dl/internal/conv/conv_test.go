package conv

import (
	"math"
	"math/rand/v2"
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
// thread count.
func TestConvolution(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	for _, k := range gemm.Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			defer gemm.Force(k)()
			r := rand.New(rand.NewPCG(1, 2))
			for i, g := range geometries {
				parallel.SetThreads(1 + i%2)
				x, w, bias := random(r, g.N*g.H*g.W*g.C), random(r, g.KH*g.KW*g.C*g.F), random(r, g.F)
				y, dy := make([]float32, g.N*g.OH*g.OW*g.F), random(r, g.N*g.OH*g.OW*g.F)
				wantY, wantDW, wantDX, wantDB := make([]float32, len(y)), make([]float32, len(w)), make([]float32, len(x)), make([]float32, g.F)
				each(g, func(i, j, k int) {
					wantY[k] += x[i] * w[j]
					wantDW[j] += x[i] * dy[k]
					wantDX[i] += w[j] * dy[k]
				})
				for i := range y {
					wantY[i] = max(0, wantY[i]+bias[i%g.F])
					wantDB[i%g.F] += dy[i]
				}
				Forward(g, x, w, bias, true, y)
				near(t, "y", y, wantY)
				dw, db, dx := random(r, len(w)), random(r, g.F), random(r, len(x))
				BackwardWeights(g, x, dy, dw, db)
				near(t, "dw", dw, wantDW)
				near(t, "db", db, wantDB)
				BackwardInput(g, dy, w, dx)
				near(t, "dx", dx, wantDX)
			}
		})
	}
}

func BenchmarkFlagship(b *testing.B) {
	g := geometries[0]
	g.N = 64
	r := rand.New(rand.NewPCG(1, 2))
	x, w, bias, y := random(r, g.N*g.H*g.W*g.C), random(r, g.KH*g.KW*g.C*g.F), random(r, g.F), random(r, g.N*g.OH*g.OW*g.F)
	dw, db := random(r, len(w)), random(r, g.F)
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			Forward(g, x, w, bias, true, y)
		}
	})
	b.Run("weights", func(b *testing.B) {
		for b.Loop() {
			BackwardWeights(g, x, y, dw, db)
		}
	})
}
