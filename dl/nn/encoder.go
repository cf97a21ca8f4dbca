package nn

import (
	"fmt"

	"modelbook/dl"
)

// TransformerEncoderLayer is self-attention and two Dense, each with a normalisation and added to its input, for
// sequences x [N, T, D]. The normalisation comes behind each sum, as in the paper (Vaswani et al., 2017),
//
//	x = norm1(x + attention(x));  x = norm2(x + linear2(activation(linear1(x))))
//
// or with NormFirst before each part, as in GPT-2 and Llama,
//
//	x = x + attention(norm1(x));  x = x + linear2(activation(linear1(norm2(x))))
//
// It is PyTorch's nn.TransformerEncoderLayer, and its parameters have PyTorch's names. With Causal it is a layer of a
// model that generates: PyTorch's DecoderLayer is for those that also attend to another sequence, and so is
// [TransformerDecoderLayer].
type TransformerEncoderLayer struct {
	Heads         int
	KVHeads       int        `json:",omitempty"` // of keys and values: see [MultiHeadAttention]; so are the fields down to ALiBi
	HeadSize      int        `json:",omitempty"`
	Causal        bool       `json:",omitempty"`
	Window        int        `json:",omitempty"`
	Rotary        *Rotary    `json:",omitempty"`
	ALiBi         bool       `json:",omitempty"`
	Hidden        int        // units between the two Dense; 0: 4*D (PyTorch: 2048)
	Activation    Activation // between the two Dense; Identity: ReLU, as in PyTorch
	Gated         bool       `json:",omitempty"` // linear1 makes twice the units, [a, b], of which a*activation(b) goes on: SwiGLU and its like
	NormFirst     bool       `json:",omitempty"`
	RMSNorm       bool       `json:",omitempty"` // in place of LayerNorm
	Epsilon       float64    // of the normalisations; 0: 1e-5, as in PyTorch
	NoBias        bool       `json:",omitempty"` // of attention and Dense
	AttentionBias bool       `json:",omitempty"` // with NoBias: of queries, keys and values all the same, as in Qwen2
	// Rates of what is dropped in training: before each sum, of the weights of the attention, and between the two Dense.
	// PyTorch's dropout is all three.
	Dropout          float64 `json:",omitempty"`
	AttentionDropout float64 `json:",omitempty"`
	HiddenDropout    float64 `json:",omitempty"`

	Attention        *MultiHeadAttention `json:"-"` // set by Build, as all below
	Norm1, Norm2     Forwarder           `json:"-"`
	Linear1, Linear2 *Dense              `json:"-"`

	drop, dropHidden *Dropout
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t TransformerEncoderLayer) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	if err := t.defaults(in); err != nil {
		return nil, nil, err
	}
	m := &maker{b: b, in: in}
	t.Attention, _ = m.make("self_attn", t.attention()).(*MultiHeadAttention)
	t.feedForward(m)
	t.Norm1, t.Norm2 = m.norm("norm1", t.RMSNorm, t.Epsilon), m.norm("norm2", t.RMSNorm, t.Epsilon)
	t.drop, t.dropHidden = m.dropout(t.Dropout), m.dropout(t.HiddenDropout)
	if m.err != nil {
		return nil, nil, m.err
	}
	return &t, in, nil
}

func (t *TransformerEncoderLayer) defaults(in dl.Shape) error {
	if t.Hidden == 0 {
		t.Hidden = 4 * in[1]
	}
	if t.Hidden < 1 || t.Hidden > maxVolume/2 {
		return fmt.Errorf("Hidden is %d; it is the number of units between the two Dense", t.Hidden)
	}
	if err := t.Activation.check(); err != nil {
		return err
	}
	if t.Activation == Identity {
		t.Activation = ReLU
	}
	if t.Epsilon == 0 {
		t.Epsilon = 1e-5
	}
	return nil
}

// attention describes the self-attention.
func (t *TransformerEncoderLayer) attention() MultiHeadAttention {
	return MultiHeadAttention{Heads: t.Heads, KVHeads: t.KVHeads, HeadSize: t.HeadSize, Causal: t.Causal, Window: t.Window, Dropout: t.AttentionDropout,
		Rotary: t.Rotary, ALiBi: t.ALiBi, NoBias: t.NoBias && !t.AttentionBias, NoOutBias: t.NoBias}
}

// feedForward makes the two Dense.
func (t *TransformerEncoderLayer) feedForward(m *maker) {
	first := Dense{Units: t.Hidden, Activation: t.Activation, NoBias: t.NoBias}
	if t.Gated {
		first.Units, first.Activation = 2*t.Hidden, Identity
	}
	t.Linear1, _ = m.make("linear1", first).(*Dense)
	in := m.in
	m.in = dl.Shape{in[0], t.Hidden}
	t.Linear2, _ = m.make("linear2", Dense{Units: in[1], NoBias: t.NoBias}).(*Dense)
	m.in = in
}

