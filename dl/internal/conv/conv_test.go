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
	g = g.complete()
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				for ky := range g.KH {
					for kx := range g.KW {
						iy, ix := oy*g.SH+ky*g.DH-g.PadTop, ox*g.SW+kx*g.DW-g.PadLeft
						if iy < 0 || iy >= g.H || ix < 0 || ix >= g.W {
							continue
						}
						for c := range g.C {
							channels, filters := g.C/g.G, g.F/g.G
							for i := range filters {
								k := c/channels*filters + i
								f(((n*g.H+iy)*g.W+ix)*g.C+c, ((ky*g.KW+kx)*channels+c%channels)*g.F+k, ((n*g.OH+oy)*g.OW+ox)*g.F+k)
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
	{N: 5, H: 10, W: 9, C: 1, KH: 5, KW: 4, F: 35, SH: 1, SW: 1, PadTop: 2, PadLeft: 1, OH: 10, OW: 9},
	{N: 3, H: 9, W: 12, C: 1, KH: 2, KW: 3, F: 8, SH: 1, SW: 1, OH: 8, OW: 10},
	{N: 2, H: 7, W: 9, C: 5, KH: 3, KW: 3, F: 40, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, OH: 7, OW: 9},
	{N: 2, H: 8, W: 8, C: 3, KH: 3, KW: 2, F: 7, SH: 2, SW: 2, PadTop: 0, PadLeft: 0, OH: 4, OW: 4},
	{N: 1, H: 9, W: 9, C: 2, KH: 5, KW: 5, F: 3, SH: 3, SW: 2, PadTop: 2, PadLeft: 1, OH: 3, OW: 4},
	{N: 2, H: 5, W: 5, C: 4, KH: 1, KW: 1, F: 6, SH: 1, SW: 1, OH: 5, OW: 5},
	{N: 2, H: 11, W: 9, C: 1, KH: 4, KW: 5, F: 35, SH: 2, SW: 2, PadTop: 2, PadLeft: 2, OH: 6, OW: 5},
	{N: 1, H: 6, W: 6, C: 2, KH: 2, KW: 2, F: 3, SH: 3, SW: 3, OH: 2, OW: 2},
	// Dilated.
	{N: 2, H: 9, W: 11, C: 3, KH: 3, KW: 2, F: 5, SH: 1, SW: 1, DH: 2, DW: 3, OH: 5, OW: 8},
	{N: 2, H: 9, W: 9, C: 17, KH: 3, KW: 3, F: 35, SH: 2, SW: 2, DH: 2, DW: 2, PadTop: 2, PadLeft: 2, OH: 5, OW: 5},
	// In groups.
	{N: 2, H: 6, W: 5, C: 6, KH: 3, KW: 3, F: 9, SH: 1, SW: 1, G: 3, PadTop: 1, PadLeft: 1, OH: 6, OW: 5},
	{N: 2, H: 8, W: 8, C: 32, KH: 2, KW: 3, F: 64, SH: 2, SW: 1, DH: 2, DW: 2, G: 2, PadTop: 1, PadLeft: 2, OH: 4, OW: 8},
	{N: 1, H: 1, W: 20, C: 8, KH: 1, KW: 5, F: 8, SH: 1, SW: 3, G: 4, OH: 1, OW: 6},
	// Depthwise: with channels that fill vectors, and not; with rows of each length that blocks differ for.
	{N: 3, H: 8, W: 8, C: 32, KH: 3, KW: 3, F: 32, SH: 1, SW: 1, G: 32, PadTop: 1, PadLeft: 1, OH: 8, OW: 8},
	{N: 2, H: 7, W: 14, C: 29, KH: 3, KW: 3, F: 29, SH: 1, SW: 1, G: 29, PadTop: 1, PadLeft: 1, OH: 7, OW: 14},
	{N: 2, H: 9, W: 10, C: 24, KH: 3, KW: 3, F: 24, SH: 2, SW: 2, G: 24, PadTop: 1, PadLeft: 1, OH: 5, OW: 5},
	{N: 2, H: 9, W: 9, C: 16, KH: 5, KW: 5, F: 16, SH: 2, SW: 3, G: 16, PadTop: 2, PadLeft: 2, OH: 5, OW: 3},
	{N: 1, H: 13, W: 12, C: 19, KH: 3, KW: 3, F: 19, SH: 1, SW: 1, DH: 2, DW: 3, G: 19, PadTop: 2, PadLeft: 3, OH: 13, OW: 12},
	{N: 2, H: 9, W: 11, C: 8, KH: 3, KW: 3, F: 8, SH: 2, SW: 2, DH: 3, DW: 2, G: 8, PadTop: 3, PadLeft: 2, OH: 5, OW: 6},
	{N: 2, H: 1, W: 23, C: 40, KH: 1, KW: 9, F: 40, SH: 1, SW: 1, G: 40, PadLeft: 4, OH: 1, OW: 23},
	{N: 2, H: 1, W: 30, C: 33, KH: 1, KW: 3, F: 33, SH: 1, SW: 1, G: 33, OH: 1, OW: 28},
	{N: 2, H: 5, W: 5, C: 16, KH: 2, KW: 2, F: 16, SH: 3, SW: 3, G: 16, OH: 2, OW: 2},
	{N: 1, H: 6, W: 7, C: 3, KH: 3, KW: 3, F: 3, SH: 1, SW: 1, G: 3, PadTop: 2, PadLeft: 2, OH: 8, OW: 9},
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

// Convolutions of small images whose windows are gathered agree with the definition.
func TestGathered(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	defer func(to, from int) { gatherTo, gatherFrom = to, from }(gatherTo, gatherFrom)
	r := rand.New(rand.NewPCG(7, 8))
	for i, g := range []Geometry{
		{N: 3, H: 8, W: 8, C: 16, KH: 3, KW: 3, F: 24, SH: 2, SW: 2, PadTop: 1, PadLeft: 1, OH: 4, OW: 4},
		{N: 5, H: 7, W: 9, C: 5, KH: 2, KW: 3, F: 7, SH: 1, SW: 2, DH: 2, DW: 1, OH: 5, OW: 4},
		{N: 4, H: 8, W: 8, C: 8, KH: 1, KW: 1, F: 16, SH: 2, SW: 2, OH: 4, OW: 4},
	} {
		gatherTo, gatherFrom = g.OH*g.OW-1, 0 // not gathered
		checkConvolution(t, r, g, i%2 == 0)
		gatherTo = g.OH * g.OW
		parallel.SetThreads(1 + i%3)
		checkConvolution(t, r, g, i%2 == 0)
		checkConvolution(t, r, g, i%2 == 1)
	}
}

// Winograd's algorithm agrees with the definition: with even and odd sizes, with padding and without, with tiles of several
// images in a block and with blocks that part an image, on one thread and on several, and where threads share a block.
func TestWinograd(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	machine, from, tiles, shared := best, winogradFrom, winogradTiles, [2]int{sharedFrom, sharedTiles}
	defer func() {
		best, winogradFrom, winogradTiles, sharedFrom, sharedTiles = machine, from, tiles, shared[0], shared[1]
	}()
	winogradFrom = 1
	r := rand.New(rand.NewPCG(3, 4))
	for k, kernel := range gemm.Kernels()[:len(sets)-1] {
		defer gemm.Force(kernel)()
		best = sets[k]
		for i, g := range []Geometry{
			{N: 3, H: 8, W: 8, C: 32, F: 64, PadTop: 1, PadLeft: 1, OH: 8, OW: 8},
			{N: 4, H: 7, W: 9, C: 64, F: 32, PadTop: 1, PadLeft: 1, OH: 7, OW: 9},
			{N: 2, H: 10, W: 6, C: 32, F: 32, OH: 8, OW: 4},
			{N: 5, H: 5, W: 5, C: 32, F: 32, OH: 3, OW: 3},
			{N: 3, H: 4, W: 6, C: 32, F: 96, PadTop: 2, PadLeft: 0, OH: 5, OW: 6},
			{N: 1, H: 3, W: 3, C: 32, F: 32, OH: 1, OW: 1},
			{N: 2, H: 9, W: 9, C: 32, F: 32, OH: 4, OW: 5}, // not the whole image
			{N: 2, H: 9, W: 9, C: 32, F: 32, PadTop: 1, PadLeft: 1, OH: 4, OW: 4},
			{N: 2, H: 2, W: 2, C: 32, F: 32, PadTop: 4, PadLeft: 5, OH: 8, OW: 9}, // tiles beside the image
			{N: 1, H: 2, W: 2, C: 32, F: 32, PadTop: 9, PadLeft: 9, OH: 4, OW: 4}, // nothing but padding
		} {
			g.KH, g.KW, g.SH, g.SW = 3, 3, 1, 1
			parallel.SetThreads(1 + i%3)
			winogradTiles, sharedFrom, sharedTiles = []int{1, 5, 64}[i%3], shared[0], 6
			checkConvolution(t, r, g, i%2 == 0)
			sharedFrom = 1
			checkConvolution(t, r, g, i%2 == 1)
		}
	}
}

// The errors of Winograd's algorithm, beside results computed in float64, are at most three times those of the products that
// the definition takes.
func TestWinogradErrors(t *testing.T) {
	if best.width == 0 {
		return // there are no kernels of it
	}
	defer func(from int) { winogradFrom = from }(winogradFrom)
	g := Geometry{N: 1, H: 8, W: 8, C: 256, KH: 3, KW: 3, F: 64, SH: 1, SW: 1, PadTop: 1, PadLeft: 1, OH: 8, OW: 8}
	r := rand.New(rand.NewPCG(9, 10))
	x, w, dy := random(r, g.N*g.H*g.W*g.C), random(r, 9*g.C*g.F), random(r, g.N*g.OH*g.OW*g.F)
	want := [3][]float64{make([]float64, len(dy)), make([]float64, len(w)), make([]float64, len(x))}
	each(g, func(i, j, k int) {
		want[0][k] += float64(x[i]) * float64(w[j])
		want[1][j] += float64(x[i]) * float64(dy[k])
		want[2][i] += float64(w[j]) * float64(dy[k])
	})
	errors := func(from int) (of [3]float64) { // the mean, relative to the mean of what is right
		winogradFrom = from
		got := [3][]float32{make([]float32, len(dy)), make([]float32, len(w)), make([]float32, len(x))}
		Forward(g, x, w, nil, false, got[0])
		Backward(g, x, w, dy, nil, got[1], nil, got[2])
		for i := range got {
			size := 0.0
			for k, v := range got[i] {
				of[i] += math.Abs(float64(v) - want[i][k])
				size += math.Abs(want[i][k])
			}
			of[i] /= size
		}
		return of
	}
	winograd, direct := errors(1), errors(math.MaxInt)
	t.Logf("mean errors of the result and of the gradients of weights and input: %.2g, without Winograd's algorithm %.2g", winograd, direct)
	for i := range winograd {
		if winograd[i] > 3*direct[i]+1e-7 {
			t.Errorf("part %d: a mean error of %v; without Winograd's algorithm %v", i, winograd[i], direct[i])
		}
	}
}

// The kernels of lines agree with their definition.
func TestLines(t *testing.T) {
	machine := best
	defer func() { best = machine }()
	r := rand.New(rand.NewPCG(5, 6))
	for _, set := range sets[:len(sets)-1] {
		for k := range lineCount {
			x, y := random(r, 1000), random(r, 1000)
			want := slices.Clone(y)
			var s scratch
			apply := func(y []float32) { s.line(k, &rows{y, 200, 64}, &rows{x[3:], 230, 50}, 3, 32) }
			best = kernels{}
			apply(want)
			best = set
			apply(y)
			if !slices.Equal(y, want) {
				t.Errorf("line %d with vectors of %d: %v, want %v", k, set.width, y, want)
			}
		}
	}
}

func checkConvolution(t *testing.T, r *rand.Rand, g Geometry, relu bool) {
	t.Helper()
	checkedPasses{
		x: g.N * g.H * g.W * g.C, w: g.KH * g.KW * g.C / max(g.G, 1) * g.F, y: g.N * g.OH * g.OW * g.F, filters: g.F,
		each:     func(f func(i, j, k int)) { each(g, f) },
		forward:  func(x, w, bias []float32, relu bool, y []float32) { Forward(g, x, w, bias, relu, y) },
		backward: func(x, w, dy, y, dw, db, dx []float32) { Backward(g, x, w, dy, y, dw, db, dx) },
	}.check(t, r, relu)
}

// checkedPasses are the passes of a convolution, of images or of volumes.
type checkedPasses struct {
	x, w, y, filters int                       // numbers of elements
	each             func(f func(i, j, k int)) // calls f for the element of x, of the weights and of y of each product
	forward          func(x, w, bias []float32, relu bool, y []float32)
	backward         func(x, w, dy, y, dw, db, dx []float32)
}

// check compares them with the definition, whichever gradients are wanted.
func (p checkedPasses) check(t *testing.T, r *rand.Rand, relu bool) {
	t.Helper()
	x, w, bias := random(r, p.x), random(r, p.w), random(r, p.filters)
	y, dy := random(r, p.y), random(r, p.y)
	wantY, wantDW, wantDX, wantDB := make([]float32, len(y)), make([]float32, len(w)), make([]float32, len(x)), make([]float32, p.filters)
	p.each(func(i, j, k int) { wantY[k] += x[i] * w[j] })
	for i := range y {
		wantY[i] += bias[i%p.filters]
		if relu {
			wantY[i] = max(0, wantY[i])
		}
	}
	p.forward(x, w, bias, relu, y)
	near(t, "y", y, wantY)

	masked := make([]float32, len(dy))
	for i, d := range dy {
		if !relu || y[i] > 0 {
			masked[i] = d
		}
		wantDB[i%p.filters] += masked[i]
	}
	p.each(func(i, j, k int) {
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
			db = random(r, p.filters)
		}
		if wanted&4 != 0 {
			dx = random(r, len(x))
		}
		p.backward(x, w, dy, y, dw, db, dx)
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
