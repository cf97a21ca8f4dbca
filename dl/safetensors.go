package dl

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
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

// WriteSafetensors writes tensors, in their order, and metadata.
func WriteSafetensors(w io.Writer, tensors []Named, meta map[string]string) error {
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
	if len(meta) > 0 {
		if err := field("__metadata__", meta); err != nil {
			return err
		}
	}
	seen := map[string]bool{"__metadata__": true}
	at := int64(0)
	for _, n := range tensors {
		if seen[n.Name] {
			return fmt.Errorf("safetensors: two tensors are called %q", n.Name)
		}
		seen[n.Name] = true
		info := tensorInfo{DType: dtypes[n.Tensor.dtype].safetensors, Shape: []int64{}, Offsets: []int64{at, 0}}
		for _, d := range n.Tensor.shape {
			info.Shape = append(info.Shape, int64(d))
		}
		at += int64(n.Tensor.Size() * n.Tensor.dtype.Bytes())
		info.Offsets[1] = at
		if err := field(n.Name, info); err != nil {
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
		if err := n.Tensor.write(w); err != nil {
			return err
		}
	}
	return nil
}

// write writes the elements, little-endian, in pieces.
func (t *Tensor) write(w io.Writer) error {
	put := func(b []byte, i int) []byte { return b }
	le := binary.LittleEndian
	switch t.dtype {
	case Float32:
		x := t.f32()
		put = func(b []byte, i int) []byte { return le.AppendUint32(b, math.Float32bits(x[i])) }
	case Float64:
		x := t.f64()
		put = func(b []byte, i int) []byte { return le.AppendUint64(b, math.Float64bits(x[i])) }
	case Int32:
		x := t.i32()
		put = func(b []byte, i int) []byte { return le.AppendUint32(b, uint32(x[i])) }
	case Int64:
		x := t.i64()
		put = func(b []byte, i int) []byte { return le.AppendUint64(b, uint64(x[i])) }
	case Uint8:
		_, err := w.Write(t.u8())
		return err
	case Bool:
		x := t.bools()
		put = func(b []byte, i int) []byte {
			if x[i] {
				return append(b, 1)
			}
			return append(b, 0)
		}
	}
	buf := make([]byte, 0, 1<<16)
	for i := range t.Size() {
		if buf = put(buf, i); len(buf) > 1<<16-8 {
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
	le := binary.LittleEndian
	switch t.dtype {
	case Float32:
		for i, x := 0, t.f32(); i < len(x); i++ {
			x[i] = math.Float32frombits(le.Uint32(b[4*i:]))
		}
	case Float64:
		for i, x := 0, t.f64(); i < len(x); i++ {
			x[i] = math.Float64frombits(le.Uint64(b[8*i:]))
		}
	case Int32:
		for i, x := 0, t.i32(); i < len(x); i++ {
			x[i] = int32(le.Uint32(b[4*i:]))
		}
	case Int64:
		for i, x := 0, t.i64(); i < len(x); i++ {
			x[i] = int64(le.Uint64(b[8*i:]))
		}
	case Uint8:
		copy(t.u8(), b)
	case Bool:
		for i, x := 0, t.bools(); i < len(x); i++ {
			x[i] = b[i] != 0
		}
	}
}

// ReadSafetensors reads a file of the given size. It believes nothing that the
// header says: places outside of the file, overlaps, gaps, sizes that do not
// match and unknown types are errors, and no memory is taken for more than
// the file holds.
func ReadSafetensors(r io.Reader, size int64) ([]Named, map[string]string, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, nil, fmt.Errorf("safetensors: the file ends in its first eight bytes: %w", noEOF(err))
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, nil, fmt.Errorf("safetensors: a header of %d bytes does not fit into a file of %d", n, size)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, nil, fmt.Errorf("safetensors: the file ends in its header: %w", noEOF(err))
	}
	type entry struct {
		name string
		info tensorInfo
	}
	var entries []entry
	var meta map[string]string
	dec := json.NewDecoder(bytes.NewReader(header))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, nil, errors.New("safetensors: the header is not a JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("safetensors: header: %w", err)
		}
		name, ok := tok.(string)
		if !ok || seen[name] {
			return nil, nil, fmt.Errorf("safetensors: header: the name %v stands there twice", tok)
		}
		seen[name] = true
		if name == "__metadata__" {
			if err := dec.Decode(&meta); err != nil {
				return nil, nil, fmt.Errorf("safetensors: metadata: %w", err)
			}
			continue
		}
		e := entry{name: name}
		if err := dec.Decode(&e.info); err != nil {
			return nil, nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
		}
		entries = append(entries, e)
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, fmt.Errorf("safetensors: header: %w", noEOF(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("safetensors: something but spaces stands behind the header's object")
	}
	body := size - 8 - int64(n)
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	tensors := make([]Named, len(entries))
	for _, e := range entries {
		if len(e.info.Offsets) != 2 {
			return nil, nil, fmt.Errorf("safetensors: tensor %q has no place", e.name)
		}
		if _, err := e.info.check(body); err != nil {
			return nil, nil, fmt.Errorf("safetensors: tensor %q: %w", e.name, err)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := entries[a].info.Offsets, entries[b].info.Offsets
		if x[0] != y[0] {
			return int(max(-1, min(1, x[0]-y[0])))
		}
		return int(max(-1, min(1, x[1]-y[1])))
	})
	at := int64(0)
	for _, i := range order {
		e := entries[i]
		if e.info.Offsets[0] != at {
			return nil, nil, fmt.Errorf("safetensors: tensor %q begins at %d, the one before it ended at %d", e.name, e.info.Offsets[0], at)
		}
		d, _ := e.info.check(body)
		buf := make([]byte, e.info.Offsets[1]-at)
		if _, err := io.ReadFull(r, buf); err != nil {
			return nil, nil, fmt.Errorf("safetensors: the file ends in tensor %q: %w", e.name, noEOF(err))
		}
		at = e.info.Offsets[1]
		shape := make(Shape, len(e.info.Shape))
		for k, s := range e.info.Shape {
			shape[k] = int(s)
		}
		t := empty(d, shape)
		t.read(buf)
		tensors[i] = Named{e.name, t}
	}
	if at != body {
		return nil, nil, fmt.Errorf("safetensors: %d bytes behind the last tensor", body-at)
	}
	return tensors, meta, nil
}

// check tells the dtype of a tensor whose shape and place are consistent.
func (i *tensorInfo) check(body int64) (DType, error) {
	for d, t := range dtypes[:places] {
		if t.safetensors != i.DType {
			continue
		}
		if len(i.Shape) > 32 {
			return 0, fmt.Errorf("%d axes", len(i.Shape))
		}
		bytes := int64(t.size)
		for _, s := range i.Shape {
			if s < 0 || s > 0 && bytes > body/s && bytes != 0 {
				return 0, fmt.Errorf("shape %v does not fit into the file", i.Shape)
			}
			bytes *= s
		}
		if i.Offsets[0] < 0 || i.Offsets[1] < i.Offsets[0] || i.Offsets[1] > body || i.Offsets[1]-i.Offsets[0] != bytes {
			return 0, fmt.Errorf("shape %v of %s does not match the place %v in %d bytes", i.Shape, i.DType, i.Offsets, body)
		}
		return DType(d), nil
	}
	return 0, fmt.Errorf("dtype %q is not known; F32, F64, I32, I64, U8 and BOOL are", i.DType)
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// SaveSafetensors writes a file. It replaces an older one only when all is
// written.
func SaveSafetensors(path string, tensors []Named, meta map[string]string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(WriteSafetensors(w, tensors, meta), w.Flush(), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}

// LoadSafetensors reads a file's tensors, in the order of its header, and its
// metadata.
func LoadSafetensors(path string) ([]Named, map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s: not a regular file", path)
	}
	tensors, meta, err := ReadSafetensors(bufio.NewReaderSize(f, 1<<16), st.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, meta, nil
}
