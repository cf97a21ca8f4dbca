package dl

import (
	"encoding/binary"
	"fmt"
	"math"
)

// widened are the types of files that are read as others.
var widened = map[string]struct {
	size int
	to   DType
	read func(t *Tensor, b []byte) error
}{
	"F8_E4M3":     {1, Float32, floats(1, func(b []byte) float32 { return minifloat(uint16(b[0]), 4, 3, false) })},
	"F8_E5M2":     {1, Float32, floats(1, func(b []byte) float32 { return minifloat(uint16(b[0]), 5, 2, true) })},
	"F8_E4M3FNUZ": {1, Float32, floats(1, func(b []byte) float32 { return unsignedZero(b[0], 4, 3) })},
	"F8_E5M2FNUZ": {1, Float32, floats(1, func(b []byte) float32 { return unsignedZero(b[0], 5, 2) })},
	"F8_E8M0":     {1, Float32, floats(1, func(b []byte) float32 { return powerOfTwo(b[0]) })},
	"U32": {4, Int64, func(t *Tensor, b []byte) error {
		return integers(t.Int64s(), b, func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) })
	}},
	"U64": {8, Int64, func(t *Tensor, b []byte) error {
		for i := 7; i < len(b); i += 8 {
			if b[i] >= 128 {
				return fmt.Errorf("element %d, %d, is beyond int64", i/8, binary.LittleEndian.Uint64(b[i-7:]))
			}
		}
		return integers(t.Int64s(), b, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
	}},
}

func floats(size int, f func(b []byte) float32) func(t *Tensor, b []byte) error {
	return func(t *Tensor, b []byte) error {
		for i, out := 0, t.Float32s(); i < len(out); i++ {
			out[i] = f(b[i*size:])
		}
		return nil
	}
}

func integers(out []int64, b []byte, f func(b []byte) int64) error {
	for i := range out {
		out[i] = f(b[i*(len(b)/len(out)):])
	}
	return nil
}

// minifloat returns the value of a number with a sign, so many bits of exponent
// and so many of fraction. With infinite the largest exponent is that of
// infinities and NaNs, as in IEEE 754; without, only all ones are NaN.
func minifloat(bits uint16, exponent, fraction int, infinite bool) float32 {
	e, f := int(bits>>fraction)&(1<<exponent-1), int(bits)&(1<<fraction-1)
	v := math.Ldexp(float64(1<<fraction+f), e-(1<<(exponent-1)-1)-fraction)
	switch top := 1<<exponent - 1; {
	case e == 0: // no leading one
		v = math.Ldexp(float64(f), 1-(1<<(exponent-1)-1)-fraction)
	case e == top && infinite && f == 0:
		v = math.Inf(1)
	case e == top && (infinite || f == 1<<fraction-1):
		v = math.NaN()
	}
	if bits>>(exponent+fraction)&1 != 0 {
		v = -v
	}
	return float32(v)
}

// unsignedZero is a minifloat of those kinds that have no infinities and no
// negative zero, whose bits are the one NaN; their exponent is one smaller.
func unsignedZero(bits uint8, exponent, fraction int) float32 {
	if bits == 0x80 {
		return float32(math.NaN())
	}
	e, f := int(bits>>fraction)&(1<<exponent-1), int(bits)&(1<<fraction-1)
	bias := 1 << (exponent - 1)
	v := math.Ldexp(float64(1<<fraction+f), e-bias-fraction)
	if e == 0 {
		v = math.Ldexp(float64(f), 1-bias-fraction)
	}
	if bits&0x80 != 0 {
		v = -v
	}
	return float32(v)
}

// powerOfTwo is a number that is all exponent, as scales of blocks are.
func powerOfTwo(bits uint8) float32 {
	if bits == 255 {
		return float32(math.NaN())
	}
	return float32(math.Ldexp(1, int(bits)-127))
}
