package dl

import (
	"fmt"
	"math"
	"testing"
)

func init() {
	for axis := range 3 {
		f := func(x []*Tensor) []*Tensor {
			values, inverse, counts := x[0].UniqueAlong(axis)
			return []*Tensor{values, inverse, counts}
		}
		operations[fmt.Sprint("UniqueAlong ", axis)], operations[fmt.Sprintf("UniqueAlong %d of floats", axis)] = f, f
	}
}

// The slices in their order, picked by which of them each place has, are the tensor; NaN differs from NaN and is last; large
// integers keep every digit.
func TestUniqueAlong(t *testing.T) {
	r := NewRand(5)
	for _, shape := range []Shape{{60, 3}, {3, 60}, {4, 5, 6}, {7}, {1, 1}, {5, 0}} {
		x := r.Integers(0, 3, shape...)
		for axis := range shape {
			values, inverse, counts := x.UniqueAlong(axis)
			at := make([]int, shape[axis])
			n := make([]int64, values.Dim(axis))
			for i, k := range Values[int64](inverse) {
				at[i] = int(k)
				n[k]++
			}
			if !values.IndexSelect(axis, at).Equal(x) || !counts.Equal(Of(n)) {
				t.Errorf("%v along %d: %v, %v and %v are not %v", shape, axis, values, inverse, counts, x)
			}
			if again, _, _ := values.UniqueAlong(axis); !again.Equal(values) {
				t.Errorf("%v along %d: %v are not all different, or not in order", shape, axis, values)
			}
		}
	}
	nan := math.NaN()
	values, inverse, counts := Of([]float64{nan, 1, 2, nan, nan, 1, 1, 1}, 4, 2).UniqueAlong(0)
	if fmt.Sprint(values.Float64s(), inverse.Int64s(), counts.Int64s()) != "[1 1 2 NaN NaN 1 NaN 1] [2 1 3 0] [1 1 1 1]" {
		t.Errorf("%v, %v, %v", values, inverse, counts)
	}
	if values, _, _ := Of([]int64{1<<60 + 1, 1 << 60}, 2, 1).UniqueAlong(0); fmt.Sprint(values.Int64s()) != fmt.Sprint([]int64{1 << 60, 1<<60 + 1}) {
		t.Errorf("%v", values)
	}
	if values, inverse, counts := Zeros(0, 3).UniqueAlong(0); !values.Shape().Equal(Shape{0, 3}) || inverse.Size() != 0 || counts.Size() != 0 {
		t.Errorf("%v, %v, %v", values, inverse, counts)
	}
}
