package dl

import (
	"errors"
	"fmt"
	"unsafe"

	"modelbook/dl/internal/mapping"
)

// MapSafetensors opens a file, or an index, as [OpenSafetensors] does, and maps it into memory: tensors that Read returns
// lie in the mapping where their types are dl's and their places aligned. So a file of any size is open at once, only
// what is used is read, and no element is copied. What is written to such tensors (by an optimizer, say) changes a private
// copy of the page, never the file.
//
// The mapping stays until the program ends: it takes addresses, and memory only as long as the system has some to spare.
// The file is not to be shortened or overwritten in place meanwhile; to replace it by another, as this package's
// functions do, is harmless.
func MapSafetensors(path string) (*SafetensorsFile, error) {
	s, err := OpenSafetensors(path)
	if err != nil {
		return nil, err
	}
	for _, p := range s.parts {
		if p.memory, err = mapping.Private(p.f); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", p.f.Name(), err), s.Close())
		}
	}
	return s, nil
}

// overlay makes a tensor of the bytes of a mapped body, or returns nil where they must be converted or copied.
func (i TensorInfo) overlay(body []byte) *Tensor {
	d, ok := i.As()
	if !ok || dtypes[d].safetensors != i.DType || i.lo < 0 || i.hi > int64(len(body)) || i.lo == i.hi {
		return nil
	}
	b := body[i.lo:i.hi]
	p := unsafe.Pointer(&b[0])
	if uintptr(p)%uintptr(d.Bytes()) != 0 || len(b) != i.Shape.Size()*d.Bytes() {
		return nil
	}
	switch d {
	case Float32:
		return wrapAt[float32](p, i.Shape)
	case Float64:
		return wrapAt[float64](p, i.Shape)
	case Float16:
		return wrapAt[F16](p, i.Shape)
	case BFloat16:
		return wrapAt[BF16](p, i.Shape)
	case Int64:
		return wrapAt[int64](p, i.Shape)
	case Int32:
		return wrapAt[int32](p, i.Shape)
	case Int16:
		return wrapAt[int16](p, i.Shape)
	case Int8:
		return wrapAt[int8](p, i.Shape)
	case Uint8:
		return wrapAt[uint8](p, i.Shape)
	case Uint16:
		return wrapAt[uint16](p, i.Shape)
	}
	return nil // a byte that is neither 0 nor 1 is no bool of Go's
}

func wrapAt[T Element](p unsafe.Pointer, shape Shape) *Tensor {
	return Wrap(unsafe.Slice((*T)(p), shape.Size()), shape.Clone()...)
}
