package dl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A SafetensorsFile is an open file, or the open files of an index. Its tensors
// can be listed, and read one at a time: those that fit into memory, or whose
// types dl knows. Tensors of other types are listed, and only reading them is
// an error.
type SafetensorsFile struct {
	name  string // of the file or index
	parts []*safetensorsPart
	infos []TensorInfo
	where []*safetensorsPart // of each of infos
	meta  map[string]string
}

// safetensorsPart is one file.
type safetensorsPart struct {
	f      *os.File
	infos  []TensorInfo
	meta   map[string]string
	header int64
	memory []byte // the file, when it is mapped
}

// OpenSafetensors opens a file and reads its header. Close it after use.
//
// A path that ends in ".json" is that of an index, as large models have one
// beside their files (model.safetensors.index.json): its "weight_map" leads from
// the names of tensors to files of the same folder, which are opened all, and
// its "metadata" is the metadata.
func OpenSafetensors(path string) (*SafetensorsFile, error) {
	if isIndex(path) {
		return openIndex(path)
	}
	p, err := openPart(path)
	if err != nil {
		return nil, err
	}
	s := &SafetensorsFile{name: path, parts: []*safetensorsPart{p}, infos: p.infos, meta: p.meta}
	for range p.infos {
		s.where = append(s.where, p)
	}
	return s, nil
}

func openPart(path string) (*safetensorsPart, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	p := &safetensorsPart{f: f}
	if p.infos, p.meta, p.header, err = readHeader(f, size); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

func isIndex(path string) bool { return strings.EqualFold(filepath.Ext(path), ".json") }

// maxIndex and maxParts bound an index: the largest published ones have some
// megabytes and some hundreds of files.
const (
	maxIndex = 100 << 20
	maxParts = 1000
)

// openIndex opens the files of an index.
func openIndex(path string) (_ *SafetensorsFile, err error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > maxIndex {
		return nil, fmt.Errorf("%s: an index of %d bytes is too long", path, size)
	}
	var index struct {
		Metadata map[string]any    `json:"metadata"`
		Weights  map[string]string `json:"weight_map"`
	}
	if err := json.NewDecoder(io.LimitReader(f, size)).Decode(&index); err != nil {
		return nil, fmt.Errorf("%s: the index: %w", path, err)
	}
	if index.Weights == nil {
		return nil, fmt.Errorf(`%s: the index has no "weight_map"`, path)
	}
	s := &SafetensorsFile{name: path, meta: map[string]string{}}
	for key, value := range index.Metadata {
		s.meta[key] = fmt.Sprint(value)
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	open := map[string]*safetensorsPart{}
	files := map[string]bool{}
	for _, file := range index.Weights {
		files[file] = true
	}
	if len(files) > maxParts {
		return nil, fmt.Errorf("%s: an index of %d files is too long", path, len(files))
	}
	names := make([]string, 0, len(files))
	for file := range files {
		if !filepath.IsLocal(file) || filepath.Base(file) != file {
			return nil, fmt.Errorf("%s: %q is not the name of a file of the index's folder", path, file)
		}
		names = append(names, file)
	}
	slices.Sort(names)
	for _, file := range names {
		p, err := openPart(filepath.Join(filepath.Dir(path), file))
		if err != nil {
			return nil, err
		}
		open[file] = p
		s.parts = append(s.parts, p)
		for _, info := range p.infos {
			if in, ok := index.Weights[info.Name]; !ok || in != file {
				continue // the index says that it is not to be taken from here
			}
			s.infos, s.where = append(s.infos, info), append(s.where, p)
			delete(index.Weights, info.Name)
		}
	}
	for name, file := range index.Weights {
		return nil, fmt.Errorf("%s: there is no tensor %q in %s", path, name, file)
	}
	return s, nil
}

func loadIndex(path string) (tensors []Named, meta map[string]string, err error) {
	s, err := openIndex(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, info := range s.infos {
		t, err := s.Read(info.Name)
		if err != nil {
			return nil, nil, err
		}
		tensors = append(tensors, Named{info.Name, t})
	}
	return tensors, s.meta, nil
}

// Tensors describes the file's tensors, in the order of its header.
func (s *SafetensorsFile) Tensors() []TensorInfo { return slices.Clone(s.infos) }

// Metadata returns what the header says beside the tensors. Do not change it.
func (s *SafetensorsFile) Metadata() map[string]string { return s.meta }

// Read reads one tensor.
func (s *SafetensorsFile) Read(name string) (*Tensor, error) {
	i := slices.IndexFunc(s.infos, func(t TensorInfo) bool { return t.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%s: there is no tensor %q", s.name, name)
	}
	info, p := s.infos[i], s.where[i]
	if p.memory != nil {
		if t := info.overlay(p.memory[p.header:]); t != nil {
			return t, nil
		}
	}
	t, err := info.read(io.NewSectionReader(p.f, p.header+info.lo, info.hi-info.lo))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.f.Name(), err)
	}
	return t, nil
}

// Close closes the file. Tensors that were read stay valid.
func (s *SafetensorsFile) Close() error {
	var err error
	for _, p := range s.parts {
		err = errors.Join(err, p.f.Close())
	}
	return err
}
