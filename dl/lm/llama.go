package lm

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// LlamaConfig is the config.json of a Llama (Touvron et al., 2023), a Mistral or a Qwen2, and of the many models that have
// their form: TinyLlama, SmolLM, SmolLM2 and others. Sizes are needed.
type LlamaConfig struct {
	ModelType     string   `json:"model_type"` // "": llama; mistral, or qwen2, which has biases of queries, keys and values
	Architectures []string `json:"architectures,omitempty"`

	VocabSize             int `json:"vocab_size"`
	HiddenSize            int `json:"hidden_size"`
	IntermediateSize      int `json:"intermediate_size"`
	NumHiddenLayers       int `json:"num_hidden_layers"`
	NumAttentionHeads     int `json:"num_attention_heads"`
	NumKeyValueHeads      int `json:"num_key_value_heads"`     // of keys and values, which groups of heads share; 0: NumAttentionHeads
	HeadDim               int `json:"head_dim,omitempty"`      // 0: HiddenSize/NumAttentionHeads
	MaxPositionEmbeddings int `json:"max_position_embeddings"` // 0: 2048

	HiddenAct        string  `json:"hidden_act"`        // "": silu
	RMSNormEps       float64 `json:"rms_norm_eps"`      // 0: 1e-6
	InitializerRange float64 `json:"initializer_range"` // 0: 0.02

	RopeTheta      float64      `json:"rope_theta,omitempty"` // 0: 10000
	RopeScaling    *RopeScaling `json:"rope_scaling,omitempty"`
	RopeParameters *RopeScaling `json:"rope_parameters,omitempty"` // in newer files, in place of both

	AttentionBias     bool    `json:"attention_bias,omitempty"` // of all four matrices of the attention
	MLPBias           bool    `json:"mlp_bias,omitempty"`
	TieWordEmbeddings bool    `json:"tie_word_embeddings"`
	AttentionDropout  float64 `json:"attention_dropout"`
	SlidingWindow     *int    `json:"sliding_window,omitempty"` // Mistral's; Qwen2's with UseSlidingWindow
	UseSlidingWindow  bool    `json:"use_sliding_window,omitempty"`

	BOSTokenID *int   `json:"bos_token_id"`
	EOSTokenID Tokens `json:"eos_token_id"`
}

// Llama is a decoder with its head: layers of causal attention with rotary positions and grouped queries, and SwiGLU, with
// RMSNorm before each part.
type Llama struct {
	Config      LlamaConfig
	EmbedTokens *nn.Parameter // [vocabulary, channels]
	Layers      []*LlamaLayer
	Norm        *Norm
	Head        Projection // nil: the table of tokens, tied
	Tokens      TokenTable // nil: EmbedTokens, which has no values otherwise
	Checkpoint  bool       // compute layers again in Backward, to keep less: see [dl.Checkpoint]

	rotary dl.RotaryOptions
	scale  float64 // of the attention; 0: the usual one
	window int
	state
}

// LlamaLayer is a layer of a [Llama].
type LlamaLayer struct {
	InputLayerNorm, PostAttentionLayerNorm *Norm
	QProj, KProj, VProj, OProj             Projection
	GateProj, UpProj, DownProj             Projection
}

