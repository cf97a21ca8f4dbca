package nn

import (
	"fmt"
	"strings"

	"modelbook/dl"
)

// MultiHeadAttention lets every position of a sequence look at the others (Vaswani et al., 2017): queries, keys and
// values are linear in x [N, T, D], each head attends with D/Heads of their channels, and the output [N, T, D] is
// linear in what the heads found. Causal hides the positions that come later.
//
// Forward is self-attention; Call also takes masks, a cache of keys and values, and another sequence to attend to. It is
// PyTorch's nn.MultiheadAttention with batch_first, and Keras's MultiHeadAttention.
type MultiHeadAttention struct {
	Heads    int
	KVHeads  int     `json:",omitempty"` // of keys and values, which groups of heads share (grouped queries); 0: Heads
	HeadSize int     `json:",omitempty"` // channels of a head; 0: D/Heads
	Context  int     `json:",omitempty"` // channels of the sequences that Call attends to, where they are not D
	Causal   bool    // positions see those before them, and themselves
	Window   int     `json:",omitempty"` // with Causal: the number of positions that one sees; 0: all
	Dropout  float64 `json:",omitempty"` // rate at which weights of the attention are dropped in training
	Rotary   *Rotary `json:",omitempty"` // turns queries and keys by their positions; nil: not
	ALiBi    bool    `json:",omitempty"` // lowers scores by distance: see [dl.ALiBiSlopes]

	NoBias     bool
	NoOutBias  bool        `json:",omitempty"` // of the output only: Qwen2 has biases of queries, keys and values
	WeightInit Initializer `json:"-"`          // nil: GlorotUniform of D inputs and D outputs, for each of the four matrices
	BiasInit   Initializer `json:"-"`          // nil: Zeros

	// Set by Build: queries, keys and values side by side, [D, (Heads+2*KVHeads)*HeadSize]; with Context the queries only.
	Weight    *Parameter `json:"-"`
	Bias      *Parameter `json:"-"` // set by Build, of all that Weight makes
	KVWeight  *Parameter `json:"-"` // set by Build with Context: keys and values, [Context, 2*KVHeads*HeadSize]
	KVBias    *Parameter `json:"-"` // set by Build with Context
	OutWeight *Parameter `json:"-"` // set by Build: [Heads*HeadSize, D]
	OutBias   *Parameter `json:"-"` // set by Build: [D]

	training bool
	rand     *dl.Rand
	slopes   []float64
}

// Build makes the layer for inputs of a shape: see [Layer].
func (a MultiHeadAttention) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	d := in[1]
	if err := a.settings(d, in); err != nil {
		return nil, nil, err
	}
	queries, keys := a.Heads*a.HeadSize, a.KVHeads*a.HeadSize
	width := queries + 2*keys
	if a.Context > 0 {
		width = queries
	}
	for _, s := range []dl.Shape{{d, width}, {max(1, a.Context), 2 * keys}} {
		if err := checkShape(s); err != nil {
			return nil, nil, err
		}
	}
	a.Weight = b.Parameter("weight", a.WeightInit, GlorotUniform, d, queries, d, width)
	if a.Context > 0 {
		a.KVWeight = b.Parameter("kv_weight", a.WeightInit, GlorotUniform, a.Context, keys, a.Context, 2*keys)
	}
	a.OutWeight = b.Parameter("out_weight", a.WeightInit, GlorotUniform, queries, d, queries, d)
	a.Bias, a.KVBias, a.OutBias = nil, nil, nil
	if !a.NoBias {
		a.Bias = b.Parameter("bias", a.BiasInit, Zeros, d, queries, width)
		if a.Context > 0 {
			a.KVBias = b.Parameter("kv_bias", a.BiasInit, Zeros, a.Context, keys, 2*keys)
		}
		if !a.NoOutBias {
			a.OutBias = b.Parameter("out_bias", a.BiasInit, Zeros, queries, d, d)
		}
	}
	a.rand = b.source()
	if a.ALiBi {
		a.slopes = dl.ALiBiSlopes(a.Heads)
	}
	return &a, in, nil
}

