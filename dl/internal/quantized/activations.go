package quantized

import "math"

// A row of activations is quantized for all rows of weights that it is multiplied by. It is packed as vectors read it, in
// parts of the same size, each with something of every block:
//
//	Q8_0: 32 bytes | 8 times the scale | 8 sums
//	Q4_0: the first 16 bytes | the other 16 | 4 times the scale | 4 sums
//
// The vectors of weights are unsigned: q + 128, or q + 8 in Q4_0. Sum number i is -128, or -8, times the sum of those
// bytes that meet in lane i, so that it takes back what is too much: bytes 4i to 4i+3 of each part.

// packedSize is the number of bytes of a packed row.
func packedSize(f Format, blocks int) int {
	if f == Q4_0 {
		return 64 * blocks
	}
	return 96 * blocks
}

// smallest is the largest value of a block below which all of it is 0: its reciprocal must be finite.
const smallest = 1e-30

// quantize packs a row of activations, whole blocks.
func quantize(f Format, packed []byte, x []float32) {
	n := len(x) / Block
	if k := best.quantize[f]; k != nil && n > 0 {
		_ = packed[packedSize(f, n)-1]
		k(&packed[0], &x[0], int64(n))
		return
	}
	lanes, part := f.lanes(), 4*f.lanes()*n
	for b := range n {
		v := x[b*Block:][:Block]
		most := uint32(0) // as bits, which are ordered as the numbers, and NaN is beyond infinity
		for _, x := range v {
			most = max(most, math.Float32bits(x)&0x7fffffff)
		}
		largest, scale, inverse := math.Float32frombits(most), float32(0), float32(0)
		if !(largest < smallest) {
			scale, inverse = largest/127, 127/largest
		}
		var sums [8]int32
		for i, x := range v {
			q := int8(math.RoundToEven(float64(x * inverse)))
			at := 32*b + i
			if f == Q4_0 {
				at = i/16*part + 16*b + i%16
			}
			packed[at] = byte(q)
			sums[i/4%lanes] += int32(q)
		}
		scales, offset := 1, int32(-128)
		if f == Q4_0 {
			scales, offset = 2, -8
		}
		for i := range lanes {
			put32(packed[scales*part+4*(lanes*b+i):], math.Float32bits(scale))
			put32(packed[(scales+1)*part+4*(lanes*b+i):], uint32(offset*sums[i]))
		}
	}
}

// byteAt is activation i of block b of a packed row of n blocks, scaleAt the block's scale.
func byteAt(f Format, packed []byte, n, b, i int) int8 {
	if f == Q4_0 {
		return int8(packed[i/16*16*n+16*b+i%16])
	}
	return int8(packed[32*b+i])
}

func scaleAt(f Format, packed []byte, n, b int) float32 {
	at := 32*n + 32*b
	if f == Q4_0 {
		at = 32*n + 16*b
	}
	return math.Float32frombits(get32(packed[at:]))
}