func (c *LlamaConfig) defaults() error {
	c.ModelType = cmp.Or(c.ModelType, "llama")
	c.NumKeyValueHeads = cmp.Or(c.NumKeyValueHeads, c.NumAttentionHeads)
	c.MaxPositionEmbeddings, c.HiddenAct = cmp.Or(c.MaxPositionEmbeddings, 2048), cmp.Or(c.HiddenAct, "silu")
	c.RMSNormEps, c.InitializerRange = cmp.Or(c.RMSNormEps, 1e-6), cmp.Or(c.InitializerRange, 0.02)
	class, known := map[string]string{"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM", "qwen2": "Qwen2ForCausalLM"}[c.ModelType]
	if !known {
		return fmt.Errorf("lm.LlamaConfig: the model_type is %q; there are llama, mistral and qwen2", c.ModelType)
	}
	if err := inRange("LlamaConfig", sized{"VocabSize", c.VocabSize}, sized{"HiddenSize", c.HiddenSize}, sized{"IntermediateSize", c.IntermediateSize},
		sized{"NumHiddenLayers", c.NumHiddenLayers}, sized{"NumAttentionHeads", c.NumAttentionHeads}, sized{"NumKeyValueHeads", c.NumKeyValueHeads},
		sized{"MaxPositionEmbeddings", c.MaxPositionEmbeddings}); err != nil {
		return err
	}
	if c.Architectures == nil {
		c.Architectures = []string{class}
	}
	heads := c.NumAttentionHeads
	switch {
	case c.NumHiddenLayers > maxLayers:
		return fmt.Errorf("lm.LlamaConfig: NumHiddenLayers is %d; more than %d are not believed", c.NumHiddenLayers, maxLayers)
	case c.HeadDim == 0 && c.HiddenSize%heads != 0:
		return fmt.Errorf("lm.LlamaConfig: NumAttentionHeads is %d; it must divide HiddenSize, %d, or HeadDim be set", heads, c.HiddenSize)
	case heads%c.NumKeyValueHeads != 0:
		return fmt.Errorf("lm.LlamaConfig: NumKeyValueHeads is %d; it must divide NumAttentionHeads, %d", c.NumKeyValueHeads, heads)
	case c.headDim() < 1 || c.headDim() > maxSize/heads || c.headDim()%2 != 0:
		return fmt.Errorf("lm.LlamaConfig: %d heads of %d channels: rotary positions need an even number", heads, c.headDim())
	case c.SlidingWindow != nil && *c.SlidingWindow < 1:
		return fmt.Errorf("lm.LlamaConfig: SlidingWindow is %d; it is the number of positions that one sees", *c.SlidingWindow)
	case !(c.theta() > 0) || math.IsInf(c.theta(), 0):
		return fmt.Errorf("lm.LlamaConfig: RopeTheta is %v; it is finite and above 0", c.theta())
	}
	if err := errors.Join(atLeastZero("LlamaConfig", quantity{"RMSNormEps", c.RMSNormEps}, quantity{"InitializerRange", c.InitializerRange}),
		rates("LlamaConfig", quantity{"AttentionDropout", c.AttentionDropout})); err != nil {
		return err
	}
	if _, err := activate(c.HiddenAct); err != nil {
		return fmt.Errorf("lm.LlamaConfig: %w", err)
	}
	if _, _, err := c.rope().frequencies(c.headDim(), c.theta(), c.MaxPositionEmbeddings); err != nil {
		return fmt.Errorf("lm.LlamaConfig: %w", err)
	}
	return nil
}

func (c *LlamaConfig) headDim() int {
	return cmp.Or(c.HeadDim, c.HiddenSize/max(1, c.NumAttentionHeads))
}

func (c *LlamaConfig) rope() *RopeScaling { return cmp.Or(c.RopeParameters, c.RopeScaling) }

func (c *LlamaConfig) theta() float64 {
	if r := c.RopeParameters; r != nil && r.Theta != 0 {
		return r.Theta
	}
	return cmp.Or(c.RopeTheta, 10000)
}

// New makes the model, its weights drawn from dl's default random source.
func (c LlamaConfig) New() (*Llama, error) {
	if err := c.defaults(); err != nil {
		return nil, err
	}
	return c.build(random{c.InitializerRange, 0, dl.DefaultRand()})
}

// Count is the number of parameters of the model, which is not made for it.
func (c LlamaConfig) Count() (int64, error) {
	if err := c.defaults(); err != nil {
		return 0, err
	}
	var n counter
	_, err := c.build(&n)
	return n.count, err
}

func (c LlamaConfig) build(s source) (*Llama, error) {
	b := &builder{source: s}
	m := &Llama{Config: c}
	d, size := c.HiddenSize, c.headDim()
	f, factor, err := c.rope().frequencies(size, c.theta(), c.MaxPositionEmbeddings)
	if err != nil {
		return nil, err
	}
	m.rotary = dl.RotaryOptions{Frequencies: f}
	if factor != 1 { // queries and keys are multiplied by it
		m.scale = factor * factor / math.Sqrt(float64(size))
	}
	if c.SlidingWindow != nil && (c.ModelType == "mistral" || c.UseSlidingWindow) && *c.SlidingWindow < c.MaxPositionEmbeddings {
		m.window = *c.SlidingWindow
	}
	queries, keys := c.NumAttentionHeads*size, c.NumKeyValueHeads*size
	qkvBias := c.AttentionBias || c.ModelType == "qwen2"
	m.EmbedTokens = b.parameter("model.embed_tokens.weight", drawn, c.VocabSize, d)
	for i := range c.NumHiddenLayers {
		name := fmt.Sprintf("model.layers.%d.", i)
		l := &LlamaLayer{InputLayerNorm: b.rmsNorm(name+"input_layernorm", d, c.RMSNormEps)}
		b.linear(&l.QProj, name+"self_attn.q_proj", d, queries, drawn, qkvBias)
		b.linear(&l.KProj, name+"self_attn.k_proj", d, keys, drawn, qkvBias)
		b.linear(&l.VProj, name+"self_attn.v_proj", d, keys, drawn, qkvBias)
		b.linear(&l.OProj, name+"self_attn.o_proj", queries, d, drawn, c.AttentionBias)
		l.PostAttentionLayerNorm = b.rmsNorm(name+"post_attention_layernorm", d, c.RMSNormEps)
		b.linear(&l.GateProj, name+"mlp.gate_proj", d, c.IntermediateSize, drawn, c.MLPBias)
		b.linear(&l.UpProj, name+"mlp.up_proj", d, c.IntermediateSize, drawn, c.MLPBias)
		b.linear(&l.DownProj, name+"mlp.down_proj", c.IntermediateSize, d, drawn, c.MLPBias)
		m.Layers = append(m.Layers, l)
	}
	m.Norm = b.rmsNorm("model.norm", d, c.RMSNormEps)
	if !c.TieWordEmbeddings {
		b.linear(&m.Head, "lm_head", d, c.VocabSize, drawn, false)
	}
	return m, m.finish(b)
}

