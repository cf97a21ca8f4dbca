package lm

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// BERTConfig is the config.json of a BERT (Devlin et al., 2019). The zero value is the base model, of 110 million
// parameters, that fills in masked words; large has HiddenSize 1024, NumHiddenLayers 24, NumAttentionHeads 16,
// IntermediateSize 4096. The head is that of the architecture.
type BERTConfig struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures,omitempty"` // one of those below; nil: BertForMaskedLM

	VocabSize             int `json:"vocab_size"`              // 0: 30522
	HiddenSize            int `json:"hidden_size"`             // 0: 768
	NumHiddenLayers       int `json:"num_hidden_layers"`       // 0: 12
	NumAttentionHeads     int `json:"num_attention_heads"`     // 0: 12
	IntermediateSize      int `json:"intermediate_size"`       // 0: 3072
	MaxPositionEmbeddings int `json:"max_position_embeddings"` // 0: 512
	TypeVocabSize         int `json:"type_vocab_size"`         // 0: 2

	HiddenAct                 string   `json:"hidden_act"`                   // "": gelu
	LayerNormEps              float64  `json:"layer_norm_eps"`               // 0: 1e-12
	InitializerRange          float64  `json:"initializer_range"`            // 0: 0.02
	HiddenDropoutProb         float64  `json:"hidden_dropout_prob"`          // rates of dropout in training, which are 0.1 in the paper
	AttentionProbsDropoutProb float64  `json:"attention_probs_dropout_prob"` //
	ClassifierDropout         *float64 `json:"classifier_dropout,omitempty"` // nil: HiddenDropoutProb
	PositionEmbeddingType     string   `json:"position_embedding_type,omitempty"`

	NumLabels int                        `json:"num_labels,omitempty"` // 0: as many as ID2Label has, or 2
	ID2Label  map[string]json.RawMessage `json:"id2label,omitempty"`
}

// The architectures of BERT.
const (
	BertModel                     = "BertModel"                     // no head, but the pooler
	BertForMaskedLM               = "BertForMaskedLM"               // logits of tokens
	BertForSequenceClassification = "BertForSequenceClassification" // logits of labels of a text
	BertForTokenClassification    = "BertForTokenClassification"    // logits of labels of each token
)

// BERT is an encoder with one of its heads: layers of attention to all positions and GELU, normalised behind each part, and
// learned positions.
type BERT struct {
	Config                       BERTConfig
	Words, Positions, TokenTypes *nn.Parameter
	EmbeddingsNorm               *Norm
	Layers                       []*BERTLayer
	Pooler                       Projection    // of the first position, with tanh; nil: none
	Transform                    Projection    // of the head that fills in words, with the norm; nil: none
	TransformNorm                *Norm         //
	DecoderBias                  *nn.Parameter // of its logits, whose matrix is Words
	Classifier                   Projection    // nil: none
	Checkpoint                   bool          // compute layers again in Backward, to keep less: see [dl.Checkpoint]

	activation func(x *dl.Tensor) *dl.Tensor
	state
}

// BERTLayer is a layer of [BERT].
type BERTLayer struct {
	Query, Key, Value, Output Projection
	Intermediate, LayerOutput Projection
	AttentionNorm, OutputNorm *Norm
}

