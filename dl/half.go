package dl

import "math"

// F16 is an element of a Float16 tensor: a half-precision number of IEEE 754,
// with 11 bits of precision and up to 65504.
type F16 uint16

// BF16 is an element of a BFloat16 tensor: the upper half of a float32, with 8
// bits of precision and the range of float32.
type BF16 uint16

// ToF16 rounds to the nearest half-precision number, of two as near to that
// whose last bit is 0; beyond the largest it is infinite.
func ToF16(v float32) F16 {
	b := math.Float32bits(v)
	sign := F16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00 // NaN
	case b >= 0x477ff000: // 65520
		return sign | 0x7c00
	case b < 0x38800000: // 2^-14: below it numbers are multiples of 2^-24, as float32 from 0.5 on are
		return sign | F16(math.Float32bits(math.Float32frombits(b)+0.5)-0x3f000000)
	}
	b += 0xfff + b>>13&1
	return sign | F16((b-0x38000000)>>13)
}

// Float32 returns the value, exactly.
func (h F16) Float32() float32 {
	sign, e, f := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch e {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(f)*0x1p-24))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | f<<13)
	}
	return math.Float32frombits(sign | (e+112)<<23 | f<<13)
}

// ToBF16 rounds to the nearest bfloat16, of two as near to that whose last bit
// is 0.
func ToBF16(v float32) BF16 {
	b := math.Float32bits(v)
	if v != v {
		return BF16(b>>16 | 0x40) // still a NaN
	}
	return BF16((b + 0x7fff + b>>16&1) >> 16)
}

// Float32 returns the value, exactly.
func (h BF16) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }

// half are the elements that are computed with as float32.
type half interface {
	F16 | BF16
	Float32() float32
}

func toHalf[T half](v float32) T {
	var h T
	if _, ok := any(h).(F16); ok {
		return T(ToF16(v))
	}
	return T(ToBF16(v))
}
