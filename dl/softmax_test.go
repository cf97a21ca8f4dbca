package dl

import (
	"fmt"
	"math"
	"testing"
)

// Softmax along every axis, also of many rows and columns, agrees with that of float64, and so do its gradients.
func TestSoftmaxAlongEveryAxis(t *testing.T) {
	r := NewRand(8)
	for _, shape := range []Shape{{3, 5}, {300, 20}, {2, 7, 40}, {130, 2, 300}} {
		x := r.Normals(0, 8, shape...)
		dy := r.Normals(0, 1, shape...)
		for axis := range shape {
			for name, f := range map[string]func(x *Tensor, axis int) *Tensor{"Softmax": (*Tensor).Softmax, "LogSoftmax": (*Tensor).LogSoftmax} {
				t.Run(fmt.Sprint(name, shape, axis), func(t *testing.T) {
					a, b := x.Clone().RequireGrad(), x.To(Float64).Clone().RequireGrad()
					y, want := f(a, axis), f(b, axis)
					y.BackwardWith(BackwardOptions{Gradient: dy})
					want.BackwardWith(BackwardOptions{Gradient: dy.To(Float64)})
					for what, pair := range map[string][2]*Tensor{"value": {y, want}, "gradient": {a.Grad(), b.Grad()}} {
						for i := range x.Size() {
							got, want := get(pair[0], i), get(pair[1], i)
							if !(math.Abs(got-want) <= 2e-5*(1+math.Abs(want))) {
								t.Fatalf("%s %d is %v, want %v", what, i, got, want)
							}
						}
					}
				})
			}
		}
	}
}
