package dl

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// layouts are tensors of one type whose elements lie in memory in many ways.
func layouts(d DType) map[string]*Tensor {
	r := NewRand(11)
	x := r.Normals(0, 1, 6, 40, 33).To(d)
	big := r.Normals(0, 1, 300, 260).To(d)
	return map[string]*Tensor{
		"whole":             x,
		"columns":           x.Slice(2, 3, 30),
		"middle":            x.Slice(1, 5, 17),
		"turned":            x.Transpose(2, 0, 1),
		"turned, with one":  x.Transpose(0, 2, 1).Unsqueeze(-1),
		"turned, in part":   x.Transpose(1, 2, 0).Slice(0, 2, 39).Slice(2, 1, 5),
		"stretched":         x.Slice(0, 2, 3).Expand(4, 40, 33),
		"stretched at end":  x.Slice(2, 4, 5).Expand(6, 40, 20),
		"of one element":    x.Slice(0, 1, 2).Slice(1, 1, 2).Slice(2, 7, 8),
		"empty":             x.Slice(1, 3, 3),
		"diagonal":          big.Diagonal(3),
		"large":             big,
		"large, turned":     big.T(),
		"large, in columns": big.Slice(1, 1, 250),
	}
}

// Sums and means over all sets of axes of views are those of a copy, with every number of threads, and so are their
// gradients.
func TestSumsOfViews(t *testing.T) {
	defer SetThreads(Threads())
	for _, d := range []DType{Float32, Float64} {
		for name, x := range layouts(d) {
			for set := range 1 << x.Rank() {
				var axes []int
				for k := range x.Rank() {
					if set>>k&1 == 1 {
						axes = append(axes, k-set%2*x.Rank()) // also those that are counted from the end
					}
				}
				want, tolerance := naiveSum(x, axes), 1e-12
				if d == Float32 {
					tolerance = 1e-4
				}
				weights := NewRand(3).Normals(0, 1, len(want)).To(d)
				o := x.over(axes)
				view := x.Detach().RequireGrad()
				g := Grad(view.Sum(axes...).Reshape(-1).Mul(weights).Sum(), view)[0]
				for i := range x.Size() {
					if g.at(i) != weights.at(o.b) {
						t.Fatalf("%v %s, axes %v: gradient %d is %v, want %v", d, name, axes, i, g.at(i), weights.at(o.b))
					}
					o.next()
				}
				var first []float64
				for _, threads := range []int{1, 3} {
					SetThreads(threads)
					got := Values[float64](x.Sum(axes...))
					if first == nil {
						first = got
					}
					if !slices.Equal(got, first) {
						t.Errorf("%v %s, axes %v: %d threads change the sums", d, name, axes, threads)
					}
					if len(got) != len(want) {
						t.Fatalf("%v %s, axes %v: %d sums, want %d", d, name, axes, len(got), len(want))
					}
					for i := range want {
						if math.Abs(got[i]-want[i]) > tolerance*(1+math.Abs(want[i])) {
							t.Fatalf("%v %s, axes %v: sum %d is %v, want %v", d, name, axes, i, got[i], want[i])
						}
					}
				}
			}
		}
	}
}

// naiveSum adds up over axes, element by element.
func naiveSum(x *Tensor, axes []int) []float64 {
	o := x.over(axes)
	sums := make([]float64, x.reduced("Sum", axes).Size())
	for i := range x.Size() {
		sums[o.b] += x.at(i)
		o.next()
	}
	return sums
}

// Functions of views are those of a copy, bit for bit, and so are their gradients.
func TestFunctionsOfViews(t *testing.T) {
	defer SetThreads(Threads())
	for _, d := range []DType{Float32, Float64} {
		for name, x := range layouts(d) {
			for op, f := range map[string]func(x *Tensor) *Tensor{
				"Square": (*Tensor).Square, "Tanh": (*Tensor).Tanh, "Abs": (*Tensor).Abs, "GELU": (*Tensor).GELU,
				"Clip": func(x *Tensor) *Tensor { return x.Clip(-0.5, 0.5) },
			} {
				for _, threads := range []int{1, 3} {
					SetThreads(threads)
					what := fmt.Sprintf("%s of %v %s, %d threads", op, d, name, threads)
					y, dy := f(x), NewRand(5).Normals(0, 1, x.Shape()...).To(d)
					dense := x.Clone().RequireGrad()
					if want := f(dense); !slices.Equal(Values[float64](y), Values[float64](want)) {
						t.Errorf("%s: other values", what)
					}
					given := GradOptions{Gradient: dy}
					view := x.Detach().RequireGrad()
					if !slices.Equal(Values[float64](GradWith(given, f(view), view)[0]), Values[float64](GradWith(given, f(dense), dense)[0])) {
						t.Errorf("%s: other gradients", what)
					}
				}
			}
		}
	}
}

// Rows and their gradients are the same with every number of threads, also of rows that are taken twice.
func TestRowsOnAllThreads(t *testing.T) {
	defer SetThreads(Threads())
	r := NewRand(2)
	for _, d := range []DType{Float32, Float64} {
		x := r.Normals(0, 1, 50, 700).To(d).RequireGrad()
		at := make([]int, 80)
		for i := range at {
			at[i] = r.IntN(50)
		}
		dy := r.Normals(0, 1, 80, 700).To(d)
		var rows, grads []float64
		for _, threads := range []int{1, 2, 3} {
			SetThreads(threads)
			y := x.Rows(at)
			g := GradWith(GradOptions{Gradient: dy}, y, x)[0]
			if rows == nil {
				rows, grads = Values[float64](y), Values[float64](g)
				for i, row := range at {
					if y.At(i, 699) != x.At(row, 699) {
						t.Fatalf("row %d is not %d", i, row)
					}
				}
				want := 0.0
				for i, row := range at {
					if row == at[0] {
						want += dy.At(i, 3)
					}
				}
				if got := g.At(at[0], 3); math.Abs(got-want) > 1e-5 {
					t.Errorf("gradient %v, want %v", got, want)
				}
			}
			if !slices.Equal(rows, Values[float64](y)) || !slices.Equal(grads, Values[float64](g)) {
				t.Errorf("%v: %d threads change the rows", d, threads)
			}
		}
	}
}
