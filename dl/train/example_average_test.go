package train_test

import (
	"context"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// line is a model of one input and noisy data for it.
func line() (*nn.Model, data.Dataset) {
	r := dl.NewRand(1)
	x := r.Uniforms(-1, 1, 64, 1)
	y := x.MulScalar(3).Add(r.Normals(0, 0.3, 64, 1))
	model, err := nn.Sequential(dl.Shape{1}, nn.Dense{Units: 1})
	if err != nil {
		panic(err)
	}
	return model, data.FromTensors(x, y)
}

// The steps of a high rate jump about the best weights; their average is near it.
func ExampleEMA() {
	model, points := line()
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.5}}
	_, err := trainer.Fit(context.Background(), points, train.Options{Epochs: 20, BatchSize: 4,
		Callbacks: []train.Callback{train.EMA{Decay: 0.98, WarmUp: true}}})
	fmt.Printf("%.0f %v\n", model.Predict(dl.Ones(1, 1)).Item(), err)
	// Output: 3 <nil>
}

// The plain average of the weights of all epochs from the tenth on.
func ExampleSWA() {
	model, points := line()
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.5}}
	_, err := trainer.Fit(context.Background(), points, train.Options{Epochs: 40, BatchSize: 4,
		Callbacks: []train.Callback{train.SWA{Begin: 10}}})
	fmt.Printf("%.0f %v\n", model.Predict(dl.Ones(1, 1)).Item(), err)
	// Output: 3 <nil>
}
