package dl

import "math"

func (cpu) convert(x, y *Tensor) { cpuTypes[y.dtype].read(y, x) }

// convert writes the elements of t, which is contiguous, to out.
func convert[T number](out []T, t *Tensor) {
	switch t.dtype {
	case Float32:
		fromFloats(out, t.f32())
	case Float64:
		fromFloats(out, t.f64())
	case Int32:
		fromInts(out, t.i32())
	case Int64:
		fromInts(out, t.i64())
	case Uint8:
		fromInts(out, t.u8())
	case Int16:
		fromInts(out, elements[int16](t))
	case Int8:
		fromInts(out, elements[int8](t))
	case Uint16:
		fromInts(out, elements[uint16](t))
	default: // bool and half precision, exactly
		for i := range out {
			out[i] = saturate[T](get(t, i))
		}
	}
}

func fromInts[T number, U integer](out []T, in []U) {
	for i, v := range in {
		out[i] = T(v)
	}
}

func fromFloats[T number, U float](out []T, in []U) {
	if dtypeOf[T]().isFull() {
		for i, v := range in {
			out[i] = T(v)
		}
		return
	}
	r := rangeOf[T]()
	for i, v := range in {
		out[i] = r.saturate(float64(v))
	}
}

// saturate converts a float64: to an integer type, the nearest number towards 0
// that it has, and 0 for NaN.
func saturate[T number](v float64) T {
	if dtypeOf[T]().isFull() {
		return T(v)
	}
	r := rangeOf[T]()
	return r.saturate(v)
}

// An intRange is what an integer type holds: from least, which is low, to most,
// the last one below high. (A float64 has no room for the most of int64.)
type intRange[T number] struct {
	low, high   float64
	least, most T
}

func rangeOf[T number]() intRange[T] {
	d := dtypeOf[T]()
	bits := 8 * d.Bytes()
	if d.isUnsigned() {
		return intRange[T]{0, math.Ldexp(1, bits), 0, T(uint64(1)<<bits - 1)}
	}
	return intRange[T]{-math.Ldexp(1, bits-1), math.Ldexp(1, bits-1), T(-int64(1) << (bits - 1)), T(uint64(1)<<(bits-1) - 1)}
}

func (r *intRange[T]) saturate(v float64) T {
	switch {
	case v != v:
		return 0
	case v <= r.low:
		return r.least
	case v >= r.high:
		return r.most
	}
	return T(v)
}
