package nn_test

import (
	"fmt"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A model as the last expression of a cell is shown with a diagram; terminals get the text.
func ExampleModel_MimeBundle() {
	model, err := nn.Sequential(dl.Shape{28, 28, 1},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Activation: nn.ReLU}, nn.MaxPool2D{}, nn.Flatten{}, nn.Dense{Units: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.MimeBundle()["text/plain"])
	// Output:
	// layer      type               output           parameters    memory    FLOPs
	// ----------------------------------------------------------------------------
	// input                         [N, 28, 28, 1]                3.1 KiB
	// conv2d     Conv2D, 3×3, relu  [N, 26, 26, 16]         160  42.2 KiB  194,688
	// maxpool2d  MaxPool2D, 2×2     [N, 13, 13, 16]           0  10.6 KiB
	// flatten    Flatten            [N, 2704]                 0  10.6 KiB
	// dense      Dense              [N, 10]              27,050      40 B   54,080
	// ----------------------------------------------------------------------------
	// 27,210 parameters (106.3 KiB), 249k FLOPs for one sample. Memory to train batches of 32 with Adam: 2.1 MiB.
}

func ExampleGraph_String() {
	g := nn.NewGraph()
	a, b := g.Input("left", 8), g.Input("right", 8)
	side := g.Layer(nn.Dense{Units: 16, Activation: nn.ReLU})
	model, err := g.Build(g.Add(nn.Dense{Units: 1}, g.Concat(side(a), side(b))))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model)
	// Output:
	// layer    type         from          output   parameters  memory  FLOPs
	// ----------------------------------------------------------------------
	// left     input                      [N, 8]            0    32 B
	// right    input                      [N, 8]            0    32 B
	// dense    Dense, relu  left          [N, 16]         144    64 B
	// dense    Dense, relu  right         [N, 16]           0    64 B
	// concat   concat       dense, dense  [N, 32]           0   128 B
	// dense_1  Dense        concat        [N, 1]           33     4 B
	// ----------------------------------------------------------------------
	// 177 parameters (708 B)
}

// SVG is a diagram for a file, such as one beside a README.
func ExampleGraph_SVG() {
	g := nn.NewGraph()
	x := g.Input("x", 4)
	model, err := g.Build(g.Sum(x, g.Add(nn.Dense{Units: 4}, x)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Count(model.SVG(), "<rect"), "boxes")
	// Output: 3 boxes
}
