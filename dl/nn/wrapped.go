package nn

import (
	"fmt"

	"modelbook/dl"
)

// wrapped is a layer inside another one, which has its parameters under their names.
type wrapped struct {
	body Forwarder
}

// wrap builds the layer inside.
func (w *wrapped) wrap(layer Layer, in dl.Shape, b *Builder) (dl.Shape, error) {
	if layer == nil {
		return nil, fmt.Errorf("Layer is nil")
	}
	m, out, err := one(layer, in, b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", typeName(layer), err)
	}
	w.body, err = forwarder(m)
	return out, err
}

func (w *wrapped) with(body Module) wrapped {
	f, _ := body.(Forwarder) // nil of a layer that is not built
	return wrapped{f}
}

// through is what the layer inside makes of x, of which a mask may tell which steps count.
func (w *wrapped) through(name string, x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	if w.body == nil {
		notBuilt(name)
	}
	return passOne(w.body, x, mask, headless)
}

// Head is the activation with which the layer ends: see [Headed].
func (w *wrapped) Head() Activation {
	if h, ok := w.body.(Headed); ok {
		return h.Head()
	}
	return Identity
}

// Inside is the layer inside, nil before it is built.
func (w *wrapped) Inside() Forwarder { return w.body }

// Parameters returns the parameters of the layer.
func (w *wrapped) Parameters() []*Parameter {
	return parametersOf(w.body)
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (w *wrapped) SetTraining(on bool) { switchTraining(w.body, on) }

// SetRand gives the layer a random source: see the function of that name.
func (w *wrapped) SetRand(r *dl.Rand) { switchRand(w.body, r) }

func (w *wrapped) inner() Forwarder { return w.body }

func (w *wrapped) parts() []part { return []part{{"", w.body}} }

// AnySize says whether samples may have other sizes: see [AnySize].
func (w *wrapped) AnySize() bool {
	a, ok := w.body.(AnySize)
	return ok && a.AnySize()
}

func (w *wrapped) detail() string {
	if w.body == nil {
		return ""
	}
	text := typeName(w.body)
	if d, ok := w.body.(interface{ detail() string }); ok && d.detail() != "" {
		text += ", " + d.detail()
	}
	return text
}

// layerOf reads the description of one layer.
func layerOf(e layerEntry) (Layer, error) {
	layers, err := layersOf([]layerEntry{e})
	if err != nil {
		return nil, err
	}
	return layers[0], nil
}
