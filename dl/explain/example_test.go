package explain_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/explain"
	"modelbook/dl/nn"
)

// A model that looks at the left column of a picture only.
func ExampleSaliency() {
	model, err := nn.Sequential(dl.Shape{2, 2, 1}, nn.Flatten{}, nn.Dense{Units: 1, Activation: nn.Sigmoid})
	if err != nil {
		fmt.Println(err)
		return
	}
	model.Parameter("dense.weight").Value.CopyFrom(dl.Of([]float32{2, 0, -3, 0}, 4, 1))
	fmt.Println(explain.Saliency(model, dl.Ones(1, 2, 2, 1), nil).Slices())
	// Output: [[[2 0] [3 0]]]
}

// The one filter finds bright places, and they speak for the class.
func ExampleGradCAM() {
	model, err := nn.Sequential(dl.Shape{2, 2, 1}, nn.Conv2D{Filters: 1, Kernel: [2]int{1, 1}}, nn.Flatten{}, nn.Dense{Units: 1, Activation: nn.Sigmoid})
	if err != nil {
		fmt.Println(err)
		return
	}
	model.Parameter("conv2d.weight").Value.CopyFrom(dl.Of([]float32{2}, 1, 1, 1, 1))
	model.Parameter("dense.weight").Value.CopyFrom(dl.Of([]float32{1, 1, 1, 1}, 4, 1))
	x := dl.Of([]float32{0, 1, 0, 3}, 1, 2, 2, 1)
	fmt.Println(explain.GradCAM(model, "", x, []int{1}).Slices())
	// Output: [[[0 2] [0 6]]]
}

// The numbers in which the layer before the last describes a sample.
func ExampleActivations() {
	model, err := nn.Sequential(dl.Shape{2}, nn.Named("features", nn.Dense{Units: 3, Activation: nn.ReLU}), nn.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	model.Parameter("features.weight").Value.CopyFrom(dl.Of([]float32{1, 0, -1, 0, 2, 0}, 2, 3))
	fmt.Println(explain.Activations(model, "features", dl.Of([]float32{3, 4}, 1, 2)).Slices())
	// Output: [[3 8 0]]
}

// A model that adds up the left column of a picture: what it says falls where that is covered.
func ExampleOcclusion() {
	model, err := nn.Sequential(dl.Shape{2, 2, 1}, nn.Flatten{}, nn.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	model.Parameter("dense.weight").Value.CopyFrom(dl.Of([]float32{1, 0, 1, 0}, 4, 1))
	fmt.Println(explain.Occlusion(model, dl.Of([]float32{5, 5, 3, 3}, 1, 2, 2, 1), nil, explain.OcclusionOptions{Size: 1}).Slices())
	// Output: [[[5 0] [3 0]]]
}
