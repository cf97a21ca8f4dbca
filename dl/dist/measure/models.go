package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/train/scaling"
)

// model is what can be measured.
type model struct {
	name, sample string
	measure      scaling.Measure
	check        []int // batches of a node to compare with, others than those measured
}

// models are made when they are asked for.
var models = map[string]func(ctx context.Context) (model, error){
	"digits": digits,
	"gpt2":   gpt2,
}

func named(ctx context.Context, name string) (model, error) {
	f := models[name]
	if f == nil {
		var names []string
		for n := range models {
			names = append(names, n)
		}
		slices.Sort(names)
		return model{}, fmt.Errorf("there is no model %q: %s", name, strings.Join(names, ", "))
	}
	return f(ctx)
}

// digits is the network of the first notebook. Its images are random, which does not change the time of a step.
func digits(context.Context) (model, error) {
	const images = 24000
	r := dl.NewRand(1)
	labels := make([]int32, images)
	for i := range labels {
		labels[i] = int32(r.IntN(10))
	}
	all := data.FromTensors(r.Uniforms(0, 1, images, 28, 28, 1), dl.Of(labels))
	trainer := func() (*train.Trainer, error) {
		dl.Seed(42)
		m, err := nn.Sequential(dl.Shape{28, 28, 1},
			nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
			nn.Flatten{},
			nn.Dense{Units: 128, Activation: nn.ReLU},
			nn.Dense{Units: 10, Activation: nn.Softmax},
		)
		return &train.Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 1e-3}, Seed: 42}, err
	}
	return model{"the first notebook's network, 2.8 million parameters", "image",
		scaling.Measure{Trainer: trainer, Data: all, Batches: []int{16, 64, 256}, Steps: 6, Turns: 1}, []int{32, 128}}, nil
}

// gpt2 is the smallest GPT-2, with random weights, and text of random tokens: neither changes the time of a step.
func gpt2(context.Context) (model, error) {
	const length = 128
	r := dl.NewRand(1)
	tokens := make([]int, 32*length)
	for i := range tokens {
		tokens[i] = r.IntN(50257)
	}
	trainer := func() (*train.Trainer, error) {
		dl.Seed(42)
		m, err := lm.GPT2Config{}.New()
		return &train.Trainer{Model: m, Optimizer: &optim.AdamW{LearningRate: 1e-4}, Seed: 42, Step: func(s *train.Step) *dl.Tensor {
			return lm.Loss(m, s.Batch.X, s.Batch.Y, lm.LossOptions{})
		}}, err
	}
	return model{"GPT-2, 124 million parameters", fmt.Sprintf("text of %d tokens", length),
		scaling.Measure{Trainer: trainer, Data: data.NextTokens{Tokens: tokens, Size: length}, Batches: []int{1, 4}, Steps: 1, Turns: 1}, nil}, nil
}
