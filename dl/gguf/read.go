package gguf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"syscall"
	"unicode/utf8"
	"unsafe"

	"modelbook/dl"
	"modelbook/dl/internal/mapping"
)

// File is an open file. Its tensors lie in the mapping, and end with Close.
type File struct {
	Version  int
	Metadata map[string]any // numbers as Go types of their sizes, bool, string, and slices of these
	Tensors  []Tensor

	memory []byte
	byName map[string]int
}

// Tensor is a tensor of a file.
type Tensor struct {
	Name  string
	Shape []int // in the order of rows: [out, in] for the matrix of a layer, whose rows lie together
	Type  Type

	data []byte
}

// maxMetadata bounds what stands before the tensors: vocabularies of a million tokens have some ten megabytes.
const maxMetadata = 256 << 20

// Open maps a file and reads what stands before its tensors.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() < 24 {
		return nil, fmt.Errorf("%s: no GGUF file, of %d bytes", path, st.Size())
	}
	memory, err := mapping.Private(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	g, err := Parse(memory)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), syscall.Munmap(memory))
	}
	g.memory = memory
	return g, nil
}

// Close ends the mapping: what lies in it, such as Bytes and Data of its tensors, must not be used any more, or the program ends.
// A file whose tensors are in use is left open.
func (f *File) Close() error {
	if f.memory == nil {
		return nil
	}
	m := f.memory
	f.memory, f.Tensors = nil, nil
	return syscall.Munmap(m)
}

// Parse is Open of bytes, in which the tensors lie.
func Parse(b []byte) (*File, error) {
	r := &reader{all: b, rest: b[:min(len(b), maxMetadata)]}
	f := &File{Metadata: map[string]any{}, byName: map[string]int{}}
	magic := r.bytes(4)
	if string(magic) != "GGUF" {
		return nil, fmt.Errorf("gguf: the file begins with %q, not GGUF", magic)
	}
	f.Version = int(r.uint32())
	if r.err == nil && (f.Version < 2 || f.Version > 3) {
		return nil, fmt.Errorf("gguf: the version is %d; 2 and 3 are known", f.Version)
	}
	tensors, pairs := r.count(24), r.count(13)
	for range pairs {
		key := r.text()
		kind := r.uint32()
		if _, twice := f.Metadata[key]; twice {
			r.fail("the key %q stands there twice", key)
		}
		v := r.value(kind)
		if r.err != nil {
			return nil, fmt.Errorf("gguf: metadata %q: %w", key, r.err)
		}
		f.Metadata[key] = v
	}
	offsets := make([]uint64, 0, tensors)
	for range tensors {
		t, offset := r.info()
		if _, twice := f.byName[t.Name]; twice {
			r.fail("two tensors are called %q", t.Name)
		}
		if r.err != nil {
			return nil, fmt.Errorf("gguf: tensor %q: %w", t.Name, r.err)
		}
		f.byName[t.Name] = len(f.Tensors)
		f.Tensors, offsets = append(f.Tensors, t), append(offsets, offset)
	}
	if r.err != nil {
		return nil, fmt.Errorf("gguf: %w", r.err)
	}
	align := uint64(32)
	if v, ok := f.Metadata["general.alignment"]; ok {
		a, ok := v.(uint32)
		if !ok || a == 0 || a%8 != 0 || a > 1<<20 {
			return nil, fmt.Errorf("gguf: general.alignment is %v; it is a multiple of 8", v)
		}
		align = uint64(a)
	}
	begin := (uint64(r.at()) + align - 1) / align * align
	for i := range f.Tensors {
		t := &f.Tensors[i]
		size, known := t.size()
		end := uint64(len(b)) - min(begin, uint64(len(b)))
		switch o := offsets[i]; {
		case o%align != 0:
			return nil, fmt.Errorf("gguf: tensor %q begins at %d, which is no multiple of %d", t.Name, o, align)
		case o > end || size > end-o:
			return nil, fmt.Errorf("gguf: tensor %q, %d bytes from %d on, is not within the file's %d", t.Name, size, o, end)
		case known && size > 0:
			t.data = b[begin+o:][:size:size]
		}
	}
	return f, nil
}

