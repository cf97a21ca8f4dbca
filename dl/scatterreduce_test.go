package dl

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// scatter is a case of ScatterReduce: see testdata/operations_places.py.
func scatter(axis int, how ScatterReduction, excludeSelf bool) op {
	return three(func(x, i, s *Tensor) *Tensor {
		return x.ScatterReduce(axis, i, s, ScatterOptions{Reduce: how, ExcludeSelf: excludeSelf})
	})
}

func init() {
	for how := ScatterSum; how <= ScatterMin; how++ {
		name := "ScatterReduce " + how.String()
		operations[name], operations[name+" without self"] = scatter(0, how, false), scatter(0, how, true)
		if how >= ScatterProd {
			operations[name+" of integers"] = scatter(1, how, false)
		}
	}
}

// Any number of elements for a place are reduced as a plain loop does it, of every type, and nothing depends on threads.
func TestScatterReduceIsThatOfALoop(t *testing.T) {
	r := NewRand(4)
	for _, d := range []DType{Float32, Float64, Float16, BFloat16, Int32, Int64, Uint8} {
		for _, shape := range [][2]int{{1, 30}, {5, 0}, {5, 7}, {40, 3}, {3, 1000}, {0, 0}} {
			x, src, index := r.Integers(1, 4, shape[0]).To(d), r.Integers(1, 3, shape[1]).To(d), New(Int64, shape[1])
			if shape[0] > 0 {
				index = r.Integers(0, shape[0], shape[1])
			}
			for how := ScatterSum; how <= ScatterMin; how++ {
				for _, exclude := range []bool{false, true} {
					if !d.IsFloat() && how < ScatterProd || how == ScatterProd && shape[1] > 20 {
						continue
					}
					name := fmt.Sprint(d, shape, how, exclude)
					want, n := make([]float64, shape[0]), make([]float64, shape[0])
					for i := range want {
						if want[i] = get(x, i); !exclude {
							n[i] = 1
						}
					}
					for i, v := range Values[float64](src) {
						at := int(get(index, i))
						switch {
						case n[at] == 0:
							want[at] = v
						case how == ScatterProd:
							want[at] *= v
						case how == ScatterMax:
							want[at] = max(want[at], v)
						case how == ScatterMin:
							want[at] = min(want[at], v)
						default:
							want[at] += v
						}
						n[at]++
					}
					got := x.ScatterReduce(0, index, src, ScatterOptions{Reduce: how, ExcludeSelf: exclude})
					if got.dtype != d || !got.Shape().Equal(x.Shape()) {
						t.Fatalf("%s: %v%v", name, got.dtype, got.Shape())
					}
					for i, v := range want {
						if how == ScatterMean && n[i] > 0 {
							v /= n[i]
						}
						if g := get(got, i); math.Abs(g-v) > map[DType]float64{Float16: 1e-3, BFloat16: 1e-2}[d]*v+1e-6*v {
							t.Fatalf("%s: element %d is %v, want %v", name, i, g, v)
						}
					}
				}
			}
		}
	}
}

// Of equal elements the first gets the gradient, t's own before those of src.
func TestScatterReduceWithTies(t *testing.T) {
	for how, want := range map[ScatterReduction][2][]float64{ScatterMax: {{1, 0}, {0, 1, 0, 0}}, ScatterMin: {{1, 1}, {0, 0, 0, 0}}} {
		x, src := Of([]float64{2, 1}).RequireGrad(), Of([]float64{2, 3, 3, 2}).RequireGrad()
		x.ScatterReduce(0, Of([]int64{0, 1, 1, 0}), src, ScatterOptions{Reduce: how}).Sum().Backward()
		for i, g := range []*Tensor{x.Grad(), src.Grad()} {
			if !g.Equal(Of(want[i])) {
				t.Errorf("%v: operand %d has the gradient %v, want %v", how, i, g, want[i])
			}
		}
	}
}

// Enough elements for several threads have the extremes, the sums and the gradients of one, bit for bit.
func TestScatterReduceDoesNotDependOnThreads(t *testing.T) {
	defer SetThreads(Threads())
	const n, places = 1 << 18, 1 << 10
	r := NewRand(8)
	x, src, index := r.Normals(0, 1, 2, places), r.Normals(0, 1, 2, n).MulScalar(4).Round(), r.Integers(0, places, 2, n) // of many equals
	for how := ScatterSum; how <= ScatterMin; how++ {
		for _, exclude := range []bool{false, true} {
			var want, wantGrad []float32
			for _, threads := range []int{1, 2, 3} {
				SetThreads(threads)
				a, b := x.Clone().RequireGrad(), src.Clone().RequireGrad()
				y := a.ScatterReduce(1, index, b, ScatterOptions{Reduce: how, ExcludeSelf: exclude})
				y.Mul(x).Sum().Backward()
				got, grad := Values[float32](y), Values[float32](b.Grad())
				if want == nil {
					want, wantGrad = got, grad
				}
				if !slices.EqualFunc(got, want, same) || !slices.EqualFunc(grad, wantGrad, same) {
					t.Errorf("%v, exclude %v: other values with %d threads", how, exclude, threads)
				}
			}
		}
	}
}

func same(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
