package dl

import (
	"math"
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

func (cpu) extreme(r reduction, where []int) {
	t, out := r.x, r.y
	if t.size == 0 || t.dtype == Float32 && extremeFloats(r, out.f32(), where, nil) {
		return
	}
	if where == nil {
		where = ints(out.size)
	}
	// Elements are read as they lie in memory; their numbers say which is first.
	order, numbers, results := t.layout(), rowMajor(t.shape), layout{t.shape, t.over(r.axes).sb, out.offset}
	order.sort(&numbers)
	again := t.layout()
	again.sort(&results)
	e := choices.Get().(*choice)
	e.walk = newWalk("Max", numbers, results, order)
	e.out, e.x, e.where, e.largest = out, t, where, r.factor > 0
	e.run()
	*e = choice{}
	choices.Put(e)
}

// A choice of extremes under way: a walk over the numbers of elements, where in
// the results they belong, and where they are.
type choice struct {
	walk
	out, x  *Tensor
	where   []int
	largest bool
	axis    int // that the threads share: it is one of the results, or -1
}

var (
	choices = sync.Pool{New: func() any { return new(choice) }}
	walks   = sync.Pool{New: func() any { return new(walk) }} // of the parts of a choice
)

func (e *choice) run() {
	e.axis = -1
	for k := range e.axes {
		if e.steps[k][1] != 0 && (e.axis < 0 || e.shape[k] > e.shape[e.axis]) {
			e.axis = k
		}
	}
	if e.axis < 0 {
		e.Range(0, 1)
		return
	}
	n := e.shape[e.axis]
	parallel.Run(n, max(1, elementGrain/(e.x.size/n)), e)
}

// Range chooses among the elements of a part of the results.
func (e *choice) Range(lo, hi int) {
	w := walks.Get().(*walk)
	defer walks.Put(w)
	*w = e.walk
	if e.axis >= 0 {
		for k := range w.offset {
			w.offset[k] += lo * w.steps[e.axis][k]
		}
		w.shape[e.axis] = hi - lo
	}
	cpuTypes[e.x.dtype].extreme(w, e)
}

// extremes writes the largest elements, or the smallest, and their numbers.
func extremes[T number](w *walk, e *choice) {
	out, x, where := e.out.data.([]T), e.x.data.([]T), e.where
	worst := saturate[T](math.Inf(1))
	if e.largest {
		worst = saturate[T](math.Inf(-1))
	}
	begin(w, out, where, e.out.offset, worst)
	n, steps := w.inner()
	rows := rowOfFloats(x, steps)
	c := w.start(0)
	for range w.rows() {
		number, to, from := c.at[0], c.at[1], c.at[2]
		if rows != nil {
			at := rows(from, n, e.largest)
			better(out, where, e, to, number+at*steps[0], x[from+at])
		} else if e.largest {
			for range n {
				if v := x[from]; !(v < out[to]) {
					better(out, where, e, to, number, v)
				}
				number, to, from = number+steps[0], to+steps[1], from+steps[2]
			}
		} else {
			for range n {
				if v := x[from]; !(v > out[to]) {
					better(out, where, e, to, number, v)
				}
				number, to, from = number+steps[0], to+steps[1], from+steps[2]
			}
		}
		w.next(&c)
	}
}

// begin sets the results of a walk to what every element beats, or equals.
func begin[T Element](w *walk, out []T, where []int, offset int, worst T) {
	results := *w
	for k := range results.axes {
		if results.steps[k][1] == 0 {
			results.shape[k] = 1
		}
	}
	n, steps := results.inner()
	c := results.start(0)
	for range results.rows() {
		to := c.at[1]
		for range n {
			out[to], where[to-offset] = worst, -1
			to += steps[1]
		}
		results.next(&c)
	}
}

// better takes an element that is not worse than the result so far if it is
// better, or as good and before it.
func better[T number](out []T, where []int, e *choice, to, number int, v T) {
	best, at := out[to], &where[to-e.out.offset]
	switch {
	case *at < 0:
	case v == best || v != v && best != best:
		if number > *at {
			return
		}
	case v != v: // NaN wins
	case best != best || e.largest != (v > best):
		return
	}
	out[to], *at = v, number
}

// rowOfFloats returns the function that finds the extreme of a row of float32
// that is to become one result, nil for others.
func rowOfFloats[T number](x []T, steps [4]int) func(from, n int, largest bool) int {
	f, ok := any(x).([]float32)
	if !ok || steps[1] != 0 || steps[2] != 1 || steps[0] < 0 {
		return nil
	}
	return func(from, n int, largest bool) int {
		row := f[from : from+n]
		if largest {
			return vec.IndexOf(row, vec.Max(row))
		}
		return vec.IndexOf(row, vec.Min(row))
	}
}

// extremeBools takes true for the larger.
func extremeBools(w *walk, e *choice) {
	out, x := e.out.data.([]bool), e.x.data.([]bool)
	begin(w, out, e.where, e.out.offset, !e.largest)
	n, steps := w.inner()
	c := w.start(0)
	for range w.rows() {
		number, to, from := c.at[0], c.at[1], c.at[2]
		for range n {
			v, best, at := x[from], out[to], &e.where[to-e.out.offset]
			if *at < 0 || v == e.largest && best != v || v == best && number < *at {
				out[to], *at = v, number
			}
			number, to, from = number+steps[0], to+steps[1], from+steps[2]
		}
		w.next(&c)
	}
}

func (cpu) argExtreme(r reduction) {
	if extremeFloats(r, nil, nil, r.y.i64()) {
		return
	}
	where := ints(r.y.size)
	(cpu{}).extreme(reduction{x: r.x, y: result(r.x.dtype, r.y.shape), axes: r.axes, factor: r.factor}, where)
	axis := r.axes[0]
	n, inner := r.x.shape[axis], Shape(r.x.shape[axis+1:]).Size()
	for i, y := 0, r.y.i64(); i < len(y); i++ {
		y[i] = int64(where[i] / inner % n)
	}
}
