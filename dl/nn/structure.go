package nn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"modelbook/dl"
)

// A model is saved as a safetensors file: its parameters under their paths, and its structure as JSON in the metadata
// under modelKey. There is no code in it, and reading one from a stranger is safe.
const modelKey = "modelbook.model"

// structure is a model without its parameters.
type structure struct {
	Input  dl.Shape     `json:"input"`
	Layers []layerEntry `json:"layers"`
}

type layerEntry struct {
	Name   string          `json:"name,omitempty"` // where it is not that of the type
	Type   string          `json:"type"`
	Config json.RawMessage `json:"config"`
}

// kind is a layer that a file may name.
type kind struct {
	decode func(config json.RawMessage) (Layer, error)
	layer  reflect.Type // of the description
}

// kinds are the layers that a file may name, by their names there.
var (
	kindsMutex sync.RWMutex
	kinds      = map[string]kind{
		"Dense":      kindOf[Dense](),
		"Flatten":    kindOf[Flatten](),
		"Conv1D":     kindOf[Conv1D](),
		"Conv2D":     kindOf[Conv2D](),
		"Conv3D":     kindOf[Conv3D](),
		"MaxPool2D":  kindOf[MaxPool2D](),
		"AvgPool2D":  kindOf[AvgPool2D](),
		"Dropout":    kindOf[Dropout](),
		"BatchNorm":  kindOf[BatchNorm](),
		"LayerNorm":  kindOf[LayerNorm](),
		"Embedding":  kindOf[Embedding](),
		"Activation": kindOf[ActivationLayer](),

		"ConvTranspose1D":   kindOf[ConvTranspose1D](),
		"ConvTranspose2D":   kindOf[ConvTranspose2D](),
		"ConvTranspose3D":   kindOf[ConvTranspose3D](),
		"DepthwiseConv1D":   kindOf[DepthwiseConv1D](),
		"DepthwiseConv2D":   kindOf[DepthwiseConv2D](),
		"SeparableConv1D":   kindOf[SeparableConv1D](),
		"SeparableConv2D":   kindOf[SeparableConv2D](),
		"MaxPool1D":         kindOf[MaxPool1D](),
		"MaxPool3D":         kindOf[MaxPool3D](),
		"AvgPool1D":         kindOf[AvgPool1D](),
		"AvgPool3D":         kindOf[AvgPool3D](),
		"GlobalAvgPool1D":   kindOf[GlobalAvgPool1D](),
		"GlobalAvgPool2D":   kindOf[GlobalAvgPool2D](),
		"GlobalAvgPool3D":   kindOf[GlobalAvgPool3D](),
		"GlobalMaxPool1D":   kindOf[GlobalMaxPool1D](),
		"GlobalMaxPool2D":   kindOf[GlobalMaxPool2D](),
		"GlobalMaxPool3D":   kindOf[GlobalMaxPool3D](),
		"AdaptiveAvgPool1D": kindOf[AdaptiveAvgPool1D](),
		"AdaptiveAvgPool2D": kindOf[AdaptiveAvgPool2D](),
		"AdaptiveAvgPool3D": kindOf[AdaptiveAvgPool3D](),
		"AdaptiveMaxPool1D": kindOf[AdaptiveMaxPool1D](),
		"AdaptiveMaxPool2D": kindOf[AdaptiveMaxPool2D](),
		"AdaptiveMaxPool3D": kindOf[AdaptiveMaxPool3D](),
		"Upsample1D":        kindOf[Upsample1D](),
		"Upsample2D":        kindOf[Upsample2D](),
		"Upsample3D":        kindOf[Upsample3D](),
		"ZeroPad1D":         kindOf[ZeroPad1D](),
		"ZeroPad2D":         kindOf[ZeroPad2D](),
		"ZeroPad3D":         kindOf[ZeroPad3D](),
		"ReflectionPad1D":   kindOf[ReflectionPad1D](),
		"ReflectionPad2D":   kindOf[ReflectionPad2D](),
		"ReflectionPad3D":   kindOf[ReflectionPad3D](),
		"ReplicationPad1D":  kindOf[ReplicationPad1D](),
		"ReplicationPad2D":  kindOf[ReplicationPad2D](),
		"ReplicationPad3D":  kindOf[ReplicationPad3D](),
		"Crop1D":            kindOf[Crop1D](),
		"Crop2D":            kindOf[Crop2D](),
		"Crop3D":            kindOf[Crop3D](),
		"PixelShuffle":      kindOf[PixelShuffle](),
		"PixelUnshuffle":    kindOf[PixelUnshuffle](),
		"ChannelShuffle":    kindOf[ChannelShuffle](),

		"PositionalEmbedding": kindOf[PositionalEmbedding](),
		"MultiHeadAttention":  kindOf[MultiHeadAttention](),
		"TransformerBlock":    kindOf[TransformerBlock](),
	}
)

