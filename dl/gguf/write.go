package gguf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"unicode/utf8"

	"github.com/google/renameio/v2"
)

// Pair is an entry of the metadata. The value is of a type that [File.Metadata] has.
type Pair struct {
	Key   string
	Value any
}

// Source is a tensor to be written: its values, which become blocks of the type, or the blocks themselves.
type Source struct {
	Name   string
	Shape  []int // in the order of rows, as in [Tensor]
	Type   Type
	Values []float32
	Blocks []byte // in place of Values
}

// Save writes a file. It replaces an older one only when all is written.
func Save(path string, metadata []Pair, tensors []Source) error {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o644))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriterSize(f, 1<<18)
	if err := errors.Join(Write(w, metadata, tensors), w.Flush()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.CloseAtomicallyReplace()
}

const alignment = 32

// Write writes a file of version 3, with the metadata in its order. llama.cpp needs general.architecture first of all.
func Write(w io.Writer, metadata []Pair, tensors []Source) error {
	if w == nil {
		return errors.New("gguf: the writer is nil")
	}
	b := append([]byte("GGUF"), 3, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(tensors)))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(metadata)))
	keys := map[string]bool{}
	for _, p := range metadata {
		kind, isList, ok := kindOf(p.Value)
		if !ok || keys[p.Key] || !utf8.ValidString(p.Key) {
			return fmt.Errorf("gguf: the metadata %q of %T stands there twice, or is nothing that a file can hold", p.Key, p.Value)
		}
		if p.Key == "general.alignment" && p.Value != uint32(alignment) {
			return fmt.Errorf("gguf: general.alignment is %v; files are written with %d", p.Value, alignment)
		}
		keys[p.Key] = true
		b = appendText(b, p.Key)
		if isList {
			b = binary.LittleEndian.AppendUint32(b, kindArray)
		}
		b = binary.LittleEndian.AppendUint32(b, kind)
		var err error
		if b, err = appendValue(b, p.Value); err != nil {
			return err
		}
	}
	offset, seen := uint64(0), map[string]bool{}
	for i := range tensors {
		s := &tensors[i]
		size, err := s.size()
		if err == nil && seen[s.Name] {
			err = errors.New("two tensors have this name")
		}
		if err != nil {
			return fmt.Errorf("gguf: tensor %q: %w", s.Name, err)
		}
		seen[s.Name] = true
		b = appendText(b, s.Name)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Shape)))
		for k := len(s.Shape) - 1; k >= 0; k-- {
			b = binary.LittleEndian.AppendUint64(b, uint64(s.Shape[k]))
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(s.Type))
		b = binary.LittleEndian.AppendUint64(b, offset)
		offset += (size + alignment - 1) / alignment * alignment
	}
	b = append(b, make([]byte, (alignment-len(b)%alignment)%alignment)...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	for i := range tensors {
		n, err := tensors[i].write(w)
		if err == nil {
			_, err = w.Write(make([]byte, (alignment-n%alignment)%alignment))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// size is the number of bytes, if all fits.
func (s *Source) size() (uint64, error) {
	f, ok := formats[s.Type]
	n, possible := elements(s.Shape)
	row := 1
	if len(s.Shape) > 0 {
		row = s.Shape[len(s.Shape)-1]
	}
	switch {
	case !ok || s.Blocks == nil && f.pack == nil:
		return 0, fmt.Errorf("%v is not written from values; there are F32, F16, BF16, Q8_0 and Q4_0", s.Type)
	case !utf8.ValidString(s.Name):
		return 0, errors.New("the name is not UTF-8")
	case !possible:
		return 0, errors.New(impossible(s.Shape))
	case row%f.elements != 0:
		return 0, fmt.Errorf("rows of %v have no whole blocks of %d of %v", s.Shape, f.elements, s.Type)
	case s.Blocks == nil && len(s.Values) != n:
		return 0, fmt.Errorf("the shape %v has %d elements, there are %d values", s.Shape, n, len(s.Values))
	case s.Blocks != nil && len(s.Blocks) != n/f.elements*f.size:
		return 0, fmt.Errorf("the shape %v of %v takes %d bytes, there are %d", s.Shape, s.Type, n/f.elements*f.size, len(s.Blocks))
	}
	return uint64(n / f.elements * f.size), nil
}

// write writes the blocks, in pieces.
func (s *Source) write(w io.Writer) (int, error) {
	if s.Blocks != nil {
		return w.Write(s.Blocks)
	}
	f, written := formats[s.Type], 0
	const piece = 1 << 14 // values, whole blocks of each type
	buffer := make([]byte, piece/f.elements*f.size)
	for at := 0; at < len(s.Values); at += piece {
		v := s.Values[at:min(at+piece, len(s.Values))]
		b := buffer[:len(v)/f.elements*f.size]
		Quantize(s.Type, b, v)
		n, err := w.Write(b)
		if written += n; err != nil {
			return written, err
		}
	}
	return written, nil
}
