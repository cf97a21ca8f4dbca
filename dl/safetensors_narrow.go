package dl

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A fileBody is a tensor as it is to be written.
type fileBody struct {
	name  string
	dtype string
	t     *Tensor
	bytes []byte // nil: those of t
}

// size is that of the elements in the file.
func (b *fileBody) size() int64 {
	if b.bytes != nil {
		return int64(len(b.bytes))
	}
	return int64(b.t.Size() * b.t.dtype.Bytes())
}

// bodyOf is a tensor with elements of the type that as asks for.
func bodyOf(n Named, as map[string]string) (fileBody, error) {
	if n.Tensor == nil {
		return fileBody{}, fmt.Errorf("safetensors: %q is nil", n.Name)
	}
	dtype, ok := as[n.Name]
	if !ok {
		dtype, ok = as[""]
	}
	b := fileBody{name: n.Name, dtype: dtypes[n.Tensor.dtype].safetensors, t: n.Tensor}
	if !ok || dtype == b.dtype {
		return b, nil
	}
	kind := TensorInfo{DType: dtype}
	d, known := kind.As()
	if !known {
		return fileBody{}, fmt.Errorf("safetensors: %q cannot be written as %q, which is no type that dl knows", n.Name, dtype)
	}
	b.dtype = dtype
	if isOwn := dtypes[d].safetensors == dtype; isOwn && (d.IsFloat() || d == Bool) {
		b.t = n.Tensor.To(d)
		return b, nil
	}
	var err error
	if b.bytes, err = narrowed(n.Tensor, dtype); err != nil {
		return fileBody{}, fmt.Errorf("safetensors: %q as %s: %w", n.Name, dtype, err)
	}
	return b, nil
}

// narrowed are the elements of t as a type of files.
func narrowed(t *Tensor, dtype string) ([]byte, error) {
	switch dtype {
	case "F8_E4M3":
		return eachFloat(t, func(v float64) byte { return toMinifloat(v, 4, 3, false) }), nil
	case "F8_E5M2":
		return eachFloat(t, func(v float64) byte { return toMinifloat(v, 5, 2, true) }), nil
	}
	r, ok := map[string]struct {
		size   int
		signed bool
	}{"I8": {1, true}, "I16": {2, true}, "I32": {4, true}, "I64": {8, true}, "U8": {1, false}, "U16": {2, false}, "U32": {4, false}, "U64": {8, false}}[dtype]
	if !ok {
		return nil, fmt.Errorf("dl reads this type and does not write it")
	}
	if t.dtype.IsFloat() {
		t = t.To(Float64)
		for i, v := range Values[float64](t) {
			if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
				return nil, fmt.Errorf("element %d, %v, is no integer of 64 bits", i, v)
			}
		}
	}
	whole := t.To(Int64)
	out := make([]byte, 0, whole.Size()*r.size)
	for i, v := range Values[int64](whole) {
		low, high := int64(0), int64(math.MaxInt64)
		if r.signed {
			low = -1 << (8*r.size - 1)
			high = -(low + 1)
		} else if r.size < 8 {
			high = 1<<(8*r.size) - 1
		}
		if v < low || v > high {
			return nil, fmt.Errorf("element %d, %d, is not from %d to %d", i, v, low, high)
		}
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(v))
		out = append(out, b[:r.size]...)
	}
	return out, nil
}

func eachFloat(t *Tensor, f func(v float64) byte) []byte {
	values := Values[float64](t.To(Float64))
	out := make([]byte, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// toMinifloat is the nearest number with a sign, so many bits of exponent and so
// many of fraction; of two that are as near, that with an even fraction. See
// [minifloat].
func toMinifloat(v float64, exponent, fraction int, infinite bool) byte {
	sign := byte(0)
	if math.Signbit(v) {
		sign, v = 0x80, -v
	}
	top := 1<<exponent - 1
	nan := byte(1<<(exponent+fraction) - 1)
	over, largest := nan, 1<<(exponent+fraction)-2 // all ones are NaN
	if infinite {
		over, largest = byte(top<<fraction), top<<fraction-1
		nan = byte(top<<fraction | 1<<(fraction-1))
	}
	if v != v {
		return sign | nan
	}
	bias := 1<<(exponent-1) - 1
	switch {
	case v == 0:
		return sign
	case math.IsInf(v, 1):
		return sign | over
	}
	// Bits of a non-negative minifloat, counted up, are its values in order.
	_, e := math.Frexp(v)
	e = max(e-1, 1-bias)                                 // of the leading one, or of the numbers without one
	steps := math.RoundToEven(math.Ldexp(v, fraction-e)) // of the last place
	bits := (e+bias-1)<<fraction + int(min(steps, 1024)) // a leading one counts up the exponent
	if bits > largest {
		return sign | over
	}
	return sign | byte(bits)
}