// settings checks the fields and fills in defaults that depend on the input.
func (a *MultiHeadAttention) settings(d int, in dl.Shape) error {
	if a.Heads < 1 || a.HeadSize == 0 && d%a.Heads != 0 {
		return fmt.Errorf("Heads is %d; it must divide the %d channels of %v", a.Heads, d, in)
	}
	if a.HeadSize == 0 {
		a.HeadSize = d / a.Heads
	}
	if a.KVHeads == 0 {
		a.KVHeads = a.Heads
	}
	switch {
	case a.HeadSize < 1 || a.HeadSize > maxVolume || a.Heads > maxVolume/a.HeadSize:
		return fmt.Errorf("%d heads of HeadSize %d are impossible", a.Heads, a.HeadSize)
	case a.KVHeads < 1 || a.Heads%a.KVHeads != 0:
		return fmt.Errorf("KVHeads is %d; it must divide the %d Heads", a.KVHeads, a.Heads)
	case a.Context < 0 || a.Context > maxVolume:
		return fmt.Errorf("Context is %d; it is the number of channels of what is attended to", a.Context)
	case a.Window < 0 || a.Window > 0 && !a.Causal:
		return fmt.Errorf("Window is %d and Causal %v; it is the number of positions that one sees of those before it", a.Window, a.Causal)
	case !(a.Dropout >= 0 && a.Dropout < 1):
		return fmt.Errorf("Dropout is %v; it is a share from 0 to below 1", a.Dropout)
	case a.Rotary != nil && a.Context > 0:
		return fmt.Errorf("Rotary turns positions of one sequence; with Context there are two")
	case a.ALiBi && a.Heads > 1<<16:
		return fmt.Errorf("%d heads have no slopes", a.Heads)
	}
	if a.Rotary != nil {
		return a.Rotary.check(a.HeadSize)
	}
	return nil
}

// AttendOptions are what an attention is told beside its inputs.
type AttendOptions struct {
	// Mask hides what is attended to where it is false, or is added to the scores:
	// [T, S], [N, T, S] or [N, H, T, S], see [dl.AttentionOptions].
	Mask *dl.Tensor
	// Lengths are the numbers of positions of each sample of what is attended to; those behind are padding. With a
	// cache they count the new ones.
	Lengths []int
	// Cache holds keys and values of what came before. In self-attention those of x are appended, and x attends to all.
	// In attention to another sequence the cache is filled by the first call, and used in its place by later ones.
	Cache *KVCache
}

// Forward computes the outputs for a batch.
func (a *MultiHeadAttention) Forward(x *dl.Tensor) *dl.Tensor {
	return a.Call(x, nil, AttendOptions{})
}

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which positions are seen: see [Masker].
func (a *MultiHeadAttention) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return a.Call(x, nil, AttendOptions{Mask: forKeys(mask)})
}

// forKeys makes a mask of positions, [N, S], one for attention: [N, 1, S].
func forKeys(mask *dl.Tensor) *dl.Tensor {
	if mask == nil || mask.Rank() != 2 {
		return mask
	}
	return mask.Unsqueeze(1)
}

// Call computes the outputs [N, T, D] for queries from x [N, T, D], and keys and values from a context [N, S, C], with
// C the layer's Context or D. A nil context is x itself.
func (a *MultiHeadAttention) Call(x, context *dl.Tensor, o AttendOptions) *dl.Tensor {
	return affine(attentionOp, a.attend(x, context, o), a.OutWeight, a.OutBias, dl.NoFusion)
}

// addTo is to.Add of the outputs: see [adder].
func (a *MultiHeadAttention) addTo(to, x, mask *dl.Tensor) *dl.Tensor {
	return a.callAndAdd(to, x, nil, AttendOptions{Mask: forKeys(mask)})
}

// callAndAdd is to.Add of what Call computes.
func (a *MultiHeadAttention) callAndAdd(to, x, context *dl.Tensor, o AttendOptions) *dl.Tensor {
	return affineAdd(attentionOp, to, a.attend(x, context, o), a.OutWeight, a.OutBias)
}

const attentionOp = "nn.MultiHeadAttention"

// attend computes what the heads see, in front of the last matrix.
func (a *MultiHeadAttention) attend(x, context *dl.Tensor, o AttendOptions) (y *dl.Tensor) {
	const op = attentionOp
	if a.Heads < 1 || a.KVHeads < 1 || a.HeadSize < 1 {
		notBuilt(op)
	}
	s := dl.AttentionOptions{Heads: a.Heads, KVHeads: a.KVHeads, Causal: a.Causal, Window: a.Window, Slopes: a.slopes, Mask: o.Mask, Lengths: o.Lengths}
	if a.training && a.Dropout > 0 {
		s.Dropout, s.Rand = a.Dropout, a.rand
	}
	if x.Rank() != 3 {
		dl.PanicShape(op+".Forward", "sequences [N, T, D] are needed", x)
	}
	switch {
	case context != nil || a.Context > 0 || o.Cache != nil && o.Cache.fixed:
		y = a.cross(op, x, context, s, o.Cache)
	case o.Cache != nil:
		y = a.cached(op, x, s, o.Cache)
	default:
		qkv := affine(op, x, a.Weight, a.Bias, dl.NoFusion)
		if a.Rotary != nil {
			qkv = dl.Rotary(qkv, a.turn(nil))
		}
		y = dl.SelfAttention(qkv, s)
	}
	return y
}

// turn are the options for queries, keys and values side by side.
func (a *MultiHeadAttention) turn(offsets []int) dl.RotaryOptions {
	return a.Rotary.options(a.Heads+2*a.KVHeads, a.Heads+a.KVHeads, offsets)
}

