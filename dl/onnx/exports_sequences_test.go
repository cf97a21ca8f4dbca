package onnx

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// sequenceExports are of layers over sequences of vectors.
func sequenceExports() []exported {
	var all []exported
	add := func(name string, x *dl.Tensor, layers ...nn.Layer) {
		all = append(all, exported{name: name, module: sequential(x.Shape()[1:], layers...), inputs: []*dl.Tensor{x}})
	}
	add("simple rnn", numbers(40, 2, 2, 5, 3), nn.SimpleRNN{Units: 4, Layers: 2, Bidirectional: true, ReturnSequences: true}, nn.SimpleRNN{Units: 3, Activation: nn.ReLU, GoBackwards: true, ReturnSequences: true},
		nn.SimpleRNN{Units: 3, Activation: nn.ReLU, Bidirectional: true, NoBias: true})
	add("backwards", numbers(41, 2, 2, 4, 3), nn.LSTM{Units: 3, Layers: 2, GoBackwards: true, ReturnSequences: true}, nn.GRU{Units: 3, ResetBefore: true, GoBackwards: true, ReturnSequences: true},
		nn.Bidirectional{Layer: nn.GRU{Units: 3, ReturnSequences: true}, Merge: nn.MergeMul}, nn.Bidirectional{Layer: nn.LSTM{Units: 2}})
	add("grouped queries", numbers(42, 2, 2, 5, 8), nn.MultiHeadAttention{Heads: 4, KVHeads: 2, Causal: true}, nn.MultiHeadAttention{Heads: 4, KVHeads: 1, HeadSize: 3, ALiBi: true, NoBias: true})
	add("rotary", numbers(43, 2, 2, 5, 8), nn.MultiHeadAttention{Heads: 2, KVHeads: 1, Rotary: &nn.Rotary{}, Causal: true, Window: 3}, nn.MultiHeadAttention{Heads: 2, Rotary: &nn.Rotary{Interleaved: true, Size: 2, Base: 100, Scale: 2}},
		nn.MultiHeadAttention{Heads: 1, Rotary: &nn.Rotary{Interleaved: true}, ALiBi: true, Causal: true}, nn.MultiHeadAttention{Heads: 2, HeadSize: 6, Rotary: &nn.Rotary{Size: 4, Frequencies: []float64{0.5, 0.25}}, NoOutBias: true})
	add("encoder", numbers(44, 2, 2, 4, 8), nn.SinusoidalEmbedding{}, nn.TransformerEncoder{Layer: nn.TransformerEncoderLayer{Heads: 4, KVHeads: 2, Hidden: 6, NormFirst: true, RMSNorm: true, Gated: true, Activation: nn.SiLU, NoBias: true,
		AttentionBias: true, Rotary: &nn.Rotary{}, Causal: true}, Layers: 2, FinalNorm: true}, nn.TransformerEncoder{Layer: nn.TransformerEncoderLayer{Heads: 2, Hidden: 6, ALiBi: true}, Layers: 1})
	add("einsum", numbers(82, 2, 2, 5, 6), nn.EinsumDense{Equation: "npc, chd -> nphd", OutputShape: []int{0, 2, 4}, BiasAxes: "hd", Activation: nn.ReLU}, nn.EinsumDense{Equation: "nphd,hdc->npc", OutputShape: []int{0, 6}},
		nn.EinsumDense{Equation: "npc,pq->nqc", OutputShape: []int{3, 0}, BiasAxes: "q"}, nn.EinsumDense{Equation: "...c,ck->...k", OutputShape: []int{2}, BiasAxes: "k", Activation: nn.Softmax})
	add("random slopes", numbers(83, 2, 2, 4, 3), nn.RReLU{}, nn.Dense{Units: 3}, nn.RReLU{Lower: 0.5, Upper: 0.75})
	add("gates", numbers(45, 2, 2, 4, 3), nn.Dense{Units: 12}, nn.GLU{}, nn.GaussianNoise{StdDev: 1}, nn.PReLU{}, nn.SpatialDropout{Rate: 0.5}, nn.Dense{Units: 8}, nn.SwiGLU, nn.Dense{Units: 6}, nn.Maxout{Pieces: 3},
		nn.Threshold{Limit: 0.1, Value: -2}, nn.PReLU{Shared: true}, nn.Permute{Axes: []int{1, 0}}, nn.TimeDistributed{Layers: []nn.Layer{nn.RepeatVector{Times: 2}, nn.Conv1D{Filters: 2, Kernel: 1}, nn.Flatten{}, nn.Dense{Units: 3}}})
	add("short rows", dl.Of([]int64{1, 2, 0, 3}, 2, 2), nn.Embedding{Vocabulary: 4, Units: 3, MaxNorm: 0.5}, nn.Flatten{})
	tokens := dl.Of([]int64{1, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}, 3, 4)
	padded := nn.Embedding{Vocabulary: 4, Units: 3, MaskZero: true}
	add("mean of what is no padding", tokens, padded, nn.Parallel{Branches: [][]nn.Layer{{nn.Dense{Units: 2}}, {nn.Regularized{Layer: nn.Dense{Units: 3}, Weight: nn.L2(1)}}}}, nn.GlobalAvgPool1D{})
	add("mean behind masking", numbers(84, 2, 2, 4, 3).Mul(dl.Of([]float32{1, 1, 0, 1, 0, 0, 0, 1}, 2, 4, 1)), nn.Masking{}, nn.Dense{Units: 2}, nn.GlobalAvgPool1D{KeepDims: true})
	g := nn.NewGraph()
	a, b := g.Add(padded, g.Input("a", 4)), g.Add(padded, g.Input("b", 4))
	m, err := g.Build(g.Add(nn.GlobalAvgPool1D{}, g.Concat(a, b)), g.Add(nn.GlobalAvgPool1D{}, g.Sum(a, b)), g.Add(nn.GlobalAvgPool1D{}, g.Subtract(g.Add(nn.Dense{Units: 3}, a), a)))
	if err != nil {
		panic(err)
	}
	return append(all, exported{name: "padding of two inputs", module: m, inputs: []*dl.Tensor{tokens, dl.Of([]int64{2, 0, 1, 0, 0, 0, 3, 3, 0, 0, 0, 1}, 3, 4)}})
}
