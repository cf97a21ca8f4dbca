package dl

import (
	"slices"

	"modelbook/dl/internal/parallel"
)

func (cpu) order(x *Tensor, axis int, descending bool, where []int) {
	cpuTypes[x.dtype].order(x, axis, descending, where)
}

// orderLanes sorts the numbers of the elements of each lane.
func orderLanes[T number](t *Tensor, axis int, descending bool, where []int) {
	x := elements[T](t)
	n, inner := t.shape[axis], Shape(t.shape[axis+1:]).Size()
	type item struct {
		v  T
		at int
	}
	less := func(a, b item) int { return ascending(a.v, b.v) }
	if descending {
		less = func(a, b item) int { return ascending(b.v, a.v) }
	}
	parallel.For(len(x)/n, max(1, elementGrain/8/n), func(lo, hi int) {
		lane := make([]item, n)
		for k := lo; k < hi; k++ {
			first := k/inner*n*inner + k%inner
			for i := range lane {
				lane[i] = item{x[first+i*inner], first + i*inner}
			}
			slices.SortStableFunc(lane, less)
			for i := range lane {
				where[first+i*inner] = lane[i].at
			}
		}
	})
}

// ascending compares two elements; NaN is the largest.
func ascending[T number](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	switch nan := a != a; {
	case nan == (b != b):
		return 0
	case nan:
		return 1
	}
	return -1
}
