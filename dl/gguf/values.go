package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// The kinds of metadata.
const (
	kindUint8 uint32 = iota
	kindInt8
	kindUint16
	kindInt16
	kindUint32
	kindInt32
	kindFloat32
	kindBool
	kindString
	kindArray
	kindUint64
	kindInt64
	kindFloat64
)

func (r *reader) value(kind uint32) any {
	switch kind {
	case kindUint8:
		return r.bytes(1)[0]
	case kindInt8:
		return int8(r.bytes(1)[0])
	case kindUint16:
		return binary.LittleEndian.Uint16(r.bytes(2))
	case kindInt16:
		return int16(binary.LittleEndian.Uint16(r.bytes(2)))
	case kindUint32:
		return r.uint32()
	case kindInt32:
		return int32(r.uint32())
	case kindFloat32:
		return math.Float32frombits(r.uint32())
	case kindBool:
		return r.bool()
	case kindString:
		return r.text()
	case kindArray:
		return r.array()
	case kindUint64:
		return r.uint64()
	case kindInt64:
		return int64(r.uint64())
	case kindFloat64:
		return math.Float64frombits(r.uint64())
	}
	r.fail("there is no kind %d of metadata", kind)
	return nil
}

func (r *reader) bool() bool {
	b := r.bytes(1)[0]
	if b > 1 {
		r.fail("%d is neither false nor true", b)
	}
	return b == 1
}

func (r *reader) array() any {
	switch kind := r.uint32(); kind {
	case kindUint8:
		return list(r, 1, func(r *reader) uint8 { return r.bytes(1)[0] })
	case kindInt8:
		return list(r, 1, func(r *reader) int8 { return int8(r.bytes(1)[0]) })
	case kindUint16:
		return list(r, 2, func(r *reader) uint16 { return binary.LittleEndian.Uint16(r.bytes(2)) })
	case kindInt16:
		return list(r, 2, func(r *reader) int16 { return int16(binary.LittleEndian.Uint16(r.bytes(2))) })
	case kindUint32:
		return list(r, 4, (*reader).uint32)
	case kindInt32:
		return list(r, 4, func(r *reader) int32 { return int32(r.uint32()) })
	case kindFloat32:
		return list(r, 4, func(r *reader) float32 { return math.Float32frombits(r.uint32()) })
	case kindBool:
		return list(r, 1, (*reader).bool)
	case kindString:
		return list(r, 8, (*reader).text)
	case kindUint64:
		return list(r, 8, (*reader).uint64)
	case kindInt64:
		return list(r, 8, func(r *reader) int64 { return int64(r.uint64()) })
	case kindFloat64:
		return list(r, 8, func(r *reader) float64 { return math.Float64frombits(r.uint64()) })
	default:
		r.fail("there are no lists of kind %d", kind)
	}
	return nil
}

// list reads a list of things of which each has at least so many bytes.
func list[T any](r *reader, least int, one func(r *reader) T) []T {
	out := make([]T, 0, r.count(least))
	for range cap(out) {
		if r.err != nil {
			break
		}
		out = append(out, one(r))
	}
	return out
}

// kindOf is how a value is written, and whether as a list.
func kindOf(v any) (kind uint32, isList, ok bool) {
	switch v.(type) {
	case uint8:
		return kindUint8, false, true
	case int8:
		return kindInt8, false, true
	case uint16:
		return kindUint16, false, true
	case int16:
		return kindInt16, false, true
	case uint32:
		return kindUint32, false, true
	case int32:
		return kindInt32, false, true
	case float32:
		return kindFloat32, false, true
	case bool:
		return kindBool, false, true
	case string:
		return kindString, false, true
	case uint64:
		return kindUint64, false, true
	case int64:
		return kindInt64, false, true
	case float64:
		return kindFloat64, false, true
	case []uint8:
		return kindUint8, true, true
	case []int8:
		return kindInt8, true, true
	case []uint16:
		return kindUint16, true, true
	case []int16:
		return kindInt16, true, true
	case []uint32:
		return kindUint32, true, true
	case []int32:
		return kindInt32, true, true
	case []float32:
		return kindFloat32, true, true
	case []bool:
		return kindBool, true, true
	case []string:
		return kindString, true, true
	case []uint64:
		return kindUint64, true, true
	case []int64:
		return kindInt64, true, true
	case []float64:
		return kindFloat64, true, true
	}
	return 0, false, false
}

func appendText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

// appendValue appends a value without its kind.
func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("gguf: the text %q is not UTF-8", v[:min(len(v), 40)])
		}
		return appendText(b, v), nil
	case []string:
		b = binary.LittleEndian.AppendUint64(b, uint64(len(v)))
		for _, s := range v {
			if !utf8.ValidString(s) {
				return nil, fmt.Errorf("gguf: the text %q is not UTF-8", s[:min(len(s), 40)])
			}
			b = appendText(b, s)
		}
		return b, nil
	}
	if _, isList, _ := kindOf(v); isList {
		b = binary.LittleEndian.AppendUint64(b, uint64(binary.Size(v)/elementSize(v)))
	}
	return binary.Append(b, binary.LittleEndian, v)
}

// elementSize is the size of an element of a list of numbers.
func elementSize(v any) int {
	kind, _, _ := kindOf(v)
	return [...]int{kindUint8: 1, kindInt8: 1, kindUint16: 2, kindInt16: 2, kindUint32: 4, kindInt32: 4, kindFloat32: 4, kindBool: 1,
		kindUint64: 8, kindInt64: 8, kindFloat64: 8}[kind]
}
