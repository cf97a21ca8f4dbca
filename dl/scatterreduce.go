package dl

import "fmt"

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
	if o.Reduce == ScatterSum || o.Reduce == ScatterMean {
		return t.scatterSums(at, src.To(t.dtype), o)
	}
	s := scattering{t: t, at: at, count: ints(t.size), exclude: o.ExcludeSelf}
	clear(s.count)
	for _, place := range at {
		s.count[place]++
	}
	all := Concat(0, t.Reshape(t.size), src.To(t.dtype).Reshape(src.Size()))
	if o.Reduce != ScatterProd {
		return all.picked(op, t.shape, s.extremes(all, o.Reduce == ScatterMin), 1)
	}
	if t.dtype.IsFloat() {
		all = all.To(t.dtype.gradient())
	}
	return s.products(all, t.shape).To(t.dtype)
}

// scatterSums is ScatterReduce of sums and means.
func (t *Tensor) scatterSums(at []int, src *Tensor, o ScatterOptions) *Tensor {
	d, mean := t.dtype.gradient(), o.Reduce == ScatterMean
	own, others := t.To(d), src.To(d).scattered(t.shape, at, 1)
	if !mean && !o.ExcludeSelf {
		return own.Add(others).To(t.dtype)
	}
	ones := result(d, src.shape)
	ones.fill(1)
	counts := ones.scattered(t.shape, at, 1)
	if o.ExcludeSelf {
		own = own.MaskedFill(counts.Gt(constant(d, 0)), 0)
	}
	y := own.Add(others)
	switch {
	case mean && o.ExcludeSelf:
		y = y.Div(counts.Maximum(constant(d, 1)))
	case mean:
		y = y.Div(counts.AddScalar(1))
	}
	return y.To(t.dtype)
}

// A scattering is of elements, in a row those of t and behind them others, to places of t.
type scattering struct {
	t       *Tensor
	at      []int // the places of the others
	count   []int // how many of the others a place has
	exclude bool  // the elements of t in places that have others do not count
}

// own reports whether the element of t in a place counts.
func (s *scattering) own(place int) bool { return !s.exclude || s.count[place] == 0 }

// extremes returns for each place which of its elements is the largest, or the smallest.
func (s *scattering) extremes(all *Tensor, smallest bool) []int {
	switch {
	case all.dtype == Float32:
		return extremesOf(s, all.Float32s(), smallest)
	case all.dtype.IsFloat():
		return extremesOf(s, Values[float64](all), smallest)
	}
	return extremesOf(s, Values[int64](all), smallest)
}

// products multiplies the elements of each place two by two, then the products, until each place has one: so the
// gradient of a factor is made of the other factors, also where one is 0.
func (s *scattering) products(all *Tensor, shape Shape) *Tensor {
	first, most := ints(len(s.count)), 0 // where the elements of a place begin
	end := 0
	for place := range s.count {
		if s.own(place) {
			s.count[place] = -s.count[place] - 1 // its own, too: the sign says so until all are counted
		}
	}
	for place, n := range s.count {
		n = max(n, -n)
		first[place], end, most = end, end+n, max(most, n)
	}
	grouped, next := ints(end), ints(len(first))
	copy(next, first)
	for place, n := range s.count {
		if n < 0 {
			grouped[next[place]], s.count[place] = place, -n
			next[place]++
		}
	}
	for i, place := range s.at {
		grouped[next[place]] = s.t.size + i
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
