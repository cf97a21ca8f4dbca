package dl

import (
	"fmt"
	"math"
	"slices"
)

// A sorting is of the elements of x along an axis: of its first k results. Equal elements keep their order, NaN is the
// largest. x is contiguous, of any dtype but bool and halves. What is asked for is not nil: the elements, y; their
// places along the axis, Int64; and where they are, their numbers in row-major order.
type sorting struct {
	x          *Tensor
	axis, k    int
	descending bool
	y, places  *Tensor
	where      []int
}

// ordered sorts t along an axis, k results of each lane, and returns the elements and their places if they are asked
// for.
func (t *Tensor) ordered(op string, axis, k int, descending, elements, places bool) (y, at *Tensor) {
	t.check()
	s := sorting{x: t, axis: axis, k: k, descending: descending}
	switch d := t.dtype; {
	case d == Bool:
		s.x = t.Detach().To(Uint8)
	case d.isHalf():
		s.x = t.Detach().To(Float32)
	}
	shape := shapeOf(t.shape...)
	shape[axis] = k
	s.x = s.x.packed()
	if elements {
		y = result(s.x.dtype, shape)
		if s.y = y; recording(t) {
			s.where = ints(y.size)
		}
	}
	if places {
		at = result(Int64, shape)
		s.places = at
	}
	if shape.Size() > 0 {
		device.order(s)
	}
	if elements {
		y = y.To(t.dtype)
		t.pick(op, y, s.where, 1)
	}
	return y, at
}

// order returns, for the elements of t along an axis, which of them come first:
// their numbers in row-major order.
func (t *Tensor) order(axis int) []int {
	where := ints(t.Size())
	switch t.dtype {
	case Bool:
		t = t.To(Uint8)
	case Float16, BFloat16:
		t = t.To(Float32)
	}
	if t.size > 0 {
		device.order(sorting{x: t.Detach().packed(), axis: axis, k: t.shape[axis], where: where})
	}
	return where
}

// Sort returns the elements along an axis in ascending order, NaN at the end.
func (t *Tensor) Sort(axis int) *Tensor { return t.sorted("Sort", axis, false) }

// SortDescending returns the elements along an axis in descending order, NaN
// first.
func (t *Tensor) SortDescending(axis int) *Tensor { return t.sorted("SortDescending", axis, true) }

func (t *Tensor) sorted(op string, axis int, descending bool) *Tensor {
	axis = t.axis(op, axis)
	y, _ := t.ordered(op, axis, t.shape[axis], descending, true, false)
	return y
}

// ArgSort returns, as Int64, the places along an axis from which Sort takes the
// elements; equal ones keep their order.
func (t *Tensor) ArgSort(axis int) *Tensor {
	axis = t.axis("ArgSort", axis)
	_, places := t.ordered("ArgSort", axis, t.shape[axis], false, false, true)
	return places
}

// ArgSortDescending returns, as Int64, the places along an axis from which
// SortDescending takes the elements.
func (t *Tensor) ArgSortDescending(axis int) *Tensor {
	axis = t.axis("ArgSortDescending", axis)
	_, places := t.ordered("ArgSortDescending", axis, t.shape[axis], true, false, true)
	return places
}

// TopK returns the k largest elements along an axis, the largest first, and
// their places along it, as Int64.
func (t *Tensor) TopK(k, axis int) (values, indices *Tensor) {
	axis = t.axis("TopK", axis)
	if n := t.shape[axis]; k < 0 || k > n {
		shapePanic("TopK", fmt.Sprintf("there are no %d elements along axis %d", k, axis), t)
	}
	return t.ordered("TopK", axis, k, true, true, true)
}

// SearchSorted returns, as Int64, before which places of t, a vector in ascending
// order, values are to be put so that it stays in order: before those that are
// equal.
func (t *Tensor) SearchSorted(values *Tensor) *Tensor {
	return t.search("SearchSorted", values, false)
}

// SearchSortedRight is SearchSorted behind those that are equal.
func (t *Tensor) SearchSortedRight(values *Tensor) *Tensor {
	return t.search("SearchSortedRight", values, true)
}

func (t *Tensor) search(op string, values *Tensor, right bool) *Tensor {
	if t.Rank() != 1 {
		shapePanic(op, "the sorted values must be a vector", t)
	}
	if Promote(t.dtype, values.DType()) == Int64 {
		return searched(Values[int64](t), values, right)
	}
	return searched(Values[float64](t), values, right)
}

func searched[T int64 | float64](sorted []T, values *Tensor, right bool) *Tensor {
	at := make([]int64, values.size)
	for i, v := range Values[T](values) {
		place, _ := slices.BinarySearchFunc(sorted, v, func(x, v T) int {
			switch { // NaN is the largest
			case x < v || x == x && v != v, right && (x == v || x != x && v != v):
				return -1
			}
			return 1
		})
		at[i] = int64(place)
	}
	return Of(at, values.shape.Clone()...)
}

// BinCount returns, as Int64, how often each number from 0 on occurs among the
// elements of t, whole numbers that are not negative: as many counts as the
// largest one needs, and at least as many as given.
func (t *Tensor) BinCount(atLeast int) *Tensor {
	if t.DType().IsFloat() {
		dtypePanic("BinCount", "the elements must be integers; use To(dl.Int64), or Histogram", t)
	}
	counts := make([]int64, Shape{atLeast}.fits("BinCount", Int64))
	for _, v := range Values[int64](t) {
		switch {
		case v < 0:
			PanicValue("BinCount", "%d is negative", v)
		case v >= 1<<31:
			PanicValue("BinCount", "%d needs more counts than there is memory for; use UniqueCounts", v)
		}
		for int(v) >= len(counts) {
			counts = append(counts, make([]int64, int(v)+1-len(counts))...)
		}
		counts[v]++
	}
	return Of(counts)
}

// Histogram returns, as Int64, how many elements lie in each of a number of bins
// of equal width from lo to hi. The last one has hi, too; what lies outside, and
// NaN, is not counted.
func (t *Tensor) Histogram(bins int, lo, hi float64) *Tensor {
	t.check()
	if bins < 1 || !(lo < hi) || math.IsInf(hi-lo, 0) {
		PanicValue("Histogram", "there are no %d bins from %v to %v", bins, lo, hi)
	}
	counts := make([]int64, Shape{bins}.fits("Histogram", Int64))
	for _, v := range Values[float64](t) {
		if v >= lo && v <= hi {
			counts[min(bins-1, int((v-lo)/(hi-lo)*float64(bins)))]++
		}
	}
	return Of(counts)
}