// Tensor returns the tensor of a name.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.byName[name]
	if !ok || i >= len(f.Tensors) {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Int is a whole number of the metadata, of whatever size it is written in.
func (f *File) Int(key string) (int, bool) {
	switch v := f.Metadata[key].(type) {
	case uint8:
		return int(v), true
	case int8:
		return int(v), true
	case uint16:
		return int(v), true
	case int16:
		return int(v), true
	case uint32:
		return int(v), true
	case int32:
		return int(v), true
	case uint64:
		return int(v), v <= math.MaxInt
	case int64:
		return int(v), true
	}
	return 0, false
}

// Float is a number of the metadata.
func (f *File) Float(key string) (float64, bool) {
	switch v := f.Metadata[key].(type) {
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	i, ok := f.Int(key)
	return float64(i), ok
}

// Text is a text of the metadata.
func (f *File) Text(key string) (string, bool) {
	s, ok := f.Metadata[key].(string)
	return s, ok
}

// Size is the number of elements. It panics with a *dl.ValueError for a shape that no tensor of a file has.
func (t Tensor) Size() int {
	n, ok := elements(t.Shape)
	if !ok {
		dl.PanicValue("gguf.Tensor.Size", "%s", impossible(t.Shape))
	}
	return n
}

// elements is the number of elements of a shape, and whether a file may have it.
func elements(shape []int) (int, bool) {
	n := 1
	for _, s := range shape {
		if s < 0 || s > math.MaxInt32 || s > 0 && n > math.MaxInt64/16/s {
			return 0, false
		}
		n *= max(s, 1)
	}
	if slices.Contains(shape, 0) {
		n = 0
	}
	return n, len(shape) <= maxAxes
}

const maxAxes = 4

func impossible(shape []int) string {
	return fmt.Sprintf("the shape %v is impossible: there are at most %d axes, each from 0 to %d", shape, maxAxes, math.MaxInt32)
}

// size is the number of bytes, and whether the type is known.
func (t *Tensor) size() (uint64, bool) {
	f, ok := formats[t.Type]
	if !ok {
		return 0, false
	}
	return uint64(t.Size() / f.elements * f.size), true
}

// Bytes are the tensor's blocks, where they lie in the file; nil for a type that this package does not read.
func (t Tensor) Bytes() []byte { return t.data }

// Float32s returns the values in memory of their own.
func (t Tensor) Float32s() ([]float32, error) {
	if _, ok := formats[t.Type]; !ok {
		return nil, fmt.Errorf("gguf: tensor %q is of %v, which is not read here; there are F32, F16, BF16, Q8_0, Q4_0, Q4_K and Q6_K", t.Name, t.Type)
	}
	if err := t.whole(); err != nil {
		return nil, err
	}
	out := make([]float32, t.Size())
	Dequantize(t.Type, out, t.data)
	return out, nil
}

// whole says whether the tensor's blocks are those of its shape: one that no file was read for has none.
func (t *Tensor) whole() error {
	if _, ok := elements(t.Shape); !ok {
		return fmt.Errorf("gguf: tensor %q: %s", t.Name, impossible(t.Shape))
	}
	if size, known := t.size(); known && size != uint64(len(t.data)) {
		return fmt.Errorf("gguf: tensor %q of shape %v takes %d bytes as %v, it has %d; tensors are read by Open and Parse", t.Name, t.Shape, size, t.Type, len(t.data))
	}
	return nil
}

// Data returns the tensor: floats where they lie in the file, quantized ones as float32 in memory of their own.
func (t Tensor) Data() (*dl.Tensor, error) {
	if err := t.whole(); err != nil {
		return nil, err
	}
	if len(t.data) > 0 {
		p, n := unsafe.Pointer(&t.data[0]), t.Size()
		switch {
		case t.Type == F32 && uintptr(p)%4 == 0:
			return dl.Wrap(unsafe.Slice((*float32)(p), n), t.Shape...), nil
		case t.Type == F16 && uintptr(p)%2 == 0:
			return dl.Wrap(unsafe.Slice((*dl.F16)(p), n), t.Shape...), nil
		case t.Type == BF16 && uintptr(p)%2 == 0:
			return dl.Wrap(unsafe.Slice((*dl.BF16)(p), n), t.Shape...), nil
		}
	}
	values, err := t.Float32s()
	if err != nil {
		return nil, err
	}
	return dl.Wrap(values, t.Shape...), nil
}

// A reader takes values from the front of bytes. After an error it returns zeros.
type reader struct {
	all, rest []byte
	err       error
}

func (r *reader) at() int { return min(len(r.all), maxMetadata) - len(r.rest) }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

var zeros [8]byte

func (r *reader) bytes(n int) []byte {
	if r.err != nil || n > len(r.rest) {
		r.fail("the file ends too early, or has more than %d bytes before its tensors", maxMetadata)
		return zeros[:min(n, 8)]
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint32() uint32 { return binary.LittleEndian.Uint32(r.bytes(4)) }

func (r *reader) uint64() uint64 { return binary.LittleEndian.Uint64(r.bytes(8)) }

// count is a number of things of which each has at least so many bytes.
func (r *reader) count(least int) int {
	n := r.uint64()
	if n > uint64(len(r.rest)/least) {
		r.fail("%d things of %d bytes and more do not fit into %d", n, least, len(r.rest))
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count(1)
	if r.err != nil {
		return ""
	}
	s := string(r.bytes(n))
	if !utf8.ValidString(s) {
		r.fail("the text %q is not UTF-8", s[:min(len(s), 40)])
	}
	return s
}

// info reads the description of a tensor.
func (r *reader) info() (t Tensor, offset uint64) {
	t.Name = r.text()
	axes := int(r.uint32())
	if axes < 0 || axes > maxAxes {
		r.fail("%d axes; there are at most %d", axes, maxAxes)
		return t, 0
	}
	t.Shape = make([]int, axes)
	n := uint64(1)
	for i := range axes {
		d := r.uint64()
		if d > math.MaxInt32 || d > 0 && n > math.MaxInt64/16/d {
			r.fail("an axis of %d is impossible", d)
			return t, 0
		}
		n *= max(d, 1)
		t.Shape[axes-1-i] = int(d)
	}
	t.Type = Type(r.uint32())
	if f, ok := formats[t.Type]; ok && axes > 0 && t.Shape[axes-1]%f.elements != 0 || ok && axes == 0 && f.elements > 1 {
		r.fail("rows of %v have no whole blocks of %d of %v", t.Shape, f.elements, t.Type)
	}
	return t, r.uint64()
}
