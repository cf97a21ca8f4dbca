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

// The curve is a value: plotting.Lines draws Losses over Rates.
func ExampleTrainer_FindRate() {
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := dl.NewRand(1).Normals(0, 1, 128, 2)
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.Adam{}}
	curve, err := trainer.FindRate(context.Background(), data.FromTensors(x, x.Sum(1).Reshape(128, 1)), train.RateRange{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rate := curve.Suggestion()
	fmt.Println("between 0.0001 and 1:", rate > 0.0001 && rate < 1)
	trainer.Optimizer.SetRate(rate)
	// Output: between 0.0001 and 1: true
}
