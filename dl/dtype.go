package dl

import "math"

// A DType is the type of a tensor's elements.
type DType uint8

// The element types. Float32 is the zero value and the default. The float types
// take part in differentiation. Float16 and BFloat16 are for storing: what is
// computed from them is computed in float32 and rounded, and their gradients are
// float32.
const (
	Float32 DType = iota
	Float64
	Int32
	Int64
	Uint8
	Bool
	Float16
	BFloat16
	Int16
	Int8
	Uint16

	places // []int, for operations to work with; no tensor has it
)

// dtypes says of each type what it is called and how its elements are handled.
// TestEveryDTypeIsWhole fails where something is missing.
var dtypes [places + 1]dtypeRow

type dtypeRow struct {
	name        string
	size        int
	safetensors string
	compute     DType // in which elements are computed with
	kernels
}

func init() {
	dtypes = [places + 1]dtypeRow{
		Float32:  {"float32", 4, "F32", Float32, floatKernels(pairFloat32, func(v float32) uint64 { return uint64(math.Float32bits(v)) }, func(b uint64) float32 { return math.Float32frombits(uint32(b)) })},
		Float64:  {"float64", 8, "F64", Float64, floatKernels(pairFloat64, math.Float64bits, math.Float64frombits)},
		Int32:    {"int32", 4, "I32", Int32, intKernels[int32]()},
		Int64:    {"int64", 8, "I64", Int64, intKernels[int64]()},
		Uint8:    {"uint8", 1, "U8", Uint8, intKernels[uint8]()},
		Bool:     {"bool", 1, "BOOL", Bool, boolKernels()},
		Float16:  {"float16", 2, "F16", Float32, halfKernels[F16]()},
		BFloat16: {"bfloat16", 2, "BF16", Float32, halfKernels[BF16]()},
		Int16:    {"int16", 2, "I16", Int16, intKernels[int16]()},
		Int8:     {"int8", 1, "I8", Int8, intKernels[int8]()},
		Uint16:   {"uint16", 2, "U16", Uint16, intKernels[uint16]()},
		places:   {size: 8, kernels: kernels{make: slice[int]}},
	}
}

// kernels are the functions that touch elements of a type.
type kernels struct {
	make  func(n int) any
	clear func(t *Tensor)
	get   func(data any, i int) float64
	put   func(data any, i int, v float64)
	read  func(t *Tensor, from *Tensor) // converts all elements
	bits  func(data any, i int) uint64  // as they stand in files
	set   func(data any, i int, bits uint64)

	move, moveTiles func(j *loop, lo, hi int)
	take            func(to, from *Tensor, at []int, n int)
	choose          func(j *loop, lo, hi int) // Where

	// Of types that are computed with as they are:
	pair    func(j *loop, lo, hi int) // an elementwise function of two operands
	compare func(j *loop, lo, hi int)
}

func slice[T any](n int) any { return make([]T, n) }

// common are the kernels that differ in the type alone.
func common[T Element]() kernels {
	return kernels{make: slice[T], clear: clearElements[T], move: moveRows[T], moveTiles: moveTiles[T], take: takeRows[T], choose: chooseRows[T]}
}

func floatKernels[T float](pair func(j *loop, lo, hi int), bits func(v T) uint64, value func(bits uint64) T) kernels {
	k := common[T]()
	k.bits = func(data any, i int) uint64 { return bits(data.([]T)[i]) }
	k.set = func(data any, i int, bits uint64) { data.([]T)[i] = value(bits) }
	k.get = func(data any, i int) float64 { return float64(data.([]T)[i]) }
	k.put = func(data any, i int, v float64) { data.([]T)[i] = T(v) }
	k.read = func(t, from *Tensor) { convert(elements[T](t), from) }
	k.move, k.pair, k.compare = moveFloats[T], pair, compareRows[T]
	return k
}

func intKernels[T integer]() kernels {
	k := common[T]()
	k.bits = func(data any, i int) uint64 { return uint64(data.([]T)[i]) }
	k.set = func(data any, i int, bits uint64) { data.([]T)[i] = T(bits) }
	k.get = func(data any, i int) float64 { return float64(data.([]T)[i]) }
	k.put = func(data any, i int, v float64) { data.([]T)[i] = saturate[T](v) }
	k.read = func(t, from *Tensor) { convert(elements[T](t), from) }
	k.pair, k.compare = pairInts[T], compareRows[T]
	return k
}

