package dl

import (
	"fmt"
	"math"

	"modelbook/dl/internal/vec"
)

// reduced returns the shape of a reduction over axes (all, when none is
// given) and an odometer over t whose second place is in the result.
func (t *Tensor) reduced(op string, axes []int) (Shape, odometer) {
	over := make([]bool, len(t.shape))
	for _, a := range axes {
		k := t.axis(op, a)
		if over[k] {
			shapePanic(op, fmt.Sprintf("axis %d is named twice", k), t)
		}
		over[k] = true
	}
	kept := 0
	for i := range over {
		over[i] = over[i] || len(axes) == 0
		if !over[i] {
			kept++
		}
	}
	out := newShape(kept)
	k := 0
	for i, o := range over {
		if !o {
			out[k] = t.shape[i]
			k++
		}
	}
	o := odometer{shape: t.shape, index: newShape(len(t.shape)), sa: strides(t.shape), sb: newShape(len(t.shape))}
	clear(o.index)
	st := 1
	for i := len(over) - 1; i >= 0; i-- {
		o.sb[i] = 0
		if !over[i] {
			o.sb[i] = st
			st *= t.shape[i]
		}
	}
	return out, o
}

// split tells how a reduction of t to shape walks memory: over all elements,
// over whole rows (the last axes), over the first axes, or otherwise. rows and
// n are the number of rows and their length.
func (t *Tensor) split(shape Shape, axes []int) (how reduction, rows, n int) {
	size, kept := t.Size(), shape.Size()
	if size == 0 {
		return scattered, 0, 0
	}
	first, last := 0, 0 // axes that are reduced in front and at the end
	over := func(i int) bool {
		for _, a := range axes {
			if a == i || a+len(t.shape) == i {
				return true
			}
		}
		return len(axes) == 0
	}
	for first < len(t.shape) && over(first) {
		first++
	}
	for last < len(t.shape) && over(len(t.shape)-1-last) {
		last++
	}
	switch reduced := len(t.shape) - len(shape); {
	case last == reduced:
		return ofRows, kept, size / kept
	case first == reduced:
		return ofColumns, size / kept, kept
	}
	return scattered, 0, 0
}

type reduction uint8

const (
	scattered reduction = iota
	ofRows
	ofColumns
)

// sums writes factor times the sums over axes.
func (t *Tensor) sums(op string, factor func(count int) float64, axes []int) *Tensor {
	if t.dtype.isHalf() {
		return t.To(Float32).sums(op, factor, axes).To(t.dtype)
	}
	t.float(op)
	t = t.Contiguous()
	shape, o := t.reduced(op, axes)
	out := result(t.dtype, shape)
	f := factor(t.Size() / max(1, shape.Size()))
	how, rows, n := t.split(shape, axes)
	switch {
	case t.dtype == Float32 && how == ofRows && rows == 1:
		chunks := (n + lossChunk - 1) / lossChunk
		sums := result(Float64, shapeOf(chunks)).f64()
		share(chunks, 1, pass{f: sumPass, a: t.f32(), sums: sums})
		out.f32()[0] = float32(f * total(sums))
	case t.dtype == Float32 && how == ofRows:
		share(rows, rowGrain(n), pass{f: rowSumPass, dst: out.f32(), a: t.f32(), n: n, s: params{f}})
	case t.dtype == Float32 && how == ofColumns:
		columnSums(out.f32(), t.f32())
		vec.Scale(out.f32(), float32(f), out.f32())
	default:
		acc := result(Float64, shape)
		sums := acc.f64()
		clear(sums)
		for range t.Size() {
			sums[o.b] += t.at(o.a)
			o.next()
		}
		for i, v := range sums {
			out.set(i, f*v)
		}
	}
	if recording(t) {
		r := sumKind.new()
		r.x, r.factor, r.axes = t, f, append(ints(len(axes))[:0], axes...)
		attach(out, op, r)
	}
	return out
}

