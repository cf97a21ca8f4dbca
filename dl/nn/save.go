package nn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"modelbook/dl"
)

// Where a file has the paths of frozen parameters, as a JSON list, and the other paths of tensors that are parameters
// in several places, as a JSON object that leads to the first one.
const (
	frozenKey = "modelbook.frozen"
	sharedKey = "modelbook.shared"
)

// Tensors are a module's parameters as they stand in a file, under their paths, and the metadata beside them: which
// are frozen and, for a Model or a Graph that a file can describe, its structure.
func Tensors(m Module) ([]dl.Named, map[string]string) {
	mustGive("nn.Tensors", m)
	var all []dl.Named
	frozen := []string{}
	c := collect(m)
	for _, n := range c.found {
		all = append(all, dl.Named{Name: n.Name, Tensor: n.Value})
		if n.Frozen && !n.statistic {
			frozen = append(frozen, n.Name)
		}
	}
	meta := map[string]string{frozenKey: asJSON(frozen)}
	if len(c.shared) > 0 {
		meta[sharedKey] = asJSON(c.shared)
	}
	switch m := m.(type) {
	case *Model:
		if structure, err := m.Structure(); err == nil {
			meta[modelKey] = structure
		}
	case *Graph:
		if structure, err := m.Structure(); err == nil {
			meta[graphKey] = structure
		}
	}
	return all, meta
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings are written always
	}
	return string(text)
}

// SetFrozen freezes the parameters that a file's metadata names, and no others. Older files, which tell of none,
// change nothing.
func SetFrozen(m Module, meta map[string]string) error {
	if err := given("nn.SetFrozen", m); err != nil {
		return err
	}
	text, ok := meta[frozenKey]
	if !ok {
		return nil
	}
	var frozen []string
	if err := json.Unmarshal([]byte(text), &frozen); err != nil {
		return fmt.Errorf("nn: the metadata %q: %w", frozenKey, err)
	}
	for _, n := range collect(m).found {
		if !n.statistic {
			n.Frozen = slices.Contains(frozen, n.Name)
			n.follow()
		}
	}
	return nil
}

// Save writes the model to a safetensors file: structure and parameters. The file is replaced in one step, so that it
// is never half a model.
func (m *Model) Save(path string) error {
	if _, err := m.Structure(); err != nil {
		return err
	}
	tensors, meta := Tensors(m)
	return dl.SaveSafetensors(path, tensors, meta)
}

// Write writes what Save writes, to where it is encrypted or sent.
func (m *Model) Write(w io.Writer) error {
	if _, err := m.Structure(); err != nil {
		return err
	}
	tensors, meta := Tensors(m)
	return dl.WriteSafetensors(w, tensors, meta)
}

// Read rebuilds a model that Model.Write, or Trainer.WriteCheckpoint, has written, so many bytes.
func Read(r io.Reader, size int64) (*Model, error) {
	list, meta, err := dl.ReadSafetensors(r, size)
	if err != nil {
		return nil, err
	}
	return rebuild(list, meta)
}

// Load rebuilds a model that Model.Save, or a checkpoint of a training, has written.
func Load(path string) (*Model, error) {
	list, meta, unknown, err := readKnown(path)
	if err != nil {
		return nil, err
	}
	if _, ok := meta[graphKey]; ok {
		return nil, fmt.Errorf("%s holds a graph: use nn.LoadGraph", path)
	}
	if _, ok := meta[modelKey]; !ok {
		return nil, fmt.Errorf("%s holds parameters but no model: build the model and use nn.LoadParameters", path)
	}
	m, err := rebuild(list, meta)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, unknown))
	}
	return m, nil
}

