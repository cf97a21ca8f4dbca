package conv

import (
	"fmt"
	"testing"
	"time"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// shapes are the convolutions of the benchmarked networks at their batch sizes.
var shapes = []Geometry{
	{N: 64, H: 28, W: 28, C: 1, KH: 3, KW: 3, F: 32, SH: 1, SW: 1, OH: 26, OW: 26},                        // first layer of the flagship and cnn2
	{N: 64, H: 13, W: 13, C: 32, KH: 3, KW: 3, F: 64, SH: 1, SW: 1, OH: 11, OW: 11},                       // second of cnn2
	{N: 16, H: 32, W: 32, C: 3, KH: 3, KW: 3, F: 32, SH: 1, SW: 1, OH: 32, OW: 32, PadTop: 1, PadLeft: 1}, // colour pictures
	{N: 16, H: 16, W: 16, C: 64, KH: 3, KW: 3, F: 64, SH: 1, SW: 1, OH: 16, OW: 16, PadTop: 1, PadLeft: 1},
	{N: 32, H: 32, W: 32, C: 64, KH: 3, KW: 3, F: 64, SH: 1, SW: 1, OH: 32, OW: 32, PadTop: 1, PadLeft: 1}, // ResNet-18 on small pictures
	{N: 32, H: 16, W: 16, C: 128, KH: 3, KW: 3, F: 128, SH: 1, SW: 1, OH: 16, OW: 16, PadTop: 1, PadLeft: 1},
	{N: 32, H: 8, W: 8, C: 256, KH: 3, KW: 3, F: 256, SH: 1, SW: 1, OH: 8, OW: 8, PadTop: 1, PadLeft: 1},
	{N: 32, H: 4, W: 4, C: 512, KH: 3, KW: 3, F: 512, SH: 1, SW: 1, OH: 4, OW: 4, PadTop: 1, PadLeft: 1},
	{N: 32, H: 16, W: 16, C: 128, KH: 3, KW: 3, F: 256, SH: 2, SW: 2, OH: 8, OW: 8, PadTop: 1, PadLeft: 1},
	{N: 32, H: 8, W: 8, C: 256, KH: 3, KW: 3, F: 512, SH: 2, SW: 2, OH: 4, OW: 4, PadTop: 1, PadLeft: 1},
	{N: 32, H: 8, W: 8, C: 256, KH: 1, KW: 1, F: 512, SH: 2, SW: 2, OH: 4, OW: 4},
	{N: 32, H: 32, W: 32, C: 64, KH: 3, KW: 3, F: 64, SH: 1, SW: 1, G: 64, OH: 32, OW: 32, PadTop: 1, PadLeft: 1}, // depthwise
}

func (g Geometry) flops() float64 { return 2 * float64(g.N*g.OH*g.OW*g.F*g.KH*g.KW*g.C/max(g.G, 1)) }

// speed reports that of the fastest call of f: other work does not count.
func speed(b *testing.B, flops float64, f func()) {
	f()
	b.ReportAllocs()
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(flops/best.Seconds()/1e9, "GFLOP/s")
}

// BenchmarkVolumes is BenchmarkConv for volumes.
func BenchmarkVolumes(b *testing.B) {
	parallel.SetThreads(1)
	defer parallel.SetThreads(0)
	for _, g := range []Volumes{
		cube(4, 16, 32, 32, 1, 16, 3, 1, 1, 1),
		cube(4, 16, 32, 32, 16, 16, 3, 1, 1, 1),
		cube(4, 16, 32, 32, 32, 32, 3, 1, 1, 1),
		cube(4, 16, 32, 32, 16, 32, 3, 2, 1, 1),
		cube(4, 16, 32, 32, 32, 32, 3, 2, 1, 1),
		cube(4, 8, 16, 16, 64, 64, 3, 1, 1, 1),
		cube(4, 8, 16, 16, 64, 128, 3, 2, 1, 1),
	} {
		x, w, bias := make([]float32, g.N*g.D*g.H*g.W*g.C), make([]float32, g.KD*g.KH*g.KW*g.C*g.F), make([]float32, g.F)
		y, dy := make([]float32, g.N*g.OD*g.OH*g.OW*g.F), make([]float32, g.N*g.OD*g.OH*g.OW*g.F)
		dw, db := make([]float32, len(w)), make([]float32, g.F)
		name := fmt.Sprintf("%dx%dx%dx%dx%d-%d-%d", g.N, g.D, g.H, g.W, g.C, g.F, g.SH)
		flops := g.flops() * float64(g.OD*g.KD)
		b.Run(name+"/forward", func(b *testing.B) { speed(b, flops, func() { ForwardVolumes(g, x, w, bias, false, y) }) })
		b.Run(name+"/input", func(b *testing.B) { speed(b, flops, func() { BackwardVolumes(g, x, w, dy, nil, nil, nil, x) }) })
		b.Run(name+"/weights", func(b *testing.B) { speed(b, flops, func() { BackwardVolumes(g, x, w, dy, nil, dw, db, nil) }) })
	}
}

// BenchmarkConv reports the arithmetic speed of each pass; "gemm" is that of a product of 512 x 512 matrices beside it.
func BenchmarkConv(b *testing.B) {
	parallel.SetThreads(1)
	defer parallel.SetThreads(0)
	for _, g := range shapes {
		x, w, bias := make([]float32, g.N*g.H*g.W*g.C), make([]float32, g.KH*g.KW*g.C/max(g.G, 1)*g.F), make([]float32, g.F)
		y, dy := make([]float32, g.N*g.OH*g.OW*g.F), make([]float32, g.N*g.OH*g.OW*g.F)
		dw, db := make([]float32, len(w)), make([]float32, g.F)
		name := fmt.Sprintf("%dx%dx%dx%d-%dx%dx%d", g.N, g.H, g.W, g.C/max(g.G, 1), g.KH, g.KW, g.F)
		b.Run(name+"/forward", func(b *testing.B) { speed(b, g.flops(), func() { Forward(g, x, w, bias, true, y) }) })
		b.Run(name+"/weights", func(b *testing.B) { speed(b, g.flops(), func() { Backward(g, x, w, dy, y, dw, db, nil) }) })
		if g.C > 1 {
			b.Run(name+"/input", func(b *testing.B) { speed(b, g.flops(), func() { Backward(g, x, w, dy, y, nil, nil, x) }) })
			b.Run(name+"/both", func(b *testing.B) { speed(b, 2*g.flops(), func() { Backward(g, x, w, dy, y, dw, db, x) }) })
		}
	}
	const n = 512
	a, c := make([]float32, n*n), make([]float32, n*n)
	b.Run("gemm", func(b *testing.B) {
		speed(b, 2*n*n*n, func() { gemm.Sgemm(1, gemm.Of(a, n, n), gemm.Of(a, n, n), 0, gemm.Of(c, n, n)) })
	})
}