func (c *BERTConfig) defaults() error {
	c.ModelType = cmp.Or(c.ModelType, "bert")
	c.VocabSize, c.HiddenSize, c.IntermediateSize = cmp.Or(c.VocabSize, 30522), cmp.Or(c.HiddenSize, 768), cmp.Or(c.IntermediateSize, 3072)
	c.NumHiddenLayers, c.NumAttentionHeads = cmp.Or(c.NumHiddenLayers, 12), cmp.Or(c.NumAttentionHeads, 12)
	c.MaxPositionEmbeddings, c.TypeVocabSize = cmp.Or(c.MaxPositionEmbeddings, 512), cmp.Or(c.TypeVocabSize, 2)
	c.HiddenAct, c.LayerNormEps, c.InitializerRange = cmp.Or(c.HiddenAct, "gelu"), cmp.Or(c.LayerNormEps, 1e-12), cmp.Or(c.InitializerRange, 0.02)
	if c.Architectures == nil {
		c.Architectures = []string{BertForMaskedLM}
	}
	if c.NumLabels == 0 {
		c.NumLabels = cmp.Or(len(c.ID2Label), 2)
	}
	if err := inRange("BERTConfig", sized{"VocabSize", c.VocabSize}, sized{"HiddenSize", c.HiddenSize}, sized{"IntermediateSize", c.IntermediateSize},
		sized{"NumHiddenLayers", c.NumHiddenLayers}, sized{"NumAttentionHeads", c.NumAttentionHeads},
		sized{"MaxPositionEmbeddings", c.MaxPositionEmbeddings}, sized{"TypeVocabSize", c.TypeVocabSize}, sized{"NumLabels", c.NumLabels}); err != nil {
		return err
	}
	switch {
	case c.ModelType != "bert":
		return fmt.Errorf("lm.BERTConfig: the model_type is %q; a BERT has bert", c.ModelType)
	case c.NumHiddenLayers > maxLayers:
		return fmt.Errorf("lm.BERTConfig: NumHiddenLayers is %d; more than %d are not believed", c.NumHiddenLayers, maxLayers)
	case c.HiddenSize%c.NumAttentionHeads != 0:
		return fmt.Errorf("lm.BERTConfig: NumAttentionHeads is %d; it must divide HiddenSize, %d", c.NumAttentionHeads, c.HiddenSize)
	case c.PositionEmbeddingType != "" && c.PositionEmbeddingType != "absolute":
		return fmt.Errorf("lm.BERTConfig: position_embedding_type is %q; only absolute is known", c.PositionEmbeddingType)
	case len(c.Architectures) == 0 || c.head() == "":
		return fmt.Errorf("lm.BERTConfig: the architecture is %q; there are %s, %s, %s and %s", c.Architectures,
			BertModel, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification)
	}
	dropped := quantity{"ClassifierDropout", 0}
	if c.ClassifierDropout != nil {
		dropped.value = *c.ClassifierDropout
	}
	if err := errors.Join(atLeastZero("BERTConfig", quantity{"LayerNormEps", c.LayerNormEps}, quantity{"InitializerRange", c.InitializerRange}),
		rates("BERTConfig", dropped, quantity{"HiddenDropoutProb", c.HiddenDropoutProb}, quantity{"AttentionProbsDropoutProb", c.AttentionProbsDropoutProb})); err != nil {
		return err
	}
	if _, err := activate(c.HiddenAct); err != nil {
		return fmt.Errorf("lm.BERTConfig: %w", err)
	}
	return nil
}

// head is the architecture, as one of those known.
func (c *BERTConfig) head() string {
	if len(c.Architectures) == 0 {
		return ""
	}
	switch a := c.Architectures[0]; a {
	case BertModel, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification:
		return a
	case "BertForPreTraining":
		return BertForMaskedLM // whose second head, of sentences that follow each other, is left out
	}
	return ""
}

// New makes the model, its weights drawn from dl's default random source.
func (c BERTConfig) New() (*BERT, error) {
	if err := c.defaults(); err != nil {
		return nil, err
	}
	return c.build(random{c.InitializerRange, 0, dl.DefaultRand()})
}

// Count is the number of parameters of the model, which is not made for it.
func (c BERTConfig) Count() (int64, error) {
	if err := c.defaults(); err != nil {
		return 0, err
	}
	var n counter
	_, err := c.build(&n)
	return n.count, err
}

func (c BERTConfig) build(s source) (*BERT, error) {
	b := &builder{source: s}
	m := &BERT{Config: c}
	m.activation, _ = activate(c.HiddenAct)
	d := c.HiddenSize
	m.Words = b.parameter("bert.embeddings.word_embeddings.weight", drawn, c.VocabSize, d)
	m.Positions = b.parameter("bert.embeddings.position_embeddings.weight", drawn, c.MaxPositionEmbeddings, d)
	m.TokenTypes = b.parameter("bert.embeddings.token_type_embeddings.weight", drawn, c.TypeVocabSize, d)
	m.EmbeddingsNorm = b.layerNorm("bert.embeddings.LayerNorm", d, c.LayerNormEps)
	for i := range c.NumHiddenLayers {
		name := fmt.Sprintf("bert.encoder.layer.%d.", i)
		l := &BERTLayer{}
		b.linear(&l.Query, name+"attention.self.query", d, d, drawn, true)
		b.linear(&l.Key, name+"attention.self.key", d, d, drawn, true)
		b.linear(&l.Value, name+"attention.self.value", d, d, drawn, true)
		b.linear(&l.Output, name+"attention.output.dense", d, d, drawn, true)
		l.AttentionNorm = b.layerNorm(name+"attention.output.LayerNorm", d, c.LayerNormEps)
		b.linear(&l.Intermediate, name+"intermediate.dense", d, c.IntermediateSize, drawn, true)
		b.linear(&l.LayerOutput, name+"output.dense", c.IntermediateSize, d, drawn, true)
		l.OutputNorm = b.layerNorm(name+"output.LayerNorm", d, c.LayerNormEps)
		m.Layers = append(m.Layers, l)
	}
	switch c.head() {
	case BertModel:
		b.linear(&m.Pooler, "bert.pooler.dense", d, d, drawn, true)
	case BertForMaskedLM:
		m.DecoderBias = b.parameter("cls.predictions.bias", zeros, c.VocabSize)
		b.linear(&m.Transform, "cls.predictions.transform.dense", d, d, drawn, true)
		m.TransformNorm = b.layerNorm("cls.predictions.transform.LayerNorm", d, c.LayerNormEps)
	case BertForSequenceClassification:
		b.linear(&m.Pooler, "bert.pooler.dense", d, d, drawn, true)
		b.linear(&m.Classifier, "classifier", d, c.NumLabels, drawn, true)
	case BertForTokenClassification:
		b.linear(&m.Classifier, "classifier", d, c.NumLabels, drawn, true)
	}
	return m, m.finish(b)
}

