package lm_test

import (
	"context"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// Only the answer of a sample counts: the targets of its prompt are ignored.
func ExampleLoss() {
	m := tiny()
	tokens := dl.Of([]int32{3, 1, 4, 1}, 1, 4)
	targets := dl.Of([]int32{lm.Ignored, lm.Ignored, 1, 5}, 1, 4)
	loss := lm.Loss(m, tokens, targets, lm.LossOptions{})
	whole := m.Forward(tokens).Slice(1, 2, 4).Reshape(2, -1)
	fmt.Println(loss.AllClose(dl.SparseCrossEntropy(whole, dl.Of([]int32{1, 5})), 1e-5, 1e-5))
	// Output: true
}

// Fine-tuning in full, with gradient checkpointing, two batches for a step, and products in bfloat16 where the processor
// has it.
func ExampleLoss_train() {
	dl.SetMatMulPrecision(dl.PrecisionMedium)
	defer dl.SetMatMulPrecision(dl.PrecisionHighest)
	m := tiny()
	m.Checkpoint = true
	alphabet := make([]int, 200)
	for i := range alphabet {
		alphabet[i] = i % 26
	}
	before, _ := lm.Perplexity(context.Background(), m, alphabet, lm.PerplexityOptions{})
	trainer := &train.Trainer{Model: m, Optimizer: &optim.AdamW{LearningRate: 0.01}, Step: func(s *train.Step) *dl.Tensor {
		return lm.Loss(m, s.Batch.X, s.Batch.Y, lm.LossOptions{Rows: 32})
	}}
	_, err := trainer.Fit(context.Background(), data.NextTokens{Tokens: alphabet, Size: 16}, train.Options{Epochs: 4, BatchSize: 8, Accumulate: 2})
	after, _ := lm.Perplexity(context.Background(), m, alphabet, lm.PerplexityOptions{})
	fmt.Println(before > 20, after < 1.5, err)
	// Output: true true <nil>
}

func ExamplePerplexity() {
	text := []int{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3}
	p, err := lm.Perplexity(context.Background(), tiny(), text, lm.PerplexityOptions{Context: 8, Stride: 4})
	fmt.Println(p > 1, err)
	// Output: true <nil>
}

// The last of two layers is trained, and the norm behind it.
func ExampleTrainLast() {
	m := tiny()
	lm.TrainLast(m, 1)
	c := nn.Count(m)
	fmt.Println(c.Trainable, c.Frozen)
	// Output: 3312 4208
}
