package gguf

import (
	"encoding/binary"
	"fmt"
	"math"

	"modelbook/dl"
)

// Type is how the elements of a tensor are kept. Its numbers are those of files.
type Type uint32

// The types that this package reads. It writes all but the last two.
const (
	F32  Type = 0
	F16  Type = 1
	Q4_0 Type = 2 // blocks of 32: a scale of half precision, then integers from -8 to 7
	Q8_0 Type = 8 // blocks of 32: a scale of half precision, then integers from -127 to 127
	BF16 Type = 30
	Q4_K Type = 12 // blocks of 256: eight groups of integers from 0 to 15, with scales and offsets of six bits
	Q6_K Type = 14 // blocks of 256: sixteen groups of integers from -32 to 31, with scales of eight bits
)

// A format says how a type's blocks look.
type format struct {
	name           string
	elements, size int // of a block, and its bytes
	unpack         func(out []float32, block []byte)
	pack           func(block []byte, values []float32) // nil: not written
}

var formats = map[Type]format{
	F32: {"F32", 1, 4, func(out []float32, b []byte) { out[0] = math.Float32frombits(binary.LittleEndian.Uint32(b)) },
		func(b []byte, v []float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(v[0])) }},
	F16: {"F16", 1, 2, func(out []float32, b []byte) { out[0] = half(b) }, func(b []byte, v []float32) { putHalf(b, v[0]) }},
	BF16: {"BF16", 1, 2, func(out []float32, b []byte) { out[0] = dl.BF16(binary.LittleEndian.Uint16(b)).Float32() },
		func(b []byte, v []float32) { binary.LittleEndian.PutUint16(b, uint16(dl.ToBF16(v[0]))) }},
	Q4_0: {"Q4_0", 32, 18, unpackQ4_0, packQ4_0},
	Q8_0: {"Q8_0", 32, 34, unpackQ8_0, packQ8_0},
	Q4_K: {"Q4_K", 256, 144, unpackQ4_K, nil},
	Q6_K: {"Q6_K", 256, 210, unpackQ6_K, nil},
}

// names are those of types that are listed and not read.
var names = map[Type]string{3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 13: "Q5_K", 15: "Q8_K", 16: "IQ2_XXS",
	20: "IQ4_NL", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64"}

// String returns the type's name, as "Q8_0".
func (t Type) String() string {
	if f, ok := formats[t]; ok {
		return f.name
	}
	if n, ok := names[t]; ok {
		return n
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// Block is the number of elements of a block, and of its bytes; 0 for a type that this package does not read.
func (t Type) Block() (elements, bytes int) { return formats[t].elements, formats[t].size }

// Dequantize writes the values of blocks. It panics with a *dl.ValueError where the sizes do not fit.
func Dequantize(t Type, out []float32, blocks []byte) {
	f := t.fits("Dequantize", out, blocks)
	for i, at := 0, 0; i < len(out); i, at = i+f.elements, at+f.size {
		f.unpack(out[i:i+f.elements], blocks[at:at+f.size])
	}
}

// Quantize writes the blocks of values, as llama.cpp's reference does: scales are those of the largest value of a block.
func Quantize(t Type, blocks []byte, values []float32) {
	f := t.fits("Quantize", values, blocks)
	if f.pack == nil {
		dl.PanicValue("gguf.Quantize", "%v is read and not written; there are F32, F16, BF16, Q8_0 and Q4_0", t)
	}
	for i, at := 0, 0; i < len(values); i, at = i+f.elements, at+f.size {
		f.pack(blocks[at:at+f.size], values[i:i+f.elements])
	}
}

func (t Type) fits(op string, values []float32, blocks []byte) format {
	f, ok := formats[t]
	if !ok {
		dl.PanicValue("gguf."+op, "%v is not known", t)
	}
	if len(values)%f.elements != 0 || len(blocks) != len(values)/f.elements*f.size {
		dl.PanicValue("gguf."+op, "%d values do not fit %d bytes: a block of %v has %d in %d", len(values), len(blocks), t, f.elements, f.size)
	}
	return f
}

func half(b []byte) float32 { return dl.F16(binary.LittleEndian.Uint16(b)).Float32() }

func putHalf(b []byte, v float32) { binary.LittleEndian.PutUint16(b, uint16(dl.ToF16(v))) }
