package dl

import "modelbook/dl/internal/vec"

// split tells how a reduction of t to shape walks memory: over all elements,
// over whole rows (the last axes), over the first axes, or otherwise. rows and
// n are the number of rows and their length.
func (t *Tensor) split(shape Shape, axes []int) (how direction, rows, n int) {
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

type direction uint8

const (
	scattered direction = iota
	ofRows
	ofColumns
)

// An odometer walks the elements of a shape in order and keeps two places in
// memory that move by strides: 0 along an axis that is stretched or reduced.
type odometer struct {
	shape, index, sa, sb Shape
	a, b                 int
}

func (o *odometer) next() {
	for k := len(o.shape) - 1; k >= 0; k-- {
		o.index[k]++
		o.a += o.sa[k]
		o.b += o.sb[k]
		if o.index[k] < o.shape[k] {
			return
		}
		o.a -= o.sa[k] * o.shape[k]
		o.b -= o.sb[k] * o.shape[k]
		o.index[k] = 0
	}
}

// over returns an odometer over t whose second place is in a reduction over axes.
func (t *Tensor) over(axes []int) odometer {
	o := odometer{shape: t.shape, index: newShape(len(t.shape)), sa: strides(t.shape), sb: newShape(len(t.shape))}
	clear(o.index)
	for i := range o.sb {
		o.sb[i] = 1
	}
	for i := range o.sb {
		if len(axes) == 0 {
			o.sb[i] = 0
		}
	}
	for _, a := range axes {
		o.sb[t.axis("", a)] = 0
	}
	step := 1
	for i := len(o.sb) - 1; i >= 0; i-- {
		if o.sb[i] != 0 {
			o.sb[i] = step
			step *= t.shape[i]
		}
	}
	return o
}

func (cpu) sum(r reduction) {
	t, out, f := r.x, r.y, r.factor
	if out.dtype == Int64 {
		sums := out.i64()
		clear(sums)
		if t.size > 0 {
			w := newWalk("Sum", layout{t.shape, t.over(r.axes).sb, 0}, t.layout())
			sumRows(&w, sums, t.data.([]int64))
		}
		return
	}
	how, rows, n := t.split(out.shape, r.axes)
	if t.strides != nil {
		how = scattered
	}
	if how == scattered && t.strides == nil && t.dtype == Float32 && r.byRows() {
		return
	}
	switch {
	case t.dtype == Float32 && how == ofRows && rows == 1:
		chunks := (n + lossChunk - 1) / lossChunk
		sums := result(Float64, shapeOf(chunks)).f64()
		share(chunks, 1, pass{f: sumPass, a: t.f32(), sums: sums})
		out.f32()[0] = float32(f * total(sums))
	case t.dtype == Float32 && how == ofRows:
		share(rows, rowGrain(n), pass{f: rowSumPass, dst: out.f32(), a: t.f32(), n: n, s: params{f}})
	case t.dtype == Float32 && how == ofColumns && narrow(n):
		columnSums(out.f32(), t.f32())
		vec.Scale(out.f32(), float32(f), out.f32())
	default:
		sums := result(Float64, out.shape)
		kept, reduced := t.parted(t.over(r.axes).sb)
		axisSums(sums, t, kept, reduced)
		sums.scaleInto(out, f)
	}
}

// byRows does a sum over the last axes of a contiguous x and others: it adds up rows, in the order in which they lie in
// memory, and then their sums. It reports whether there are rows worth it.
func (r reduction) byRows() bool {
	steps := r.x.over(r.axes).sb // 0 along the axes that are reduced
	last := len(steps)
	for last > 0 && steps[last-1] == 0 {
		last--
	}
	sums := result(Float32, r.x.shape[:last])
	n := r.x.size / max(1, sums.size)
	if n < 16 {
		return false
	}
	share(sums.size, rowGrain(n), pass{f: rowSumPass, dst: sums.f32(), a: r.x.f32(), n: n, s: params{1}})
	axes := ints(last)[:0]
	for i, step := range steps[:last] {
		if step == 0 {
			axes = append(axes, i)
		}
	}
	cpu{}.sum(reduction{x: sums, y: r.y, axes: axes, factor: r.factor})
	return true
}

func sumPass(p *pass, lo, hi int) {
	for k := lo; k < hi; k++ {
		p.sums[k] = vec.Sum(p.a[k*lossChunk : min((k+1)*lossChunk, len(p.a))])
	}
}

func rowSumPass(p *pass, lo, hi int) {
	vec.RowSums(p.dst[lo:hi], p.a[lo*p.n:hi*p.n], p.n, p.s[0])
}

func (cpu) sumGrad(r reduction, dy, g *Tensor) {
	x, f := r.x, r.factor
	switch how, rows, width := x.split(r.y.shape, r.axes); {
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
		scaled := result(dy.dtype, dy.shape)
		cpu{}.unary(unary{rule: &mulRule1, p: params{f}, x: dy, y: scaled})
		move(g.storage, g.layout(), scaled.storage, layout{x.shape, x.over(r.axes).sb, scaled.offset}, false)
	}
}

func (cpu) sumTo(t, out *Tensor) {
	if t.dtype == Float32 && t.strides == nil && narrow(out.size) && rowOf(out, t) {
		columnSums(out.f32(), t.f32())
		return
	}
	sums := result(Float64, out.shape)
	kept, reduced := t.parted(sums.layout().expand(t.shape).strides)
	axisSums(sums, t, kept, reduced)
	sums.scaleInto(out, 1)
}

// sumRows adds up x, in its order.
func sumRows[T, U number](w *walk, sums []T, x []U) {
	n, steps := w.inner()
	c := w.start(0)
	for range w.rows() {
		d, s := c.at[0], c.at[1]
		for range n {
			sums[d] += T(x[s])
			d, s = d+steps[0], s+steps[1]
		}
		w.next(&c)
	}
}

// narrow reports whether rows of n elements are worth making longer.
func narrow(n int) bool { return n <= 128 }

// columnSums writes the sums of the columns of x, narrow rows of len(dst) elements.
func columnSums(dst, x []float32) {
	n := len(dst)
	if n == 0 || len(x) == 0 {
		clear(dst)
		return
	}
	sums := result(Float64, shapeOf(n)).f64()
	clear(sums)
	wideRows(n, len(x)).sums(x, sums, nil, pass{a: x, f: func(p *pass, lo, hi int) { vec.Add(p.part[:hi-lo], p.part[:hi-lo], p.a[lo:hi]) }})
	for i, v := range sums {
		dst[i] = float32(v)
	}
}
