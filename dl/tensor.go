package dl

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"
)

// A Tensor is an n-dimensional array: a shape, and where its elements lie in a
// piece of memory, which views share. Operations return new tensors; what they compute from
// tensors that require gradients is recorded, so that [Tensor.Backward] can
// follow it back.
//
// What a tensor is stands in a body, which an [Arena] uses again for another
// tensor of a later Run. The Tensor itself, which a caller may keep, is never
// used again, and knows which use of the body is its own: so one that was kept
// is noticed, though a step in its steady state leaves nothing behind for the
// garbage collector but these sixteen bytes a result.
type Tensor struct {
	*body
	use uint64 // the body's uses when the tensor was made
}

// A body is the shape of a tensor, where its elements lie, and what
// differentiation knows about it.
type body struct {
	*storage
	uses     atomic.Uint64 // how often an Arena took the body back
	shape    Shape
	strides  Shape            // nil: the elements lie in row-major order without gaps
	offset   int              // of the first element
	size     int              // number of elements
	dims     [2 * maxDims]int // the memory of a short shape and of its strides
	loan     uint32           // the storage's when the tensor was made
	stale    bool             // grad holds nothing of value: the next gradient overwrites it
	requires bool
	grad     *Tensor
	from     record // of the operation that made the tensor, nil for a leaf
	due      deferred
	extra    *extra
}

// maxDims is the number of axes for which a tensor has room in itself.
const maxDims = 4

// newTensor returns a tensor without storage and shape, in plain memory.
func newTensor() *Tensor {
	m := &struct {
		t Tensor
		b body
	}{}
	m.t.body = &m.b
	return &m.t
}

// setShape gives a new body a copy of a shape. A caller may keep the slice that
// Shape returns, so a body that is used again keeps it, too, when the shape is
// the same, as it is from step to step, and gets other memory when not.
func (b *body) setShape(shape Shape) {
	switch {
	case b.shape == nil:
		b.shape = slices.Clip(append(b.dims[:0:maxDims], shape...)) // what a caller appends goes elsewhere
	case !b.shape.Equal(shape):
		b.shape = slices.Clip(shape.Clone())
	}
	b.size = shape.Size()
}

// empty makes a tensor of plain memory, all zeros.
func empty(d DType, shape Shape) *Tensor {
	d.check("New")
	n := shape.fits("New", d)
	return over(d, device.alloc(d, n), shape)
}

// over makes a tensor of memory that belongs to the caller.
func over(d DType, data any, shape Shape) *Tensor {
	m := &struct {
		t Tensor
		b body
		s storage
	}{}
	m.s.hold(d, data)
	m.b.storage, m.t.body = &m.s, &m.b
	m.t.setShape(shape)
	return &m.t
}

// New returns a tensor of zeros of any dtype.
func New(d DType, shape ...int) *Tensor { return empty(d, Shape(shape)) }

// Zeros returns a float32 tensor of zeros.
func Zeros(shape ...int) *Tensor { return New(Float32, shape...) }

// Ones returns a float32 tensor of ones.
func Ones(shape ...int) *Tensor { return Full(1, shape...) }

// Full returns a float32 tensor with every element v.
func Full(v float64, shape ...int) *Tensor {
	t := Zeros(shape...)
	t.fill(v)
	return t
}

// Scalar returns a float32 tensor of shape [] holding v.
func Scalar(v float64) *Tensor { return Full(v) }

// Arange returns the float32 tensor 0, 1, ... n-1. It panics with a *ValueError
// beyond 2^24 numbers, which float32 cannot tell apart: see [ArangeOf].
func Arange(n int) *Tensor { return arange("Arange", Float32, n) }

// ArangeOf returns the tensor 0, 1, ... n-1 of a dtype, which must hold these
// numbers exactly.
func ArangeOf(d DType, n int) *Tensor { return arange("ArangeOf", d, n) }

func arange(op string, d DType, n int) *Tensor {
	d.check(op)
	for _, v := range [2]int{n - 2, n - 1} { // one of them is odd: if that is exact, all before it are
		if last := New(d, 1); v > 0 {
			if last.set(0, float64(v)); last.at(0) != float64(v) {
				PanicValue(op, "%v does not hold %d, and so not %d numbers from 0 on; use ArangeOf(dl.Int64, %[3]d)", d, v, n)
			}
		}
	}
	t := New(d, n)
	for i := range n {
		t.set(i, float64(i))
	}
	return t
}

// Eye returns the n x n float32 identity matrix.
func Eye(n int) *Tensor {
	t := Zeros(n, n)
	for i := range n {
		t.set(i*n+i, 1)
	}
	return t
}

// Of returns a tensor with a copy of values, in the given shape, or in one
// dimension when none is given. The empty shape of a scalar is given as
// Shape{}... (or as that of another scalar, s.Shape()...).
func Of[T Element](values []T, shape ...int) *Tensor {
	if shape == nil {
		shape = []int{len(values)}
	}
	if n := Shape(shape).Size(); n != len(values) {
		panic(&ShapeError{Op: "Of", Shapes: []Shape{Shape(shape).Clone()}, Detail: fmt.Sprintf("the shape has %d elements, there are %d values", n, len(values)), Caller: caller()})
	}
	t := New(dtypeOf[T](), shape...)
	copy(raw[T](t, "Of"), values)
	return t
}

