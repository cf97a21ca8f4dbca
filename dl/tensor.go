package dl

import (
	"fmt"
	"math"
)

// A Tensor is an n-dimensional array, its elements in row-major order in one
// piece of memory. Operations return new tensors; what they compute from
// tensors that require gradients is recorded, so that [Tensor.Backward] can
// follow it back.
type Tensor struct {
	shape Shape
	dtype DType
	store
	grad     *Tensor
	stale    bool // grad holds nothing of value: the next gradient overwrites it
	requires bool
	from     *node // the operation that made the tensor, nil for a leaf
	due      deferred
}

// store is a tensor's memory: the slice of its dtype is set.
type store struct {
	f32 []float32
	f64 []float64
	i32 []int32
	i64 []int64
	u8  []uint8
	b   []bool
}

// data returns the slice of type T in a store.
func data[T Element](t *Tensor) []T {
	var v any
	switch t.dtype {
	case Float32:
		v = &t.f32
	case Float64:
		v = &t.f64
	case Int32:
		v = &t.i32
	case Int64:
		v = &t.i64
	case Uint8:
		v = &t.u8
	default:
		v = &t.b
	}
	return *v.(*[]T)
}

// empty makes a tensor of plain memory, all zeros.
func empty(d DType, shape Shape) *Tensor {
	n := shape.check("New")
	t := &Tensor{shape: shape, dtype: d}
	switch d {
	case Float32:
		t.f32 = make([]float32, n)
	case Float64:
		t.f64 = make([]float64, n)
	case Int32:
		t.i32 = make([]int32, n)
	case Int64:
		t.i64 = make([]int64, n)
	case Uint8:
		t.u8 = make([]uint8, n)
	case Bool:
		t.b = make([]bool, n)
	default:
		panic(fmt.Sprintf("dl: unknown dtype %d", d))
	}
	return t
}

// New returns a tensor of zeros of any dtype.
func New(d DType, shape ...int) *Tensor { return empty(d, append(Shape{}, shape...)) }

// Zeros returns a float32 tensor of zeros.
func Zeros(shape ...int) *Tensor { return New(Float32, shape...) }

// Ones returns a float32 tensor of ones.
func Ones(shape ...int) *Tensor { return Full(1, shape...) }

// Full returns a float32 tensor with every element v.
func Full(v float64, shape ...int) *Tensor {
	t := Zeros(shape...)
	for i := range t.f32 {
		t.f32[i] = float32(v)
	}
	return t
}

// Scalar returns a float32 tensor of shape [] holding v.
func Scalar(v float64) *Tensor { return Full(v) }

// Arange returns the float32 tensor 0, 1, ... n-1.
func Arange(n int) *Tensor {
	t := Zeros(n)
	for i := range t.f32 {
		t.f32[i] = float32(i)
	}
	return t
}

