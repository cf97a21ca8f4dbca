package gguf

import "math"

// The names of these functions are those of the types.

func unpackQ8_0(out []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:34] {
		out[i] = d * float32(int8(q))
	}
}

func packQ8_0(b []byte, v []float32) {
	most := float32(0)
	for _, x := range v {
		most = max(most, float32(math.Abs(float64(x))))
	}
	d, inverse := most/127, float32(0)
	if d != 0 {
		inverse = 1 / d
	}
	putHalf(b, d)
	for i, x := range v {
		b[2+i] = byte(int8(math.Round(float64(x * inverse))))
	}
}

// The first half of a block are the lower four bits, the second the upper.
func unpackQ4_0(out []float32, b []byte) {
	d := half(b)
	for i, q := range b[2:18] {
		out[i] = d * float32(int(q&15)-8)
		out[i+16] = d * float32(int(q>>4)-8)
	}
}

func packQ4_0(b []byte, v []float32) {
	most := float32(0) // of the largest absolute value, with its sign: it becomes -8
	for _, x := range v {
		if math.Abs(float64(x)) > math.Abs(float64(most)) {
			most = x
		}
	}
	d, inverse := most/-8, float32(0)
	if d != 0 {
		inverse = 1 / d
	}
	putHalf(b, d)
	for i := range 16 {
		low, high := int8(v[i]*inverse+8.5), int8(v[i+16]*inverse+8.5)
		b[2+i] = byte(min(low, 15)) | byte(min(high, 15))<<4
	}
}

func unpackQ4_K(out []float32, b []byte) {
	d, least, scales, q := half(b), half(b[2:]), b[4:16], b[16:144]
	// Eight scales and offsets of six bits; the upper bits of the last four stand in those of the first.
	at := func(i int) (scale, offset float32) {
		if i < 4 {
			return d * float32(scales[i]&63), least * float32(scales[i+4]&63)
		}
		return d * float32(scales[i+4]&15|scales[i-4]>>6<<4), least * float32(scales[i+4]>>4|scales[i]>>6<<4)
	}
	for i := 0; i < 8; i += 2 {
		s1, o1 := at(i)
		s2, o2 := at(i + 1)
		for k, v := range q[16*i : 16*i+32] {
			out[32*i+k] = s1*float32(v&15) - o1
			out[32*i+32+k] = s2*float32(v>>4) - o2
		}
	}
}

func unpackQ6_K(out []float32, b []byte) {
	low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
	for n := range 2 {
		ql, qh, s, y := low[64*n:], high[32*n:], scales[8*n:], out[128*n:]
		value := func(scale byte, lower, upper byte) float32 {
			return d * float32(int8(scale)) * float32(int(lower&15|upper&3<<4)-32)
		}
		for i := range 32 {
			y[i] = value(s[i/16], ql[i], qh[i])
			y[i+32] = value(s[i/16+2], ql[i+32], qh[i]>>2)
			y[i+64] = value(s[i/16+4], ql[i]>>4, qh[i]>>4)
			y[i+96] = value(s[i/16+6], ql[i+32]>>4, qh[i]>>6)
		}
	}
}