func sumPass(p *pass, lo, hi int) {
	for k := lo; k < hi; k++ {
		p.sums[k] = vec.Sum(p.a[k*lossChunk : min((k+1)*lossChunk, len(p.a))])
	}
}

func rowSumPass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		p.dst[r] = float32(p.s[0] * vec.Sum(p.a[r*p.n:(r+1)*p.n]))
	}
}

// sumRecord is the record of Sum and Mean: factor times a sum over axes.
type sumRecord struct {
	node
	x      *Tensor
	factor float64
	axes   []int
}

var sumKind = newKind[sumRecord]()

func (r *sumRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *sumRecord) gradients(dy *Tensor) []*Tensor {
	keep := r.x.shape.Clone()
	for i := range keep {
		if len(r.axes) == 0 {
			keep[i] = 1
		}
	}
	for _, a := range r.axes {
		keep[r.x.axis(r.op, a)] = 1
	}
	return []*Tensor{dy.Reshape(keep...).Expand(r.x.shape...).MulScalar(r.factor)}
}

// unstretched adds up the axes by which t was stretched from the given shape;
// it is recorded.
func (t *Tensor) unstretched(shape Shape) *Tensor {
	if t.shape.Equal(shape) {
		return t
	}
	var axes []int
	for i, n := range t.shape {
		if j := i - len(t.shape) + len(shape); j < 0 || shape[j] == 1 && n != 1 {
			axes = append(axes, i)
		}
	}
	if len(axes) > 0 {
		t = t.Sum(axes...)
	}
	return t.Reshape(shape...)
}

func (r *sumRecord) backward(b *sweep, dy *Tensor) {
	x, f := r.x, r.factor
	g := b.target(x)
	switch how, rows, width := x.split(r.out.shape, r.axes); {
	case x.dtype == Float32 && how == ofRows:
		share(rows*width, elementGrain, pass{dst: g.f32(), a: dy.f32(), n: width, s: params{f}, f: func(p *pass, lo, hi int) {
			for lo < hi { // a part may begin and end within a row
				r := lo / p.n
				end := min(hi, (r+1)*p.n)
				vec.Fill(p.dst[lo:end], float32(p.s[0]*float64(p.a[r])))
				lo = end
			}
		}})
	case x.dtype == Float32 && how == ofColumns:
		share(rows, rowGrain(width), pass{dst: g.f32(), a: dy.f32(), n: width, s: params{f}, f: func(p *pass, lo, hi int) {
			for r := lo; r < hi; r++ {
				vec.Scale(p.dst[r*p.n:(r+1)*p.n], float32(p.s[0]), p.a)
			}
		}})
	default:
		_, o := x.reduced(r.op, r.axes)
		for i := range x.Size() {
			g.set(i, f*dy.at(o.b))
			o.next()
		}
	}
	b.add(x, g)
}

// Sum returns the sum over axes, or over all when none is given. The axes
// disappear from the shape. Sums of integers, and of bools, are Int64.
func (t *Tensor) Sum(axes ...int) *Tensor {
	if !t.dtype.IsFloat() {
		return t.wholeSums("Sum", axes)
	}
	return t.sums("Sum", func(int) float64 { return 1 }, axes)
}

// Mean returns the mean over axes, or over all when none is given.
func (t *Tensor) Mean(axes ...int) *Tensor {
	return t.sums("Mean", func(n int) float64 { return 1 / float64(n) }, axes)
}

// Var returns the variance over axes, or over all when none is given: the
// mean square distance from the mean (divided by n, as NumPy's default; PyTorch's is n-1).
func (t *Tensor) Var(axes ...int) *Tensor {
	mean := t.Mean(axes...)
	keep := t.shape.Clone()
	if len(axes) == 0 {
		for i := range keep {
			keep[i] = 1
		}
	}
	for _, a := range axes {
		keep[t.axis("Var", a)] = 1
	}
	return t.Sub(mean.Reshape(keep...)).Square().Mean(axes...)
}

