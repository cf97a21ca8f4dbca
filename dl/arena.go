package dl

import (
	"math/bits"
	"slices"
	"sync/atomic"
)

// An Arena recycles the memory of operations. What operations make inside
// [Arena.Run] (tensors, gradients, the record for Backward) is taken back when
// Run returns and used again by the next Run, so that a training step in its
// steady state takes no new memory, but for sixteen bytes a result, by which a
// tensor that outlives its Run is noticed: to use it panics with an
// [EndedError]; keep a Clone instead. Tensors made outside (parameters and their
// gradients) and those of constructors such as [Zeros] and [Of] stay valid.
//
// A Run concerns the goroutine that calls it: what other goroutines compute
// meanwhile, also those started inside, has memory of its own.
//
// Memory that a Run did not need is given back when the arena holds more than
// twice what the largest of the last Runs used, so that batches of varying
// shapes do not make it grow without bound.
type Arena struct {
	busy    atomic.Bool
	tensors []Tensor // not used yet
	bodies  chunk[body]
	records []recordMemory // by kind
	shapes  blocks[int]
	lists   blocks[*Tensor]
	inner   *Arena // of Checkpoints
	out     []*storage
	free    [len(dtypes)][][]*storage // by size class
	due     []*Tensor                 // with gradients deferred in this Run
	steady  []*storage                // nobody changes them in this Run: see gradient.Steady
	noting  bool                      // a Backward is under way: what is lent is noted in passing
	passing []*storage

	lent, used, recent, held int64 // bytes: now, at most in this Run, in the largest of the last Runs, of all memory
	run                      uint32
}

// NewArena returns an empty arena.
func NewArena() *Arena { return &Arena{} }

// Run calls f; operations meanwhile take their memory from the arena. A Run
// inside a Run is part of the outer one. While another goroutine is in a Run of
// the same arena, f runs with plain memory.
func (a *Arena) Run(f func()) {
	given("Arena.Run", "the function", f != nil)
	s := enter()
	defer s.leave()
	if s.arena != nil || !a.busy.CompareAndSwap(false, true) {
		f()
		return
	}
	s.arena = a
	defer func() {
		s.arena = nil
		a.busy.Store(false)
	}()
	defer a.takeBack()
	defer a.settle()
	f()
}

// settle computes the deferred gradients that nobody has asked for.
func (a *Arena) settle() {
	for _, t := range a.due {
		t.settle()
	}
}

// takeBack ends a Run: what it was lent is free.
func (a *Arena) takeBack() {
	for i, t := range a.due {
		t.due = deferred{} // but for a panic it is settled
		a.due[i] = nil
	}
	a.due = a.due[:0]
	clear(a.steady)
	a.steady = a.steady[:0]
	for _, b := range a.bodies.all[:a.bodies.used] {
		b.uses.Add(1)
		b.storage, b.strides, b.offset = nowhere, nil, 0
		b.stale, b.requires = false, false
		b.grad, b.from, b.due, b.extra = nil, nil, deferred{}, nil
	}
	a.bodies.used = 0
	for _, m := range a.records {
		if m != nil {
			m.reset()
		}
	}
	a.shapes.reset()
	if a.lists.used > 0 {
		a.lists.forget()
	}
	for len(a.out) > 0 {
		s := a.out[len(a.out)-1]
		s.gradients = 0
		if s.pending.Load() != 0 { // to store is slower than to look
			s.pending.Store(0)
		}
		a.giveBack(s)
	}
	a.recent = max(a.used, a.recent-a.recent/64)
	if a.held > 2*a.recent {
		a.trim()
	}
	a.used = 0
	a.run++
}

// noted ends what note(true) began.
func (a *Arena) noted() {
	clear(a.passing)
	a.passing, a.noting = a.passing[:0], false
}

// giveBack takes memory that was lent.
func (a *Arena) giveBack(s *storage) {
	s.loan.Add(1)
	last := len(a.out) - 1
	a.out[s.at] = a.out[last]
	a.out[s.at].at = s.at
	a.out[last] = nil
	a.out = a.out[:last]
	lists := &a.free[s.dtype]
	(*lists)[s.class] = append((*lists)[s.class], s)
	a.lent -= s.bytes
}

// note begins to note what is lent, or ends it, and reports what was before. It does nothing without an arena.
func (a *Arena) note(on bool) (before bool) {
	if a == nil {
		return false
	}
	before, a.noting = a.noting, on
	return before
}

// pass takes back what was noted and is of no more use: gradients of results that have been handed on, and what the
// operations needed to compute them. So Backward needs memory for the gradients between two layers, and not for all.
func (a *Arena) pass() {
	kept := a.passing[:0]
	for _, s := range a.passing {
		if s.gradients > 0 || s.pending.Load() > 0 {
			kept = append(kept, s)
		} else {
			a.giveBack(s)
		}
	}
	clear(a.passing[len(kept):])
	a.passing = kept
}

// trim gives back the memory that this Run did not use.
func (a *Arena) trim() {
	for _, lists := range a.free {
		for class, list := range lists {
			lists[class] = slices.DeleteFunc(list, func(s *storage) bool {
				if s.run != a.run {
					a.held -= s.bytes
				}
				return s.run != a.run
			})
		}
	}
}