// Eye returns the n x n float32 identity matrix.
func Eye(n int) *Tensor {
	t := Zeros(n, n)
	for i := range n {
		t.f32[i*n+i] = 1
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
	copy(data[T](t), values)
	return t
}

// Wrap returns a float32 tensor that uses values as its memory.
func Wrap(values []float32, shape ...int) *Tensor {
	if n := Shape(shape).check("Wrap"); n != len(values) {
		panic(&ShapeError{Op: "Wrap", Shapes: []Shape{Shape(shape).Clone()}, Detail: fmt.Sprintf("the shape has %d elements, there are %d values", n, len(values)), Caller: caller()})
	}
	return &Tensor{shape: append(Shape{}, shape...), store: store{f32: values}}
}

// Values returns a copy of the elements, converted by Go's rules (bool is 0
// or 1, and anything but 0 is true).
func Values[T Element](t *Tensor) []T {
	out := make([]T, t.Size())
	convert(out, t)
	return out
}

// Shape returns the sizes of the axes. Do not change it.
func (t *Tensor) Shape() Shape { return t.shape }

// Dim returns the size of an axis; negative axes count from the last.
func (t *Tensor) Dim(axis int) int { return t.shape[t.axis("Dim", axis)] }

// Rank returns the number of axes.
func (t *Tensor) Rank() int { return len(t.shape) }

// Size returns the number of elements.
func (t *Tensor) Size() int { return t.shape.Size() }

// DType returns the type of the elements.
func (t *Tensor) DType() DType { return t.dtype }

func storage[T Element](t *Tensor, op string) []T {
	if t.dtype != dtypeOf[T]() {
		dtypePanic(op, "the tensor holds another type; use To or Values", t)
	}
	return data[T](t)
}

// Float32s returns the elements themselves, not a copy; the dtype must be Float32.
func (t *Tensor) Float32s() []float32 { return storage[float32](t, "Float32s") }

// Float64s returns the elements themselves, not a copy; the dtype must be Float64.
func (t *Tensor) Float64s() []float64 { return storage[float64](t, "Float64s") }

// Int32s returns the elements themselves, not a copy; the dtype must be Int32.
func (t *Tensor) Int32s() []int32 { return storage[int32](t, "Int32s") }

// Int64s returns the elements themselves, not a copy; the dtype must be Int64.
func (t *Tensor) Int64s() []int64 { return storage[int64](t, "Int64s") }

// Uint8s returns the elements themselves, not a copy; the dtype must be Uint8.
func (t *Tensor) Uint8s() []uint8 { return storage[uint8](t, "Uint8s") }

// Bools returns the elements themselves, not a copy; the dtype must be Bool.
func (t *Tensor) Bools() []bool { return storage[bool](t, "Bools") }

// Item returns the only element of a tensor of size 1.
func (t *Tensor) Item() float64 {
	if t.Size() != 1 {
		shapePanic("Item", "the tensor must have exactly one element", t)
	}
	return t.at(0)
}

func (t *Tensor) offset(op string, index []int) int {
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

// at returns an element by its place in memory.
func (t *Tensor) at(i int) float64 {
	switch t.dtype {
	case Float32:
		return float64(t.f32[i])
	case Float64:
		return t.f64[i]
	case Int32:
		return float64(t.i32[i])
	case Int64:
		return float64(t.i64[i])
	case Uint8:
		return float64(t.u8[i])
	}
	if t.b[i] {
		return 1
	}
	return 0
}

// set stores an element by its place in memory.
func (t *Tensor) set(i int, v float64) {
	switch t.dtype {
	case Float32:
		t.f32[i] = float32(v)
	case Float64:
		t.f64[i] = v
	case Int32:
		t.i32[i] = int32(v)
	case Int64:
		t.i64[i] = int64(v)
	case Uint8:
		t.u8[i] = uint8(v)
	default:
		t.b[i] = v != 0
	}
}

// At returns one element.
func (t *Tensor) At(index ...int) float64 { return t.at(t.offset("At", index)) }

// Set stores one element. It is not recorded for differentiation.
func (t *Tensor) Set(v float64, index ...int) { t.set(t.offset("Set", index), v) }

// convert writes the elements of t to out.
func convert[T Element](out []T, t *Tensor) {
	switch o := any(out).(type) {
	case []float32:
		convertTo(o, t)
	case []float64:
		convertTo(o, t)
	case []int32:
		convertTo(o, t)
	case []int64:
		convertTo(o, t)
	case []uint8:
		convertTo(o, t)
	case []bool:
		for i := range o {
			o[i] = t.at(i) != 0
		}
	}
}

func convertTo[T number](out []T, t *Tensor) {
	switch t.dtype {
	case Float32:
		convertSlice(out, t.f32)
	case Float64:
		convertSlice(out, t.f64)
	case Int32:
		convertSlice(out, t.i32)
	case Int64:
		convertSlice(out, t.i64)
	case Uint8:
		convertSlice(out, t.u8)
	default:
		for i, v := range t.b {
			out[i] = 0
			if v {
				out[i] = 1
			}
		}
	}
}

func convertSlice[T, U number](out []T, in []U) {
	for i, v := range in {
		out[i] = T(v)
	}
}

// into writes the elements of t to those of out, which has the same size.
func (t *Tensor) into(out *Tensor) {
	if t.dtype == Float32 && out.dtype == Float32 {
		copy(out.f32, t.f32)
		return
	}
	switch out.dtype {
	case Float32:
		convert(out.f32, t)
	case Float64:
		convert(out.f64, t)
	case Int32:
		convert(out.i32, t)
	case Int64:
		convert(out.i64, t)
	case Uint8:
		convert(out.u8, t)
	default:
		convert(out.b, t)
	}
}

// CopyFrom overwrites the elements with those of src, converted. The sizes
// must be equal. It is not recorded for differentiation.
func (t *Tensor) CopyFrom(src *Tensor) {
	if !t.shape.Equal(src.shape) {
		shapePanic("CopyFrom", "shapes must be equal", t, src)
	}
	src.into(t)
}

// Clone returns a copy that shares nothing with t and is not recorded.
func (t *Tensor) Clone() *Tensor {
	c := empty(t.dtype, t.shape.Clone())
	t.into(c)
	return c
}

// Detach returns a tensor with the same elements, in the same memory, through
// which no gradient flows.
func (t *Tensor) Detach() *Tensor {
	return &Tensor{shape: t.shape, dtype: t.dtype, store: t.store}
}

// To returns t as another dtype (t itself if it has it). Between float types
// gradients flow.
func (t *Tensor) To(d DType) *Tensor {
	if d == t.dtype {
		return t
	}
	out := result(d, t.shape)
	t.into(out)
	if d.IsFloat() {
		record(out, backTo, t)
	}
	return out
}

func backTo(n *node) {
	g := result(n.in[0].dtype, n.in[0].shape)
	n.out.grad.into(g)
	n.in[0].accumulate(g)
}

// isNaN for tests and printing.
func isNaN(v float64) bool { return math.IsNaN(v) }