// builtIn are the names of this package's types of layers.
var builtIn = map[string]bool{"Model": true, "ActivationLayer": true, "Residual": true, "Graph": true, "GraphLayer": true, "around": true}

func init() {
	for name := range kinds {
		builtIn[name] = true
	}
	kinds["Residual"] = kindOf[Residual]() // holds layers itself, so that the table would refer to itself
	kinds["Model"] = kindOf[nested]()
	kinds["Graph"] = kindOf[nestedGraph]()
}

// addKinds adds layers of this package that a file may name, for the files that define them.
func addKinds(more map[string]kind) {
	for name, k := range more {
		kinds[name], builtIn[name] = k, true
	}
}

func kindOf[L Layer]() kind { return kindOfType(reflect.TypeFor[L]()) }

// kindOfType is a kind of layers of a struct type.
func kindOfType(t reflect.Type) kind {
	return kind{layer: t, decode: func(config json.RawMessage) (Layer, error) {
		layer := reflect.New(t)
		d := json.NewDecoder(bytes.NewReader(config))
		d.DisallowUnknownFields() // a setting that is not understood would change the model in silence
		err := d.Decode(layer.Interface())
		return layer.Elem().Interface().(Layer), err
	}}
}

// Register makes Load know a layer of your own: a struct type with Build on its value, whose exported fields describe
// it as JSON. It is saved under the type's name. Registering the type again, or one that was defined anew in a
// notebook, takes the place of the former; a name that a type of another package has panics with a *dl.ValueError.
func Register[L Layer]() {
	t := reflect.TypeFor[L]()
	name := plainName(t)
	if t.Kind() != reflect.Struct {
		dl.PanicValue("nn.Register", "%v is no struct type; register the type of a struct with Build on its value, as nn.Register[MyLayer]()", t)
	}
	kindsMutex.Lock()
	defer kindsMutex.Unlock()
	if known, taken := kinds[name]; taken && (builtIn[name] || known.layer.PkgPath() != t.PkgPath()) {
		dl.PanicValue("nn.Register", "there is a layer %s already, of package %s", name, known.layer.PkgPath())
	}
	kinds[name] = kindOf[L]()
}

// notice registers the newest version of a layer that is registered.
func notice(layer Layer) {
	t := reflect.TypeOf(layer)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	name := plainName(t)
	kindsMutex.Lock()
	defer kindsMutex.Unlock()
	if known, ok := kinds[name]; ok && !builtIn[name] && known.layer != t && known.layer.PkgPath() == t.PkgPath() &&
		t.Implements(reflect.TypeFor[Layer]()) {
		kinds[name] = kindOfType(t)
	}
}

func lookUp(name string) (kind, bool) {
	kindsMutex.RLock()
	defer kindsMutex.RUnlock()
	k, ok := kinds[name]
	return k, ok
}

