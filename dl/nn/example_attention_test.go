package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A decoder attends to another sequence, here of other channels; padding of it is hidden by its samples' lengths.
func ExampleMultiHeadAttention_Call() {
	attention := nn.Build(nn.MultiHeadAttention{Heads: 4, Context: 6}, 10, 8) // of sequences of 8 channels
	x, context := dl.Randn(2, 10, 8), dl.Randn(2, 5, 6)
	fmt.Println(attention.Call(x, context, nn.AttendOptions{Lengths: []int{5, 3}}).Shape())
	// Output: [2 10 8]
}

// In generation each position is computed once: the keys and values of the others are in the cache.
func ExampleKVCache() {
	attention := nn.Build(nn.MultiHeadAttention{Heads: 4, KVHeads: 2, Causal: true, Rotary: &nn.Rotary{}}, 100, 16)
	cache := attention.NewCache(2, 100)
	dl.NoGrad(func() {
		prompts := dl.Randn(2, 7, 16) // of 7 and 4 positions
		attention.Call(prompts, nil, nn.AttendOptions{Cache: cache, Lengths: []int{7, 4}})
		y := attention.Call(dl.Randn(2, 1, 16), nil, nn.AttendOptions{Cache: cache})
		fmt.Println(y.Shape(), cache.Lengths(), cache.Keys().Shape())
	})
	// Output: [2 1 16] [8 5] [2 8 8]
}

func ExampleSinusoidalEmbedding() {
	m, err := nn.Sequential(dl.Shape{2, 4}, nn.SinusoidalEmbedding{})
	fmt.Printf("%.2f %v\n", m.Predict(dl.Zeros(1, 2, 4)).Float32s(), err)
	// Output: [0.00 1.00 0.00 1.00 0.84 0.54 0.01 1.00] <nil>
}

// The body of a BERT: tokens, learned positions and a chain of layers.
func ExampleTransformerEncoder() {
	layer := nn.TransformerEncoderLayer{Heads: 4, Activation: nn.GELU, Dropout: 0.1}
	m, err := nn.Sequential(dl.Shape{20},
		nn.Embedding{Vocabulary: 1000, Units: 32},
		nn.PositionalEmbedding{},
		nn.TransformerEncoder{Layer: layer, Layers: 2},
	)
	fmt.Println(m, err)
	// Output:
	// layer                type                                     output       parameters
	// -------------------------------------------------------------------------------------
	// input                                                         [N, 20]
	// embedding            Embedding                                [N, 20, 32]      32,000
	// positionalembedding  PositionalEmbedding                      [N, 20, 32]         640
	// transformerencoder   TransformerEncoder, 2 layers of 4 heads  [N, 20, 32]      25,408
	// -------------------------------------------------------------------------------------
	// 58,048 parameters (226.8 KiB) <nil>
}

// A layer of a Llama: the normalisation first, grouped queries, rotary positions, a gate, no biases.
func ExampleTransformerEncoderLayer() {
	layer := nn.Build(nn.TransformerEncoderLayer{Heads: 8, KVHeads: 2, Causal: true, Rotary: &nn.Rotary{Base: 10000},
		Hidden: 172, Gated: true, Activation: nn.SiLU, NormFirst: true, RMSNorm: true, NoBias: true}, 128, 64)
	for _, p := range nn.NamedParameters(layer) {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// self_attn.weight [64 96]
	// self_attn.out_weight [64 64]
	// linear1.weight [64 344]
	// linear2.weight [172 64]
	// norm1.gamma [64]
	// norm2.gamma [64]
}

// A decoder layer has two inputs: what was written so far, and a memory.
func ExampleTransformerDecoderLayer() {
	layer := nn.Build(nn.TransformerDecoderLayer{Heads: 2, Dropout: 0.1}, 10, 8)
	fmt.Println(layer.Call(dl.Randn(3, 10, 8), dl.Randn(3, 6, 8), nn.DecodeOptions{}).Shape())
	// Output: [3 10 8]
}

// The memory is computed once, and each layer takes its keys and values from it once.
func ExampleTransformerDecoder() {
	decoder := nn.Build(nn.TransformerDecoder{Layer: nn.TransformerDecoderLayer{Heads: 2}, Layers: 2, FinalNorm: true}, 10, 8)
	caches, memories := decoder.NewCaches(1, 10, 6)
	memory, x := dl.Randn(1, 6, 8), dl.Randn(1, 1, 8)
	dl.NoGrad(func() {
		for range 3 {
			x = decoder.Call(x, memory, nn.DecoderOptions{Caches: caches, MemoryCaches: memories})
		}
	})
	fmt.Println(x.Shape(), caches[0].Lengths(), memories[1].Lengths())
	// Output: [1 1 8] [3] [6]
}

// The model of the paper, without its embeddings, and with an eighth of the channels.
func ExampleTransformer() {
	m := nn.Build(nn.Transformer{
		Encoder: nn.TransformerEncoder{Layer: nn.TransformerEncoderLayer{Heads: 8, Hidden: 256}, Layers: 6, FinalNorm: true},
		Decoder: nn.TransformerDecoder{Layer: nn.TransformerDecoderLayer{Heads: 8, Hidden: 256}, Layers: 6, FinalNorm: true},
	}, 32, 64)
	n := 0
	for _, p := range m.Parameters() {
		n += p.Value.Size()
	}
	fmt.Println(n) // as many as PyTorch's nn.Transformer(64, 8, 6, 6, 256)
	fmt.Println(m.Call(dl.Randn(1, 7, 64), dl.Randn(1, 5, 64), nil, nil).Shape())
	// Output:
	// 700672
	// [1 5 64]
}
