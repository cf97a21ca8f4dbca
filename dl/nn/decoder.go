package nn

import "modelbook/dl"

// TransformerDecoderLayer is self-attention, attention to another sequence, the memory, and two Dense, each with a
// normalisation and added to its input, for sequences x [N, T, D] and memories [N, S, Context]. The normalisations come
// behind the sums, or with NormFirst before the parts: see [TransformerEncoderLayer].
//
// It is PyTorch's nn.TransformerDecoderLayer, and its parameters have PyTorch's names; but its self-attention is causal,
// as that of a decoder is, for which PyTorch is given a mask. It has two inputs, so it is no layer for nn.Sequential: make
// it with nn.Build and use Call.
type TransformerDecoderLayer struct {
	Heads            int
	KVHeads          int        `json:",omitempty"` // of keys and values: see [MultiHeadAttention]; so are HeadSize, Window, Rotary and ALiBi
	HeadSize         int        `json:",omitempty"`
	Window           int        `json:",omitempty"` // of the self-attention, as Rotary and ALiBi
	Rotary           *Rotary    `json:",omitempty"`
	ALiBi            bool       `json:",omitempty"`
	Bidirectional    bool       `json:",omitempty"` // positions see later ones, too
	Context          int        `json:",omitempty"` // channels of memories; 0: D
	Hidden           int        // units between the two Dense; 0: 4*D (PyTorch: 2048)
	Activation       Activation // between the two Dense; Identity: ReLU, as in PyTorch
	Gated            bool       `json:",omitempty"` // as in [TransformerEncoderLayer]; so are the fields below
	NormFirst        bool       `json:",omitempty"`
	RMSNorm          bool       `json:",omitempty"`
	Epsilon          float64
	NoBias           bool    `json:",omitempty"`
	Dropout          float64 `json:",omitempty"`
	AttentionDropout float64 `json:",omitempty"` // of both attentions
	HiddenDropout    float64 `json:",omitempty"`

	Attention           *MultiHeadAttention `json:"-"` // set by Build, as all below
	CrossAttention      *MultiHeadAttention `json:"-"`
	Norm1, Norm2, Norm3 Forwarder           `json:"-"`
	Linear1, Linear2    *Dense              `json:"-"`

	layer *TransformerEncoderLayer // with all but CrossAttention and Norm3
}

// DecodeOptions are what a decoder layer is told beside its inputs: see [AttendOptions].
type DecodeOptions struct {
	Mask          *dl.Tensor // of the self-attention
	Lengths       []int      // of the samples of x
	Cache         *KVCache   // of the self-attention
	MemoryMask    *dl.Tensor // of the attention to the memory
	MemoryLengths []int      // of the samples of the memory
	MemoryCache   *KVCache   // of the memory, which may be nil once this is filled
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t TransformerDecoderLayer) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	l := &TransformerEncoderLayer{Heads: t.Heads, KVHeads: t.KVHeads, HeadSize: t.HeadSize, Causal: !t.Bidirectional, Window: t.Window, Rotary: t.Rotary,
		ALiBi: t.ALiBi, Hidden: t.Hidden, Activation: t.Activation, Gated: t.Gated, NormFirst: t.NormFirst, RMSNorm: t.RMSNorm, Epsilon: t.Epsilon, NoBias: t.NoBias,
		Dropout: t.Dropout, AttentionDropout: t.AttentionDropout, HiddenDropout: t.HiddenDropout}
	if err := l.defaults(in); err != nil {
		return nil, nil, err
	}
	t.Hidden, t.Activation, t.Epsilon = l.Hidden, l.Activation, l.Epsilon
	m := &maker{b: b, in: in}
	l.Attention, _ = m.make("self_attn", l.attention()).(*MultiHeadAttention)
	cross := MultiHeadAttention{Heads: t.Heads, KVHeads: t.KVHeads, HeadSize: t.HeadSize, Context: t.Context, Dropout: t.AttentionDropout, NoBias: t.NoBias}
	t.CrossAttention, _ = m.make("multihead_attn", cross).(*MultiHeadAttention)
	l.feedForward(m)
	l.Norm1, l.Norm2, t.Norm3 = m.norm("norm1", l.RMSNorm, l.Epsilon), m.norm("norm2", l.RMSNorm, l.Epsilon), m.norm("norm3", l.RMSNorm, l.Epsilon)
	l.drop, l.dropHidden = m.dropout(t.Dropout), m.dropout(t.HiddenDropout)
	if m.err != nil {
		return nil, nil, m.err
	}
	t.layer = l
	t.share()
	return &t, in, nil
}