// nameOf is the name under which a layer is saved, "" when it is not registered.
func nameOf(layer any) string {
	if layer == nil {
		return ""
	}
	t := reflect.TypeOf(layer)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := plainName(t)
	if t.PkgPath() == packagePath && (name == "ActivationLayer" || name == "Activation") {
		return "Activation"
	}
	if t == reflect.TypeFor[Model]() {
		return "Model"
	}
	if t == reflect.TypeFor[GraphLayer]() {
		return "Graph"
	}
	if k, ok := lookUp(name); !ok || k.layer.PkgPath() != t.PkgPath() {
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
	if m == nil {
		return nil, errors.New("the layer has no parameters yet: make it with nn.Sequential or nn.Build")
	}
	var all []layerEntry
	used := map[string]int{}
	for i, layer := range m.Layers {
		var made Layer
		if i < len(m.made) {
			made = m.made[i]
		}
		entry, err := entryOf(layer, made)
		if err != nil {
			return nil, fmt.Errorf("layer %d %w", i+1, err)
		}
		entry.Name = givenName(m.name(i), made, used)
		all = append(all, entry)
	}
	return all, nil
}

// entryOf describes a layer and what it was made of, which may be nil.
func entryOf(layer Module, made Layer) (layerEntry, error) {
	if isNil(layer) {
		return layerEntry{}, errors.New("has no parameters yet: make it with nn.Sequential or nn.Build")
	}
	// A module of the description's own type knows the defaults that were filled in.
	var described any = layer
	if made != nil && nameOf(made) != nameOf(layer) { // Build makes another type
		described = made
	}
	name := nameOf(described)
	if name == "" {
		return layerEntry{}, fmt.Errorf("is a %T, which no file can name: call nn.Register for it", described)
	}
	config, err := json.Marshal(described)
	if err != nil {
		return layerEntry{}, fmt.Errorf("(%s): %w", name, err)
	}
	return layerEntry{Type: name, Config: config}, nil
}

// layersOf reads the description of layers.
func layersOf(entries []layerEntry) ([]Layer, error) {
	layers := make([]Layer, len(entries))
	for i, entry := range entries {
		k, ok := lookUp(entry.Type)
		if !ok {
			return nil, fmt.Errorf("layer %d is a %q, which is unknown here: call nn.Register for layers of your own", i+1, entry.Type)
		}
		var err error
		if layers[i], err = k.decode(withPadding(entry.Config)); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, entry.Type, err)
		}
		if entry.Name != "" {
			layers[i] = Named(entry.Name, layers[i])
		}
	}
	return layers, nil
}

// withPadding is a description in which Padding stands for Same: true, as files had it before.
func withPadding(config json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if !bytes.Contains(config, []byte(`"Same"`)) || json.Unmarshal(config, &fields) != nil || fields["Padding"] != nil {
		return config
	}
	same, ok := fields["Same"]
	if !ok {
		return config
	}
	delete(fields, "Same")
	if string(same) == "true" {
		fields["Padding"] = json.RawMessage(`"same"`)
	}
	return json.RawMessage(asJSON(fields))
}

// MarshalJSON describes the model's layers, as its structure does.
func (m *Model) MarshalJSON() ([]byte, error) {
	entries, err := m.entries()
	if err != nil {
		return nil, err
	}
	return json.Marshal(structure{m.Input, entries})
}

// nested is a model among the layers of another one, as a file describes it.
type nested struct{ structure }

func (n *nested) UnmarshalJSON(text []byte) error {
	if depth(text) > maxNesting {
		return fmt.Errorf("layers are nested too deeply")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(&n.structure)
}

func (n nested) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	layers, err := layersOf(n.Layers)
	if err != nil {
		return nil, nil, err
	}
	if !equal(in, n.Input) {
		return nil, nil, fmt.Errorf("the model was built for %v", n.Input)
	}
	m, err := chain(in, layers, b)
	if err != nil {
		return nil, nil, err
	}
	return m, m.Output(), nil
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
