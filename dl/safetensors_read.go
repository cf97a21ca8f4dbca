package dl

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
)

// ReadSafetensors reads a file of the given size. It believes nothing that the
// header says: places outside of the file, overlaps, gaps and sizes that do not
// match are errors, and no memory is taken for more than the file holds.
//
// Elements of types that dl computes with keep them. The others become the
// next wider: floats of eight bits become float32, uint32 and uint64 int64. A
// tensor of any other type is an error that names it; [OpenSafetensors] lists it
// and reads the others.
func ReadSafetensors(r io.Reader, size int64) ([]Named, map[string]string, error) {
	infos, meta, _, err := readHeader(r, size)
	if err != nil {
		return nil, nil, err
	}
	order := make([]int, len(infos))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(infos[a].lo, infos[b].lo), cmp.Compare(infos[a].hi, infos[b].hi))
	})
	tensors := make([]Named, len(infos))
	for _, i := range order {
		t, err := infos[i].read(r)
		if err != nil {
			return nil, nil, err
		}
		tensors[i] = Named{infos[i].Name, t}
	}
	return tensors, meta, nil
}

// LoadSafetensors reads a file's tensors, in the order of its header, and its
// metadata, as [ReadSafetensors] does, or those of all files of an index: see
// [OpenSafetensors].
func LoadSafetensors(path string) ([]Named, map[string]string, error) {
	if isIndex(path) {
		return loadIndex(path)
	}
	f, size, err := openRegular(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	tensors, meta, err := ReadSafetensors(bufio.NewReaderSize(f, 1<<16), size)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, meta, nil
}

func openRegular(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

// As returns the type that the tensor's elements have once they are read, and
// false if dl cannot read them.
func (i TensorInfo) As() (DType, bool) {
	for d, t := range dtypes[:places] {
		if t.safetensors == i.DType && i.DType != "" {
			return DType(d), true
		}
	}
	w, ok := widened[i.DType]
	return w.to, ok
}

// bytes is the size of the elements together, if their type is known.
func (i TensorInfo) bytes() (int64, bool) {
	n := int64(i.Shape.Size())
	if w, ok := widened[i.DType]; ok {
		return n * int64(w.size), true
	}
	d, ok := i.As()
	if !ok {
		return 0, false
	}
	return n * int64(d.Bytes()), true
}

// read reads the tensor's elements.
func (i TensorInfo) read(r io.Reader) (*Tensor, error) {
	d, ok := i.As()
	if !ok {
		return nil, fmt.Errorf("safetensors: tensor %q: dtype %q is not known; OpenSafetensors can read the others", i.Name, i.DType)
	}
	buf := make([]byte, i.hi-i.lo)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, fmt.Errorf("safetensors: the file ends in tensor %q: %w", i.Name, noEOF(err))
	}
	t := empty(d, i.Shape.Clone())
	if w, ok := widened[i.DType]; ok && dtypes[d].safetensors != i.DType {
		if err := w.read(t, buf); err != nil {
			return nil, fmt.Errorf("safetensors: tensor %q: %w", i.Name, err)
		}
		return t, nil
	}
	t.read(buf)
	return t, nil
}
