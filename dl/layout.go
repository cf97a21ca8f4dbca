package dl

// A layout is where the elements of a tensor lie in a storage: element [i, j]
// is at offset + i*strides[0] + j*strides[1].
type layout struct {
	shape, strides Shape
	offset         int
}

// layout returns where the elements of t are. Its shape and strides must not
// be changed.
func (t *Tensor) layout() layout {
	t.check()
	if t.strides == nil {
		return layout{t.shape, strides(t.shape), t.offset}
	}
	return layout{t.shape, t.strides, t.offset}
}

// rowMajor returns the layout of elements without gaps, in their order.
func rowMajor(shape Shape) layout { return layout{shape, strides(shape), 0} }

// dense reports whether the elements lie in their order and without gaps.
func (l layout) dense() bool {
	n := 1
	for i := len(l.shape) - 1; i >= 0; i-- {
		if l.shape[i] == 0 {
			return true
		}
		if l.shape[i] != 1 {
			if l.strides[i] != n {
				return false
			}
			n *= l.shape[i]
		}
	}
	return true
}

// narrow is the part lo <= index < hi of an axis.
func (l layout) narrow(axis, lo, hi int) layout {
	l.shape, l.strides = shapeOf(l.shape...), shapeOf(l.strides...)
	l.shape[axis] = hi - lo
	if hi > lo { // nothing may be said to lie beyond the memory
		l.offset += lo * l.strides[axis]
	}
	return l
}

// every keeps each n-th index of an axis, from 0 on.
func (l layout) every(axis, n int) layout {
	l.shape, l.strides = shapeOf(l.shape...), shapeOf(l.strides...)
	if l.shape[axis] > 0 {
		l.shape[axis] = (l.shape[axis]-1)/n + 1
	}
	if l.shape[axis] > 1 { // the step to nowhere may be any number
		l.strides[axis] *= n
	}
	return l
}

// without leaves out an axis, at index 0.
func (l layout) without(axis int) layout {
	n := len(l.shape) - 1
	shape, strides := newShape(n), newShape(n)
	copy(shape, l.shape[:axis])
	copy(shape[axis:], l.shape[axis+1:])
	copy(strides, l.strides[:axis])
	copy(strides[axis:], l.strides[axis+1:])
	return layout{shape, strides, l.offset}
}

// with inserts an axis of size 1.
func (l layout) with(axis int) layout {
	n := len(l.shape) + 1
	shape, strides := newShape(n), newShape(n)
	copy(shape, l.shape[:axis])
	copy(shape[axis+1:], l.shape[axis:])
	copy(strides, l.strides[:axis])
	copy(strides[axis+1:], l.strides[axis:])
	shape[axis], strides[axis] = 1, 1
	return layout{shape, strides, l.offset}
}

// permute puts the axes in another order.
func (l layout) permute(axes []int) layout {
	shape, strides := newShape(len(axes)), newShape(len(axes))
	for i, a := range axes {
		shape[i], strides[i] = l.shape[a], l.strides[a]
	}
	return layout{shape, strides, l.offset}
}

// expand stretches axes of size 1, and new ones in front, to a shape that l
// broadcasts to.
func (l layout) expand(to Shape) layout {
	strides := newShape(len(to))
	for i := range to {
		strides[i] = 0
		if j := i - len(to) + len(l.shape); j >= 0 && l.shape[j] == to[i] && to[i] != 1 {
			strides[i] = l.strides[j]
		}
	}
	return layout{to, strides, l.offset}
}

// diagonal joins two axes to one at the end that moves along both, from place
// k above (or below, when negative) the main diagonal.
func (l layout) diagonal(k, first, second int) layout {
	rows, cols := l.shape[first], l.shape[second]
	n := max(0, min(rows, cols-max(k, 0), rows+min(k, 0), cols))
	if n > 0 { // nothing may be said to lie beyond the memory
		l.offset += max(k, 0)*l.strides[second] + max(-k, 0)*l.strides[first]
	}
	step := l.strides[first] + l.strides[second]
	l = l.without(max(first, second)).without(min(first, second))
	l = l.with(len(l.shape))
	l.shape[len(l.shape)-1], l.strides[len(l.strides)-1] = n, step
	return l
}

