package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/data/generate"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

func Example_trainer() {
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{2},
		nn.Dense{Units: 32, Activation: nn.ReLU},
		nn.Dense{Units: 2, Activation: nn.Softmax},
	)
	if err != nil {
		panic(err)
	}
	moons := generate.Moons(200, 0.1, dl.NewRand(1))
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1}
	history, err := trainer.Fit(context.Background(), moons, train.Options{Epochs: 30, BatchSize: 32})
	fmt.Println(history.Last("accuracy") > 0.9, err)
	// Output: true <nil>
}

func Example_loop() {
	dl.Seed(1)
	x, y := dl.Randn(64, 3), dl.Randn(64, 1)
	model := nn.Build(nn.Dense{Units: 1}, 3)
	optimizer := &optim.SGD{LearningRate: 0.1}
	for range 10 {
		loss := dl.MSE(model.Forward(x), y)
		loss.Backward()
		optimizer.Step(nn.Trainable(model))
		for _, p := range nn.Trainable(model) {
			p.ZeroGrad()
		}
	}
	var predicted *dl.Tensor
	dl.NoGrad(func() { predicted = model.Forward(x) })
	fmt.Println(predicted.Shape())
	// Output: [64 1]
}

// Gate is a layer of one's own.
type Gate struct{ Value, Open *nn.Dense }

// NewGate makes one for inputs of a size.
func NewGate(in, out int) *Gate {
	return &Gate{Value: nn.Build(nn.Dense{Units: out}, in), Open: nn.Build(nn.Dense{Units: out, Activation: nn.Sigmoid}, in)}
}

func (g *Gate) Forward(x *dl.Tensor) *dl.Tensor { return g.Value.Forward(x).Mul(g.Open.Forward(x)) }

func (g *Gate) Parameters() []*nn.Parameter { return nn.ParametersOf(g) }

func ExampleGate() {
	fmt.Println(NewGate(4, 3).Forward(dl.Randn(8, 4)).Shape(), len(NewGate(4, 3).Parameters()))
	// Output: [8 3] 4
}

func Example_freezing() {
	model, err := nn.Sequential(dl.Shape{4}, nn.Named("body", nn.Dense{Units: 8}), nn.Named("head", nn.Dense{Units: 2}))
	if err != nil {
		panic(err)
	}
	nn.Freeze(model.Layer("body"))
	fmt.Println(len(nn.Trainable(model)), "of", len(model.Parameters()))
	// Output: 2 of 4
}

func Example_saving() {
	model, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 2})
	if err != nil {
		panic(err)
	}
	path := filepath.Join(os.TempDir(), "model.safetensors")
	defer os.Remove(path)
	if err := model.Save(path); err != nil { // structure and weights
		panic(err)
	}
	again, err := nn.Load(path)
	if err != nil {
		panic(err)
	}
	x := dl.Ones(1, 4)
	fmt.Println(again.Predict(x).Equal(model.Predict(x)))
	// Output: true
}

func Example_channels() {
	theirs := dl.Randn(8, 3, 32, 32)
	ours := theirs.MoveAxis(1, -1)
	fmt.Println(ours.Shape())
	// Output: [8 32 32 3]
}
