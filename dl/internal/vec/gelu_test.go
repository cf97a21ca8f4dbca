package vec

import (
	"math"
	"testing"

	"modelbook/dl/internal/cpu"
)

// An element has the same GELU and gradient, bit for bit, wherever it stands, beside whatever, and in place.
func TestGELUOfAnElementIsItsOwn(t *testing.T) {
	x := []float32{-3, -5.2, -5.25, -7, 0, 1, -20, 5.3, 9, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e-30, -1e-40, -0.75, 1e38}
	for i := range 300 {
		x = append(x, float32(7*math.Sin(float64(i))))
	}
	dy := make([]float32, len(x))
	for i := range dy {
		dy[i] = float32(math.Cos(float64(i)))
	}
	for _, set := range Sets() {
		undo := Force(set)
		geluOfAnElement(t, set, x, dy, GELU, GELUGrad)
		geluOfAnElement(t, set, x, dy, GELUTanh, GELUTanhGrad)
		undo()
	}
}

func geluOfAnElement(t *testing.T, set cpu.Set, x, dy []float32, gelu func(dst, x []float32), gradient func(dst, dy, x []float32)) {
	y, g := make([]float32, len(x)), make([]float32, len(x))
	gelu(y, x)
	gradient(g, dy, x)
	same := func(i int, what string, got, want float32) {
		if math.Float32bits(got) != math.Float32bits(want) && !(got != got && want != want) {
			t.Errorf("%v: %s of %v at %d is %v, elsewhere %v", set, what, x[i], i, got, want)
		}
	}
	for i := range x {
		var a, b [1]float32
		gelu(a[:], x[i:i+1])
		gradient(b[:], dy[i:i+1], x[i:i+1])
		same(i, "GELU", a[0], y[i])
		same(i, "the gradient", b[0], g[i])
	}
	for _, from := range []int{1, 7, 16} {
		z := append([]float32(nil), x[from:]...)
		gelu(z, z)
		d := append([]float32(nil), dy[from:]...)
		gradient(d, d, x[from:])
		for i := range z {
			same(from+i, "GELU", z[i], y[from+i])
			same(from+i, "the gradient", d[i], g[from+i])
		}
	}
	if allocs := testing.AllocsPerRun(10, func() { gelu(y, x); gradient(g, dy, x) }); allocs > 0 {
		t.Errorf("%v: %v allocations", set, allocs)
	}
}
