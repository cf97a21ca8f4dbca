package optim_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/optim"
)

// minimise takes steps for the smallest sum of (x-2)^2 and prints where they lead.
func minimise(o optim.Optimizer, steps int) {
	x := dl.Of([]float32{5, -3}).RequireGrad()
	for range steps {
		x.AddScalar(-2).Square().Sum().Backward()
		o.Step([]*dl.Tensor{x})
		x.ZeroGrad()
	}
	fmt.Printf("%.1f\n", x.Float32s())
}

// Momentum with Nesterov's look-ahead.
func ExampleSGD() {
	minimise(&optim.SGD{LearningRate: 0.1, Momentum: 0.9, Nesterov: true}, 100)
	// Output: [2.0 2.0]
}

func ExampleAdam() {
	minimise(&optim.Adam{LearningRate: 0.1}, 200)
	// Output: [2.0 2.0]
}

// The weight decay draws the values a little to 0.
func ExampleAdamW() {
	minimise(&optim.AdamW{LearningRate: 0.1, WeightDecay: 0.01}, 200)
	// Output: [2.0 2.0]
}

func ExampleRMSprop() {
	minimise(&optim.RMSprop{LearningRate: 0.05, Centered: true, Schedule: optim.Cosine{Steps: 200}}, 200)
	// Output: [2.0 2.0]
}

func ExampleAdamax() {
	minimise(&optim.Adamax{LearningRate: 0.1}, 200)
	// Output: [2.0 2.0]
}

func ExampleNAdam() {
	minimise(&optim.NAdam{LearningRate: 0.1}, 200)
	// Output: [2.0 2.0]
}

func ExampleRAdam() {
	minimise(&optim.RAdam{LearningRate: 0.1}, 300)
	// Output: [2.0 2.0]
}

func ExampleAdagrad() {
	minimise(&optim.Adagrad{LearningRate: 1}, 200)
	// Output: [2.0 2.0]
}

// With the paper's rate of 1 it begins slowly.
func ExampleAdadelta() {
	minimise(&optim.Adadelta{LearningRate: 10}, 300)
	// Output: [2.3 0.5]
}

// Steps of one size need a rate that falls.
func ExampleLion() {
	minimise(&optim.Lion{LearningRate: 0.1, Schedule: optim.Cosine{Steps: 200}}, 200)
	// Output: [2.0 1.9]
}

func ExampleLAMB() {
	minimise(&optim.LAMB{LearningRate: 0.05, Schedule: optim.Cosine{Steps: 200}}, 200)
	// Output: [2.0 2.0]
}

func ExampleLARS() {
	minimise(&optim.LARS{LearningRate: 5, Trust: 0.01, Schedule: optim.Cosine{Steps: 300}}, 300)
	// Output: [2.0 2.0]
}

func ExampleAdafactor() {
	minimise(&optim.Adafactor{LearningRate: 0.1}, 300)
	// Output: [2.0 2.0]
}

// A vector takes the step of AdamW, a matrix that of Muon.
func ExampleMuon() {
	minimise(&optim.Muon{LearningRate: 0.1, WeightDecay: -1}, 200)
	// Output: [2.0 2.0]
}

func ExampleFtrl() {
	minimise(&optim.Ftrl{LearningRate: 1}, 200)
	// Output: [2.0 2.0]
}

func ExampleASGD() {
	minimise(&optim.ASGD{LearningRate: 0.1, Start: -1}, 200)
	// Output: [2.0 2.0]
}

func ExampleRprop() {
	minimise(&optim.Rprop{}, 60)
	// Output: [2.0 2.0]
}

// A group with its own rate: the last layer learns ten times slower, and Muon takes AdamW's step for it.
func ExampleGroup() {
	hidden, last := dl.Ones(2, 2).RequireGrad(), dl.Ones(2, 2).RequireGrad()
	o := &optim.Muon{LearningRate: 0.1, WeightDecay: -1, Groups: []optim.Group{{Parameters: []*dl.Tensor{last}, RateFactor: 0.1, Adam: true}}}
	hidden.Add(last).Sum().Backward()
	o.Step([]*dl.Tensor{hidden, last})
	fmt.Printf("%.3f\n%.3f\n", hidden.At(0, 0), last.At(0, 0))
	// Output:
	// 0.965
	// 0.990
}

// The gradients of a step are scaled together, so that their norm is at most 1.
func ExampleClip() {
	x := dl.Of([]float32{0, 0}).RequireGrad()
	x.Mul(dl.Of([]float32{30, 40})).Sum().Backward()
	o := &optim.SGD{LearningRate: 1, Clip: optim.Clip{Norm: 1}}
	o.Step([]*dl.Tensor{x})
	fmt.Printf("%.2f\n", x.Float32s())
	// Output: [-0.60 -0.80]
}

func ExampleGradientNorm() {
	x := dl.Of([]float32{0, 0}).RequireGrad()
	x.Mul(dl.Of([]float32{3, 4})).Sum().Backward()
	fmt.Println(optim.GradientNorm([]*dl.Tensor{x}))
	// Output: 5
}

// The weights go on from half way back after every 5 steps of Adam.
func ExampleLookahead() {
	minimise(&optim.Lookahead{Optimizer: &optim.Adam{LearningRate: 0.2}}, 200)
	// Output: [2.0 2.0]
}
