package dl

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

// dtypes says of each type what it is called.
// TestEveryDTypeIsWhole fails where something is missing.
var dtypes = [places + 1]dtypeRow{
	Float32:  {"float32", 4, "F32", Float32},
	Float64:  {"float64", 8, "F64", Float64},
	Int32:    {"int32", 4, "I32", Int32},
	Int64:    {"int64", 8, "I64", Int64},
	Uint8:    {"uint8", 1, "U8", Uint8},
	Bool:     {"bool", 1, "BOOL", Bool},
	Float16:  {"float16", 2, "F16", Float32},
	BFloat16: {"bfloat16", 2, "BF16", Float32},
	Int16:    {"int16", 2, "I16", Int16},
	Int8:     {"int8", 1, "I8", Int8},
	Uint16:   {"uint16", 2, "U16", Uint16},
	places:   {size: 8},
}

type dtypeRow struct {
	name        string
	size        int
	safetensors string
	compute     DType // in which elements are computed with
}

// String returns the type's name, as "float32".
func (d DType) String() string {
	if d < places {
		return dtypes[d].name
	}
	return "unknown"
}

// check panics unless d is a type that tensors can have.
func (d DType) check(op string) {
	if d >= places {
		PanicValue(op, "there is no dtype %d", d)
	}
}

// Bytes returns the size of an element in bytes.
func (d DType) Bytes() int {
	d.check("DType.Bytes")
	return dtypes[d].size
}

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
	a.check("Promote")
	b.check("Promote")
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
