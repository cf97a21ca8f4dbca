package dl

import (
	"cmp"
	"slices"
)

// Unique returns the different elements of t in ascending order. NaN differs
// from NaN, as in PyTorch.
func (t *Tensor) Unique() *Tensor {
	values, _, _ := t.UniqueCounts()
	return values
}

// UniqueCounts returns the different elements of t in ascending order; for each
// element of t, as Int64, which of them it is; and how often each occurs.
func (t *Tensor) UniqueCounts() (values, inverse, counts *Tensor) {
	flat := t.Detach().Reshape(-1)
	where := flat.order(0)
	sorted := flat.picked("Unique", flat.shape, where, 1)
	starts := []int{}
	if n := flat.Size(); n > 0 {
		starts = append(starts, 0)
		for i, differs := range Values[bool](sorted.Slice(0, 1, n).Ne(sorted.Slice(0, 0, n-1))) {
			if differs {
				starts = append(starts, i+1)
			}
		}
	}
	which, count := runs(where, starts)
	return sorted.Rows(starts), Of(which, t.shape.Clone()...), Of(count)
}

// UniqueAlong returns what there is of different slices of t along an axis, such
// as the different rows of a matrix along axis 0, in the order of their first
// elements, then of their second ones, and so on; for each place along the axis,
// as Int64, which of them it has; and how often each occurs. A slice with a NaN
// differs from all others.
func (t *Tensor) UniqueAlong(axis int) (values, inverse, counts *Tensor) {
	axis = t.axis("UniqueAlong", axis)
	t = t.Detach()
	n := t.shape[axis]
	rows := t.MoveAxis(axis, 0).Reshape(n, t.size/max(n, 1))
	var where, starts []int
	if t.dtype.IsFloat() {
		where, starts = sortedRows(Values[float64](rows), n)
	} else {
		where, starts = sortedRows(Values[int64](rows), n)
	}
	which, count := runs(where, starts)
	for k, start := range starts {
		starts[k] = where[start]
	}
	return t.IndexSelect(axis, starts), Of(which), Of(count)
}

// sortedRows returns the order of n rows, and where in it others begin.
func sortedRows[E cmp.Ordered](all []E, n int) (order, starts []int) {
	size := len(all) / max(n, 1)
	row := func(i int) []E { return all[i*size : (i+1)*size] }
	order = make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return slices.CompareFunc(row(i), row(k), nanLast) })
	for i := range order {
		if i == 0 || !slices.Equal(row(order[i]), row(order[i-1])) {
			starts = append(starts, i)
		}
	}
	return order, starts
}

// nanLast orders numbers as Sort does.
func nanLast[E cmp.Ordered](a, b E) int {
	if a != a || b != b {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// runs says, for what lies in an order, in which of the runs that begin at the
// given places of the order each is, and how long they are.
func runs(order, starts []int) (which, length []int64) {
	which, length = make([]int64, len(order)), make([]int64, len(starts))
	for k, start := range starts {
		end := len(order)
		if k+1 < len(starts) {
			end = starts[k+1]
		}
		length[k] = int64(end - start)
		for _, i := range order[start:end] {
			which[i] = int64(k)
		}
	}
	return which, length
}
