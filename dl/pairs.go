package dl

// pairFloat32 does rows of an elementwise function of two operands with the
// float32 kernels; what does not lie in a row is brought into one.
func pairFloat32(j *loop, lo, hi int) {
	const most = 1 << 10
	out, a, b := j.s[0].data.([]float32), j.s[1].data.([]float32), j.s[2].data.([]float32)
	room := takePart(2 * most)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		for i := 0; i < n; i += most {
			m := min(most, n-i)
			j.rule.fast(out[c.at[0]+i:][:m], inRow(room[:m], a, c.at[1]+i*steps[1], steps[1]), inRow(room[most:][:m], b, c.at[2]+i*steps[2], steps[2]))
		}
		j.next(&c)
	}
	releasePart(room)
}

// inRow returns elements that lie step apart next to each other: in x, or in
// room.
func inRow(room, x []float32, at, step int) []float32 {
	if step == 1 {
		return x[at : at+len(room)]
	}
	for i := range room {
		room[i] = x[at]
		at += step
	}
	return room
}

func pairFloat64(j *loop, lo, hi int) {
	out, a, b, f := j.s[0].data.([]float64), j.s[1].data.([]float64), j.s[2].data.([]float64), j.rule.f
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		x, y := c.at[1], c.at[2]
		for i := range out[c.at[0]:][:n] {
			out[c.at[0]+i] = f(a[x], b[y])
			x, y = x+steps[1], y+steps[2]
		}
		j.next(&c)
	}
}

// pairInts computes with integers, which wrap around as in Go.
func pairInts[T integer](j *loop, lo, hi int) {
	f := func(a, b T) T { return a + b }
	switch j.rule {
	case &subRule:
		f = func(a, b T) T { return a - b }
	case &mulRule:
		f = func(a, b T) T { return a * b }
	case &maxRule:
		f = func(a, b T) T { return max(a, b) }
	case &minRule:
		f = func(a, b T) T { return min(a, b) }
	}
	pairAll(j, lo, hi, f)
}

// pairBools: a sum is true when one operand is, a product when both are.
func pairBools(j *loop, lo, hi int) {
	f := func(a, b bool) bool { return a || b }
	if j.rule == &mulRule || j.rule == &minRule {
		f = func(a, b bool) bool { return a && b }
	}
	pairAll(j, lo, hi, f)
}

func pairAll[T, U Element](j *loop, lo, hi int, f func(a, b T) U) {
	out, a, b := j.s[0].data.([]U), j.s[1].data.([]T), j.s[2].data.([]T)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		x, y := c.at[1], c.at[2]
		for i := range n {
			out[c.at[0]+i] = f(a[x], b[y])
			x, y = x+steps[1], y+steps[2]
		}
		j.next(&c)
	}
}

// pairGradRows does rows of a gradient.
func pairGradRows[T float](j *loop, lo, hi int) {
	g, dy, a, b, f := j.s[0].data.([]T), j.s[1].data.([]T), j.s[2].data.([]T), j.s[3].data.([]T), j.rule.da
	if j.second {
		f = j.rule.db
	}
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		d, x, y := c.at[1], c.at[2], c.at[3]
		for i := range n {
			g[c.at[0]+i] = T(float64(dy[d]) * f(float64(a[x]), float64(b[y])))
			d, x, y = d+steps[1], x+steps[2], y+steps[3]
		}
		j.next(&c)
	}
}

// sumTo returns the sums over the axes that a broadcast from a shape stretched,
// without a record.
func (t *Tensor) sumTo(shape Shape) *Tensor {
	if t.shape.Equal(shape) {
		return t
	}
	out := result(t.dtype, shape)
	if t.dtype == Float32 && t.strides == nil && rowOf(out, t) {
		columnSums(out.f32(), t.f32())
		return out
	}
	acc := result(Float64, shape)
	clear(acc.f64())
	if t.size > 0 {
		w := newWalk("Sum", acc.layout().expand(t.shape), t.layout())
		if t.dtype == Float32 {
			sumRows(&w, acc.f64(), t.data.([]float32))
		} else {
			sumRows(&w, acc.f64(), t.data.([]float64))
		}
	}
	acc.into(out)
	return out
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
