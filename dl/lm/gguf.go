package lm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/nn"
)

// GGUFOptions say how a model is read from a GGUF file.
type GGUFOptions struct {
	// Half keeps weights of half precision as the file has them: see [LoadOptions].
	Half bool
	// Projection makes what stands in the place of a matrix, such as one that computes with the blocks of w as they lie in
	// the file; name is that of the slot (see [Projections]), and bias, which may be nil, is to be added. Where it returns
	// nil, and where there is none, quantized matrices become float32.
	Projection func(name string, w gguf.Tensor, bias *nn.Parameter) (Projection, error)
	// Table makes what stands in the place of the table of tokens, in the same way.
	Table func(w gguf.Tensor) (TokenTable, error)
}

// LoadGGUF reads a decoder from a file of llama.cpp, of the architecture gpt2, llama or qwen2. Floats are mapped, and the
// file stays open with the model; Close it when the model is not used any more. The tokenizer's tokens are in the file's
// metadata.
func LoadGGUF(path string, o GGUFOptions) (Decoder, *gguf.File, error) {
	f, err := gguf.Open(path)
	if err != nil {
		return nil, nil, err
	}
	m, err := FromGGUF(f, o)
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, f, nil
}

// FromGGUF is [LoadGGUF] of an open file.
func FromGGUF(f *gguf.File, o GGUFOptions) (Decoder, error) {
	if f == nil {
		return nil, errors.New("lm.FromGGUF: the file is nil")
	}
	architecture, _ := f.Text("general.architecture")
	r := &ggufReader{f: f, o: o, architecture: architecture}
	switch architecture {
	case "gpt2":
		return r.gpt2()
	case "llama", "qwen2":
		return r.llama()
	}
	return nil, fmt.Errorf("lm.FromGGUF: the architecture is %q; there are gpt2, llama and qwen2", architecture)
}

// ggufReader makes a model of a file.
type ggufReader struct {
	f            *gguf.File
	o            GGUFOptions
	architecture string
	err          error
}

// size is a number of the metadata, which must be there if needed.
func (r *ggufReader) size(key string, needed bool) int {
	v, ok := r.f.Int(r.architecture + "." + key)
	if (needed && !ok || v < 0 || v > maxSize) && r.err == nil {
		r.err = fmt.Errorf("lm.FromGGUF: the metadata %s.%s is %v; it is a size", r.architecture, key, r.f.Metadata[r.architecture+"."+key])
	}
	return v
}

func (r *ggufReader) number(key string) float64 {
	v, _ := r.f.Float(r.architecture + "." + key)
	return v
}

// vocabulary is the number of tokens, by the table of their vectors.
func (r *ggufReader) vocabulary() int {
	w, ok := r.f.Tensor("token_embd.weight")
	if (!ok || len(w.Shape) != 2) && r.err == nil {
		r.err = fmt.Errorf("lm.FromGGUF: there is no tensor token_embd.weight of two axes")
	}
	if r.err != nil {
		return 0
	}
	return w.Shape[0]
}

// end are the tokens that end a text.
func (r *ggufReader) end() Tokens {
	if id, ok := r.f.Int("tokenizer.ggml.eos_token_id"); ok {
		return Tokens{id}
	}
	return nil
}

func (r *ggufReader) has(name string) bool {
	_, ok := r.f.Tensor(name)
	return ok
}

func (r *ggufReader) gpt2() (Decoder, error) {
	tied := !r.has("output.weight")
	c := GPT2Config{VocabSize: r.vocabulary(), NPositions: r.size("context_length", true), NEmbd: r.size("embedding_length", true), NInner: r.size("feed_forward_length", true),
		NLayer: r.size("block_count", true), NHead: r.size("attention.head_count", true), LayerNormEpsilon: r.number("attention.layer_norm_epsilon"),
		EOSTokenID: r.end(), TieWordEmbeddings: &tied}
	if r.err != nil {
		return nil, r.err
	}
	if err := c.defaults(); err != nil {
		return nil, err
	}
	m, err := c.build(&ggufSource{ggufReader: r, turned: true})
	if err != nil {
		return nil, err
	}
	return m, r.replace(&m.state, m.WTE, &m.Tokens)
}

