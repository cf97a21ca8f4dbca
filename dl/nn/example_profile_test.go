package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

func ExampleModel_Profile() {
	model, err := nn.Sequential(dl.Shape{28, 28, 3},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Activation: nn.ReLU}, nn.MaxPool2D{}, nn.Flatten{}, nn.Dense{Units: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(nn.Count(model))
	p, err := model.Profile()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	fmt.Println(p.Total.FLOPs(), "floating-point operations for an image")
	fmt.Println(p.Memory(64, 2)) // batches of 64, Adam
	// Output:
	// 27,498 parameters in 4 tensors
	// layer   output        parameters     MACs  activations
	// conv2d  [1 26 26 16]         448  292,032     52.8 KiB
	// dense   [1 10]            27,050   27,040         40 B
	// total                     27,498  319,072     52.9 KiB
	// 638144 floating-point operations for an image
	// 3.7 MiB: parameters 107.4 KiB, gradients 107.4 KiB, optimizer 214.8 KiB, activations 3.3 MiB
}

// What a model takes, to try it.
func ExampleZeroInputs() {
	model, err := nn.Sequential(dl.Shape{28, 28, 3}, nn.Flatten{}, nn.Dense{Units: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	inputs, err := nn.ZeroInputs(model)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(inputs[0].Shape(), model.Predict(inputs[0]).Shape())
	// Output: [1 28 28 3] [1 10]
}
