package nn

import (
	"encoding/json"
	"fmt"

	"modelbook/dl"
)

// Residual adds to its input what a chain of layers makes of it (He et al., 2015): x + body(x). Where the body changes
// the shape, Shortcut does so on the other way, as a convolution of 1x1: shortcut(x) + body(x). Activation comes last.
type Residual struct {
	Layers     []Layer // of the body
	Shortcut   []Layer // of the other way; none: the input itself
	Activation Activation

	Body       *Model // set by Build
	Projection *Model // set by Build of Shortcut
}

// Build makes the layer for inputs of a shape: see [Layer].
func (r Residual) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := r.Activation.check(); err != nil {
		return nil, nil, err
	}
	body, err := chain(in, r.Layers, b)
	if err != nil {
		return nil, nil, err
	}
	r.Body, r.Projection = body, nil
	if len(r.Shortcut) == 0 {
		if !equal(body.Output(), in) {
			return nil, nil, fmt.Errorf("the body makes %v of %v; it must keep the shape to be added, or a Shortcut must make the same", body.Output(), in)
		}
		return &r, in, nil
	}
	defer b.below("shortcut")()
	if r.Projection, err = chain(in, r.Shortcut, b); err != nil {
		return nil, nil, fmt.Errorf("the shortcut: %w", err)
	}
	if !equal(body.Output(), r.Projection.Output()) {
		return nil, nil, fmt.Errorf("the body makes %v of %v, the shortcut %v; they must be the same to be added", body.Output(), in, r.Projection.Output())
	}
	return &r, body.Output(), nil
}

// Forward computes the outputs for a batch.
func (r *Residual) Forward(x *dl.Tensor) *dl.Tensor { return r.ForwardMasked(x, nil) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (r *Residual) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	if last := r.Body.last(); last != nil && r.Projection == nil {
		h, after := r.Body.beforeLast(x, mask)
		return r.Activation.Apply(last.addTo(x, h, after))
	}
	y := r.Body.within("nn.Residual", x, mask)
	if r.Projection != nil {
		x = r.Projection.ForwardMasked(x, mask)
	}
	return r.Activation.Apply(x.Add(y))
}

// An adder is a layer that adds its outputs to a tensor, to, as it computes them, which saves memory's time: the gradient of
// that sum is no second one, either.
type adder interface {
	addTo(to, x, mask *dl.Tensor) *dl.Tensor
}

// last is the model's last layer, if that is an adder.
func (m *Model) last() adder {
	if m == nil || len(m.Layers) == 0 {
		return nil
	}
	a, _ := m.Layers[len(m.Layers)-1].(adder)
	return a
}

// Parameters returns the parameters of the layer.
func (r *Residual) Parameters() []*Parameter {
	all := r.Body.Parameters()
	if r.Projection != nil {
		all = append(all, r.Projection.Parameters()...)
	}
	return all
}

func (r *Residual) parts() []part {
	all := r.Body.parts()
	if r.Projection != nil {
		all = append(all, part{"shortcut", r.Projection})
	}
	return all
}

func (r *Residual) detail() string {
	if r.Activation != Identity {
		return r.Activation.String()
	}
	return ""
}

// MarshalJSON describes the layers, as a model's structure does.
func (r *Residual) MarshalJSON() ([]byte, error) {
	e := bodyEntry{Activation: r.Activation}
	var err error
	if e.Layers, err = r.Body.entries(); err != nil {
		return nil, err
	}
	if r.Projection != nil {
		if e.Shortcut, err = r.Projection.entries(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(e)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Residual) UnmarshalJSON(text []byte) error {
	var e bodyEntry
	err := strictly(text, &e)
	if err == nil {
		r.Layers, err = layersOf(e.Layers)
	}
	if err == nil {
		r.Shortcut, err = layersOf(e.Shortcut)
	}
	r.Activation = e.Activation
	return err
}

type bodyEntry struct {
	Layers     []layerEntry `json:"layers"`
	Shortcut   []layerEntry `json:"shortcut,omitempty"`
	Activation Activation   `json:"activation,omitzero"`
}

// maxNesting bounds the brackets within brackets of a structure from a file: each level is read by itself.
const maxNesting = 64

// depth is how deeply the brackets of a JSON text are nested.
func depth(text []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// TransformerBlock is a block of a transformer with the normalisation first, as in GPT-2:
//
//	x = x + attention(LayerNorm(x));  x = x + Dense(activation(Dense(LayerNorm(x))))
//
// for sequences x [N, T, D]. Dropout, if any, comes before each sum.
type TransformerBlock struct {
	Heads      int
	Causal     bool
	Hidden     int        // units between the two Dense; 0: 4*D
	Activation Activation // between the two Dense; Identity: GELU
	Dropout    float64    // rate
	Epsilon    float64    // of LayerNorm; 0: 1e-3, as in Keras (PyTorch has 1e-5)

	Body *Model `json:"-"` // set by Build: two Residual
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t TransformerBlock) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := t.Activation.check(); err != nil {
		return nil, nil, err
	}
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	if t.Hidden == 0 {
		t.Hidden = 4 * in[1]
	}
	if t.Activation == Identity {
		t.Activation = GELU
	}
	attention := []Layer{LayerNorm{Epsilon: t.Epsilon}, MultiHeadAttention{Heads: t.Heads, Causal: t.Causal}}
	mlp := []Layer{LayerNorm{Epsilon: t.Epsilon}, Dense{Units: t.Hidden, Activation: t.Activation}, Dense{Units: in[1]}}
	if t.Dropout != 0 {
		attention, mlp = append(attention, Dropout{Rate: t.Dropout}), append(mlp, Dropout{Rate: t.Dropout})
	}
	body, err := chain(in, []Layer{Residual{Layers: attention}, Residual{Layers: mlp}}, b)
	if err != nil {
		return nil, nil, err
	}
	t.Body = body
	return &t, in, nil
}

// Forward computes the outputs for a batch.
func (t *TransformerBlock) Forward(x *dl.Tensor) *dl.Tensor { return t.ForwardMasked(x, nil) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which positions are seen: see [Masker].
func (t *TransformerBlock) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return t.Body.within("nn.TransformerBlock", x, mask)
}

// Parameters returns the parameters of the layer.
func (t *TransformerBlock) Parameters() []*Parameter { return t.Body.Parameters() }
func (t *TransformerBlock) parts() []part            { return t.Body.parts() }
func (t *TransformerBlock) detail() string           { return heads(t.Heads, t.Causal) }