// reshape returns the layout of the same elements, in their order, in another
// shape of the same size; ok is false when no strides say so.
func (l layout) reshape(shape Shape) (to layout, ok bool) {
	// Axes of l that follow each other without gaps are one; each of these must
	// be made of whole axes of the new shape.
	to = layout{shape, newShape(len(shape)), l.offset}
	at := len(shape) - 1
	for i := len(l.shape) - 1; i >= 0; {
		n, stride := l.shape[i], l.strides[i]
		if i--; n == 1 {
			continue
		}
		last := stride * n
		for ; i >= 0 && (l.shape[i] == 1 || l.strides[i] == last); i-- {
			n, last = n*l.shape[i], last*l.shape[i]
		}
		for ; n > 1; at-- {
			if at < 0 || shape[at] == 0 || n%shape[at] != 0 {
				return to, false
			}
			to.strides[at] = stride
			n, stride = n/shape[at], stride*shape[at]
		}
	}
	for ; at >= 0; at-- {
		to.strides[at] = 1 // of size 1
	}
	return to, true
}

// maxAxes is the number of axes of a walk, after those that lie together have
// been joined: of tensors with 2^24 elements, or of fewer axes.
const maxAxes = 24

// A walk goes over the elements of one shape in up to four layouts. Axes of
// size 1 are left out, and axes that lie together in all layouts are one.
type walk struct {
	axes   int
	shape  [maxAxes]int
	steps  [maxAxes][4]int
	offset [4]int
}

func newWalk(op string, layouts ...layout) (w walk) {
	for k, l := range layouts {
		w.offset[k] = l.offset
	}
	shape := layouts[0].shape
	for i, n := range shape {
		if n == 1 {
			continue
		}
		var steps [4]int
		for k, l := range layouts {
			steps[k] = l.strides[i]
		}
		if j := w.axes - 1; j >= 0 {
			joined := true
			for k := range layouts {
				joined = joined && w.steps[j][k] == steps[k]*n
			}
			if joined {
				w.shape[j] *= n
				w.steps[j] = steps
				continue
			}
		}
		if w.axes == maxAxes {
			PanicValue(op, "a view of more than %d axes that do not lie together cannot be computed with: shape %v", maxAxes, shape)
		}
		w.shape[w.axes], w.steps[w.axes] = n, steps
		w.axes++
	}
	if w.axes == 0 { // a single element
		w.axes, w.shape[0] = 1, 1
	}
	return w
}

// inner returns the last axis: its size and its steps.
func (w *walk) inner() (n int, steps [4]int) { return w.shape[w.axes-1], w.steps[w.axes-1] }

// rows returns the number of inner axes.
func (w *walk) rows() int {
	n := 1
	for _, d := range w.shape[:w.axes-1] {
		n *= d
	}
	return n
}

// A cursor is at the beginning of a row of a walk.
type cursor struct {
	index [maxAxes]int
	at    [4]int
}

// start returns the cursor of a row.
func (w *walk) start(row int) (c cursor) {
	c.at = w.offset
	for i := w.axes - 2; i >= 0; i-- {
		c.index[i] = row % w.shape[i]
		row /= w.shape[i]
		for k := range c.at {
			c.at[k] += c.index[i] * w.steps[i][k]
		}
	}
	return c
}

// next goes to the next row.
func (w *walk) next(c *cursor) {
	for i := w.axes - 2; i >= 0; i-- {
		c.index[i]++
		for k := range c.at {
			c.at[k] += w.steps[i][k]
		}
		if c.index[i] < w.shape[i] {
			return
		}
		for k := range c.at {
			c.at[k] -= w.shape[i] * w.steps[i][k]
		}
		c.index[i] = 0
	}
}
