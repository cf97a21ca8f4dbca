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

func Example_indexing() {
	x := dl.Arange(24).Reshape(2, 3, 4)
	last := x.Index(-1)                          // x[-1]
	corner := x.Slice(1, 0, 2).Slice(2, -2, 4)   // x[:, :2, -2:]
	column := x.Select(2, 1)                     // x[:, :, 1], or x[..., 1]
	even := x.Every(2, 2)                        // x[..., ::2]
	odd := x.Slice(2, 1, 4).Every(2, 2)          // x[..., 1::2]
	wide := x.Unsqueeze(-1)                      // x[..., None]
	rows := x.IndexSelect(1, []int{2, 0, 0})     // x[:, [2, 0, 0]]
	large := x.MaskedSelect(x.Gt(dl.Scalar(20))) // x[x > 20]

	x.Index(0).Fill(1)                                                 // x[0] = 1
	x.SetSlice(1, 0, 1, dl.Zeros(4))                                   // x[:, :1] = zeros(4)
	x.Set(5, 1, 2, 3)                                                  // x[1, 2, 3] = 5
	x.CopyFrom(x.MaskedFill(x.Lt(dl.Scalar(1)), -1))                   // x[x < 1] = -1
	x.CopyFrom(x.Add(dl.Ones(4)))                                      // x += ones(4)
	fmt.Println(last.Shape(), corner.Shape(), column.Shape())          // views: they see the changes
	fmt.Println(even.Shape(), odd.Shape(), wide.Shape(), rows.Shape()) // the rows, and large, are copies
	fmt.Println(large, x.At(1, 2, 3))
	// Output:
	// [3 4] [2 2 2] [2 3]
	// [2 3 2] [2 3 2] [2 3 4 1] [2 3 4]
	// tensor([21., 22., 23.], shape=[3], dtype=float32) 6
}

func Example_channels() {
	theirs := dl.Randn(8, 3, 32, 32)
	ours := theirs.MoveAxis(1, -1)
	fmt.Println(ours.Shape())
	// Output: [8 32 32 3]
}
