package dl

import (
	"fmt"
	"math"
	"testing"
)

// What is computed from rows without intermediate tensors agrees with float64, and so do its gradients.
func TestMeasuresOfRows(t *testing.T) {
	for name, f := range map[string]func(x *Tensor, axes ...int) *Tensor{
		"Var": (*Tensor).Var, "Std": (*Tensor).Std, "LogSumExp": (*Tensor).LogSumExp, "Prod": (*Tensor).Prod,
		"Norm": func(x *Tensor, axes ...int) *Tensor { return x.Norm(2, axes...) },
	} {
		for _, shape := range []Shape{{5, 37}, {3, 2, 9}, {300, 200}} {
			for _, axes := range [][]int{{len(shape) - 1}, {0}, {}, {len(shape) - 2, len(shape) - 1}} {
				t.Run(fmt.Sprint(name, shape, axes), func(t *testing.T) {
					r := NewRand(8) // here: the order of a map's elements is not seeded
					x := r.Normals(5, 1, shape...)
					if name == "Prod" {
						x = r.Uniforms(0.99, 1.01, shape...)
					}
					a, b := x.Clone().RequireGrad(), x.To(Float64).Clone().RequireGrad()
					plain := f(x, axes...)
					y, want := f(a, axes...), f(b, axes...)
					y.Sum().Backward()
					want.Sum().Backward()
					for i := range want.Size() {
						for _, got := range []float64{get(y, i), get(plain, i)} {
							if w := get(want, i); !(math.Abs(got-w) <= 2e-5*(1+math.Abs(w))) {
								t.Fatalf("value %d is %v, want %v", i, got, w)
							}
						}
					}
					for i := range x.Size() {
						if got, w := get(a.Grad(), i), get(b.Grad(), i); !(math.Abs(got-w) <= 1e-6+1e-4*math.Abs(w)) {
							t.Fatalf("gradient %d is %v, want %v", i, got, w)
						}
					}
				})
			}
		}
	}
	// A constant row far from 0 has no variance, and infinities do what they did.
	if v := Full(1e7, 3, 50).Var(1); v.at(0) != 0 {
		t.Errorf("the variance of a constant is %v", v)
	}
	inf := math.Inf(1)
	s := Of([]float32{float32(-inf), float32(-inf), 1, float32(inf), 0, float32(math.NaN())}, 3, 2).LogSumExp(1)
	if s.at(0) != -inf || s.at(1) != inf || s.at(2) == s.at(2) {
		t.Errorf("the logarithms of sums with infinities and NaN are %v", s)
	}
}

// Comparisons and choices of rows with rows, and with one element, are those of single elements.
func TestCompareAndChooseRows(t *testing.T) {
	r := NewRand(2)
	a, b := r.Integers(-3, 3, 5, 33).To(Float32), r.Integers(-3, 3, 5, 33).To(Float32)
	put(a, 7, math.NaN())
	put(b, 70, math.NaN())
	for k, f := range []func(x, y *Tensor) *Tensor{(*Tensor).Eq, (*Tensor).Ne, (*Tensor).Gt, (*Tensor).Ge, (*Tensor).Lt, (*Tensor).Le} {
		for _, y := range []*Tensor{b, b.Slice(1, 2, 3), Full(1, 1), b.Index(0)} {
			got := f(a, y)
			all := y.Expand(5, 33)
			chosen := Where(got, a, y)
			other := Where(got, y, Full(9))
			for i := range a.Size() {
				u, v := get(a, i), get(all.packed(), i)
				want := []bool{u == v, u != v, u > v, u >= v, u < v, u <= v}[k]
				if (got.at(i) != 0) != want {
					t.Fatalf("comparison %d of %v and %v is %v", k, u, v, got.at(i))
				}
				w, o := v, 9.0
				if want {
					w, o = u, v
				}
				if g := chosen.at(i); g != w && g == g {
					t.Fatalf("%v is chosen of %v and %v", g, u, v)
				}
				if g := other.at(i); g != o && g == g {
					t.Fatalf("%v is chosen of %v and 9", g, v)
				}
			}
		}
	}
}

// The gradients of quotients whose operands are broadcast agree with those of float64.
func TestQuotientsOfRows(t *testing.T) {
	r := NewRand(2)
	for _, shapes := range [][2]Shape{{{7, 33}, {7, 1}}, {{7, 33}, {33}}, {{7, 1}, {7, 33}}, {{1, 33}, {7, 1}}} {
		var grads [2][]float64
		a, b := r.Uniforms(1, 2, shapes[0]...), r.Uniforms(1, 2, shapes[1]...)
		for k, d := range []DType{Float32, Float64} {
			x, y := a.To(d).Clone().RequireGrad(), b.To(d).Clone().RequireGrad()
			x.Div(y).Square().Sum().Backward()
			grads[k] = append(Values[float64](x.Grad()), Values[float64](y.Grad())...)
		}
		for i, w := range grads[1] {
			if !(math.Abs(grads[0][i]-w) <= 1e-4*(1+math.Abs(w))) {
				t.Fatalf("%v: gradient %d is %v, want %v", shapes, i, grads[0][i], w)
			}
		}
	}
}
