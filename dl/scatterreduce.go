package dl

import (
	"cmp"
	"fmt"
)

// ScatterReduction is what [Tensor.ScatterReduce] makes of the elements that have the same place.
type ScatterReduction uint8

const (
	ScatterSum  ScatterReduction = iota // of floats
	ScatterMean                         // of floats
	ScatterProd
	ScatterMax // NaN wins, and of equal elements the first gets the gradient, as in Max
	ScatterMin // likewise
)

// String returns "sum", "mean", "prod", "max" or "min".
func (r ScatterReduction) String() string {
	if names := [...]string{"sum", "mean", "prod", "max", "min"}; int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprintf("scatter reduction %d", uint8(r))
}

// ScatterOptions are the details of [Tensor.ScatterReduce].
type ScatterOptions struct {
	Reduce      ScatterReduction // the zero value is ScatterSum
	ExcludeSelf bool             // elements in whose place src has some do not count themselves: PyTorch's include_self=False
}

// ScatterReduce returns t with each element reduced to one number with those of src that have its place: the place of an
// element of src is the one that [Tensor.Gather] would read for the same element of the index. The shapes of index and
// src are equal. It is PyTorch's scatter_reduce, but that this shares gradients among equal extremes.
func (t *Tensor) ScatterReduce(axis int, index, src *Tensor, o ScatterOptions) *Tensor {
	const op = "ScatterReduce"
	at := t.scatterPlaces(op, axis, index, src)
	switch o.Reduce {
	case ScatterSum, ScatterMean:
		if !t.dtype.IsFloat() {
			dtypePanic(op, "sums and means are of floats; use To", t)
		}
	case ScatterProd:
		if t.dtype == Bool {
			dtypePanic(op, "products are of numbers; use To", t)
		}
	case ScatterMax, ScatterMin:
	default:
		PanicValue(op, "there is no %v: use one of the constants, such as dl.ScatterMax", o.Reduce)
	}
	s := scattering{count: ints(t.size), from: ints(t.size + len(at))[:0], to: ints(t.size + len(at))[:0]}
	clear(s.count)
	for _, place := range at {
		s.count[place]++
	}
	for i, n := range s.count {
		if n == 0 || !o.ExcludeSelf {
			s.add(i, i)
			s.count[i]++
		}
	}
	for i, place := range at {
		s.add(t.size+i, place)
	}
	all := Concat(0, t.Reshape(t.size), src.To(t.dtype).Reshape(src.Size()))
	switch o.Reduce {
	case ScatterMax, ScatterMin:
		return all.picked(op, t.shape, s.extremes(all, o.Reduce == ScatterMin), 1)
	case ScatterProd:
		if t.dtype.IsFloat() {
			all = all.To(t.dtype.gradient())
		}
		return s.products(all, t.shape).To(t.dtype)
	}
	all = all.To(t.dtype.gradient())
	y := all.picked(op, shapeOf(len(s.from)), s.from, 1).scattered(t.shape, s.to, 1)
	if o.Reduce == ScatterMean {
		y = y.Div(Full(1, len(s.from)).To(y.dtype).scattered(t.shape, s.to, 1))
	}
	return y.To(t.dtype)
}

// A scattering says of elements in a row which place of a result each has.
type scattering struct {
	from, to []int // the elements, and their places
	count    []int // how many a place has: one at least
}

func (s *scattering) add(from, to int) { s.from, s.to = append(s.from, from), append(s.to, to) }

// extremes returns for each place which of its elements is the largest, or the smallest.
func (s *scattering) extremes(all *Tensor, smallest bool) []int {
	if all.dtype.IsFloat() {
		return extremesOf(s, Values[float64](all), smallest)
	}
	return extremesOf(s, Values[int64](all), smallest)
}

func extremesOf[E cmp.Ordered](s *scattering, row []E, smallest bool) []int {
	best := ints(len(s.count))
	for i := range best {
		best[i] = -1
	}
	for k, place := range s.to {
		i := s.from[k]
		if best[place] < 0 {
			best[place] = i
			continue
		}
		v, b := row[i], row[best[place]]
		if b == b && (v != v || smallest && v < b || !smallest && v > b) {
			best[place] = i
		}
	}
	return best
}

// products multiplies the elements of each place two by two, then the products, until each place has one: so the
// gradient of a factor is made of the other factors, also where one is 0.
func (s *scattering) products(all *Tensor, shape Shape) *Tensor {
	first, most := ints(len(s.count)), 0 // where the elements of a place begin
	end := 0
	for place, n := range s.count {
		first[place], end, most = end, end+n, max(most, n)
	}
	grouped, next := ints(end), ints(len(first))
	copy(next, first)
	for k, place := range s.to {
		grouped[next[place]] = s.from[k]
		next[place]++
	}
	for ; most > 1; most = (most + 1) / 2 {
		left, right, single := ints(end)[:0], ints(end)[:0], ints(end)[:0]
		for place, n := range s.count {
			of := grouped[first[place] : first[place]+n]
			for ; len(of) > 1; of = of[2:] {
				left, right = append(left, of[0]), append(right, of[1])
			}
			single = append(single, of...)
		}
		pick := func(at []int) *Tensor { return all.picked("ScatterReduce", shapeOf(len(at)), at, 1) }
		all = Concat(0, pick(left).Mul(pick(right)), pick(single))
		pair, alone := 0, len(left)
		for place, n := range s.count {
			of := grouped[first[place]:]
			for i := range n / 2 {
				of[i] = pair
				pair++
			}
			if n%2 == 1 {
				of[n/2] = alone
				alone++
			}
			s.count[place] = (n + 1) / 2
		}
	}
	for place, i := range first {
		first[place] = grouped[i]
	}
	return all.picked("ScatterReduce", shape, first, 1)
}
