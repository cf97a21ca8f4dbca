package nn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"modelbook/dl"
)

// Bidirectional lets a second layer read sequences from the end, and joins the outputs of both, as Keras's does. For
// outputs beside each other the field Bidirectional of a recurrent layer is the shorter way.
type Bidirectional struct {
	Layer    Layer // an LSTM, GRU or SimpleRNN that goes forwards
	Backward Layer // nil: Layer with GoBackwards; with a nil one the two have parameters of their own, too
	Merge    Merge

	Body [2]*Model // set by Build: the two directions
}

// reversed is a recurrent layer that goes backwards.
func reversed(layer Layer) (Layer, error) {
	switch l := layer.(type) {
	case LSTM:
		l.GoBackwards = true
		return l, nil
	case GRU:
		l.GoBackwards = true
		return l, nil
	case SimpleRNN:
		l.GoBackwards = true
		return l, nil
	}
	return nil, fmt.Errorf("Layer is a %T; give an nn.LSTM, nn.GRU or nn.SimpleRNN, or a Backward that reads from the end", layer)
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d Bidirectional) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	if int(d.Merge) >= len(merges) {
		return nil, nil, fmt.Errorf("there is no Merge %d", uint8(d.Merge))
	}
	back := d.Backward
	if back == nil {
		var err error
		if back, err = reversed(d.Layer); err != nil {
			return nil, nil, err
		}
	}
	for i, layer := range []Layer{d.Layer, back} {
		leave := b.below([]string{"forward", "backward"}[i])
		body, err := chain(in, []Layer{layer}, b)
		leave()
		if err != nil {
			return nil, nil, err
		}
		d.Body[i] = body
	}
	out := append(dl.Shape{}, d.Body[0].Output()...)
	if !out.Equal(d.Body[1].Output()) {
		return nil, nil, fmt.Errorf("the directions make %v and %v of %v: they must be alike", out, d.Body[1].Output(), in)
	}
	if d.Merge == MergeConcat {
		out[len(out)-1] *= 2
	}
	return &d, out, nil
}

// Forward computes the outputs for a batch.
func (d *Bidirectional) Forward(x *dl.Tensor) *dl.Tensor { return d.ForwardMasked(x, nil) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (d *Bidirectional) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	if d.Body[0] == nil || d.Body[1] == nil {
		notBuilt("nn.Bidirectional")
	}
	a, b := d.Body[0].ForwardMasked(x, mask), d.Body[1].ForwardMasked(x, mask)
	if b.Rank() == 3 { // in the order in which it was computed
		b = b.Flip(1)
	}
	return d.Merge.of(a, b)
}

// Parameters returns the parameters of the layer.
func (d *Bidirectional) Parameters() []*Parameter {
	return parametersOfParts(d.parts())
}

func (d *Bidirectional) parts() []part {
	return []part{{"forward", d.Body[0]}, {"backward", d.Body[1]}}
}

// AnySize says whether samples may have other sizes: see [AnySize].
func (d *Bidirectional) AnySize() bool { return d.Body[0].anySize() && d.Body[1].anySize() }

func (d *Bidirectional) inUse() (Module, bool) {
	c := *d
	all := true
	for i, body := range d.Body {
		var ok bool
		c.Body[i], ok = body.use()
		all = all && ok
	}
	return &c, all
}

type bidirectionalEntry struct {
	Layers []layerEntry `json:"layers"`
	Merge  Merge        `json:"merge"`
}

// MarshalJSON describes the two directions, as a model's structure does its layers.
func (d *Bidirectional) MarshalJSON() ([]byte, error) {
	e := bidirectionalEntry{Merge: d.Merge}
	for _, body := range d.Body {
		entries, err := body.entries()
		if err != nil {
			return nil, err
		}
		e.Layers = append(e.Layers, entries...)
	}
	return json.Marshal(e)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Bidirectional) UnmarshalJSON(text []byte) error {
	if depth(text) > maxNesting {
		return fmt.Errorf("layers are nested too deeply")
	}
	var e bidirectionalEntry
	j := json.NewDecoder(bytes.NewReader(text))
	j.DisallowUnknownFields()
	if err := j.Decode(&e); err != nil {
		return err
	}
	layers, err := layersOf(e.Layers)
	if err != nil {
		return err
	}
	if len(layers) != 2 {
		return fmt.Errorf("there are %d directions, not 2", len(layers))
	}
	d.Layer, d.Backward, d.Merge = layers[0], layers[1], e.Merge
	return nil
}
