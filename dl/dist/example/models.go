package main

import (
	"context"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/data/mnist"
	"modelbook/dl/data/shakespeare"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// digits is the network of the first notebook: 2.8 million parameters, nearly all of them in one layer.
func digits(ctx context.Context) (t *train.Trainer, training, test data.Dataset, err error) {
	digits, err := mnist.Load(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	dl.Seed(42)
	model, err := nn.Sequential(dl.Shape{28, 28, 1},
		nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 1e-3},
		Metrics: []metric.Metric{metric.Accuracy{}}}, digits.Train, digits.Test, err
}

// gpt is a language model of the bytes of Shakespeare's plays: 0.9 million parameters in four blocks.
func gpt(context.Context) (t *train.Trainer, training, test data.Dataset, err error) {
	const context, alphabet = 128, 256
	pieces := func(text string) data.Dataset {
		tokens := make([]int, len(text))
		for i := range tokens {
			tokens[i] = int(text[i])
		}
		return data.NextTokens{Tokens: tokens, Size: context, Stride: context}
	}
	first, last := shakespeare.Split()
	dl.Seed(42)
	block := nn.TransformerBlock{Heads: 4, Causal: true}
	model, err := nn.Sequential(dl.Shape{context},
		nn.Embedding{Vocabulary: alphabet, Units: 128},
		nn.PositionalEmbedding{},
		block, block, block, block,
		nn.LayerNorm{},
		nn.Dense{Units: alphabet, NoBias: true, Activation: nn.Softmax},
	)
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.AdamW{LearningRate: 1e-3, WeightDecay: 0.01}},
		pieces(first), pieces(last), err
}
