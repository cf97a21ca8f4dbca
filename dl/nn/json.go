package nn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"modelbook/dl"
)

// modelJSON is a model's structure in Keras's form.
type modelJSON struct {
	Class  string          `json:"class_name"` // "Sequential" or "Functional"
	Input  dl.Shape        `json:"input_shape,omitempty"`
	Layers []layerJSON     `json:"layers,omitempty"`
	Graph  json.RawMessage `json:"graph,omitempty"`
}

type layerJSON struct {
	Class  string          `json:"class_name"`
	Name   string          `json:"name"`
	Config json.RawMessage `json:"config"`
}

// ToJSON describes the structure of a *Model or a *Graph, without its parameters, as Keras's to_json does: its layers
// with their "class_name", "name" and "config", whose keys are the fields of the layers here. [FromJSON] builds such a
// model. Layers of your own are known by [Register].
func ToJSON(m Module) ([]byte, error) {
	if err := given("nn.ToJSON", m); err != nil {
		return nil, err
	}
	var j modelJSON
	switch m := m.(type) {
	case *Model:
		entries, err := m.entries()
		if err != nil {
			return nil, fmt.Errorf("nn.ToJSON: %w", err)
		}
		j.Class, j.Input = "Sequential", m.Input
		for i, e := range entries {
			j.Layers = append(j.Layers, layerJSON{e.Type, m.name(i), e.Config})
		}
	case *Graph:
		text, err := m.Structure()
		if err != nil {
			return nil, fmt.Errorf("nn.ToJSON: %w", err)
		}
		j.Class, j.Graph = "Functional", json.RawMessage(text)
	default:
		return nil, fmt.Errorf("nn.ToJSON: a %T is neither a *nn.Model nor a *nn.Graph; nn.Sequential makes a model of layers", m)
	}
	return json.MarshalIndent(j, "", "  ")
}

// FromJSON builds the model, a *Model or a *Graph, that [ToJSON] described, as Keras's model_from_json does. Its parameters
// are drawn anew from dl's default random source, by the layers' default initialisers: [LoadWeights] sets them. (Layers
// that share parameters under several names have their own then.) The text may be a stranger's; but a large model takes as
// much memory as it says.
func FromJSON(text []byte) (Forwarder, error) {
	if depth(text) > maxNesting {
		return nil, fmt.Errorf("nn.FromJSON: layers are nested too deeply")
	}
	var j modelJSON
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return nil, fmt.Errorf("nn.FromJSON: %w", err)
	}
	fresh := &Builder{Rand: dl.DefaultRand()}
	switch j.Class {
	case "Sequential":
		var entries []layerEntry
		for _, l := range j.Layers {
			entries = append(entries, layerEntry{Name: l.Name, Type: l.Class, Config: l.Config})
		}
		layers, err := layersOf(entries)
		if err != nil {
			return nil, fmt.Errorf("nn.FromJSON: %w", err)
		}
		m, err := build(j.Input, layers, fresh)
		if err != nil {
			return nil, fmt.Errorf("nn.FromJSON: %w", err)
		}
		return m, nil
	case "Functional":
		var s graphStructure
		d := json.NewDecoder(bytes.NewReader(j.Graph))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, fmt.Errorf("nn.FromJSON: the graph: %w", err)
		}
		g, err := s.build(fresh)
		if err != nil {
			return nil, fmt.Errorf("nn.FromJSON: %w", err)
		}
		return g, nil
	}
	return nil, fmt.Errorf("nn.FromJSON: class_name is %.40q; it is \"Sequential\" or \"Functional\"", j.Class)
}