// chunk hands out pointers to elements that stay where they are.
type chunk[T any] struct {
	all  []*T
	used int
}

func (c *chunk[T]) take() *T {
	if c.used == len(c.all) {
		c.all = append(c.all, new(T))
	}
	c.used++
	return c.all[c.used-1]
}

func (c *chunk[T]) reset() {
	var zero T
	for _, p := range c.all[:c.used] {
		*p = zero
	}
	c.used = 0
}

// sizeClass returns the number and the size of the class of memory for n
// elements: sizes are 0 to 8, and then multiples of an eighth of a power of two.
func sizeClass(n int) (class, size int) {
	if n <= 8 {
		return n, n
	}
	shift := bits.Len(uint(n-1)) - 4
	shift = max(shift, 0)
	eighths := (n + 1<<shift - 1) >> shift // 9 to 16
	return 8*shift + eighths, eighths << shift
}

// lend returns memory for n elements, which are undefined. A little larger
// memory does, too: batches of varying shapes would otherwise need their own
// each.
func (a *Arena) lend(d DType, n int) *storage {
	class, size := sizeClass(n)
	lists := &a.free[d]
	for len(*lists) < class+3 {
		*lists = append(*lists, nil)
	}
	var s *storage
	for c := class; c < class+3 && s == nil; c++ {
		if list := (*lists)[c]; len(list) > 0 {
			s = list[len(list)-1]
			(*lists)[c] = list[:len(list)-1]
		}
	}
	if s == nil {
		Shape{size}.fits("New", d)
		s = &storage{dtype: d, data: device.alloc(d, size), class: class, bytes: int64(size * dtypes[d].size)}
		a.held += s.bytes
	}
	s.run = a.run
	a.lent += s.bytes
	a.used = max(a.used, a.lent)
	s.at = len(a.out)
	a.out = append(a.out, s)
	if a.noting {
		a.passing = append(a.passing, s)
	}
	device.undefined(s, n)
	return s
}

// tensor returns one without storage and shape.
func (a *Arena) tensor() *Tensor {
	if len(a.tensors) == 0 {
		a.tensors = make([]Tensor, 2048) // the Go runtime's largest class of small memory
	}
	t := &a.tensors[0]
	a.tensors = a.tensors[1:]
	t.body = a.bodies.take()
	t.use = t.uses.Load()
	return t
}

// blocks are elements for one Run, handed out one after the other: integers of shapes, and lists of tensors.
type blocks[T any] struct {
	all   [][]T
	block int // in use
	used  int // of it
}

const blockSize = 1 << 10

// take returns n elements, at most blockSize, undefined.
func (b *blocks[T]) take(n int) []T {
	if b.used+n > blockSize {
		b.block, b.used = b.block+1, 0
	}
	if b.block == len(b.all) {
		b.all = append(b.all, make([]T, blockSize))
	}
	at := b.used
	b.used += n
	return b.all[b.block][at:b.used:b.used]
}

func (b *blocks[T]) reset() { b.block, b.used = 0, 0 }

// forget is reset, and keeps nothing alive that the elements point to.
func (b *blocks[T]) forget() {
	for i := 0; i <= b.block && i < len(b.all); i++ {
		clear(b.all[i])
	}
	b.reset()
}

// listOf copies tensors into a list that an operation keeps in its record.
func listOf(ts []*Tensor) []*Tensor {
	if a := currentArena(); a != nil && len(ts) <= blockSize/16 {
		return append(a.lists.take(len(ts))[:0], ts...)
	}
	return slices.Clone(ts)
}

// ints returns n integers for an operation to work with, undefined.
func ints(n int) []int {
	a := currentArena()
	switch {
	case a == nil:
		return make([]int, n)
	case n <= blockSize/16:
		return a.shapes.take(n)
	}
	return a.lend(places, n).ints(n)
}

// newShape returns a shape of n axes for an operation to work with.
func newShape(n int) Shape { return ints(n) }

// shapeOf copies sizes into an operation's shape.
func shapeOf(sizes ...int) Shape {
	s := newShape(len(sizes))
	copy(s, sizes)
	return s
}

// result returns a tensor for an operation to fill. Its elements are
// undefined.
func result(d DType, shape Shape) *Tensor {
	a := currentArena()
	if a == nil {
		return undefined(d, shape)
	}
	t := a.tensor()
	t.storage = a.lend(d, shape.Size())
	t.loan = t.storage.loan.Load()
	t.setShape(shape)
	return t
}

// constant returns a number for an operation to work with.
func constant(d DType, v float64) *Tensor {
	t := result(d, newShape(0))
	t.fill(v)
	return t
}

// undefined returns a tensor of plain memory for an operation to fill.
func undefined(d DType, shape Shape) *Tensor {
	t := empty(d, shape)
	device.undefined(t.storage, t.size)
	return t
}

// view returns a tensor in the memory of t with another shape.
func view(t *Tensor, shape Shape) *Tensor {
	t.check()
	var v *Tensor
	if a := currentArena(); a != nil {
		v = a.tensor()
	} else {
		v = newTensor()
	}
	v.storage, v.offset, v.loan = t.storage, t.offset, t.loan
	v.setShape(shape)
	return v
}
