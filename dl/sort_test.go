package dl

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
)

// Sorts of every dtype, along every axis, short and long, are stable, with NaN as the largest and both zeros equal.
func TestSortIsStable(t *testing.T) {
	r := NewRand(5)
	for _, d := range []DType{Float32, Float64, Float16, Int64, Int32, Int16, Int8, Uint8, Uint16, Bool} {
		for _, shape := range []Shape{{1}, {7}, {600}, {5, 300}, {300, 5}, {150, 40}, {2, 200, 3}, {2000}} {
			x := r.Integers(-6, 6, shape...).To(Float32)
			if d.IsFloat() {
				x = x.Div(Full(3, 1))
				for _, v := range []float64{math.NaN(), math.Copysign(0, -1), math.Inf(1), math.Inf(-1)} {
					for range 1 + x.Size()/40 {
						put(x, r.IntN(x.Size()), v)
					}
				}
			}
			if d == Int64 && shape[0]%2 == 1 { // far apart
				for i := range 3 {
					x = x.To(Int64)
					x.setAt(r.IntN(x.Size()), []int64{math.MinInt64, math.MaxInt64, 0}[i])
				}
			}
			x = x.To(d)
			for axis := range shape {
				for _, descending := range []bool{false, true} {
					t.Run(fmt.Sprint(d, shape, axis, descending), func(t *testing.T) {
						sorted, places := x.Sort(axis), x.ArgSort(axis)
						if descending {
							sorted, places = x.SortDescending(axis), x.ArgSortDescending(axis)
						}
						k := shape[axis] / 10
						top, at := x.TopK(k, axis)
						n, inner := shape[axis], Shape(shape[axis+1:]).Size()
						values := Values[float64](x)
						whole := Values[int64](x)
						compare := func(i, j int) int {
							if d == Int64 {
								return cmp.Compare(whole[i], whole[j])
							}
							a, b := values[i], values[j]
							if a != a || b != b {
								return cmp.Compare(boolInt(a != a), boolInt(b != b))
							}
							return cmp.Compare(a, b)
						}
						for lane := range x.Size() / n {
							first := lane/inner*n*inner + lane%inner
							want := make([]int, n)
							for i := range want {
								want[i] = i
							}
							slices.SortStableFunc(want, func(i, j int) int {
								c := compare(first+i*inner, first+j*inner)
								if descending {
									c = -c
								}
								return c
							})
							for i, w := range want {
								if got := places.at(first + i*inner); got != float64(w) {
									t.Fatalf("place %d of lane %d is %v, want %d", i, lane, got, w)
								}
								if got, want := sorted.at(first+i*inner), values[first+w*inner]; math.Float64bits(got) != math.Float64bits(want) && got == got {
									t.Fatalf("element %d of lane %d is %v, want %v", i, lane, got, want)
								}
								if descending && i < k {
									to := lane/inner*k*inner + lane%inner + i*inner
									if at.at(to) != float64(w) || top.at(to) != values[first+w*inner] && top.at(to) == top.at(to) {
										t.Fatalf("the top %d of lane %d is %v at %v, want that at %d", i, lane, top.at(to), at.at(to), w)
									}
								}
							}
						}
					})
				}
			}
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// setAt stores an integer as it is.
func (t *Tensor) setAt(i int, v int64) { t.i64()[i] = v }
