package conv

import (
	"math/rand/v2"
	"slices"
	"testing"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// eachOfVolume calls f for every weight that touches a place of the input on the way to one of the output: the definition
// of a convolution of volumes.
func eachOfVolume(g Volumes, f func(x, w, y int)) {
	plane := g.Geometry
	plane.N = 1
	in, weights, out := g.H*g.W*g.C, g.KH*g.KW*g.C/max(g.G, 1)*g.F, g.OH*g.OW*g.F
	for n := range g.N {
		for oz := range g.OD {
			for kz := range g.KD {
				if z := oz*max(g.SD, 1) + kz*max(g.DD, 1) - g.PadFront; z >= 0 && z < g.D {
					each(plane, func(x, w, y int) { f((n*g.D+z)*in+x, kz*weights+w, (n*g.OD+oz)*out+y) })
				}
			}
		}
	}
}

// cube is a convolution of volumes with the same kernel, stride, dilation and padding along all axes.
func cube(n, d, h, w, c, f, kernel, stride, dilation, pad int) Volumes {
	out := func(size int) int { return (size+2*pad-(kernel-1)*dilation-1)/stride + 1 }
	return Volumes{Geometry{N: n, H: h, W: w, C: c, KH: kernel, KW: kernel, F: f, SH: stride, SW: stride, DH: dilation, DW: dilation,
		PadTop: pad, PadLeft: pad, OH: out(h), OW: out(w)}, d, kernel, stride, dilation, pad, out(d)}
}

func grouped(g Volumes, groups int) Volumes {
	g.G = groups
	return g
}

// Output and gradients of volumes agree with the definition, with every micro-kernel and thread count, whichever gradients
// are wanted.
func TestVolumes(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	machine := best
	defer func(size int) { best, slabSize = machine, size }(slabSize)
	size := slabSize
	for k, kernel := range gemm.Kernels() {
		t.Run(kernel.Name, func(t *testing.T) {
			defer gemm.Force(kernel)()
			best = sets[min(k, len(sets)-1)]
			r := rand.New(rand.NewPCG(1, 2))
			for i, g := range []Volumes{
				cube(2, 5, 6, 7, 3, 5, 3, 1, 1, 1),
				cube(2, 5, 6, 17, 16, 32, 3, 1, 1, 1),
				cube(1, 7, 9, 8, 5, 40, 3, 2, 1, 1),
				cube(2, 6, 6, 6, 1, 8, 3, 1, 1, 0),
				cube(1, 9, 8, 10, 2, 3, 3, 2, 2, 2),
				cube(1, 8, 7, 9, 4, 6, 2, 1, 3, 0),
				cube(1, 7, 7, 7, 4, 6, 2, 3, 1, 0), // pixels that no window covers
				cube(2, 4, 5, 6, 8, 16, 1, 2, 1, 0),
				cube(1, 3, 3, 3, 8, 8, 3, 1, 1, 4), // windows beside the volume
				grouped(cube(2, 4, 5, 6, 6, 9, 3, 1, 1, 1), 3),
				grouped(cube(1, 5, 6, 7, 32, 64, 3, 2, 1, 1), 2),
				grouped(cube(1, 6, 5, 6, 8, 8, 2, 2, 2, 1), 4),
				grouped(cube(1, 4, 5, 6, 18, 18, 3, 1, 1, 1), 18),
				// Each channel by itself, of sizes that vectors divide and that they do not.
				grouped(cube(2, 5, 6, 9, 16, 16, 3, 1, 1, 1), 16),
				grouped(cube(1, 6, 7, 20, 37, 37, 3, 2, 1, 1), 37),
				grouped(cube(1, 6, 9, 8, 16, 16, 2, 3, 1, 0), 16), // pixels that no window covers
				grouped(cube(1, 7, 8, 9, 8, 8, 3, 2, 2, 2), 8),
				grouped(cube(1, 3, 3, 3, 24, 24, 3, 1, 1, 4), 24), // windows beside the volume
				grouped(cube(1, 5, 5, 5, 24, 24, 5, 1, 1, 2), 24),
				{Geometry{N: 2, H: 6, W: 9, C: 7, G: 7, KH: 2, KW: 4, F: 7, SH: 1, SW: 2, DW: 1, PadTop: 1, PadLeft: 2, OH: 6, OW: 5}, 5, 3, 1, 2, 3, 7},
				{Geometry{N: 2, H: 9, W: 9, C: 16, G: 16, KH: 3, KW: 3, F: 16, SH: 1, SW: 1, DH: 2, DW: 2, PadTop: 2, PadLeft: 2, OH: 9, OW: 9}, 5, 1, 1, 1, 0, 5},
				// Axes that differ.
				{Geometry{N: 2, H: 6, W: 9, C: 7, KH: 2, KW: 4, F: 18, SH: 1, SW: 2, DW: 1, PadTop: 1, PadLeft: 2, OH: 6, OW: 5}, 5, 3, 1, 2, 3, 7},
				// Planes by themselves.
				{Geometry{N: 2, H: 6, W: 9, C: 7, KH: 3, KW: 3, F: 18, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, OH: 6, OW: 9}, 5, 1, 1, 1, 0, 5},
			} {
				parallel.SetThreads(1 + i%3)
				for _, slabSize = range []int{size, 1} {
					checkVolumes(t, r, g, i%2 == 0)
				}
			}
		})
	}
}

// Values do not depend on the number of threads.
func TestVolumesOnThreads(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	r := rand.New(rand.NewPCG(3, 4))
	for _, g := range []Volumes{cube(3, 7, 9, 9, 5, 7, 3, 2, 1, 1), cube(3, 7, 9, 9, 32, 16, 3, 1, 1, 1)} {
		x, w, bias := random(r, g.N*g.D*g.H*g.W*g.C), random(r, g.KD*g.KH*g.KW*g.C*g.F), random(r, g.F)
		dy := random(r, g.N*g.OD*g.OH*g.OW*g.F)
		var first [4][]float32
		for threads := 1; threads < 6; threads++ {
			parallel.SetThreads(threads)
			got := [4][]float32{make([]float32, len(dy)), make([]float32, len(w)), make([]float32, len(bias)), make([]float32, len(x))}
			ForwardVolumes(g, x, w, bias, true, got[0])
			BackwardVolumes(g, x, w, dy, got[0], got[1], got[2], got[3])
			if threads == 1 {
				first = got
			}
			for i := range got {
				if !slices.Equal(got[i], first[i]) {
					t.Errorf("value %d with %d threads differs from that with one", i, threads)
				}
			}
		}
	}
}

// Winograd's algorithm in planes of volumes agrees with the definition: with blocks of a few rows of tiles and of many, that
// part the depth and that do not, with sizes, strides, dilations and paddings in depth of all kinds.
func TestVolumesOfTiles(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	machine, from, tiles, elements := best, winogradFrom, volumeTilesAtOnce, volumeBlock
	defer func() { best, winogradFrom, volumeTilesAtOnce, volumeBlock = machine, from, tiles, elements }()
	winogradFrom = 1
	r := rand.New(rand.NewPCG(5, 6))
	for k, kernel := range gemm.Kernels()[:len(sets)-1] {
		defer gemm.Force(kernel)()
		best = sets[k]
		for i, g := range []Volumes{
			cube(2, 5, 8, 8, 32, 64, 3, 1, 1, 1),
			cube(1, 6, 7, 9, 16, 16, 3, 1, 1, 1),
			cube(2, 4, 5, 6, 16, 32, 3, 1, 1, 0),
			cube(1, 4, 5, 5, 32, 16, 3, 1, 1, 2),
			cube(1, 3, 3, 3, 16, 16, 3, 1, 1, 4), // windows beside the volume
			deep(cube(2, 0, 6, 7, 16, 16, 3, 1, 1, 1), 7, 3, 2, 1, 1),
			deep(cube(1, 0, 6, 7, 16, 64, 3, 1, 1, 1), 9, 3, 1, 3, 3),
			deep(cube(1, 0, 6, 7, 64, 16, 3, 1, 1, 1), 8, 2, 3, 2, 1),
			deep(cube(1, 0, 6, 7, 16, 16, 3, 1, 1, 1), 2, 3, 1, 1, 5), // planes without a tap
		} {
			parallel.SetThreads(1 + i%3)
			for _, volumeTilesAtOnce = range []int{1, 5, 64} {
				volumeBlock = elements / (1 + 1000*(i%2))
				checkVolumes(t, r, g, i%2 == 0)
			}
		}
	}
}

// deep is g with another depth, size, stride, dilation and padding there.
func deep(g Volumes, depth, kernel, stride, dilation, pad int) Volumes {
	g.D, g.KD, g.SD, g.DD, g.PadFront = depth, kernel, stride, dilation, pad
	g.OD = (depth+2*pad-(kernel-1)*dilation-1)/stride + 1
	return g
}

func checkVolumes(t *testing.T, r *rand.Rand, g Volumes, relu bool) {
	t.Helper()
	checkedPasses{
		x: g.N * g.D * g.H * g.W * g.C, w: g.KD * g.KH * g.KW * g.C / max(g.G, 1) * g.F, y: g.N * g.OD * g.OH * g.OW * g.F, filters: g.F,
		each:     func(f func(i, j, k int)) { eachOfVolume(g, f) },
		forward:  func(x, w, bias []float32, relu bool, y []float32) { ForwardVolumes(g, x, w, bias, relu, y) },
		backward: func(x, w, dy, y, dw, db, dx []float32) { BackwardVolumes(g, x, w, dy, y, dw, db, dx) },
	}.check(t, r, relu)
}
