package dl

// A DType is the type of a tensor's elements.
type DType uint8

// The element types. Float32 is the zero value and the default; only
// Float32 and Float64 take part in differentiation.
const (
	Float32 DType = iota
	Float64
	Int32
	Int64
	Uint8
	Bool
)

var dtypes = [...]struct {
	name        string
	size        int
	safetensors string
}{{"float32", 4, "F32"}, {"float64", 8, "F64"}, {"int32", 4, "I32"}, {"int64", 8, "I64"}, {"uint8", 1, "U8"}, {"bool", 1, "BOOL"}}

// String returns the type's name, as "float32".
func (d DType) String() string {
	if int(d) < len(dtypes) {
		return dtypes[d].name
	}
	return "unknown"
}

// Bytes returns the size of an element in bytes.
func (d DType) Bytes() int { return dtypes[d].size }

// IsFloat reports whether the type takes part in differentiation.
func (d DType) IsFloat() bool { return d <= Float64 }

// Element are the Go types of elements.
type Element interface {
	float32 | float64 | int32 | int64 | uint8 | bool
}

type float interface{ float32 | float64 }

// number are the elements that convert to each other by Go's rules.
type number interface {
	float32 | float64 | int32 | int64 | uint8
}

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
	}
	return Bool
}
