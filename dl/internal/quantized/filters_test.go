package quantized

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// at is a byte of an image, or Zero beside it.
func at(x []uint8, g *Windows, zero uint8, n, h, w, c int) int {
	if h < 0 || h >= g.H || w < 0 || w >= g.W {
		return int(zero)
	}
	return int(x[((n*g.H+h)*g.W+w)*g.C+c])
}

// With scales of powers of two all results are exact.
func TestFiltersAreExact(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(21, 22))
		for _, c := range []struct {
			g     Windows
			count int
		}{
			{Windows{N: 2, H: 7, W: 6, C: 3, OH: 5, OW: 4, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}, 5},
			{Windows{N: 1, H: 8, W: 9, C: 2, OH: 4, OW: 5, KH: 3, KW: 3, StrideH: 2, StrideW: 2, DilationH: 1, DilationW: 1, Top: 1, Left: 1}, 8},
			{Windows{N: 1, H: 9, W: 9, C: 1, OH: 5, OW: 7, KH: 3, KW: 2, StrideH: 1, StrideW: 1, DilationH: 2, DilationW: 2}, 1},
			{Windows{N: 3, H: 1, W: 1, C: 130, OH: 1, OW: 1, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1}, 12},
		} {
			g := c.g
			taps := g.KH * g.KW * g.C
			x, w := make([]uint8, g.N*g.H*g.W*g.C), make([]int8, c.count*taps)
			for i := range x {
				x[i] = uint8(r.Uint32())
			}
			for i := range w {
				w[i] = int8(r.IntN(255) - 127)
			}
			scales, bias := make([]float32, c.count), make([]float32, c.count)
			for i := range scales {
				scales[i], bias[i] = float32(math.Ldexp(1, -i%4)), float32(i-2)
			}
			const zero = 77
			f := NewFilters(c.count, taps, w, scales, bias, 0.5, zero)
			for _, relu := range []bool{false, true} {
				y := make([]float32, g.N*g.OH*g.OW*c.count)
				f.Convolve(y, x, g, relu)
				for n := range g.N {
					for oh := range g.OH {
						for ow := range g.OW {
							for k := range c.count {
								sum := 0
								for kh := range g.KH {
									for kw := range g.KW {
										for ch := range g.C {
											v := at(x, &g, zero, n, oh*g.StrideH-g.Top+kh*g.DilationH, ow*g.StrideW-g.Left+kw*g.DilationW, ch)
											sum += (v - zero) * int(w[(k*g.KH*g.KW+kh*g.KW+kw)*g.C+ch])
										}
									}
								}
								want := float32(sum)*0.5*scales[k] + bias[k]
								if relu {
									want = max(want, 0)
								}
								if got := y[((n*g.OH+oh)*g.OW+ow)*c.count+k]; got != want {
									t.Fatalf("%+v: result %d %d %d %d is %v, want %v", g, n, oh, ow, k, got, want)
								}
							}
						}
					}
				}
			}
		}
	})
}

// Bytes are the nearest, on each set.
func TestQuantizedBytes(t *testing.T) {
	x := []float32{0, 0.25, 0.75, 1.25, -0.25, -100, 100, 1e30, -1e30, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 5.2, -7.6}
	want := []uint8{10, 10, 12, 12, 10, 0, 210, 255, 0, 255, 0, 0, 20, 0}
	for len(x) < 70 {
		x, want = append(x, x...), append(want, want...)
	}
	eachSet(t, func(t *testing.T) {
		f := &Filters{Scale: 0.5, Zero: 10}
		q := make([]uint8, len(x))
		f.Quantize(q, x)
		if !slices.Equal(q, want) {
			t.Errorf("%v, want %v", q[:14], want[:14])
		}
	})
}

func BenchmarkFilters(b *testing.B) {
	g := Windows{N: 8, H: 28, W: 28, C: 32, OH: 28, OW: 28, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Top: 1, Left: 1}
	const count = 64
	taps := g.KH * g.KW * g.C
	f := NewFilters(count, taps, make([]int8, count*taps), make([]float32, count), nil, 1, 0)
	x, y := make([]uint8, g.N*g.H*g.W*g.C), make([]float32, g.N*g.OH*g.OW*count)
	for _, k := range sets {
		b.Run(fmt.Sprint(k.name), func(b *testing.B) {
			defer force(k)()
			for b.Loop() {
				f.Convolve(y, x, g, true)
			}
			b.ReportMetric(float64(g.N*g.OH*g.OW*count*taps)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}
