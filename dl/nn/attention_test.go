package nn

import "modelbook/dl"

func init() {
	type tensors = []*dl.Tensor
	one := func(y *dl.Tensor) tensors { return tensors{y} }
	attends := func(a MultiHeadAttention, o AttendOptions) any {
		return with(a, func(a *MultiHeadAttention, x tensors) tensors {
			if len(x) > 2 {
				o.Mask = x[2]
			}
			if len(x) > 1 {
				return one(a.Call(x[0], x[1], o))
			}
			return one(a.Call(x[0], nil, o))
		})
	}
	two := MultiHeadAttention{Heads: 2}
	cases := map[string]any{
		"MultiHeadAttention to another": attends(two, AttendOptions{}), "MultiHeadAttention shown": attends(two, AttendOptions{}),
		"MultiHeadAttention added": attends(two, AttendOptions{}), "MultiHeadAttention lengths": attends(two, AttendOptions{Lengths: []int{4, 2}}),
		"MultiHeadAttention to another of 3 channels": attends(MultiHeadAttention{Heads: 2, Context: 3}, AttendOptions{}),
		"MultiHeadAttention grouped":                  MultiHeadAttention{Heads: 4, KVHeads: 2, HeadSize: 3},
		"MultiHeadAttention rotary":                   MultiHeadAttention{Heads: 2, KVHeads: 1, HeadSize: 2, Causal: true, Rotary: &Rotary{}},
		"MultiHeadAttention window":                   MultiHeadAttention{Heads: 2, Causal: true, Window: 2}, "MultiHeadAttention ALiBi": MultiHeadAttention{Heads: 2, ALiBi: true},
		"SinusoidalEmbedding": SinusoidalEmbedding{},
	}
	encoder, decoder := TransformerEncoderLayer{Heads: 2, Hidden: 6}, TransformerDecoderLayer{Heads: 2, Hidden: 6}
	encoderFirst, decoderFirst := encoder, decoder
	encoderFirst.NormFirst, decoderFirst.NormFirst = true, true
	cases["TransformerEncoderLayer"] = encoder
	cases["TransformerEncoderLayer norm first"] = TransformerEncoderLayer{Heads: 2, Hidden: 6, NormFirst: true, Activation: GELU, Epsilon: 1e-3, Causal: true}
	cases["TransformerEncoderLayer of Llama"] = TransformerEncoderLayer{Heads: 2, KVHeads: 1, Causal: true, Rotary: &Rotary{}, Hidden: 6, Activation: SiLU,
		Gated: true, NormFirst: true, RMSNorm: true, Epsilon: 1e-6, NoBias: true}
	cases["TransformerEncoderLayer lengths"] = with(encoder, func(l *TransformerEncoderLayer, x tensors) tensors {
		return one(l.Call(x[0], AttendOptions{Lengths: []int{4, 2}}))
	})
	cases["TransformerDecoderLayer"] = with(decoder, func(l *TransformerDecoderLayer, x tensors) tensors {
		return one(l.Call(x[0], x[1], DecodeOptions{}))
	})
	decoderFirst.Activation, decoderFirst.Bidirectional = GELU, true
	cases["TransformerDecoderLayer norm first"] = with(decoderFirst, func(l *TransformerDecoderLayer, x tensors) tensors {
		return one(l.Call(x[0], x[1], DecodeOptions{MemoryMask: x[2], MemoryLengths: []int{4, 2}}))
	})
	cases["TransformerEncoder"] = TransformerEncoder{Layer: encoderFirst, Layers: 2, FinalNorm: true}
	cases["TransformerEncoder without norm"] = TransformerEncoder{Layer: encoder, Layers: 1}
	chain := TransformerDecoder{Layer: decoder, Layers: 2, FinalNorm: true}
	cases["TransformerDecoder"] = with(chain, func(l *TransformerDecoder, x tensors) tensors {
		return one(l.Call(x[0], x[1], DecoderOptions{}))
	})
	chain.Layers = 1
	cases["Transformer"] = with(Transformer{Encoder: TransformerEncoder{Layer: encoder, Layers: 1, FinalNorm: true}, Decoder: chain}, func(l *Transformer, x tensors) tensors {
		return one(l.Call(x[0], x[1], []int{4, 2}, nil))
	})
	area("attention", cases)
}
