package nn

import (
	"fmt"

	"modelbook/dl"
)

// TransformerEncoder is a chain of layers that are alike, for sequences [N, T, D]. It is PyTorch's nn.TransformerEncoder,
// and its parameters have PyTorch's names.
type TransformerEncoder struct {
	Layer     TransformerEncoderLayer // each of them
	Layers    int                     // how many
	FinalNorm bool                    `json:",omitempty"` // a normalisation behind the last one, as models with NormFirst need it

	Blocks []*TransformerEncoderLayer `json:"-"` // set by Build, as is Norm
	Norm   Forwarder                  `json:"-"` // nil without FinalNorm
}

// StackOptions are what a chain of layers is told beside its input: see [AttendOptions].
type StackOptions struct {
	Mask    *dl.Tensor
	Lengths []int
	Caches  []*KVCache // one for each layer
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t TransformerEncoder) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := countOf(t.Layers); err != nil {
		return nil, nil, err
	}
	m := &maker{b: b, in: in}
	t.Blocks = make([]*TransformerEncoderLayer, t.Layers)
	for i := range t.Blocks {
		t.Blocks[i], _ = m.make(fmt.Sprintf("layers.%d", i), t.Layer).(*TransformerEncoderLayer)
	}
	if t.Norm = nil; t.FinalNorm && m.err == nil {
		t.Norm = m.norm("norm", t.Layer.RMSNorm, t.Blocks[0].Epsilon)
	}
	if m.err != nil {
		return nil, nil, m.err
	}
	return &t, in, nil
}

// mostLayers bounds the layers of a chain that a file may ask for.
const mostLayers = 10000

func countOf(layers int) error {
	if layers < 1 || layers > mostLayers {
		return fmt.Errorf("Layers is %d; give the number of layers", layers)
	}
	return nil
}

// Forward computes the outputs for a batch.
func (t *TransformerEncoder) Forward(x *dl.Tensor) *dl.Tensor { return t.Call(x, StackOptions{}) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which positions are seen: see [Masker].
func (t *TransformerEncoder) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return t.Call(x, StackOptions{Mask: forKeys(mask)})
}

// Call computes the outputs with a mask, lengths or caches.
func (t *TransformerEncoder) Call(x *dl.Tensor, o StackOptions) *dl.Tensor {
	cachesFit("nn.TransformerEncoder", len(t.Blocks), len(o.Caches))
	for i, block := range t.Blocks {
		a := AttendOptions{Mask: o.Mask, Lengths: o.Lengths}
		if len(o.Caches) > 0 {
			a.Cache = o.Caches[i]
		}
		x = block.Call(x, a)
	}
	if t.Norm != nil {
		x = t.Norm.Forward(x)
	}
	return x
}

func cachesFit(layer string, layers, caches int) {
	if layers == 0 {
		notBuilt(layer)
	}
	if caches != 0 && caches != layers {
		dl.PanicValue(layer+".Call", "there are %d caches for %d layers", caches, layers)
	}
}

// NewCaches makes caches for n samples of up to capacity positions, one for each layer.
func (t *TransformerEncoder) NewCaches(n, capacity int) (caches []*KVCache) {
	cachesFit("nn.TransformerEncoder", len(t.Blocks), 0)
	for _, block := range t.Blocks {
		caches = append(caches, block.NewCache(n, capacity))
	}
	return caches
}

// Parameters returns the parameters of the layers.
func (t *TransformerEncoder) Parameters() []*Parameter { return parametersOfParts(t.parts()) }

func (t *TransformerEncoder) parts() (all []part) {
	for i, block := range t.Blocks {
		all = append(all, part{fmt.Sprintf("layers.%d", i), block})
	}
	if t.Norm != nil {
		all = append(all, part{"norm", t.Norm})
	}
	return all
}

func (t *TransformerEncoder) inUse() (Module, bool) {
	c := *t
	c.Blocks = make([]*TransformerEncoderLayer, len(t.Blocks))
	for i, block := range t.Blocks {
		c.Blocks[i] = used(block)
	}
	return &c, true
}

// AnySize says whether samples may have other sizes: see [AnySize].
func (t *TransformerEncoder) AnySize() bool { return true }

func (t *TransformerEncoder) detail() string {
	return fmt.Sprintf("%d layers of %s", t.Layers, heads(t.Layer.Heads, t.Layer.Causal))
}

// TransformerDecoder is a chain of decoder layers that are alike, each of which attends to the same memory. It is
// PyTorch's nn.TransformerDecoder, and its parameters have PyTorch's names.
type TransformerDecoder struct {
	Layer     TransformerDecoderLayer // each of them
	Layers    int                     // how many
	FinalNorm bool                    `json:",omitempty"` // a normalisation behind the last one

	Blocks []*TransformerDecoderLayer `json:"-"` // set by Build, as is Norm
	Norm   Forwarder                  `json:"-"` // nil without FinalNorm
}