// Forward computes what Call does, for tokens [N, T] that all count.
func (m *BERT) Forward(tokens *dl.Tensor) *dl.Tensor { return m.Call(tokens, CallOptions{}) }

// Call computes the output of the head: logits [N, T, vocabulary] of masked words, [N, labels] of texts, [N, T, labels] of
// tokens, and without a head the hidden states [N, T, channels].
func (m *BERT) Call(tokens *dl.Tensor, o CallOptions) *dl.Tensor {
	x := m.Hidden(tokens, o)
	rate := m.Config.HiddenDropoutProb
	if r := m.Config.ClassifierDropout; r != nil {
		rate = *r
	}
	head := m.Config.head()
	if head == BertForMaskedLM && (m.Transform == nil || m.TransformNorm == nil) || head == BertForSequenceClassification && m.Pooler == nil ||
		(head == BertForSequenceClassification || head == BertForTokenClassification) && m.Classifier == nil {
		dl.PanicValue("lm.BERT.Call", "the model has no head for %s; LoadBERTAs puts another one on it", head)
	}
	switch head {
	case BertForMaskedLM:
		h := m.TransformNorm.Forward(m.activation(m.Transform.Forward(x)))
		return (&Linear{Weight: m.Words, Bias: m.DecoderBias}).Forward(h)
	case BertForSequenceClassification:
		return m.Classifier.Forward(m.drop(m.pooled(x), rate))
	case BertForTokenClassification:
		return m.Classifier.Forward(m.drop(x, rate))
	}
	return x
}

// pooled is what the first position says about the whole.
func (m *BERT) pooled(x *dl.Tensor) *dl.Tensor { return m.Pooler.Forward(x.Select(1, 0)).Tanh() }

// Hidden computes the states of the last layer, [N, T, channels].
func (m *BERT) Hidden(tokens *dl.Tensor, o CallOptions) *dl.Tensor {
	const op = "lm.BERT.Call"
	c := &m.Config
	m.made(op, m.Words, m.Positions, m.TokenTypes)
	checkTokens(op, tokens, CallOptions{Lengths: o.Lengths}, c.MaxPositionEmbeddings, 0, 0)
	if o.Cache != nil || o.Last {
		dl.PanicValue(op, "a Cache, and Last, are for decoders: a BERT sees all positions at once")
	}
	x := lookUp(nil, m.Words, tokens)
	if o.Types == nil {
		x = x.Add(full(m.TokenTypes.Value.Slice(0, 0, 1)))
	} else if !o.Types.Shape().Equal(tokens.Shape()) {
		dl.PanicShape(op, "Types must have the shape of the tokens", o.Types, tokens)
	} else {
		x = x.Add(lookUp(nil, m.TokenTypes, o.Types))
	}
	x = x.Add(full(m.Positions.Value.Slice(0, 0, tokens.Dim(1))))
	x = m.drop(m.EmbeddingsNorm.Forward(x), c.HiddenDropoutProb)
	for i, l := range m.Layers {
		x = checkpointed(m.Checkpoint && m.training, x, func(x *dl.Tensor) *dl.Tensor { return l.forward(m, i, x, o) })
	}
	return x
}

func (l *BERTLayer) forward(m *BERT, layer int, x *dl.Tensor, o CallOptions) *dl.Tensor {
	if l == nil || l.Query == nil || l.Key == nil || l.Value == nil || l.Output == nil || l.Intermediate == nil || l.LayerOutput == nil ||
		l.AttentionNorm == nil || l.OutputNorm == nil {
		incomplete("lm.BERT.Call", layer)
	}
	c := &m.Config
	a := m.attention(c.NumAttentionHeads, 0, c.AttentionProbsDropoutProb)
	a.Lengths = o.Lengths
	y := l.Output.Forward(dl.Attention(l.Query.Forward(x), l.Key.Forward(x), l.Value.Forward(x), a))
	x = l.AttentionNorm.Forward(x.Add(m.drop(y, c.HiddenDropoutProb)))
	y = l.LayerOutput.Forward(m.activation(l.Intermediate.Forward(x)))
	return l.OutputNorm.Forward(x.Add(m.drop(y, c.HiddenDropoutProb)))
}

func (m *BERT) config() any { return &m.Config }
