package nn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"modelbook/dl"
)

// Residual adds to its input what a chain of layers makes of it (He et al., 2015): x + body(x). The body must keep the
// shape.
type Residual struct {
	Layers []Layer // of the body

	Body *Model // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (r Residual) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	body, err := chain(in, r.Layers, b)
	if err != nil {
		return nil, nil, err
	}
	if !equal(body.Output(), in) {
		return nil, nil, fmt.Errorf("the body makes %v of %v; it must keep the shape to be added", body.Output(), in)
	}
	r.Body = body
	return &r, in, nil
}

// Forward computes the outputs for a batch.
func (r *Residual) Forward(x *dl.Tensor) *dl.Tensor { return x.Add(r.Body.within("nn.Residual", x)) }

// Parameters returns the parameters of the layer.
func (r *Residual) Parameters() []*Parameter { return r.Body.Parameters() }
func (r *Residual) parts() []part            { return r.Body.parts() }

// MarshalJSON describes the body's layers, as a model's structure does.
func (r *Residual) MarshalJSON() ([]byte, error) {
	entries, err := r.Body.entries()
	if err != nil {
		return nil, err
	}
	return json.Marshal(bodyEntry{entries})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Residual) UnmarshalJSON(text []byte) error {
	if depth(text) > maxNesting {
		return fmt.Errorf("layers are nested too deeply")
	}
	var n bodyEntry
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return err
	}
	var err error
	r.Layers, err = layersOf(n.Layers)
	return err
}

type bodyEntry struct {
	Layers []layerEntry `json:"layers"`
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
func (t *TransformerBlock) Forward(x *dl.Tensor) *dl.Tensor {
	return t.Body.within("nn.TransformerBlock", x)
}

// Parameters returns the parameters of the layer.
func (t *TransformerBlock) Parameters() []*Parameter { return t.Body.Parameters() }
func (t *TransformerBlock) parts() []part            { return t.Body.parts() }
func (t *TransformerBlock) detail() string           { return heads(t.Heads, t.Causal) }
