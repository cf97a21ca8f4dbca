package dl

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// SaveSafetensorsAs writes a file as [SaveSafetensors] does, tensors of some
// names with elements of another type: "F16", "BF16", "F64", "I8", "U32" and
// whatever the format has, also those that dl reads but does not compute with,
// "F8_E4M3", "F8_E5M2", "U32" and "U64". The key "" is for all that have no key
// of their own.
//
// Floats are rounded to the nearest, as PyTorch's to does: what is too large
// becomes infinite, or NaN in F8_E4M3, which has no infinity. An integer that
// the type cannot hold, and a number with a fraction for a type of integers, is
// an error.
func SaveSafetensorsAs(path string, tensors []Named, meta, as map[string]string) error {
	bodies := make([]fileBody, len(tensors))
	for i, n := range tensors {
		b, err := bodyOf(n, as)
		if err != nil {
			return err
		}
		bodies[i] = b
	}
	return replaceFile(path, func(w io.Writer) error { return writeSafetensors(w, bodies, meta) })
}

// SaveSafetensorsShards writes tensors to files of at most maxBytes of elements
// each (a larger tensor has a file of its own), and an index for
// [OpenSafetensors] and for the transformers library. path is that of the index,
// such as "model.safetensors.index.json"; the files beside it are then called
// model-00001-of-00003.safetensors and so on. The index is written last.
func SaveSafetensorsShards(path string, tensors []Named, meta map[string]string, maxBytes int64) error {
	base, ok := strings.CutSuffix(filepath.Base(path), ".safetensors.index.json")
	if !ok || base == "" {
		return fmt.Errorf("safetensors: the index %q must end in .safetensors.index.json", path)
	}
	if maxBytes < 1 {
		return fmt.Errorf("safetensors: files of at most %d bytes hold nothing", maxBytes)
	}
	var files [][]Named
	total, room, seen := int64(0), int64(0), map[string]bool{}
	for _, n := range tensors {
		if n.Tensor == nil {
			return fmt.Errorf("safetensors: %q is nil", n.Name)
		}
		if seen[n.Name] {
			return fmt.Errorf("safetensors: two tensors are called %q", n.Name)
		}
		seen[n.Name] = true
		bytes := int64(n.Tensor.Size() * n.Tensor.dtype.Bytes())
		if len(files) == 0 || bytes > room {
			files, room = append(files, nil), maxBytes
		}
		last := len(files) - 1
		files[last] = append(files[last], n)
		room -= bytes
		total += bytes
	}
	names := map[string]string{}
	for i, list := range files {
		file := fmt.Sprintf("%s-%05d-of-%05d.safetensors", base, i+1, len(files))
		if err := SaveSafetensors(filepath.Join(filepath.Dir(path), file), list, nil); err != nil {
			return err
		}
		for _, n := range list {
			names[n.Name] = file
		}
	}
	about := map[string]any{}
	for key, value := range meta {
		about[key] = value
	}
	about["total_size"] = total
	index, err := json.MarshalIndent(map[string]any{"metadata": about, "weight_map": names}, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(path, func(w io.Writer) error { _, err := w.Write(append(index, '\n')); return err })
}
