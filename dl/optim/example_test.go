package optim_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/optim"
)

// A training loop by hand: compute, Backward, Step, ZeroGrad.
func ExampleOptimizer() {
	x := dl.Of([]float32{5}).RequireGrad()
	o := &optim.SGD{LearningRate: 0.1, Momentum: 0.5, Schedule: optim.Cosine{Steps: 60}}
	for range 60 {
		x.AddScalar(-2).Square().Sum().Backward() // smallest at 2
		o.Step([]*dl.Tensor{x})
		x.ZeroGrad()
	}
	fmt.Printf("%.3f\n", x.Item())
	// Output: 2.000
}
