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
	switch o.Reduce {
	case ScatterSum, ScatterMean:
		return t.scatterSums(at, src.To(t.dtype), o)
	case ScatterProd:
		return t.scatterProducts(at, src.To(t.dtype), o.ExcludeSelf)
	}
	s := scattering{t: t, at: at, count: ints(t.size)}
	if o.ExcludeSelf {
		s = t.scattering(at, true)
	}
	all := Concat(0, t.Reshape(t.size), src.To(t.dtype).Reshape(src.Size()))
	return all.picked(op, t.shape, s.extremes(all, o.Reduce == ScatterMin), 1)
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

// scattering counts the others of each place.
func (t *Tensor) scattering(at []int, exclude bool) scattering {
	s := scattering{t: t, at: at, count: ints(t.size), exclude: exclude}
	clear(s.count)
	for _, place := range at {
		s.count[place]++
	}
	return s
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
