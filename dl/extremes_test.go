package dl

import (
	"fmt"
	"math"
	"testing"
)

// The extremes of rows, of columns and of all, with ties and NaN, are those of a plain loop: their values, their places
// and where their gradients go.
func TestExtremesWithTiesAndNaN(t *testing.T) {
	r := NewRand(3)
	for _, shape := range []Shape{{1, 5}, {3, 40}, {40, 3}, {7, 64}, {3, 5, 17}, {2, 70, 1040}, {1, 70000}, {9, 1}} {
		for _, nans := range []bool{false, true} {
			x := r.Integers(-4, 4, shape...).To(Float32)
			if nans {
				for range 1 + x.Size()/50 {
					put(x, r.IntN(x.Size()), math.NaN())
				}
			}
			for axis := range shape {
				for name, f := range map[string]struct {
					extreme func(x *Tensor, axes ...int) *Tensor
					place   func(x *Tensor, axis int) *Tensor
					sign    float64
				}{"Max": {(*Tensor).Max, (*Tensor).ArgMax, 1}, "Min": {(*Tensor).Min, (*Tensor).ArgMin, -1}} {
					t.Run(fmt.Sprint(name, shape, nans, axis), func(t *testing.T) {
						y, place := f.extreme(x, axis), f.place(x, axis)
						leaf := x.Clone().RequireGrad()
						f.extreme(leaf, axis).Sum().Backward()
						n, inner := shape[axis], Shape(shape[axis+1:]).Size()
						for i := range y.Size() {
							first, best := i/inner*n*inner+i%inner, 0
							for k := range n {
								v, b := get(x, first+k*inner), get(x, first+best*inner)
								if b == b && (v != v || f.sign*v > f.sign*b) {
									best = k
								}
							}
							want := get(x, first+best*inner)
							if got := get(y, i); got != want && (got == got || want == want) {
								t.Fatalf("value %d is %v, want %v", i, got, want)
							}
							if got := get(place, i); got != float64(best) {
								t.Fatalf("place %d is %v, want %v", i, got, best)
							}
							for k := range n {
								g := 0.0
								if k == best {
									g = 1
								}
								if got := get(leaf.Grad(), first+k*inner); got != g {
									t.Fatalf("gradient %d of result %d is %v, want %v", k, i, got, g)
								}
							}
						}
					})
				}
			}
		}
	}
}
