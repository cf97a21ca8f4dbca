package dl

import (
	"sync"
	"sync/atomic"
)

// An Arena recycles the memory of operations. What operations make inside
// [Arena.Run] (tensors, gradients, the record for Backward) is taken back when
// Run returns and used again by the next Run, so that a training step in its
// steady state allocates nothing. Tensors made by operations inside must not
// be used afterwards; those made outside (parameters and their gradients) and
// those of constructors such as [Zeros] and [Of] stay valid.
//
// While Run is active, operations of other goroutines use the arena too: run
// one training at a time.
type Arena struct {
	mu      sync.Mutex
	tensors chunk[Tensor]
	nodes   chunk[node]
	ints    slab[int]
	f32     slab[float32]
	f64     slab[float64]
	i32     slab[int32]
	i64     slab[int64]
	u8      slab[uint8]
	b       slab[bool]
	due     []*Tensor // with gradients deferred in this Run
}

// active is the arena of the Run under way, nil outside.
var active atomic.Pointer[Arena]

// NewArena returns an empty arena.
func NewArena() *Arena { return &Arena{} }

// Run calls f; operations meanwhile take their memory from the arena. A Run
// inside a Run is part of the outer one.
func (a *Arena) Run(f func()) {
	if !active.CompareAndSwap(nil, a) {
		f()
		return
	}
	defer func() {
		for i, t := range a.due {
			t.settle()
			a.due[i] = nil
		}
		a.due = a.due[:0]
		active.Store(nil)
		a.tensors.reset()
		a.nodes.reset()
		a.ints.reset()
		a.f32.reset()
		a.f64.reset()
		a.i32.reset()
		a.i64.reset()
		a.u8.reset()
		a.b.reset()
	}()
	f()
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

// slab hands out slices by size; a step asks for the same sizes every time.
type slab[T any] struct {
	free map[int][][]T
	out  [][]T
}

func (s *slab[T]) take(n int) []T {
	if f := s.free[n]; len(f) > 0 {
		v := f[len(f)-1]
		s.free[n] = f[:len(f)-1]
		s.out = append(s.out, v)
		return v
	}
	v := make([]T, n)
	s.out = append(s.out, v)
	return v
}

func (s *slab[T]) reset() {
	if s.free == nil {
		s.free = map[int][][]T{}
	}
	for i, v := range s.out {
		s.free[len(v)] = append(s.free[len(v)], v)
		s.out[i] = nil
	}
	s.out = s.out[:0]
}

// newShape returns a shape of n axes for an operation's result.
func newShape(n int) Shape {
	a := active.Load()
	if a == nil {
		return make(Shape, n)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ints.take(n)
}

// result returns a tensor for an operation to fill. Its elements are
// undefined.
func result(d DType, shape Shape) *Tensor {
	a := active.Load()
	if a == nil {
		return empty(d, shape)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.tensors.take()
	t.shape, t.dtype = shape, d
	n := shape.Size()
	switch d {
	case Float32:
		t.f32 = a.f32.take(n)
	case Float64:
		t.f64 = a.f64.take(n)
	case Int32:
		t.i32 = a.i32.take(n)
	case Int64:
		t.i64 = a.i64.take(n)
	case Uint8:
		t.u8 = a.u8.take(n)
	default:
		t.b = a.b.take(n)
	}
	return t
}

// view returns a tensor in the memory of t with another shape.
func view(t *Tensor, shape Shape) *Tensor {
	a := active.Load()
	if a == nil {
		return &Tensor{shape: shape, dtype: t.dtype, store: t.store}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.tensors.take()
	v.shape, v.dtype, v.store = shape, t.dtype, t.store
	return v
}

func newNode() *node {
	a := active.Load()
	if a == nil {
		return new(node)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.nodes.take()
}

// shapeOf copies sizes into an operation's shape.
func shapeOf(sizes ...int) Shape {
	s := newShape(len(sizes))
	copy(s, sizes)
	return s
}
