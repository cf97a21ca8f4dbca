package lm

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// GPT2Config is the config.json of a GPT-2 (Radford et al., 2019). The zero value is the smallest of the four, of
// 124 million parameters; medium has NEmbd 1024, NLayer 24, NHead 16, large 1280, 36, 20.
type GPT2Config struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures,omitempty"`

	VocabSize  int `json:"vocab_size"`        // 0: 50257
	NPositions int `json:"n_positions"`       // 0: 1024
	NEmbd      int `json:"n_embd"`            // 0: 768
	NLayer     int `json:"n_layer"`           // 0: 12
	NHead      int `json:"n_head"`            // 0: 12
	NInner     int `json:"n_inner,omitempty"` // 0: 4*NEmbd

	ActivationFunction string  `json:"activation_function"`           // "": gelu_new
	LayerNormEpsilon   float64 `json:"layer_norm_epsilon"`            // 0: 1e-5
	InitializerRange   float64 `json:"initializer_range"`             // 0: 0.02
	ResidPdrop         float64 `json:"resid_pdrop"`                   // rates of dropout in training, which are 0.1 in the paper
	EmbdPdrop          float64 `json:"embd_pdrop"`                    //
	AttnPdrop          float64 `json:"attn_pdrop"`                    //
	EOSTokenID         Tokens  `json:"eos_token_id"`                  // nil: the last one of the vocabulary
	BOSTokenID         *int    `json:"bos_token_id"`                  //
	TieWordEmbeddings  *bool   `json:"tie_word_embeddings,omitempty"` // nil: true

	ScaleAttnByInverseLayerIdx bool  `json:"scale_attn_by_inverse_layer_idx,omitempty"`
	ScaleAttnWeights           *bool `json:"scale_attn_weights,omitempty"` // nil: true
	AddCrossAttention          bool  `json:"add_cross_attention,omitempty"`
}

// GPT2 is a GPT-2 with its head: layers of causal attention and GELU, normalised before each part, and learned positions.
type GPT2 struct {
	Config     GPT2Config
	WTE        *nn.Parameter // [vocabulary, channels]
	WPE        *nn.Parameter // [positions, channels]
	Blocks     []*GPT2Block
	LnF        *Norm
	Head       Projection // nil: the table of tokens, tied
	Tokens     TokenTable // nil: WTE, which has no values otherwise
	Checkpoint bool       // compute blocks again in Backward, to keep less: see [dl.Checkpoint]

	state
}

// GPT2Block is a layer of GPT-2.
type GPT2Block struct {
	Ln1, Ln2                    *Norm
	CAttn, AttnProj, CFc, CProj Projection

	activation func(x *dl.Tensor) *dl.Tensor
	scale      float64
}

// defaults fills in and checks.
func (c *GPT2Config) defaults() error {
	c.ModelType = cmp.Or(c.ModelType, "gpt2")
	c.VocabSize, c.NPositions, c.NEmbd = cmp.Or(c.VocabSize, 50257), cmp.Or(c.NPositions, 1024), cmp.Or(c.NEmbd, 768)
	c.NLayer, c.NHead, c.NInner = cmp.Or(c.NLayer, 12), cmp.Or(c.NHead, 12), cmp.Or(c.NInner, 4*c.NEmbd)
	c.ActivationFunction = cmp.Or(c.ActivationFunction, "gelu_new")
	c.LayerNormEpsilon, c.InitializerRange = cmp.Or(c.LayerNormEpsilon, 1e-5), cmp.Or(c.InitializerRange, 0.02)
	if c.Architectures == nil {
		c.Architectures = []string{"GPT2LMHeadModel"}
	}
	if c.EOSTokenID == nil {
		c.EOSTokenID = Tokens{c.VocabSize - 1}
	}
	if err := inRange("GPT2Config", sized{"VocabSize", c.VocabSize}, sized{"NPositions", c.NPositions}, sized{"NEmbd", c.NEmbd},
		sized{"NLayer", c.NLayer}, sized{"NHead", c.NHead}, sized{"NInner", c.NInner}); err != nil {
		return err
	}
	switch {
	case c.ModelType != "gpt2":
		return fmt.Errorf("lm.GPT2Config: the model_type is %q; a GPT-2 has gpt2", c.ModelType)
	case c.NLayer > maxLayers:
		return fmt.Errorf("lm.GPT2Config: NLayer is %d; more than %d are not believed", c.NLayer, maxLayers)
	case c.NEmbd%c.NHead != 0:
		return fmt.Errorf("lm.GPT2Config: NHead is %d; it must divide NEmbd, %d", c.NHead, c.NEmbd)
	case c.AddCrossAttention:
		return fmt.Errorf("lm.GPT2Config: add_cross_attention is set; a GPT-2 that attends to another sequence is not known here")
	}
	if err := errors.Join(atLeastZero("GPT2Config", quantity{"LayerNormEpsilon", c.LayerNormEpsilon}, quantity{"InitializerRange", c.InitializerRange}),
		rates("GPT2Config", quantity{"ResidPdrop", c.ResidPdrop}, quantity{"EmbdPdrop", c.EmbdPdrop}, quantity{"AttnPdrop", c.AttnPdrop})); err != nil {
		return err
	}
	_, err := activate(c.ActivationFunction)
	return err
}

// New makes the model, its weights drawn from dl's default random source.
func (c GPT2Config) New() (*GPT2, error) {
	if err := c.defaults(); err != nil {
		return nil, err
	}
	return c.build(random{c.InitializerRange, c.NLayer, dl.DefaultRand()})
}

// Count is the number of parameters of the model, which is not made for it.
func (c GPT2Config) Count() (int64, error) {
	if err := c.defaults(); err != nil {
		return 0, err
	}
	var n counter
	_, err := c.build(&n)
	return n.count, err
}