func halfKernels[T half]() kernels {
	k := common[T]()
	k.bits = func(data any, i int) uint64 { return uint64(data.([]T)[i]) }
	k.set = func(data any, i int, bits uint64) { data.([]T)[i] = T(bits) }
	k.get = func(data any, i int) float64 { return float64(data.([]T)[i].Float32()) }
	k.put = func(data any, i int, v float64) { data.([]T)[i] = toHalf[T](float32(v)) }
	k.read = func(t, from *Tensor) {
		out := elements[T](t)
		for i := range out {
			out[i] = toHalf[T](float32(from.at(i)))
		}
	}
	return k
}

func boolKernels() kernels {
	k := common[bool]()
	k.bits = func(data any, i int) uint64 {
		if data.([]bool)[i] {
			return 1
		}
		return 0
	}
	k.set = func(data any, i int, bits uint64) { data.([]bool)[i] = bits != 0 }
	k.get = func(data any, i int) float64 {
		if data.([]bool)[i] {
			return 1
		}
		return 0
	}
	k.put = func(data any, i int, v float64) { data.([]bool)[i] = v != 0 }
	k.read = func(t, from *Tensor) {
		out := elements[bool](t)
		for i := range out {
			out[i] = from.at(i) != 0
		}
	}
	k.pair, k.compare = pairBools, compareBools
	return k
}

// String returns the type's name, as "float32".
func (d DType) String() string {
	if d < places {
		return dtypes[d].name
	}
	return "unknown"
}

// Bytes returns the size of an element in bytes.
func (d DType) Bytes() int { return dtypes[d].size }

// IsFloat reports whether the type takes part in differentiation.
func (d DType) IsFloat() bool { return d.isFull() || d.isHalf() }

// isFull reports whether layers and losses compute with the type.
func (d DType) isFull() bool { return d <= Float64 }

func (d DType) isHalf() bool { return d == Float16 || d == BFloat16 }

// isInt reports whether elements are integers.
func (d DType) isInt() bool { return !d.IsFloat() && d != Bool }

// gradient is the type of gradients.
func (d DType) gradient() DType { return dtypes[d].compute }

// Element are the Go types of elements.
type Element interface {
	float32 | float64 | int32 | int64 | uint8 | bool | F16 | BF16 | int16 | int8 | uint16
}

type float interface{ float32 | float64 }

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16
}

// number are the elements that convert to each other by Go's rules.
type number interface{ float | integer }

// dtypeOf returns the DType of a Go type.
func dtypeOf[T Element]() DType {
	var v T
	switch any(v).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case F16:
		return Float16
	case BF16:
		return BFloat16
	case int16:
		return Int16
	case int8:
		return Int8
	case uint16:
		return Uint16
	}
	return Bool
}

// Promote returns the type in which an elementwise operation on operands of two
// types computes: the wider one of two integers or of two floats, the float of
// an integer and a float, whatever their sizes, int16 for uint8 and int8, and
// float32 for float16 and bfloat16. These are PyTorch's rules; for uint16 beside
// other integers, which PyTorch refuses, NumPy's.
func Promote(a, b DType) DType {
	switch {
	case a == b || b == Bool:
		return a
	case a == Bool:
		return b
	case a.IsFloat() && b.IsFloat():
		if a.Bytes() == b.Bytes() { // float16 and bfloat16
			return Float32
		}
		return wider(a, b)
	case a.IsFloat():
		return a
	case b.IsFloat():
		return b
	case a.isUnsigned() == b.isUnsigned():
		return wider(a, b)
	}
	unsigned, signed := a, b
	if b.isUnsigned() {
		unsigned, signed = b, a
	}
	if signed.Bytes() > unsigned.Bytes() {
		return signed
	}
	return map[int]DType{1: Int16, 2: Int32}[unsigned.Bytes()]
}

func (d DType) isUnsigned() bool { return d == Uint8 || d == Uint16 }

func wider(a, b DType) DType {
	if a.Bytes() >= b.Bytes() {
		return a
	}
	return b
}