// share makes the parts of the layer within those of this one.
func (t *TransformerDecoderLayer) share() {
	t.Attention, t.Norm1, t.Norm2, t.Linear1, t.Linear2 = t.layer.Attention, t.layer.Norm1, t.layer.Norm2, t.layer.Linear1, t.layer.Linear2
}

// Call computes the outputs [N, T, D] for x [N, T, D] and memories [N, S, Context].
func (t *TransformerDecoderLayer) Call(x, memory *dl.Tensor, o DecodeOptions) *dl.Tensor {
	t.built()
	if memory == nil && (o.MemoryCache == nil || !o.MemoryCache.fixed) {
		dl.PanicValue("nn.TransformerDecoderLayer.Call", "a memory is needed, or a MemoryCache that a call has filled")
	}
	l := t.layer
	own := func(to, x *dl.Tensor) *dl.Tensor {
		return l.attended(to, x, nil, t.Attention, AttendOptions{Mask: o.Mask, Lengths: o.Lengths, Cache: o.Cache})
	}
	other := func(to, x *dl.Tensor) *dl.Tensor {
		return l.attended(to, x, memory, t.CrossAttention, AttendOptions{Mask: o.MemoryMask, Lengths: o.MemoryLengths, Cache: o.MemoryCache})
	}
	return l.added(l.added(l.added(x, t.Norm1, own), t.Norm2, other), t.Norm3, l.fed)
}

// built panics for a layer that lacks one of its parts.
func (t *TransformerDecoderLayer) built() {
	if t == nil || t.layer == nil || t.Attention == nil || t.CrossAttention == nil || t.Norm1 == nil || t.Norm2 == nil || t.Norm3 == nil {
		notBuilt("nn.TransformerDecoderLayer")
	}
	t.layer.built()
}

// NewCaches makes caches for n samples: of the self-attention for up to capacity positions, and of memories of up to
// length positions. See [DecodeOptions].
func (t *TransformerDecoderLayer) NewCaches(n, capacity, length int) (cache, memory *KVCache) {
	t.built()
	return t.Attention.NewCache(n, capacity), t.CrossAttention.NewCache(n, length)
}

// Parameters returns the parameters of the layer.
func (t *TransformerDecoderLayer) Parameters() []*Parameter { return parametersOfParts(t.parts()) }

func (t *TransformerDecoderLayer) parts() []part {
	if t.layer == nil {
		return nil
	}
	return []part{{"self_attn", t.Attention}, {"multihead_attn", t.CrossAttention}, {"linear1", t.Linear1}, {"linear2", t.Linear2},
		{"norm1", t.Norm1}, {"norm2", t.Norm2}, {"norm3", t.Norm3}}
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (t *TransformerDecoderLayer) SetTraining(on bool) {
	if t.layer != nil {
		t.layer.SetTraining(on)
		switchTraining(t.CrossAttention, on)
	}
}

// SetRand says where random numbers come from: see the function of that name.
func (t *TransformerDecoderLayer) SetRand(r *dl.Rand) {
	if t.layer != nil {
		t.layer.SetRand(r)
		switchRand(t.CrossAttention, r)
	}
}

func (t *TransformerDecoderLayer) inUse() (Module, bool) {
	if t.layer == nil {
		return t, true
	}
	c := *t
	c.layer, c.CrossAttention, c.Norm3 = used(t.layer), used(t.CrossAttention), used(t.Norm3)
	c.share()
	return &c, true
}

func (t *TransformerDecoderLayer) detail() string { return heads(t.Heads, !t.Bidirectional) }
