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

	places // []int, for operations to work with; no tensor has it
)

// dtypes says of each type what it is called and how its elements are handled.
// What is nil for some type fails TestEveryDTypeIsWhole.
var dtypes = [...]struct {
	name            string
	size            int
	safetensors     string
	make            func(n int) any
	move, moveTiles func(j *mover, lo, hi int)
	take            func(to, from *Tensor, at []int, n int)
	clear           func(t *Tensor)
}{
	{"float32", 4, "F32", slice[float32], moveFloats[float32], moveTiles[float32], takeRows[float32], clearElements[float32]},
	{"float64", 8, "F64", slice[float64], moveFloats[float64], moveTiles[float64], takeRows[float64], clearElements[float64]},
	{"int32", 4, "I32", slice[int32], moveRows[int32], moveTiles[int32], takeRows[int32], clearElements[int32]},
	{"int64", 8, "I64", slice[int64], moveRows[int64], moveTiles[int64], takeRows[int64], clearElements[int64]},
	{"uint8", 1, "U8", slice[uint8], moveRows[uint8], moveTiles[uint8], takeRows[uint8], clearElements[uint8]},
	{"bool", 1, "BOOL", slice[bool], moveRows[bool], moveTiles[bool], takeRows[bool], clearElements[bool]},
	places: {size: 8, make: slice[int]},
}

func slice[T any](n int) any { return make([]T, n) }

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
