package quantized

import (
	"encoding/binary"
	"math"
)

// A Format is how blocks of weights lie in memory.
type Format uint8

// The formats, of 32 weights w_i = scale * q_i. A block begins with its scale, of half precision.
const (
	Q8_0 Format = iota // q_i from -127 to 127, a byte each
	Q4_0               // q_i from -8 to 7, of which q_i + 8 is kept: the first 16 in lower halves of bytes, the others in upper ones
)

// Block is the number of weights of a block.
const Block = 32

// Size is the number of bytes of a block.
func (f Format) Size() int {
	if f == Q4_0 {
		return 2 + Block/2
	}
	return 2 + Block
}

// lanes is how many partial sums a block has in the packed rows of activations.
func (f Format) lanes() int {
	if f == Q4_0 {
		return 4
	}
	return 8
}

// A Matrix is one of quantized weights. Its rows have whole blocks, one after the other.
type Matrix struct {
	Format     Format
	Rows, Cols int
	Blocks     []byte
}

// row returns the blocks of rows from lo to hi.
func (w *Matrix) row(lo, hi int) []byte {
	size := w.Cols / Block * w.Format.Size()
	return w.Blocks[lo*size : hi*size]
}

// half is a number of half precision.
func half(b []byte) float32 {
	h := uint32(binary.LittleEndian.Uint16(b))
	sign, e, f := h&0x8000<<16, h>>10&31, h&0x3ff
	switch e {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(f)*0x1p-24))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | f<<13)
	}
	return math.Float32frombits(sign | (e+112)<<23 | f<<13)
}

// unpack writes the integers of a block.
func (f Format) unpack(q *[Block]int8, b []byte) {
	if f == Q4_0 {
		for i, v := range b[2:18] {
			q[i], q[i+16] = int8(v&15)-8, int8(v>>4)-8
		}
		return
	}
	for i, v := range b[2:34] {
		q[i] = int8(v)
	}
}

// Dequantize writes the weights of whole blocks.
func (f Format) Dequantize(out []float32, blocks []byte) {
	size := f.Size()
	n := len(out) / Block
	if k := best.dequantize[f]; k != nil && n > 0 {
		_ = blocks[n*size-1]
		k(&out[0], &blocks[0], int64(n))
		return
	}
	var q [Block]int8
	for i := range n {
		b := blocks[i*size : (i+1)*size]
		f.unpack(&q, b)
		d := half(b)
		for k, v := range q {
			out[i*Block+k] = d * float32(v)
		}
	}
}