// Wrap returns a tensor that uses values as its memory, in the given shape, or in
// one dimension when none is given.
func Wrap[T Element](values []T, shape ...int) *Tensor {
	if shape == nil {
		shape = []int{len(values)}
	}
	if n := Shape(shape).check("Wrap"); n != len(values) {
		panic(&ShapeError{Op: "Wrap", Shapes: []Shape{Shape(shape).Clone()}, Detail: fmt.Sprintf("the shape has %d elements, there are %d values", n, len(values)), Caller: caller()})
	}
	return over(dtypeOf[T](), values, Shape(shape))
}

// Shape returns the sizes of the axes. Do not change it.
func (t *Tensor) Shape() Shape {
	t.check()
	return t.shape
}

// Dim returns the size of an axis; negative axes count from the last.
func (t *Tensor) Dim(axis int) int {
	t.check()
	return t.shape[t.axis("Dim", axis)]
}

// Rank returns the number of axes.
func (t *Tensor) Rank() int {
	t.check()
	return len(t.shape)
}

// Size returns the number of elements.
func (t *Tensor) Size() int {
	t.check()
	return t.size
}

// DType returns the type of the elements.
func (t *Tensor) DType() DType {
	t.check()
	return t.dtype
}

func raw[T Element](t *Tensor, op string) []T {
	t.check()
	if t.dtype != dtypeOf[T]() {
		dtypePanic(op, "the tensor holds another type; use To or Values", t)
	}
	if t.strides != nil {
		shapePanic(op, "the tensor is a view whose elements do not lie in a row; use Contiguous() first, or Values", t)
	}
	return device.host(t.storage).([]T)[t.offset:][:t.size:t.size]
}

// Float32s returns the elements themselves, not a copy; the dtype must be Float32.
// Call Changed after writing to them.
func (t *Tensor) Float32s() []float32 { return raw[float32](t, "Float32s") }

// Float64s returns the elements themselves, not a copy; the dtype must be Float64.
// Call Changed after writing to them.
func (t *Tensor) Float64s() []float64 { return raw[float64](t, "Float64s") }

// Int32s returns the elements themselves, not a copy; the dtype must be Int32.
// Call Changed after writing to them.
func (t *Tensor) Int32s() []int32 { return raw[int32](t, "Int32s") }

// Int64s returns the elements themselves, not a copy; the dtype must be Int64.
// Call Changed after writing to them.
func (t *Tensor) Int64s() []int64 { return raw[int64](t, "Int64s") }

// Uint8s returns the elements themselves, not a copy; the dtype must be Uint8.
// Call Changed after writing to them.
func (t *Tensor) Uint8s() []uint8 { return raw[uint8](t, "Uint8s") }

// Bools returns the elements themselves, not a copy; the dtype must be Bool.
// Call Changed after writing to them.
func (t *Tensor) Bools() []bool { return raw[bool](t, "Bools") }

// Item returns the only element of a tensor of size 1.
func (t *Tensor) Item() float64 {
	if t.Size() != 1 {
		shapePanic("Item", "the tensor must have exactly one element", t)
	}
	return t.at(0)
}

func (t *Tensor) place(op string, index []int) int {
	t.check()
	if len(index) != len(t.shape) {
		shapePanic(op, fmt.Sprintf("%d indices for %d axes", len(index), len(t.shape)), t)
	}
	o := 0
	for i, x := range index {
		if x < 0 || x >= t.shape[i] {
			shapePanic(op, fmt.Sprintf("index %d of axis %d is out of range", x, i), t)
		}
		o = o*t.shape[i] + x
	}
	return o
}

// locate returns where the i-th element, in row-major order, is in memory.
func (t *Tensor) locate(i int) int {
	at := t.offset
	if t.strides == nil {
		return at + i
	}
	for k := len(t.shape) - 1; k >= 0; k-- {
		at += i % t.shape[k] * t.strides[k]
		i /= t.shape[k]
	}
	return at
}

// at returns the i-th element in row-major order.
func (t *Tensor) at(i int) float64 {
	t.check()
	return device.get(t.storage, t.locate(i))
}

// set stores the i-th element in row-major order, converted as To does.
func (t *Tensor) set(i int, v float64) {
	t.check()
	device.put(t.storage, t.locate(i), v)
}

// At returns one element.
func (t *Tensor) At(index ...int) float64 { return t.at(t.place("At", index)) }

// clear sets all elements of a contiguous tensor to zero.
func (t *Tensor) clear() { device.clear(t) }

// Clone returns a copy that shares nothing with t and is not recorded: PyTorch's
// x.detach().clone().
func (t *Tensor) Clone() *Tensor {
	t.check()
	c := empty(t.dtype, t.shape)
	t.into(c)
	return c
}

// Detach returns a tensor with the same elements, in the same memory, through
// which no gradient flows.
func (t *Tensor) Detach() *Tensor {
	return viewOf(t, t.layout())
}

// isNaN for tests and printing.
func isNaN(v float64) bool { return math.IsNaN(v) }
