package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"modelbook/dl"
)

// tensorOf is a tensor as a file has it.
func tensorOf(name string, t *dl.Tensor) tensorProto {
	p := tensorProto{name: name, hasRaw: true}
	for _, d := range t.Shape() {
		p.dims = append(p.dims, int64(d))
	}
	if t.DType() == dl.Int64 {
		p.dtype = typeInt64
		for _, v := range dl.Values[int64](t) {
			p.raw = binary.LittleEndian.AppendUint64(p.raw, uint64(v))
		}
		return p
	}
	p.dtype = typeFloat
	values := dl.Values[float32](t.To(dl.Float32))
	p.raw = make([]byte, 0, 4*len(values))
	for _, v := range values {
		p.raw = binary.LittleEndian.AppendUint32(p.raw, math.Float32bits(v))
	}
	return p
}

// maxRank bounds the axes of a tensor, maxElements its elements where a file does not hold these.
const (
	maxRank     = 16
	maxElements = 1 << 31
)

// shape is that of a tensor, checked.
func (p *tensorProto) shape() (dl.Shape, int, error) {
	if len(p.dims) > maxRank {
		return nil, 0, fmt.Errorf("%d axes are too many", len(p.dims))
	}
	shape, n := make(dl.Shape, len(p.dims)), 1
	for i, d := range p.dims {
		if d < 0 || d > maxElements || d > 0 && n > maxElements/int(d) {
			return nil, 0, fmt.Errorf("the shape %v is impossible", p.dims)
		}
		shape[i] = int(d)
		n *= int(d)
	}
	return shape, n, nil
}

// tensor makes the tensor. No memory is taken before the file is known to hold its elements.
func (p *tensorProto) tensor() (*dl.Tensor, error) {
	if p.external {
		return nil, fmt.Errorf("its elements are in another file, which is not supported: save the model with all in one file")
	}
	shape, n, err := p.shape()
	if err != nil {
		return nil, err
	}
	size := map[int64]int{typeFloat: 4, typeUint8: 1, typeInt8: 1, typeUint16: 2, typeInt16: 2, typeInt32: 4, typeInt64: 8, typeBool: 1,
		typeFloat16: 2, typeDouble: 8, typeUint32: 4, typeUint64: 8, typeBFloat16: 2}[p.dtype]
	if size == 0 {
		return nil, fmt.Errorf("the type of elements %d is not supported", p.dtype)
	}
	held := len(p.raw) / size
	switch {
	case p.hasRaw && len(p.raw)%size != 0:
		held = -1
	case p.hasRaw:
	case p.dtype == typeFloat:
		held = len(p.floats)
	case p.dtype == typeDouble:
		held = len(p.doubles)
	default:
		held = len(p.ints)
	}
	if held != n {
		return nil, fmt.Errorf("the shape %v has %d elements, the file other than so many", p.dims, n)
	}
	// The bits of an element, from either form.
	bits := func(i int) uint64 {
		if !p.hasRaw {
			return uint64(p.ints[i])
		}
		switch b := p.raw[i*size:]; size {
		case 1:
			return uint64(b[0])
		case 2:
			return uint64(binary.LittleEndian.Uint16(b))
		case 4:
			return uint64(binary.LittleEndian.Uint32(b))
		default:
			return binary.LittleEndian.Uint64(b)
		}
	}
	switch p.dtype {
	case typeFloat:
		return made(shape, n, func(i int) float32 {
			if !p.hasRaw {
				return p.floats[i]
			}
			return math.Float32frombits(uint32(bits(i)))
		}), nil
	case typeDouble:
		return made(shape, n, func(i int) float64 {
			if !p.hasRaw {
				return p.doubles[i]
			}
			return math.Float64frombits(bits(i))
		}), nil
	case typeFloat16:
		return made(shape, n, func(i int) dl.F16 { return dl.F16(bits(i)) }).To(dl.Float32), nil
	case typeBFloat16:
		return made(shape, n, func(i int) dl.BF16 { return dl.BF16(bits(i)) }).To(dl.Float32), nil
	case typeBool:
		return made(shape, n, func(i int) bool { return bits(i) != 0 }), nil
	case typeUint8:
		return made(shape, n, func(i int) uint8 { return uint8(bits(i)) }), nil
	case typeInt8:
		return made(shape, n, func(i int) int8 { return int8(bits(i)) }), nil
	case typeUint16:
		return made(shape, n, func(i int) uint16 { return uint16(bits(i)) }), nil
	case typeInt16:
		return made(shape, n, func(i int) int16 { return int16(bits(i)) }), nil
	case typeInt32:
		return made(shape, n, func(i int) int32 { return int32(bits(i)) }), nil
	case typeUint32:
		return made(shape, n, func(i int) int64 { return int64(uint32(bits(i))) }), nil
	}
	return made(shape, n, func(i int) int64 { return int64(bits(i)) }), nil
}

func made[T dl.Element](shape dl.Shape, n int, element func(i int) T) *dl.Tensor {
	values := make([]T, n)
	for i := range values {
		values[i] = element(i)
	}
	if n == 0 {
		return dl.New(dl.Of(make([]T, 1)).DType(), shape...)
	}
	return dl.Of(values, shape...)
}
