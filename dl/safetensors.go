package dl

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// A Named is a tensor with the name it has in a file.
type Named struct {
	Name   string
	Tensor *Tensor
}

// A safetensors file is eight bytes with the length of the header, the header
// as JSON (name to dtype, shape and place), and the elements, little-endian.
// https://huggingface.co/docs/safetensors
const maxHeader = 100 << 20

type tensorInfo struct {
	DType   string  `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// WriteSafetensors writes tensors, in their order, and metadata. Names are
// different, and UTF-8.
func WriteSafetensors(w io.Writer, tensors []Named, meta map[string]string) error {
	bodies := make([]fileBody, len(tensors))
	for i, n := range tensors {
		b, err := bodyOf(n, nil)
		if err != nil {
			return err
		}
		bodies[i] = b
	}
	return writeSafetensors(w, bodies, meta)
}

func writeSafetensors(w io.Writer, tensors []fileBody, meta map[string]string) error {
	if w == nil {
		return errors.New("safetensors: the writer is nil")
	}
	var header bytes.Buffer
	header.WriteByte('{')
	field := func(name string, v any) error {
		if header.Len() > 1 {
			header.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(v)
		if err != nil {
			return err
		}
		header.Write(key)
		header.WriteByte(':')
		header.Write(value)
		return nil
	}
	for key, value := range meta {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return fmt.Errorf("safetensors: the metadata %q: %q is not UTF-8", key, value)
		}
	}
	if len(meta) > 0 {
		if err := field("__metadata__", meta); err != nil {
			return err
		}
	}
	seen := map[string]bool{"__metadata__": true}
	at := int64(0)
	for _, n := range tensors {
		if seen[n.name] {
			return fmt.Errorf("safetensors: two tensors are called %q", n.name)
		}
		if !utf8.ValidString(n.name) { // JSON would change it
			return fmt.Errorf("safetensors: the name %q is not UTF-8", n.name)
		}
		seen[n.name] = true
		info := tensorInfo{DType: n.dtype, Shape: []int64{}, Offsets: []int64{at, 0}}
		for _, d := range n.t.shape {
			info.Shape = append(info.Shape, int64(d))
		}
		at += n.size()
		info.Offsets[1] = at
		if err := field(n.name, info); err != nil {
			return err
		}
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 { // elements start aligned
		header.WriteByte(' ')
	}
	if header.Len() > maxHeader {
		return fmt.Errorf("safetensors: a header of %d bytes is too long", header.Len())
	}
	if err := binary.Write(w, binary.LittleEndian, uint64(header.Len())); err != nil {
		return err
	}
	if _, err := w.Write(header.Bytes()); err != nil {
		return err
	}
	for _, n := range tensors {
		if n.bytes != nil {
			if _, err := w.Write(n.bytes); err != nil {
				return err
			}
		} else if err := n.t.write(w); err != nil {
			return err
		}
	}
	return nil
}

// write writes the elements, little-endian, in pieces.
func (t *Tensor) write(w io.Writer) error {
	t = t.packed()
	bytes := t.dtype.Bytes()
	buf := make([]byte, 0, 1<<16)
	for i := range t.Size() {
		bits := device.bits(t.storage, t.offset+i)
		for range bytes {
			buf = append(buf, byte(bits))
			bits >>= 8
		}
		if len(buf) > 1<<16-8 {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err := w.Write(buf)
	return err
}

// read fills the elements from little-endian bytes.
func (t *Tensor) read(b []byte) {
	bytes := t.dtype.Bytes()
	for i := range t.size {
		bits := uint64(0)
		for k, v := range b[i*bytes:][:bytes] {
			bits |= uint64(v) << (8 * k)
		}
		device.setBits(t.storage, t.offset+i, bits)
	}
}

// SaveSafetensors writes a file. It replaces an older one only when all is
// written.
func SaveSafetensors(path string, tensors []Named, meta map[string]string) error {
	return replaceFile(path, func(w io.Writer) error { return WriteSafetensors(w, tensors, meta) })
}