// Forward computes the outputs for a batch.
func (t *TransformerEncoderLayer) Forward(x *dl.Tensor) *dl.Tensor { return t.Call(x, AttendOptions{}) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which positions are seen: see [Masker].
func (t *TransformerEncoderLayer) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return t.Call(x, AttendOptions{Mask: forKeys(mask)})
}

// Call computes the outputs with a mask, lengths or a cache.
func (t *TransformerEncoderLayer) Call(x *dl.Tensor, o AttendOptions) *dl.Tensor {
	t.built()
	attend := func(to, x *dl.Tensor) *dl.Tensor { return t.attended(to, x, nil, t.Attention, o) }
	return t.added(t.added(x, t.Norm1, attend), t.Norm2, t.fed)
}

// built panics for a layer that lacks one of its parts.
func (t *TransformerEncoderLayer) built() {
	if t == nil || t.Attention == nil || t.Norm1 == nil || t.Norm2 == nil || t.Linear1 == nil || t.Linear2 == nil || t.drop == nil {
		notBuilt("nn.TransformerEncoderLayer")
	}
}

// added is x with what a part adds to it, and a normalisation.
func (t *TransformerEncoderLayer) added(x *dl.Tensor, norm Forwarder, part func(to, x *dl.Tensor) *dl.Tensor) *dl.Tensor {
	if t.NormFirst {
		return part(x, norm.Forward(x))
	}
	return norm.Forward(part(x, x))
}

// attended adds what an attention makes of x.
func (t *TransformerEncoderLayer) attended(to, x, context *dl.Tensor, a *MultiHeadAttention, o AttendOptions) *dl.Tensor {
	if t.drop.idle() {
		return a.callAndAdd(to, x, context, o)
	}
	return to.Add(t.drop.Forward(a.Call(x, context, o)))
}

// fed adds what the two Dense make.
func (t *TransformerEncoderLayer) fed(to, x *dl.Tensor) *dl.Tensor {
	h := t.Linear1.Forward(x)
	if t.Gated {
		h = h.Narrow(-1, 0, t.Hidden).Mul(t.Activation.Apply(h.Narrow(-1, t.Hidden, t.Hidden)))
	}
	h = t.dropHidden.Forward(h)
	if t.drop.idle() {
		return t.Linear2.addTo(to, h, nil)
	}
	return to.Add(t.drop.Forward(t.Linear2.Forward(h)))
}

// NewCache makes a cache for n samples of up to capacity positions: see [AttendOptions].
func (t *TransformerEncoderLayer) NewCache(n, capacity int) *KVCache {
	t.built()
	return t.Attention.NewCache(n, capacity)
}

// Parameters returns the parameters of the layer.
func (t *TransformerEncoderLayer) Parameters() []*Parameter { return parametersOfParts(t.parts()) }

func (t *TransformerEncoderLayer) parts() []part {
	if t.Attention == nil {
		return nil
	}
	return []part{{"self_attn", t.Attention}, {"linear1", t.Linear1}, {"linear2", t.Linear2}, {"norm1", t.Norm1}, {"norm2", t.Norm2}}
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (t *TransformerEncoderLayer) SetTraining(on bool) {
	for _, p := range append(t.parts(), part{"", t.drop}, part{"", t.dropHidden}) {
		switchTraining(p.module, on)
	}
}

// SetRand says where random numbers come from: see the function of that name.
func (t *TransformerEncoderLayer) SetRand(r *dl.Rand) {
	for _, p := range append(t.parts(), part{"", t.drop}, part{"", t.dropHidden}) {
		switchRand(p.module, r)
	}
}

func (t *TransformerEncoderLayer) inUse() (Module, bool) {
	if t.Attention == nil {
		return t, true
	}
	c := *t
	c.use()
	return &c, true
}

// use makes the layer one in use, which shares its parameters.
func (t *TransformerEncoderLayer) use() {
	t.Attention = used(t.Attention)
	t.Norm1, t.Norm2, t.Linear1, t.Linear2 = used(t.Norm1), used(t.Norm2), used(t.Linear1), used(t.Linear2)
	t.drop, t.dropHidden = used(t.drop), used(t.dropHidden)
}

// AnySize says whether samples may have other sizes: see [AnySize].
func (t *TransformerEncoderLayer) AnySize() bool  { return true }
func (t *TransformerEncoderLayer) detail() string { return heads(t.Heads, t.Causal) }