func (r *ggufReader) llama() (Decoder, error) {
	c := LlamaConfig{ModelType: r.architecture, VocabSize: r.vocabulary(), HiddenSize: r.size("embedding_length", true), IntermediateSize: r.size("feed_forward_length", true),
		NumHiddenLayers: r.size("block_count", true), NumAttentionHeads: r.size("attention.head_count", true), NumKeyValueHeads: r.size("attention.head_count_kv", false),
		HeadDim: r.size("attention.key_length", false), MaxPositionEmbeddings: r.size("context_length", true), RMSNormEps: r.number("attention.layer_norm_rms_epsilon"),
		RopeTheta: r.number("rope.freq_base"), TieWordEmbeddings: !r.has("output.weight"), EOSTokenID: r.end(), AttentionBias: r.has("blk.0.attn_output.bias")}
	if kind, ok := r.f.Text(r.architecture + ".rope.scaling.type"); ok && kind != "none" {
		c.RopeScaling = &RopeScaling{RopeType: kind, Factor: r.number("rope.scaling.factor"), OriginalMaxPositionEmbeddings: r.size("rope.scaling.original_context_length", false)}
	}
	if turned := r.size("rope.dimension_count", false); r.err == nil && turned != 0 && turned != c.headDim() {
		r.err = fmt.Errorf("lm.FromGGUF: rotary positions of %d of %d channels are not known here", turned, c.headDim())
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := c.defaults(); err != nil {
		return nil, err
	}
	m, err := c.build(&ggufSource{ggufReader: r})
	if err != nil {
		return nil, err
	}
	m.rotary.Interleaved = r.architecture == "llama"  // whose queries and keys llama.cpp's files have in another order
	if w, ok := r.f.Tensor("rope_freqs.weight"); ok { // Llama 3's stretching
		factors, err := w.Float32s()
		if err != nil {
			return nil, err
		}
		if len(factors) != len(m.rotary.Frequencies) {
			return nil, fmt.Errorf("lm.FromGGUF: rope_freqs.weight has %d factors for %d frequencies", len(factors), len(m.rotary.Frequencies))
		}
		for i, v := range factors {
			if !(v > 0) || math.IsInf(float64(v), 1) {
				return nil, fmt.Errorf("lm.FromGGUF: rope_freqs.weight has the factor %v", v)
			}
			m.rotary.Frequencies[i] /= float64(v)
		}
	}
	return m, r.replace(&m.state, m.EmbedTokens, &m.Tokens)
}

// replace puts what the options make in the places of matrices and of the table of tokens.
func (r *ggufReader) replace(s *state, table *nn.Parameter, at *TokenTable) error {
	if table.Value.Size() == 0 {
		w, _ := r.f.Tensor("token_embd.weight")
		t, err := r.o.Table(w)
		switch {
		case err != nil:
			return err
		case t != nil:
			*at = t
			s.loose = slices.DeleteFunc(s.loose, func(p *nn.Parameter) bool { return p == table })
		default:
			if table.Value, err = w.Data(); err != nil {
				return err
			}
			table.Value.RequireGrad()
		}
	}
	if r.o.Projection == nil {
		return nil
	}
	for _, slot := range s.slots {
		w, _ := r.f.Tensor(ggufName(slot.Name + ".weight"))
		l := (*slot.At).(*Linear)
		p, err := r.o.Projection(slot.Name, w, l.Bias)
		if err != nil {
			return err
		}
		if p != nil {
			*slot.At = p
		} else if l.Weight.Value.Size() == 0 {
			values, err := w.Data()
			if err != nil {
				return err
			}
			l.Weight.Value = values.RequireGrad()
		}
	}
	return nil
}

// ggufNames are the names of llama.cpp for those of transformers.
var ggufNames = strings.NewReplacer("transformer.wte.", "token_embd.", "transformer.wpe.", "position_embd.", "transformer.ln_f.", "output_norm.", "transformer.h.", "blk.",
	".ln_1.", ".attn_norm.", ".ln_2.", ".ffn_norm.", ".attn.c_attn.", ".attn_qkv.", ".attn.c_proj.", ".attn_output.", ".mlp.c_fc.", ".ffn_up.", ".mlp.c_proj.", ".ffn_down.",
	"model.embed_tokens.", "token_embd.", "model.norm.", "output_norm.", "model.layers.", "blk.", ".input_layernorm.", ".attn_norm.", ".post_attention_layernorm.", ".ffn_norm.",
	".self_attn.q_proj.", ".attn_q.", ".self_attn.k_proj.", ".attn_k.", ".self_attn.v_proj.", ".attn_v.", ".self_attn.o_proj.", ".attn_output.",
	".mlp.gate_proj.", ".ffn_gate.", ".mlp.up_proj.", ".ffn_up.", ".mlp.down_proj.", ".ffn_down.", "lm_head.", "output.")

func ggufName(name string) string { return ggufNames.Replace(name) }

// ggufSource takes parameters from a file. GPT-2's matrices stand in it as [out, in].
type ggufSource struct {
	*ggufReader
	turned bool
}

func (s *ggufSource) outFirst() bool { return s.turned }

func (s *ggufSource) tensor(name string, _ begin, shape dl.Shape) (*dl.Tensor, error) {
	file := ggufName(name)
	w, ok := s.f.Tensor(file)
	if !ok {
		return nil, fmt.Errorf("lm.FromGGUF: there is no tensor %s", file)
	}
	if !shape.Equal(w.Shape) {
		return nil, fmt.Errorf("lm.FromGGUF: the tensor %s is %v; with this metadata the model needs %v", file, w.Shape, shape)
	}
	elements, _ := w.Type.Block()
	if s.o.Table != nil && file == "token_embd.weight" && elements > 1 {
		return dl.Zeros(0), nil // made by replace
	}
	isMatrix := len(shape) == 2 && !strings.Contains(name, "embed") && !strings.Contains(name, ".wte.") && !strings.Contains(name, ".wpe.")
	if s.o.Projection != nil && isMatrix && elements > 1 {
		return dl.Zeros(0), nil // made by replace
	}
	t, err := w.Data()
	if err != nil || s.o.Half {
		return t, err
	}
	return t.To(dl.Float32), nil
}

// SaveGGUF writes a decoder as llama.cpp reads it: matrices and the table of tokens as the given type, F32, F16, BF16, Q8_0 or
// Q4_0, where their rows have whole blocks, and all else as F32. more is appended to the metadata: llama.cpp needs the
// tokenizer's tokens, tokenizer.ggml.model and so on. Matrices that are [Quantized] are written with the blocks that they
// have.
func SaveGGUF(path string, m Decoder, t gguf.Type, more []gguf.Pair) error {
	if m == nil {
		return errors.New("lm.SaveGGUF: the model is nil")
	}
	s := m.states()
	s.made("lm.SaveGGUF")
	var meta []gguf.Pair
	var heads func(name string) int // of queries or keys, whose rows llama.cpp has in another order; 0: as they are
	switch m := m.(type) {
	case *GPT2:
		c := &m.Config
		meta = []gguf.Pair{{Key: "general.architecture", Value: "gpt2"}, {Key: "gpt2.context_length", Value: uint32(c.NPositions)}, {Key: "gpt2.embedding_length", Value: uint32(c.NEmbd)},
			{Key: "gpt2.feed_forward_length", Value: uint32(c.NInner)}, {Key: "gpt2.block_count", Value: uint32(c.NLayer)}, {Key: "gpt2.attention.head_count", Value: uint32(c.NHead)},
			{Key: "gpt2.attention.layer_norm_epsilon", Value: float32(c.LayerNormEpsilon)}}
		heads = func(string) int { return 0 }
	case *Llama:
		c := &m.Config
		a := c.ModelType
		if a == "mistral" {
			a = "llama"
		}
		meta = []gguf.Pair{{Key: "general.architecture", Value: a}, {Key: a + ".context_length", Value: uint32(c.MaxPositionEmbeddings)}, {Key: a + ".embedding_length", Value: uint32(c.HiddenSize)},
			{Key: a + ".feed_forward_length", Value: uint32(c.IntermediateSize)}, {Key: a + ".block_count", Value: uint32(c.NumHiddenLayers)}, {Key: a + ".attention.head_count", Value: uint32(c.NumAttentionHeads)},
			{Key: a + ".attention.head_count_kv", Value: uint32(c.NumKeyValueHeads)}, {Key: a + ".attention.layer_norm_rms_epsilon", Value: float32(c.RMSNormEps)},
			{Key: a + ".rope.freq_base", Value: float32(c.theta())}, {Key: a + ".rope.dimension_count", Value: uint32(c.headDim())},
			{Key: a + ".attention.key_length", Value: uint32(c.headDim())}, {Key: a + ".attention.value_length", Value: uint32(c.headDim())}}
		if m.rotary.Interleaved {
			heads = func(string) int { return 0 } // they are in that order already
			break
		}
		heads = func(name string) int {
			switch {
			case a != "llama":
				return 0
			case strings.Contains(name, ".q_proj."):
				return c.NumAttentionHeads
			case strings.Contains(name, ".k_proj."):
				return c.NumKeyValueHeads
			}
			return 0
		}
	default:
		return fmt.Errorf("lm.SaveGGUF: %T has no form in such a file", m)
	}
	var sources []gguf.Source
	if l, ok := m.(*Llama); ok {
		factors, err := l.ropeFactors()
		if err != nil {
			return err
		}
		if factors != nil {
			sources = append(sources, gguf.Source{Name: "rope_freqs.weight", Shape: []int{len(factors)}, Values: factors})
		}
	}
	if end := m.End(); len(end) > 0 {
		meta = append(meta, gguf.Pair{Key: "tokenizer.ggml.eos_token_id", Value: uint32(end[0])})
	}
	inFirst, quantized := map[*nn.Parameter]bool{}, map[string]*dl.QuantizedMatrix{}
	for _, slot := range s.slots {
		switch l := (*slot.At).(type) {
		case *Linear:
			inFirst[l.Weight] = l.InFirst
		case Quantized:
			quantized[slot.Name+".weight"], _ = l.Quantized()
		default:
			return fmt.Errorf("lm.SaveGGUF: %T stands in the place of %s; merge it before", *slot.At, slot.Name)
		}
	}
	if t, ok := tokensOf(m).(Quantized); ok {
		quantized[s.named[0].Name], _ = t.Quantized()
	}
	for _, p := range s.named {
		if w := quantized[p.Name]; w != nil {
			source, err := blocksOf(w, heads(p.Name))
			if err != nil {
				return fmt.Errorf("lm.SaveGGUF: %s: %w", p.Name, err)
			}
			source.Name = ggufName(p.Name)
			sources = append(sources, source)
			continue
		}
		v := p.Value.Detach().To(dl.Float32)
		if inFirst[p.Parameter] {
			v = v.T()
		}
		if n := heads(p.Name); n > 0 { // halves of a head's channels become neighbours
			shape := v.Shape().Clone()
			v = v.Reshape(n, 2, shape[0]/n/2, v.Size()/shape[0]).Permute(0, 2, 1, 3).Reshape(shape...)
		}
		v = v.Contiguous()
		as := gguf.F32
		if elements, _ := t.Block(); v.Rank() == 2 && elements > 0 && v.Dim(1)%elements == 0 && !strings.HasSuffix(p.Name, ".wpe.weight") {
			as = t
		}
		sources = append(sources, gguf.Source{Name: ggufName(p.Name), Shape: v.Shape().Clone(), Type: as, Values: v.Float32s()})
	}
	return gguf.Save(path, append(meta, more...), sources)
}

// tokensOf is what stands in the place of a decoder's table of tokens, the first parameter of all.
func tokensOf(m Model) TokenTable {
	switch m := m.(type) {
	case *GPT2:
		return m.Tokens
	case *Llama:
		return m.Tokens
	}
	return nil
}

// Quantized is a [Projection] whose weights are blocks that [SaveGGUF] writes as they are, as those of package quant.
type Quantized interface {
	Projection
	Quantized() (weight *dl.QuantizedMatrix, bias *nn.Parameter)
}

// blocksOf is a quantized matrix as a file has it; the rows of heads, if there are some, in the order of llama.cpp.
func blocksOf(w *dl.QuantizedMatrix, heads int) (gguf.Source, error) {
	t, row := gguf.Q8_0, w.Format.Bytes(w.In)
	if w.Format == dl.Q4_0 {
		t = gguf.Q4_0
	}
	if len(w.Blocks) != w.Out*row || heads > 0 && w.Out%(2*heads) != 0 {
		return gguf.Source{}, fmt.Errorf("a quantized matrix [%d, %d] of %v has %d bytes", w.Out, w.In, w.Format, len(w.Blocks))
	}
	blocks := w.Blocks
	if heads > 0 { // halves of a head's channels become neighbours
		blocks = make([]byte, 0, len(w.Blocks))
		half := w.Out / heads / 2
		for i := range w.Out {
			head, channel := i/(2*half), i%(2*half)
			from := (head*2+channel%2)*half + channel/2
			blocks = append(blocks, w.Blocks[from*row:(from+1)*row]...)
		}
	}
	return gguf.Source{Shape: []int{w.Out, w.In}, Type: t, Blocks: blocks}, nil
}

// ropeFactors are by how much more slowly each pair of channels turns than without scaling; nil: by nothing.
func (m *Llama) ropeFactors() ([]float32, error) {
	c := &m.Config
	plain, _, err := (*RopeScaling)(nil).frequencies(c.headDim(), c.theta(), c.MaxPositionEmbeddings)
	if err != nil {
		return nil, err
	}
	if m.scale != 0 {
		return nil, fmt.Errorf("lm.SaveGGUF: rope_scaling yarn has no form in such a file here")
	}
	factors, any := make([]float32, len(plain)), false
	for i, f := range m.rotary.Frequencies {
		factors[i] = float32(plain[i] / f)
		any = any || math.Abs(float64(factors[i])-1) > 1e-6
	}
	if !any {
		return nil, nil
	}
	return factors, nil
}