// DecoderOptions are what a chain of decoder layers is told beside its inputs: see [DecodeOptions].
type DecoderOptions struct {
	Mask, MemoryMask       *dl.Tensor
	Lengths, MemoryLengths []int
	Caches, MemoryCaches   []*KVCache // one for each layer
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t TransformerDecoder) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := countOf(t.Layers); err != nil {
		return nil, nil, err
	}
	m := &maker{b: b, in: in}
	t.Blocks = make([]*TransformerDecoderLayer, t.Layers)
	for i := range t.Blocks {
		t.Blocks[i], _ = m.make(fmt.Sprintf("layers.%d", i), t.Layer).(*TransformerDecoderLayer)
	}
	if t.Norm = nil; t.FinalNorm && m.err == nil {
		t.Norm = m.norm("norm", t.Layer.RMSNorm, t.Blocks[0].Epsilon)
	}
	if m.err != nil {
		return nil, nil, m.err
	}
	return &t, in, nil
}

// Call computes the outputs [N, T, D] for x [N, T, D] and memories [N, S, Context]. The memory may be nil once
// MemoryCaches are filled.
func (t *TransformerDecoder) Call(x, memory *dl.Tensor, o DecoderOptions) *dl.Tensor {
	cachesFit("nn.TransformerDecoder", len(t.Blocks), len(o.Caches))
	cachesFit("nn.TransformerDecoder", len(t.Blocks), len(o.MemoryCaches))
	for i, block := range t.Blocks {
		d := DecodeOptions{Mask: o.Mask, MemoryMask: o.MemoryMask, Lengths: o.Lengths, MemoryLengths: o.MemoryLengths}
		if len(o.Caches) > 0 {
			d.Cache = o.Caches[i]
		}
		if len(o.MemoryCaches) > 0 {
			d.MemoryCache = o.MemoryCaches[i]
		}
		x = block.Call(x, memory, d)
	}
	if t.Norm != nil {
		x = t.Norm.Forward(x)
	}
	return x
}

// NewCaches makes caches for n samples, one for each layer: of the self-attention for up to capacity positions, and of
// memories of up to length positions.
func (t *TransformerDecoder) NewCaches(n, capacity, length int) (caches, memories []*KVCache) {
	cachesFit("nn.TransformerDecoder", len(t.Blocks), 0)
	for _, block := range t.Blocks {
		own, memory := block.NewCaches(n, capacity, length)
		caches, memories = append(caches, own), append(memories, memory)
	}
	return caches, memories
}

// Parameters returns the parameters of the layers.
func (t *TransformerDecoder) Parameters() []*Parameter { return parametersOfParts(t.parts()) }

func (t *TransformerDecoder) parts() (all []part) {
	for i, block := range t.Blocks {
		all = append(all, part{fmt.Sprintf("layers.%d", i), block})
	}
	if t.Norm != nil {
		all = append(all, part{"norm", t.Norm})
	}
	return all
}

func (t *TransformerDecoder) inUse() (Module, bool) {
	c := *t
	c.Blocks = make([]*TransformerDecoderLayer, len(t.Blocks))
	for i, block := range t.Blocks {
		c.Blocks[i] = used(block)
	}
	return &c, true
}

// Transformer is an encoder and a decoder that attends to what it made, as in the paper (Vaswani et al., 2017). It is
// PyTorch's nn.Transformer, whose chains end with a normalisation each: set FinalNorm of both. It has two inputs, so it is
// no layer for nn.Sequential: make it with nn.Build and use Call.
type Transformer struct {
	Encoder TransformerEncoder
	Decoder TransformerDecoder

	Encodes *TransformerEncoder `json:"-"` // set by Build, as is Decodes
	Decodes *TransformerDecoder `json:"-"`
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t Transformer) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	m := &maker{b: b, in: in}
	t.Encodes, _ = m.make("encoder", t.Encoder).(*TransformerEncoder)
	t.Decodes, _ = m.make("decoder", t.Decoder).(*TransformerDecoder)
	if m.err != nil {
		return nil, nil, m.err
	}
	return &t, in, nil
}

// Call computes the outputs [N, T, D] for a source [N, S, D] and a target [N, T, D]. The lengths of the source's samples
// hide its padding from both chains. In generation, compute the memory once, with Encodes, and use Decodes with caches.
func (t *Transformer) Call(source, target *dl.Tensor, sourceLengths, targetLengths []int) *dl.Tensor {
	if t.Encodes == nil || t.Decodes == nil {
		notBuilt("nn.Transformer")
	}
	memory := t.Encodes.Call(source, StackOptions{Lengths: sourceLengths})
	return t.Decodes.Call(target, memory, DecoderOptions{Lengths: targetLengths, MemoryLengths: sourceLengths})
}

// Parameters returns the parameters of both chains.
func (t *Transformer) Parameters() []*Parameter { return parametersOfParts(t.parts()) }

func (t *Transformer) parts() []part {
	if t.Encodes == nil {
		return nil
	}
	return []part{{"encoder", t.Encodes}, {"decoder", t.Decodes}}
}

func (t *Transformer) inUse() (Module, bool) {
	if t.Encodes == nil {
		return t, true
	}
	c := *t
	c.Encodes, c.Decodes = used(t.Encodes), used(t.Decodes)
	return &c, true
}

func init() {
	addKinds(map[string]kind{
		"SinusoidalEmbedding": kindOf[SinusoidalEmbedding](), "TransformerEncoderLayer": kindOf[TransformerEncoderLayer](),
		"TransformerDecoderLayer": kindOf[TransformerDecoderLayer](), "TransformerEncoder": kindOf[TransformerEncoder](),
		"TransformerDecoder": kindOf[TransformerDecoder](), "Transformer": kindOf[Transformer](),
	})
}
