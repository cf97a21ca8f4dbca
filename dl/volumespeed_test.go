package dl

import (
	_ "embed"
	"fmt"
	"slices"
	"testing"
	"time"
)

//go:embed testdata/volumespeed.py
var volumeSpeedPeer string

// A volumeSpeedCase is a convolution of four volumes with 3 x 3 x 3 taps and a bias.
type volumeSpeedCase struct {
	depth, size, channels, filters, stride, padding, groups int
}

func (c volumeSpeedCase) String() string {
	return fmt.Sprintf("%dx%dx%dx%d-%d-stride%d-padding%d-groups%d", c.depth, c.size, c.size, c.channels, c.filters, c.stride, c.padding, c.groups)
}

// BenchmarkVolumeSpeed times Conv3D, and the gradients of its input and of its weights alone, with one thread and with two,
// beside PyTorch as BenchmarkMemorySpeed does:
//
//	PYTHON=python3 go test -run - -bench VolumeSpeed -benchtime 1x ./dl
//
// GFLOP/s are those of the definition, whatever algorithm computes it.
func BenchmarkVolumeSpeed(b *testing.B) {
	peer, stop := startPeer(b, volumeSpeedPeer)
	defer stop()
	for _, threads := range []int{1, 2} {
		for _, c := range []volumeSpeedCase{
			{16, 32, 1, 16, 1, 1, 1}, {16, 32, 16, 16, 1, 1, 1}, {16, 32, 32, 32, 1, 1, 1}, {16, 32, 32, 32, 1, 0, 1},
			{16, 32, 16, 32, 2, 1, 1}, {16, 32, 32, 32, 2, 1, 1}, {8, 16, 64, 64, 1, 1, 1}, {8, 16, 64, 128, 2, 1, 1},
			{16, 32, 32, 32, 1, 1, 32}, {16, 32, 32, 32, 2, 1, 32},
		} {
			for _, pass := range []string{"forward", "input", "weights"} {
				b.Run(fmt.Sprintf("%v/%s/%d", c, pass, threads), func(b *testing.B) {
					SetThreads(threads)
					defer SetThreads(0)
					const rounds = 3
					ours, ratios := make([]float64, rounds), make([]float64, rounds)
					flops := 0.0
					for b.Loop() {
						var step func() time.Duration
						step, flops = c.step(pass)
						for i := range rounds {
							best := time.Hour
							for n, start := 0, time.Now(); n < 3 || time.Since(start) < time.Second/5; n++ {
								best = min(best, step())
							}
							ours[i] = best.Seconds()
							ratios[i] = peer(fmt.Sprint(c, "/", pass), threads) / ours[i]
						}
					}
					slices.Sort(ours)
					slices.Sort(ratios)
					b.ReportMetric(ours[rounds/2]*1e9, "ns/op")
					b.ReportMetric(flops/ours[rounds/2]/1e9, "GFLOP/s")
					if peer("", 0) != 0 {
						b.ReportMetric(ratios[rounds/2], "x")
					}
				})
			}
		}
	}
}

// step returns a function that does a pass once, and returns the time of that alone, and the operations of the pass.
func (c volumeSpeedCase) step(pass string) (step func() time.Duration, flops float64) {
	r := NewRand(1)
	x, w, b := r.Normals(0, 1, 4, c.depth, c.size, c.size, c.channels), r.Normals(0, 1, 3, 3, 3, c.channels/c.groups, c.filters), Zeros(c.filters)
	o := Conv3DOptions{Stride: [3]int{c.stride, c.stride, c.stride}, Padding: Pad3D(c.padding, c.padding, c.padding), Groups: c.groups}
	dy := OnesLike(Conv3D(x, w, b, o))
	flops = 2 * float64(dy.Size()*27*c.channels/c.groups)
	switch pass {
	case "input":
		x.RequireGrad()
	case "weights":
		w.RequireGrad()
		b.RequireGrad()
	}
	arena := NewArena()
	return func() (d time.Duration) {
		arena.Run(func() {
			start := time.Now()
			y := Conv3D(x, w, b, o)
			if pass != "forward" {
				start = time.Now()
				y.BackwardWith(BackwardOptions{Gradient: dy})
			}
			d = time.Since(start)
		})
		x.ZeroGrad()
		w.ZeroGrad()
		b.ZeroGrad()
		return d
	}, flops
}
