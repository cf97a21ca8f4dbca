package dl

import (
	"fmt"
	"math"
	"testing"
)

// What goes down columns, or over rows and then over their sums, agrees with float64, and is the same on every number of threads.
func TestColumnsOnThreads(t *testing.T) {
	defer SetThreads(Threads())
	operations := map[string]func(x *Tensor) *Tensor{
		"Sum of first":  func(x *Tensor) *Tensor { return x.Sum(0) },
		"Sum of middle": func(x *Tensor) *Tensor { return x.Sum(1) },
		"Sum of outer":  func(x *Tensor) *Tensor { return x.Sum(0, -1) },
		"Mean of outer": func(x *Tensor) *Tensor { return x.Mean(-1, 0) },
		"Max":           func(x *Tensor) *Tensor { return x.Max(0) },
		"Min":           func(x *Tensor) *Tensor { return x.Min(1) },
		"ArgMax":        func(x *Tensor) *Tensor { return x.ArgMax(1).To(x.DType()).Add(x.Min(1)) },
		"CumSum":        func(x *Tensor) *Tensor { return x.CumSum(0) },
		"CumSum back":   func(x *Tensor) *Tensor { return x.Flip(1).CumSum(1).Flip(1) },
		"Softmax":       func(x *Tensor) *Tensor { return x.Softmax(0) },
		"LogSoftmax":    func(x *Tensor) *Tensor { return x.LogSoftmax(1) },
	}
	r := NewRand(5)
	for _, shape := range []Shape{{1, 3, 16}, {1100, 3, 100}, {2, 400, 130}, {7, 130, 1100}} {
		values := r.Normals(0.5, 3, shape...)
		for name, f := range operations {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				exact := values.To(Float64).Clone().RequireGrad()
				want := f(exact)
				dy := NewRand(6).Normals(0, 1, want.Shape()...)
				want.BackwardWith(BackwardOptions{Gradient: dy.To(Float64)})
				var before [2]*Tensor
				for threads := 1; threads <= 3; threads++ {
					SetThreads(threads)
					x := values.Clone().RequireGrad()
					y := f(x)
					y.BackwardWith(BackwardOptions{Gradient: dy})
					now := [2]*Tensor{y.Detach(), x.Grad()}
					for k, want := range []*Tensor{want, exact.Grad()} {
						for i := range want.Size() {
							v, w := get(now[k], i), get(want, i)
							if !(math.Abs(v-w) <= 2e-5*(1+math.Abs(w))) {
								t.Fatalf("%d threads, %s %d is %v, want %v", threads, []string{"value", "gradient"}[k], i, v, w)
							}
							if threads > 1 && v != get(before[k], i) {
								t.Fatalf("%d threads give %v, not %v", threads, v, get(before[k], i))
							}
						}
					}
					before = now
				}
			})
		}
	}
}

// Columns that begin with elements of no weight, have none with any, or hold NaN or infinity come out as rows do.
func TestSoftmaxOfColumnsWithoutWeight(t *testing.T) {
	x := NewRand(7).Normals(0, 1, 700, 40)
	for i := range 700 {
		if i < 300 {
			x.Set(math.Inf(-1), i, 3)
		}
		x.Set(math.Inf(-1), i, 4)
	}
	x.Set(math.NaN(), 650, 5)
	x.Set(math.Inf(1), 10, 6)
	x.Set(-math.MaxFloat32, 20, 7)
	x.Set(math.MaxFloat32, 30, 7)
	for name, f := range map[string]func(x *Tensor, axis int) *Tensor{"Softmax": (*Tensor).Softmax, "LogSoftmax": (*Tensor).LogSoftmax} {
		got, want := f(x, 0), f(x.T().Contiguous(), 1).T().Contiguous()
		for i := range got.Size() {
			v, w := get(got, i), get(want, i)
			if !(v == w || math.IsNaN(v) && math.IsNaN(w) || math.Abs(v-w) <= 1e-5*(1+math.Abs(w))) {
				t.Fatalf("%s, row %d, column %d: %v, want %v", name, i/40, i%40, v, w)
			}
		}
	}
}

// A running sum keeps the digits of float64.
func TestCumSumOfColumnsIsExact(t *testing.T) {
	const n, width = 1 << 16, 16
	x := Full(0.1, n, width)
	y := x.CumSum(0)
	for _, row := range []int{0, 1, 999, n - 1} {
		if got, want := y.At(row, 3), float64(float32(float64(row+1)*float64(float32(0.1)))); math.Abs(got-want) > 1e-7*want {
			t.Fatalf("the sum of %d elements is %v, want %v", row+1, got, want)
		}
	}
	x.Set(math.Inf(1), 5, 2)
	x.Set(math.Inf(-1), 9, 2)
	y = x.CumSum(0)
	if y.At(8, 2) != math.Inf(1) || !math.IsNaN(y.At(9, 2)) {
		t.Fatal("infinities add up to", y.At(8, 2), y.At(9, 2))
	}
}
