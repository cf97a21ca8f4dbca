package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"modelbook/dl"
)

// A model is saved as a safetensors file: its parameters under their names, and its structure as JSON in the metadata
// under modelKey. There is no code in it, and reading one from a stranger is safe.
const modelKey = "modelbook.model"

// structure is a model without its parameters.
type structure struct {
	Input  dl.Shape     `json:"input"`
	Layers []layerEntry `json:"layers"`
}

type layerEntry struct {
	Type   string          `json:"type"`
	Config json.RawMessage `json:"config"`
}

// kinds are the layers that a file may name.
var kinds = map[string]func(config json.RawMessage) (Layer, error){
	"Dense":      decode[Dense],
	"Flatten":    decode[Flatten],
	"Conv2D":     decode[Conv2D],
	"MaxPool2D":  decode[MaxPool2D],
	"AvgPool2D":  decode[AvgPool2D],
	"Dropout":    decode[Dropout],
	"BatchNorm":  decode[BatchNorm],
	"LayerNorm":  decode[LayerNorm],
	"Embedding":  decode[Embedding],
	"Activation": decode[ActivationLayer],

	"PositionalEmbedding": decode[PositionalEmbedding],
	"MultiHeadAttention":  decode[MultiHeadAttention],
	"TransformerBlock":    decode[TransformerBlock],
}

func init() { // Residual holds layers itself, so that the table would refer to itself
	kinds["Residual"] = decode[Residual]
}

// Register makes Load know a layer of your own: a struct type with Build on its value, whose exported fields describe
// it as JSON. It is saved under the type's name. Registering a name twice panics.
func Register[L Layer]() {
	name := reflect.TypeFor[L]().Name()
	if _, taken := kinds[name]; taken {
		panic("nn.Register: there is a layer " + name + " already")
	}
	kinds[name] = decode[L]
}

func decode[L Layer](config json.RawMessage) (Layer, error) {
	var layer L
	d := json.NewDecoder(bytes.NewReader(config))
	d.DisallowUnknownFields() // a setting that is not understood would change the model in silence
	err := d.Decode(&layer)
	return layer, err
}

// Build makes an activation read from a file a layer again.
func (l ActivationLayer) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	return l.Activation.Build(in, b)
}

// kindOf is the name under which a layer is saved, "" when it is not registered.
func kindOf(m Module) string {
	t := reflect.TypeOf(m)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "ActivationLayer" {
		name = "Activation"
	}
	if kinds[name] == nil {
		return ""
	}
	return name
}

// Structure describes the model as JSON, from which [FromStructure] builds it. It fails for layers of your own that
// are not registered.
func (m *Model) Structure() (string, error) {
	entries, err := m.entries()
	if err != nil {
		return "", fmt.Errorf("nn: %w", err)
	}
	text, err := json.Marshal(structure{m.Input, entries})
	return string(text), err
}

// entries describe the layers.
func (m *Model) entries() ([]layerEntry, error) {
	var all []layerEntry
	for i, layer := range m.Layers {
		kind := kindOf(layer)
		if kind == "" {
			return nil, fmt.Errorf("layer %d is a %T, which no file can name: call nn.Register for it", i+1, layer)
		}
		config, err := json.Marshal(layer)
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, kind, err)
		}
		all = append(all, layerEntry{kind, config})
	}
	return all, nil
}

// layersOf reads the description of layers.
func layersOf(entries []layerEntry) ([]Layer, error) {
	layers := make([]Layer, len(entries))
	for i, entry := range entries {
		make := kinds[entry.Type]
		if make == nil {
			return nil, fmt.Errorf("layer %d is a %q, which is unknown here: call nn.Register for layers of your own", i+1, entry.Type)
		}
		var err error
		if layers[i], err = make(entry.Config); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, entry.Type, err)
		}
	}
	return layers, nil
}

// FromStructure builds the model that a structure describes around parameters of the given names. It allocates none.
func FromStructure(text string, parameters map[string]*dl.Tensor) (*Model, error) {
	var s structure
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("nn: the model's structure: %w", err)
	}
	layers, err := layersOf(s.Layers)
	if err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	if parameters == nil {
		parameters = map[string]*dl.Tensor{}
	}
	return build(s.Input, layers, &Builder{Rand: dl.DefaultRand(), stored: parameters})
}

// Save writes the model to a safetensors file: structure and parameters. The file is replaced in one step, so that it
// is never half a model.
func (m *Model) Save(path string) error {
	text, err := m.Structure()
	if err != nil {
		return err
	}
	return dl.SaveSafetensors(path, named(m), map[string]string{modelKey: text})
}

// Load rebuilds a model that Model.Save, or a checkpoint of a training, has written.
func Load(path string) (*Model, error) {
	tensors, meta, err := read(path)
	if err != nil {
		return nil, err
	}
	text, ok := meta[modelKey]
	if !ok {
		return nil, fmt.Errorf("%s holds parameters but no model: build the model and use nn.LoadParameters", path)
	}
	m, err := FromStructure(text, tensors)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// SaveParameters writes the parameters of any module to a safetensors file, under their names.
func SaveParameters(path string, m Module) error { return dl.SaveSafetensors(path, named(m), nil) }

// LoadParameters sets a module's parameters to those of a file. All must be there with their shapes; when one is not,
// nothing is changed.
func LoadParameters(path string, m Module) error {
	tensors, _, err := read(path)
	if err != nil {
		return err
	}
	if err := SetParameters(m, tensors); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// SetParameters sets a module's parameters to copies of the tensors of their names, all or, with an error, none.
func SetParameters(m Module, tensors map[string]*dl.Tensor) error {
	b := Builder{stored: tensors}
	var from []*dl.Tensor
	for _, p := range m.Parameters() {
		from = append(from, b.take(p.Name, p.Value.Shape()))
	}
	if b.err != nil {
		return b.err
	}
	for i, p := range m.Parameters() {
		copy(p.Value.Float32s(), from[i].Float32s())
		p.Value.Changed()
	}
	return nil
}

// named are the parameters as they stand in a file.
func named(m Module) []dl.Named {
	var all []dl.Named
	for _, p := range m.Parameters() {
		all = append(all, dl.Named{Name: p.Name, Tensor: p.Value})
	}
	return all
}

func read(path string) (map[string]*dl.Tensor, map[string]string, error) {
	list, meta, err := dl.LoadSafetensors(path)
	return byName(list), meta, err
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
	text, err := m.Structure()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = dl.WriteSafetensors(&b, named(m), map[string]string{modelKey: text})
	return b.Bytes(), err
}

// UnmarshalBinary makes m the model that MarshalBinary wrote.
func (m *Model) UnmarshalBinary(b []byte) error {
	all, meta, err := dl.ReadSafetensors(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	loaded, err := FromStructure(meta[modelKey], byName(all))
	if err != nil {
		return err
	}
	*m = *loaded
	return nil
}
