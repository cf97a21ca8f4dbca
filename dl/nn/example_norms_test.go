package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Normalisation that does not depend on the other samples of a batch.
func ExampleGroupNorm() {
	x := dl.Of([]float32{1, 2, 3, 4, 10, 20, 30, 40}, 2, 2, 2) // two samples of two places with two channels
	for _, layer := range []nn.Layer{nn.GroupNorm{Groups: 1}, nn.InstanceNorm{}, nn.LayerNorm{}, nn.RMSNorm{}} {
		model, err := nn.Sequential(dl.Shape{2, 2}, layer)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.2f\n", model.Predict(x).Float32s())
	}
	// Output:
	// [-1.34 -0.45 0.45 1.34 -1.34 -0.45 0.45 1.34]
	// [-1.00 -1.00 1.00 1.00 -1.00 -1.00 1.00 1.00]
	// [-1.00 1.00 -1.00 1.00 -1.00 1.00 -1.00 1.00]
	// [0.63 1.26 0.85 1.13 0.63 1.26 0.85 1.13]
}

// The contrast of neighbouring channels, as in AlexNet.
func ExampleLocalResponseNorm() {
	model, err := nn.Sequential(dl.Shape{1, 1, 5}, nn.LocalResponseNorm{Size: 3, Alpha: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := dl.Of([]float32{0, 0, 3, 0, 3}, 1, 1, 1, 5)
	fmt.Printf("%.2f\n", model.Predict(x).Float32s())
	// Output: [0.00 0.00 1.06 0.00 1.06]
}

// Kinds of noise, which are there only while training.
func ExampleSpatialDropout() {
	for _, layer := range []nn.Layer{nn.SpatialDropout{Rate: 0.5}, nn.AlphaDropout{Rate: 0.1}, nn.GaussianDropout{Rate: 0.1}, nn.GaussianNoise{StdDev: 0.1}} {
		model, err := nn.Sequential(dl.Shape{2, 3}, layer)
		if err != nil {
			fmt.Println(err)
			return
		}
		x := dl.Ones(1, 2, 3)
		model.SetTraining(true)
		fmt.Println(model.Forward(x).Equal(x), model.Predict(x).Equal(x))
	}
	// Output:
	// false true
	// false true
	// false true
	// false true
}

// A block of a residual network whose shape changes, and which is left out for some samples while training.
func ExampleResidual_shortcut() {
	conv := func(filters, stride, kernel int) nn.Layer {
		return nn.Conv2D{Filters: filters, Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride}, Padding: nn.Same, NoBias: true}
	}
	model, err := nn.Sequential(dl.Shape{8, 8, 16}, nn.Residual{
		Layers:     []nn.Layer{conv(32, 2, 3), nn.BatchNorm{}, nn.ReLU, conv(32, 1, 3), nn.BatchNorm{}, nn.DropPath{Rate: 0.1}},
		Shortcut:   []nn.Layer{conv(32, 2, 1), nn.BatchNorm{}},
		Activation: nn.ReLU,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model)
	// Output:
	// layer     type            output         parameters
	// ---------------------------------------------------
	// input                     [N, 8, 8, 16]
	// residual  Residual, relu  [N, 4, 4, 32]      14,720
	// ---------------------------------------------------
	// 14,720 parameters (57.5 KiB), 14,528 of them trainable
}

// Branches side by side, as in Inception; the empty one is the input itself.
func ExampleParallel() {
	model, err := nn.Sequential(dl.Shape{8, 8, 4}, nn.Parallel{Branches: [][]nn.Layer{
		{nn.Conv2D{Filters: 6, Kernel: [2]int{1, 1}, Activation: nn.ReLU}},
		{nn.Conv2D{Filters: 2, Kernel: [2]int{1, 1}}, nn.Conv2D{Filters: 6, Kernel: [2]int{3, 3}, Padding: nn.Same}},
		{},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Output())
	// Output: [8 8 16]
}

// Layers that change the shape of samples.
func ExampleReshape() {
	model, err := nn.Sequential(dl.Shape{12},
		nn.Reshape{Shape: []int{3, -1}},                            // [3 4]
		nn.Permute{Axes: []int{1, 0}},                              // [4 3]
		nn.TimeDistributed{Layers: []nn.Layer{nn.Dense{Units: 2}}}, // [4 2]
		nn.Flatten{},              // [8]
		nn.RepeatVector{Times: 5}, // [5 8]
		nn.Lambda{Name: "first", Func: func(x *dl.Tensor) *dl.Tensor { return x.Select(1, 0) }}, // [8]
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Output())
	// Output: [8]
}

// Rules for parameters: those that make them small are added to the loss, constraints are kept after each step.
func ExampleRegularized() {
	model, err := nn.Sequential(dl.Shape{4},
		nn.Regularized{Layer: nn.Dense{Units: 8, Activation: nn.ReLU, WeightInit: nn.Ones}, Weight: nn.L2(0.01), Activity: nn.L1(0.001)},
		nn.Regularized{Layer: nn.Dense{Units: 8, WeightInit: nn.Ones}, Weight: nn.L1L2{L1: 0.01, L2: 0.01}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", nn.Penalty(model).Item()) // a Trainer does so by itself
	model.Parameter("regularized_1.weight").Regularizer = nn.L1(0.1)
	fmt.Printf("%.2f\n", nn.Penalty(model).Item())
	// Output:
	// 1.60
	// 6.72
}

// Two of three columns point in the same direction: the mean cosine is a third.
func ExampleOrthogonalRegularizer() {
	w := dl.Of([]float32{
		1, 2, 0,
		0, 0, 3,
	}, 2, 3)
	fmt.Printf("%.3f\n", nn.OrthogonalRegularizer{Factor: 1, Columns: true}.Penalty(w).Item())
	fmt.Printf("%.3f\n", nn.OrthogonalRegularizer{Factor: 1}.Penalty(w).Item()) // the rows are orthogonal
	// Output:
	// 0.333
	// 0.000
}

func ExampleConstrained() {
	layer := nn.Build(nn.Constrained{Layer: nn.Dense{Units: 2, WeightInit: nn.Constant(3), BiasInit: nn.Constant(-1)}, Weight: nn.UnitNorm{}, Bias: nn.NonNeg{}}, 4)
	nn.Constrain(layer) // after a step of an optimizer; a Trainer does so by itself
	fmt.Printf("%.2f\n", layer.Forward(dl.Ones(1, 4)).Float32s())
	w := dl.Full(2, 4, 1) // of the norm 4
	fmt.Printf("%.2f %.2f\n", nn.MaxNorm{Max: 2}.Constrain(w).Float32s(), nn.MinMaxNorm{Min: 8, Max: 9, Rate: 0.5}.Constrain(w).Float32s())
	// Output:
	// [2.00 2.00]
	// [1.00 1.00 1.00 1.00] [3.00 3.00 3.00 3.00]
}

// Weights that are computed from the parameters.
func ExampleSpectralNorm() {
	dl.Seed(1)
	for _, layer := range []nn.Layer{
		nn.WeightNorm{Layer: nn.Dense{Units: 3, WeightInit: nn.Constant(2)}},
		nn.SpectralNorm{Layer: nn.Dense{Units: 3, WeightInit: nn.Constant(2)}}, // the largest singular value is 2*sqrt(12)
	} {
		model, err := nn.Sequential(dl.Shape{4}, layer)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.3f\n", model.Predict(dl.Ones(1, 4)).Float32s())
	}
	// Output:
	// [8.000 8.000 8.000]
	// [1.155 1.155 1.155]
}