// cached is self-attention of new positions to all.
func (a *MultiHeadAttention) cached(op string, x *dl.Tensor, s dl.AttentionOptions, c *KVCache) *dl.Tensor {
	if !a.Causal {
		dl.PanicValue(op+".Call", "only causal attention can have a cache: without Causal earlier positions would see later ones")
	}
	before := c.Lengths()
	qkv := affine(op, x, a.Weight, a.Bias, dl.NoFusion)
	if a.Rotary != nil {
		if len(before) != x.Dim(0) {
			c.fits(op, x, x.Dim(0))
		}
		qkv = dl.Rotary(qkv, a.turn(before))
	}
	queries, keys := a.Heads*a.HeadSize, a.KVHeads*a.HeadSize
	c.Append(qkv.Slice(2, queries, queries+keys), qkv.Slice(2, queries+keys, queries+2*keys), s.Lengths)
	s.Offsets, s.Lengths = before, c.Lengths()
	return dl.Attention(qkv.Slice(2, 0, queries), c.Keys(), c.Values(), s)
}

// cross is attention to another sequence.
func (a *MultiHeadAttention) cross(op string, x, context *dl.Tensor, s dl.AttentionOptions, c *KVCache) *dl.Tensor {
	if a.Rotary != nil {
		dl.PanicValue(op+".Call", "Rotary turns positions of one sequence; here are two")
	}
	queries, keys := a.Heads*a.HeadSize, a.KVHeads*a.HeadSize
	wq, wkv, bq, bkv := a.Weight.tensor(op), (*dl.Tensor)(nil), a.Bias.optional(), (*dl.Tensor)(nil)
	if a.Context > 0 {
		wkv, bkv = a.KVWeight.tensor(op), a.KVBias.optional()
	} else {
		wq, wkv = wq.Slice(1, 0, queries), wq.Slice(1, queries, queries+2*keys)
		if bq != nil {
			bq, bkv = bq.Slice(0, 0, queries), bq.Slice(0, queries, queries+2*keys)
		}
	}
	q := linear(x, wq, bq)
	if c != nil && c.fixed {
		s.Lengths = c.Lengths()
		return dl.Attention(q, c.Keys(), c.Values(), s)
	}
	if context == nil {
		dl.PanicValue(op+".Call", "the layer attends to sequences of %d channels; give one, or a cache that a call has filled", a.Context)
	}
	if context.Rank() != 3 {
		dl.PanicShape(op+".Call", "a context [N, S, C] is needed", x, context)
	}
	kv := linear(context, wkv, bkv)
	k, v := kv.Slice(2, 0, keys), kv.Slice(2, keys, 2*keys)
	if c != nil {
		c.Append(k, v, s.Lengths)
		c.fixed = true
	}
	return dl.Attention(q, k, v, s)
}

// linear is x*w + b of the last axis of sequences.
func linear(x, w, b *dl.Tensor) *dl.Tensor {
	n, t := x.Dim(0), x.Dim(1)
	return dl.Affine(x.Reshape(n*t, x.Dim(2)), w, b, dl.NoFusion).Reshape(n, t, w.Dim(1))
}

// Parameters returns the parameters of the layer.
func (a *MultiHeadAttention) Parameters() []*Parameter {
	return present(a.Weight, a.Bias, a.KVWeight, a.KVBias, a.OutWeight, a.OutBias)
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (a *MultiHeadAttention) SetTraining(on bool) { a.training = on }

// SetRand says where random numbers come from: see the function of that name.
func (a *MultiHeadAttention) SetRand(r *dl.Rand) { a.rand = r }

func (a *MultiHeadAttention) inUse() (Module, bool) {
	c := MultiHeadAttention{Heads: a.Heads, KVHeads: a.KVHeads, HeadSize: a.HeadSize, Context: a.Context, Causal: a.Causal, Window: a.Window,
		Dropout: a.Dropout, Rotary: a.Rotary, ALiBi: a.ALiBi, NoBias: a.NoBias, NoOutBias: a.NoOutBias, WeightInit: a.WeightInit, BiasInit: a.BiasInit,
		Weight: a.Weight, Bias: a.Bias, KVWeight: a.KVWeight, KVBias: a.KVBias, OutWeight: a.OutWeight, OutBias: a.OutBias, slopes: a.slopes}
	return &c, true
}

func (a *MultiHeadAttention) detail() string {
	text := []string{heads(a.Heads, false)}
	if a.KVHeads != a.Heads && a.KVHeads != 0 {
		text[0] += fmt.Sprintf(" of %d", a.KVHeads)
	}
	for _, t := range []struct {
		name string
		on   bool
	}{{"causal", a.Causal}, {"rotary", a.Rotary != nil}, {"ALiBi", a.ALiBi}} {
		if t.on {
			text = append(text, t.name)
		}
	}
	return strings.Join(text, ", ")
}

// heads is what a summary tells of an attention.
func heads(n int, causal bool) string {
	if causal {
		return fmt.Sprintf("%d heads, causal", n)
	}
	return fmt.Sprintf("%d heads", n)
}