func (c GPT2Config) build(s source) (*GPT2, error) {
	b := &builder{source: s}
	activation, _ := activate(c.ActivationFunction)
	d := c.NEmbd
	m := &GPT2{Config: c}
	m.WTE = b.parameter("transformer.wte.weight", drawn, c.VocabSize, d)
	m.WPE = b.parameter("transformer.wpe.weight", drawn, c.NPositions, d)
	for i := range c.NLayer {
		name := fmt.Sprintf("transformer.h.%d.", i)
		block := &GPT2Block{activation: activation, scale: 1 / math.Sqrt(float64(d/c.NHead))}
		if !orBool(c.ScaleAttnWeights, true) {
			block.scale = 1
		}
		if c.ScaleAttnByInverseLayerIdx {
			block.scale /= float64(i + 1)
		}
		block.Ln1 = b.layerNorm(name+"ln_1", d, c.LayerNormEpsilon)
		b.conv1D(&block.CAttn, name+"attn.c_attn", d, 3*d, drawn)
		b.conv1D(&block.AttnProj, name+"attn.c_proj", d, d, residue)
		block.Ln2 = b.layerNorm(name+"ln_2", d, c.LayerNormEpsilon)
		b.conv1D(&block.CFc, name+"mlp.c_fc", d, c.NInner, drawn)
		b.conv1D(&block.CProj, name+"mlp.c_proj", c.NInner, d, residue)
		m.Blocks = append(m.Blocks, block)
	}
	m.LnF = b.layerNorm("transformer.ln_f", d, c.LayerNormEpsilon)
	if !orBool(c.TieWordEmbeddings, true) {
		b.linear(&m.Head, "lm_head", d, c.VocabSize, drawn, false)
	}
	return m, m.finish(b)
}

// Forward computes logits [N, T, vocabulary] for tokens [N, T].
func (m *GPT2) Forward(tokens *dl.Tensor) *dl.Tensor { return m.Call(tokens, CallOptions{}) }

// Call computes logits with a cache, or for the last tokens only.
func (m *GPT2) Call(tokens *dl.Tensor, o CallOptions) *dl.Tensor {
	return m.head().Forward(m.Hidden(tokens, o))
}

// head computes logits.
func (m *GPT2) head() Projection {
	if m.Head != nil {
		return m.Head
	}
	return tiedHead(m.Tokens, m.WTE)
}

// Hidden computes what the head reads, [N, T, channels], or with Last [N, channels].
func (m *GPT2) Hidden(tokens *dl.Tensor, o CallOptions) *dl.Tensor {
	c := &m.Config
	m.made("lm.GPT2.Call", m.WTE, m.WPE)
	checkTokens("lm.GPT2.Call", tokens, o, c.NPositions, len(m.Blocks), c.NEmbd)
	t := tokens.Dim(1)
	x := lookUp(m.Tokens, m.WTE, tokens)
	if o.Cache == nil {
		x = x.Add(full(m.WPE.Value.Slice(0, 0, t)))
	} else {
		x = x.Add(full(m.WPE.Value.Rows(o.Cache.positions(t))).Reshape(tokens.Dim(0), t, c.NEmbd))
	}
	x = m.drop(x, c.EmbdPdrop)
	for i, block := range m.Blocks {
		x = checkpointed(m.Checkpoint && m.training, x, func(x *dl.Tensor) *dl.Tensor { return block.forward(m, i, x, o) })
	}
	return m.ended(x, m.LnF, o)
}

// ended is the last norm of a decoder, of what is asked for.
func (s *state) ended(x *dl.Tensor, n *Norm, o CallOptions) *dl.Tensor {
	var at []int
	if o.Cache != nil {
		o.Cache.end()
	}
	if o.Last {
		x = lastOf(x, o.Lengths, &at)
	}
	return n.Forward(x)
}

func (b *GPT2Block) forward(m *GPT2, layer int, x *dl.Tensor, o CallOptions) *dl.Tensor {
	if b == nil || b.Ln1 == nil || b.Ln2 == nil || b.CAttn == nil || b.AttnProj == nil || b.CFc == nil || b.CProj == nil {
		incomplete("lm.GPT2.Call", layer)
	}
	c := &m.Config
	a := m.attention(c.NHead, c.NHead, c.AttnPdrop)
	a.Causal, a.Scale = true, b.scale
	qkv := b.CAttn.Forward(b.Ln1.Forward(x))
	var y *dl.Tensor
	if d := c.NEmbd; o.Cache != nil {
		y = o.Cache.attend(layer, qkv.Slice(2, 0, d), qkv.Slice(2, d, 2*d), qkv.Slice(2, 2*d, 3*d), a)
	} else {
		y = dl.SelfAttention(qkv, a)
	}
	x = x.Add(m.drop(b.AttnProj.Forward(y), c.ResidPdrop))
	return x.Add(m.drop(b.CProj.Forward(b.activation(b.CFc.Forward(b.Ln2.Forward(x)))), c.ResidPdrop))
}

// NewCache makes a cache for n samples of up to capacity positions.
func (m *GPT2) NewCache(n, capacity int) *Cache {
	return newCache(len(m.Blocks), n, min(capacity, m.Config.NPositions), m.Config.NEmbd)
}

// Vocabulary is the number of tokens.
func (m *GPT2) Vocabulary() int { return m.Config.VocabSize }

// Context is the largest number of positions.
func (m *GPT2) Context() int { return m.Config.NPositions }

// End are the tokens that end a text.
func (m *GPT2) End() []int { return m.Config.EOSTokenID }

func (m *GPT2) config() any { return &m.Config }
