package dl_test

import (
	"math"
	"testing"

	"modelbook/dl"
)

// Zero times what is not a number is not a number, also in products that leave zeros out, from the moment on at which
// weights hold one.
func TestZeroTimesNaN(t *testing.T) {
	const k, n = 400, 96
	nan := math.NaN()
	r := dl.NewRand(1)
	x, w, b := r.Normals(0, 1, 1, k).ReLU(), r.Normals(0, 1, k, n), dl.Zeros(n)
	x.Set(0, 0, 7)
	want := x.MatMul(w)
	product := func() *dl.Tensor { return dl.Affine(x, w, b, dl.NoFusion) }
	for range 4 { // asked, looked at, known
		if y := product(); !y.AllClose(want, 1e-5, 1e-5) {
			t.Fatalf("%v, want %v", y, want)
		}
	}
	for name, change := range map[string]func(v float64){
		"Set":     func(v float64) { w.Set(v, 7, 3) },
		"slice":   func(v float64) { w.Float32s()[7*n+3] = float32(v); w.Changed() },
		"a copy":  func(v float64) { w.Narrow(0, 7, 1).CopyFrom(dl.Full(v, 1, n)) },
		"a view":  func(v float64) { w.Reshape(k*n).Narrow(0, 7*n+3, 1).Fill(v) },
		"another": func(v float64) { w = w.Clone(); w.Set(v, 7, 3) },
	} {
		for _, v := range []float64{nan, math.Inf(1)} {
			for range 3 {
				change(v)
				for range 4 {
					if y := product(); !math.IsNaN(y.At(0, 3)) || math.IsNaN(y.At(0, 90)) && name != "a copy" {
						t.Errorf("%s: 0 times %v is %v", name, v, y.At(0, 3))
					}
				}
				change(1)
				for range 4 {
					if y := product(); math.IsNaN(y.At(0, 3)) {
						t.Errorf("%s: the product is NaN after %v was replaced", name, v)
					}
				}
			}
		}
	}
	// memory that a training step used and the next one uses again
	a := dl.NewArena()
	for i := range 12 {
		a.Run(func() {
			v := 1.0
			if i%4 == 3 {
				v = nan
			}
			w := dl.Ones(k, n).MulScalar(v)
			for range 3 {
				if y := dl.Affine(x, w, b, dl.NoFusion); math.IsNaN(y.At(0, 5)) != math.IsNaN(v) {
					t.Errorf("run %d: %v of weights of %v", i, y.At(0, 5), v)
				}
			}
		})
	}
}