// Forward computes logits [N, T, vocabulary] for tokens [N, T].
func (m *Llama) Forward(tokens *dl.Tensor) *dl.Tensor { return m.Call(tokens, CallOptions{}) }

// Call computes logits with a cache, or for the last tokens only.
func (m *Llama) Call(tokens *dl.Tensor, o CallOptions) *dl.Tensor {
	return m.head().Forward(m.Hidden(tokens, o))
}

// head computes logits.
func (m *Llama) head() Projection {
	if m.Head != nil {
		return m.Head
	}
	return tiedHead(m.Tokens, m.EmbedTokens)
}

// Hidden computes what the head reads, [N, T, channels], or with Last [N, channels].
func (m *Llama) Hidden(tokens *dl.Tensor, o CallOptions) *dl.Tensor {
	m.made("lm.Llama.Call", m.EmbedTokens)
	checkTokens("lm.Llama.Call", tokens, o, m.Config.MaxPositionEmbeddings, len(m.Layers), m.Config.NumKeyValueHeads*m.Config.headDim())
	x := lookUp(m.Tokens, m.EmbedTokens, tokens)
	for i, l := range m.Layers {
		x = checkpointed(m.Checkpoint && m.training, x, func(x *dl.Tensor) *dl.Tensor { return l.forward(m, i, x, o) })
	}
	return m.ended(x, m.Norm, o)
}

func (l *LlamaLayer) forward(m *Llama, layer int, x *dl.Tensor, o CallOptions) *dl.Tensor {
	if l == nil || l.InputLayerNorm == nil || l.PostAttentionLayerNorm == nil || l.QProj == nil || l.KProj == nil || l.VProj == nil ||
		l.OProj == nil || l.GateProj == nil || l.UpProj == nil || l.DownProj == nil {
		incomplete("lm.Llama.Call", layer)
	}
	c := &m.Config
	a := m.attention(c.NumAttentionHeads, c.NumKeyValueHeads, c.AttentionDropout)
	a.Causal, a.Scale, a.Window = true, m.scale, m.window
	h := l.InputLayerNorm.Forward(x)
	q, k, v := m.turn(l.QProj.Forward(h), c.NumAttentionHeads, o), m.turn(l.KProj.Forward(h), c.NumKeyValueHeads, o), l.VProj.Forward(h)
	var y *dl.Tensor
	if o.Cache != nil {
		y = o.Cache.attend(layer, q, k, v, a)
	} else {
		y = dl.Attention(q, k, v, a)
	}
	x = x.Add(l.OProj.Forward(y))
	h = l.PostAttentionLayerNorm.Forward(x)
	act, _ := activate(c.HiddenAct)
	return x.Add(l.DownProj.Forward(act(l.GateProj.Forward(h)).Mul(l.UpProj.Forward(h))))
}

// turn is dl.Rotary of heads at the positions of a call.
func (m *Llama) turn(x *dl.Tensor, heads int, o CallOptions) *dl.Tensor {
	r := m.rotary
	r.Heads = heads
	if o.Cache != nil {
		r.Offsets = o.Cache.lengths
	}
	return dl.Rotary(x, r)
}

// NewCache makes a cache for n samples of up to capacity positions.
func (m *Llama) NewCache(n, capacity int) *Cache {
	c := &m.Config
	return newCache(len(m.Layers), n, min(capacity, c.MaxPositionEmbeddings), c.NumKeyValueHeads*c.headDim())
}

// Vocabulary is the number of tokens.
func (m *Llama) Vocabulary() int { return m.Config.VocabSize }

// Context is the largest number of positions.
func (m *Llama) Context() int { return m.Config.MaxPositionEmbeddings }

// End are the tokens that end a text.
func (m *Llama) End() []int { return m.Config.EOSTokenID }

func (m *Llama) config() any { return &m.Config }
