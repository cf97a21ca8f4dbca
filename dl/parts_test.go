package dl

import (
	"fmt"
	"testing"
)

// The gradient of slices is written part by part, whatever their order, and zeros where there was none: it is that of
// elements that were picked one by one.
func TestGradientsOfSlices(t *testing.T) {
	whole := func(x *Tensor, axis, lo, hi int) *Tensor { // a slice without a view
		at := []int{}
		for i := lo; i < hi; i++ {
			at = append(at, i)
		}
		return x.IndexSelect(axis, at)
	}
	type part struct{ axis, lo, hi int }
	for name, parts := range map[string][]part{
		"one":             {{1, 2, 5}},
		"nothing":         {{1, 2, 2}},
		"all":             {{0, 0, 4}},
		"split":           {{1, 0, 3}, {1, 3, 6}, {1, 6, 20}},
		"backwards":       {{1, 6, 20}, {1, 3, 6}, {1, 0, 3}},
		"gaps":            {{1, 1, 3}, {1, 8, 9}, {1, 4, 6}},
		"twice":           {{1, 1, 3}, {1, 1, 3}},
		"overlapping":     {{1, 1, 5}, {1, 6, 9}, {1, 4, 7}},
		"over a gap":      {{1, 1, 3}, {1, 5, 7}, {1, 2, 6}},
		"two axes":        {{0, 1, 3}, {1, 2, 4}, {0, 3, 4}},
		"many":            {{1, 0, 1}, {1, 2, 3}, {1, 4, 5}, {1, 6, 7}, {1, 8, 9}, {1, 10, 11}, {1, 12, 13}, {1, 14, 15}, {1, 16, 17}, {1, 18, 19}},
		"joined by a gap": {{1, 0, 2}, {1, 4, 6}, {1, 2, 4}},
	} {
		both(t, func(t *testing.T, d DType) {
			for how, make := range map[string]func(x *Tensor) *Tensor{
				"leaf":   func(x *Tensor) *Tensor { return x },
				"result": func(x *Tensor) *Tensor { return x.Neg() },
				"twice":  func(x *Tensor) *Tensor { return x.Neg() },
			} {
				x := input(1, 4, 20).To(d).RequireGrad()
				loss := func(slice func(x *Tensor, axis, lo, hi int) *Tensor) *Tensor {
					y, sum := make(x), New(d)
					for i, p := range parts {
						sum = sum.Add(weigh(slice(y, p.axis, p.lo, p.hi).AddScalar(float64(i)).Square()))
					}
					if how == "twice" {
						sum = sum.Add(y.Square().Sum())
					}
					return sum
				}
				arena := NewArena()
				for step := range 2 { // the memory is not zero any more
					arena.Run(func() {
						want := Grad(loss(whole), x)[0]
						x.ZeroGrad()
						loss((*Tensor).Slice).Backward()
						near(t, fmt.Sprintf("%s, %s, step %d", name, how, step), x.Grad(), 1e-5, Values[float64](want)...)
						near(t, "Grad", Grad(loss((*Tensor).Slice), x)[0], 1e-5, Values[float64](want)...)
						loss((*Tensor).Slice).Backward()
						near(t, "added to", x.Grad(), 1e-5, Values[float64](want.MulScalar(2))...)
					})
				}
			}
		})
	}
}

// A hook on a leaf of which slices were taken sees its whole gradient, and one position taken by Select is a slice.
func TestGradientOfSlicesWithHooks(t *testing.T) {
	x := Ones(3, 2).RequireGrad()
	var seen *Tensor
	x.OnGrad(func(g *Tensor) *Tensor { seen = g.Clone(); return nil })
	x.Select(0, 2).MulScalar(3).Sum().Add(x.Select(1, 0).Sum()).Backward()
	near(t, "seen", seen, 0, 1, 0, 1, 0, 4, 3)
	near(t, "kept", x.Grad(), 0, 1, 0, 1, 0, 4, 3)
}

// Rows that occur never, once and often get their sums, for rows of any length.
func TestGradientsOfRows(t *testing.T) {
	for _, n := range []int{1, 7, 8, 33} {
		both(t, func(t *testing.T, d DType) {
			x := input(1, 5, n).To(d).RequireGrad()
			at := []int{4, 0, 4, 2, 4, 0}
			want := New(Float64, 5, n)
			w := New(Float64, len(at), n)
			for i, r := range at {
				for k := range n {
					w.Set(float64(i*n+k+1), i, k)
					want.Set(want.At(r, k)+w.At(i, k), r, k)
				}
			}
			loss := func() *Tensor { return x.Rows(at).Mul(w.To(d)).Sum() }
			near(t, "gradient", Grad(loss(), x)[0], 1e-5, Values[float64](want)...)
			loss().Add(x.Sum()).Backward()
			near(t, "with others", x.Grad(), 1e-5, Values[float64](want.AddScalar(1))...)
		})
	}
}

// Max, Min, ArgMax and ArgMin read views as they lie, with the gradient at the first of equal elements in their order.
func TestExtremesOfViews(t *testing.T) {
	x := Of([]float32{3, 1, 3, 2, 3, 0, 0, 1, 1, 1, 5, 1, 4, 0, 4, 4, 0, 2, 2, 2, 2, 2, 2, 2}, 2, 3, 4)
	for _, d := range []DType{Float32, Float64, Int32, Int64, Uint8, Int16, Float16} {
		for name, v := range map[string]*Tensor{"transposed": x.T(), "permuted": x.Permute(2, 0, 1), "slice": x.Slice(2, 1, 3), "expanded": x.Select(0, 0).Expand(2, 3, 4)} {
			switch name {
			case "transposed", "permuted":
				v = v.To(d).Permute(0, 2, 1)
			case "slice":
				v = x.To(d).Slice(2, 1, 3)
			default:
				v = x.To(d).Select(0, 0).Expand(2, 3, 4)
			}
			c := v.Contiguous()
			for axis := range v.Rank() {
				for how, f := range map[string]func(x *Tensor) *Tensor{
					"Max": func(x *Tensor) *Tensor { return x.Max(axis) }, "Min": func(x *Tensor) *Tensor { return x.Min(axis) },
					"ArgMax": func(x *Tensor) *Tensor { return x.ArgMax(axis) }, "ArgMin": func(x *Tensor) *Tensor { return x.ArgMin(axis) },
				} {
					if err := agree(f(c), f(v), 0); err != nil {
						t.Errorf("%s of %v %s along %d: %v", how, d, name, axis, err)
					}
				}
			}
		}
	}
	v := x.T().RequireGrad()
	near(t, "gradient", Grad(v.Max(1).Sum(), v)[0], 0, Values[float64](Grad(v.Contiguous().Max(1).Sum(), v)[0])...)
}
