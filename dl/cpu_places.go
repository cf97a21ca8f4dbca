package dl

import (
	"cmp"
	"math"
	"sync/atomic"

	"modelbook/dl/internal/parallel"
)

func (cpu) places(index *Tensor, size int, at []int) (bad int) {
	numbers := elements[int64](index)
	if few(len(at)) {
		return placesOf(at, numbers, size)
	}
	return placesOnThreads(at, numbers, size)
}

// placesOnThreads is placesOf on all threads.
func placesOnThreads(at []int, numbers []int64, size int) (bad int) {
	var first atomic.Int64
	first.Store(math.MaxInt64)
	parallel.For(len(at), elementGrain, func(lo, hi int) {
		if i := placesOf(at[lo:hi], numbers[lo:hi], size); i >= 0 {
			for i += lo; ; {
				if was := first.Load(); was <= int64(i) || first.CompareAndSwap(was, int64(i)) {
					break
				}
			}
		}
	})
	if first.Load() == math.MaxInt64 {
		return -1
	}
	return int(first.Load())
}

// placesOf returns the number of the first place that there is none of, or -1.
func placesOf(at []int, numbers []int64, size int) (bad int) {
	at = at[:len(numbers)]
	for i, v := range numbers {
		if v < 0 {
			v += int64(size)
		}
		if uint64(v) >= uint64(size) {
			return i
		}
		at[i] = int(v)
	}
	return -1
}

// A laneIndex is an index into an axis of a tensor: see lanes.
type laneIndex struct {
	shape, steps Shape // of the index, and of the tensor
	axis         int
}

// placeAll is place of all, on all threads.
func (l *laneIndex) placeAll(at []int) {
	parallel.For(len(at), elementGrain, func(lo, hi int) { l.place(at, lo, hi) })
}

// place makes places along the axis, lo to hi of them, places in row-major order.
func (l *laneIndex) place(at []int, lo, hi int) {
	last := len(l.shape) - 1
	n, along, right := l.shape[last], l.steps[l.axis], l.steps[last]
	if l.axis == last {
		right = 0
	}
	for i := lo; i < hi; {
		row, j, begin := i/n, i%n, 0
		end := min(hi, i-j+n)
		for k := last - 1; k >= 0; k-- {
			if k != l.axis {
				begin += row % l.shape[k] * l.steps[k]
			}
			row /= l.shape[k]
		}
		for ; i < end; i++ {
			at[i] = begin + j*right + at[i]*along
			j++
		}
	}
}

// parts is into how many parts elements are divided whose extremes are found at the same time.
const parts = 8

func extremesOf[E cmp.Ordered](s *scattering, row []E, smallest bool) []int {
	n := len(s.count)
	own := extremePlaces[E]{ints(n), make([]E, n), smallest, s.exclude}
	copy(own.value, row)
	for place := range own.at {
		if own.at[place] = place; !s.own(place) {
			own.at[place] = noElement
		}
	}
	if len(s.at) < max(parts*n, elementGrain) { // parts would have little to do
		own.find(s.at, n, row)
		return own.at
	}
	// Each part begins with t's own elements: of equals these win.
	at, value := ints(parts*n), make([]E, parts*n)
	of := func(part int) extremePlaces[E] {
		return extremePlaces[E]{at[part*n:][:n], value[part*n:][:n], smallest, s.exclude}
	}
	parallel.For(parts, 1, func(lo, hi int) {
		for part := lo; part < hi; part++ {
			e, from := of(part), part*len(s.at)/parts
			copy(e.at, own.at)
			copy(e.value, own.value)
			e.find(s.at[from:(part+1)*len(s.at)/parts], n+from, row)
		}
	})
	parallel.For(n, elementGrain, func(lo, hi int) {
		for part := range parts { // in their order: the first of equals wins
			e := of(part)
			for place := lo; place < hi; place++ {
				if i := e.at[place]; i != noElement {
					own.offer(place, i, e.value[place])
				}
			}
		}
	})
	return own.at
}

// noElement is the best of a place before one is known.
const noElement = -1

// extremePlaces are the extremes of places so far: which elements, and their values.
type extremePlaces[E cmp.Ordered] struct {
	at       []int
	value    []E
	smallest bool
	unknown  bool // some are not known
}

// find looks for the extremes of each place among the elements of row from a number on, whose places at says.
func (e *extremePlaces[E]) find(at []int, from int, row []E) {
	row = row[from:][:len(at)]
	for k, place := range at {
		e.offer(place, from+k, row[k])
	}
}

// offer makes element i, of value v, that of a place if it comes before the one so far.
func (e *extremePlaces[E]) offer(place, i int, v E) {
	w := e.value[place]
	if e.smallest && v < w || !e.smallest && v > w || v != v && w == w || e.unknown && e.at[place] == noElement {
		e.at[place], e.value[place] = i, v
	}
}