// extremum returns the largest (sign 1) or smallest (sign -1) elements, and
// remembers where they were.
func (t *Tensor) extremum(op string, sign float64, axes []int) *Tensor {
	if t.dtype.isHalf() {
		return t.To(Float32).extremum(op, sign, axes).To(t.dtype)
	}
	t = t.Contiguous()
	shape, o := t.reduced(op, axes)
	if t.Size() == 0 && shape.Size() > 0 {
		shapePanic(op, "there are no elements to choose from", t)
	}
	out := result(t.dtype, shape)
	where := []int(newShape(out.Size()))
	if how, rows, n := t.split(shape, axes); t.dtype == Float32 && how == ofRows {
		share(rows, rowGrain(n), pass{dst: out.f32(), a: t.f32(), at: where, n: n, flag: sign > 0, f: func(p *pass, lo, hi int) {
			for r := lo; r < hi; r++ {
				x := p.a[r*p.n : (r+1)*p.n]
				if p.dst[r] = vec.Min(x); p.flag {
					p.dst[r] = vec.Max(x)
				}
				p.at[r] = r*p.n + vec.IndexOf(x, p.dst[r])
			}
		}})
	} else {
		for i := range where {
			where[i] = -1
		}
		beats := t.beats(sign)
		for i := range t.Size() {
			if w := where[o.b]; w < 0 || beats(i, w) {
				where[o.b] = i
			}
			o.next()
		}
		dtypes[t.dtype].take(out, t, where, 1)
	}
	if recording(t) {
		r := pickKind.new()
		r.x, r.index = t, where
		attach(out, op, r)
	}
	return out
}

// zero clears a float tensor.
func (t *Tensor) zero() {
	t.clear()
}

// Max returns the largest element over axes, or over all. NaN wins, and of
// equal elements the first gets the gradient.
func (t *Tensor) Max(axes ...int) *Tensor { return t.extremum("Max", 1, axes) }

// Min returns the smallest element over axes, or over all.
func (t *Tensor) Min(axes ...int) *Tensor { return t.extremum("Min", -1, axes) }

// ArgMax returns, as Int64, the index of the largest element along an axis,
// the first of equals; of a NaN, if there is one.
func (t *Tensor) ArgMax(axis int) *Tensor {
	t = t.packed()
	axis = t.axis("ArgMax", axis)
	if t.shape[axis] == 0 {
		shapePanic("ArgMax", fmt.Sprintf("axis %d has no elements to choose from", axis), t)
	}
	shape, o := t.reduced("ArgMax", []int{axis})
	out := result(Int64, shape)
	if n := t.shape[axis]; t.dtype == Float32 && axis == len(t.shape)-1 && n > 0 {
		for r := range out.i64() {
			x := t.f32()[r*n : (r+1)*n]
			out.i64()[r] = int64(vec.IndexOf(x, vec.Max(x)))
		}
		return out
	}
	best, beats := ints(out.Size()), t.beats(1)
	for i := range best {
		best[i] = -1
	}
	index := out.i64()
	for i := range t.Size() {
		if best[o.b] < 0 || beats(i, best[o.b]) {
			best[o.b], index[o.b] = i, int64(o.index[axis])
		}
		o.next()
	}
	return out
}

// beats tells of two elements of a contiguous tensor whether the first is
// larger (sign 1) or smaller (sign -1): NaN wins over all, and integers are
// compared with all of their bits.
func (t *Tensor) beats(sign float64) func(i, j int) bool {
	if t.dtype == Int64 {
		x := t.i64()
		if sign < 0 {
			return func(i, j int) bool { return x[i] < x[j] }
		}
		return func(i, j int) bool { return x[i] > x[j] }
	}
	return func(i, j int) bool {
		v, w := t.at(i), t.at(j)
		return sign*v > sign*w || math.IsNaN(v) && !math.IsNaN(w)
	}
}