// withShared are the tensors of a file by their paths, also by those that lead to a tensor of another path.
func withShared(list []dl.Named, meta map[string]string) (map[string]*dl.Tensor, error) {
	tensors := byName(list)
	if text, ok := meta[sharedKey]; ok {
		var shared map[string]string
		if err := json.Unmarshal([]byte(text), &shared); err != nil {
			return nil, fmt.Errorf("nn: the metadata %q: %w", sharedKey, err)
		}
		for path, first := range shared {
			if tensors[path] == nil && tensors[first] != nil {
				tensors[path] = tensors[first]
			}
		}
	}
	return tensors, nil
}

// rebuild makes a model of what a file holds.
func rebuild(list []dl.Named, meta map[string]string) (*Model, error) {
	tensors, err := withShared(list, meta)
	if err != nil {
		return nil, err
	}
	m, err := FromStructure(meta[modelKey], tensors)
	if err != nil {
		return nil, err
	}
	return m, SetFrozen(m, meta)
}

// SaveParameters writes the parameters of any module to a safetensors file, under their paths: see [NamedParameters].
func SaveParameters(path string, m Module) error {
	if err := given("nn.SaveParameters", m); err != nil {
		return err
	}
	tensors, meta := Tensors(m)
	return dl.SaveSafetensors(path, tensors, meta)
}

// LoadParameters sets a module's parameters to those of a file. All must be there with their shapes and types; when
// one is not, nothing is changed.
func LoadParameters(path string, m Module) error {
	if err := given("nn.LoadParameters", m); err != nil {
		return err
	}
	list, _, unknown, err := readKnown(path)
	if err != nil {
		return err
	}
	if err := SetParameters(m, byName(list)); err != nil {
		return fmt.Errorf("%s: %w", path, errors.Join(err, unknown))
	}
	return nil
}

// readKnown reads the tensors of a file whose types dl knows. unknown says which others there are, if any.
func readKnown(path string) (list []dl.Named, meta map[string]string, unknown, err error) {
	f, err := dl.OpenSafetensors(path)
	if err != nil {
		return nil, nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, info := range f.Tensors() {
		if _, known := info.As(); !known {
			unknown = errors.Join(unknown, fmt.Errorf("nn: the file's tensor %q: dtype %q is not known", info.Name, info.DType))
			continue
		}
		t, err := f.Read(info.Name)
		if err != nil {
			return nil, nil, nil, err
		}
		list = append(list, dl.Named{Name: info.Name, Tensor: t})
	}
	return list, f.Metadata(), unknown, nil
}

// SetParameters sets a module's parameters to copies of the tensors of their paths, all or, with an error, none.
func SetParameters(m Module, tensors map[string]*dl.Tensor) error {
	if err := given("nn.SetParameters", m); err != nil {
		return err
	}
	all := collect(m).found
	for _, n := range all {
		t, ok := tensors[n.Name]
		if !ok {
			return fmt.Errorf("the file has no tensor %q", n.Name)
		}
		if t == nil {
			return fmt.Errorf("the tensor %q is nil", n.Name)
		}
		if !t.Shape().Equal(n.Value.Shape()) || t.DType() != n.Value.DType() {
			return fmt.Errorf("the file's tensor %q is %v of %v; the model needs %v of %v", n.Name, t.Shape(), t.DType(), n.Value.Shape(), n.Value.DType())
		}
	}
	weights := weightsOf(m)
	weights.Lock(context.Background())
	defer weights.Unlock()
	for _, n := range all {
		n.Value.CopyFrom(tensors[n.Name])
	}
	return nil
}

func byName(list []dl.Named) map[string]*dl.Tensor {
	tensors := make(map[string]*dl.Tensor, len(list))
	for _, n := range list {
		tensors[n.Name] = n.Tensor
	}
	return tensors
}

// MarshalBinary writes what Save writes to a file, for gob and for saved sessions.
func (m *Model) MarshalBinary() ([]byte, error) {
	var b bytes.Buffer
	err := m.Write(&b)
	return b.Bytes(), err
}

// UnmarshalBinary makes m the model that MarshalBinary wrote.
func (m *Model) UnmarshalBinary(b []byte) error {
	loaded, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	*m = *loaded
	return nil
}
