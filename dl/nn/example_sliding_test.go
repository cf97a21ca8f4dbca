package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Patches of an image as rows for a Dense, as in vision transformers.
func ExampleUnfold() {
	model, err := nn.Sequential(dl.Shape{32, 32, 3}, nn.Unfold{Size: [2]int{8, 8}, Stride: [2]int{8, 8}}, nn.Dense{Units: 64})
	fmt.Println(model.Output(), err)
	// Output: [16 64] <nil>
}

// Patches that do not overlap become the image again.
func ExampleFold() {
	size := [2]int{2, 2}
	x := dl.NewRand(1).Normals(0, 1, 1, 4, 6, 3)
	rows := nn.Build(nn.Unfold{Size: size, Stride: size}, 4, 6, 3).Forward(x)
	back := nn.Build(nn.Fold{Height: 4, Width: 6, Size: size, Stride: size}, 6, 12).Forward(rows)
	fmt.Println(rows.Shape(), back.Equal(x))
	// Output: [1 6 12] true
}

// The lengths of pairs of values, between their mean and their largest.
func ExampleLPPool1D() {
	x := dl.Of([]float32{3, -4, 5, 12}, 1, 4, 1)
	fmt.Println(nn.Build(nn.LPPool1D{}, 4, 1).Forward(x).Float32s())
	image := nn.Build(nn.LPPool2D{Norm: 1}, 2, 2, 1)
	fmt.Println(image.Forward(x.Reshape(1, 2, 2, 1)).Item())
	// Output:
	// [5 13]
	// 24
}

// How alike two sentences are: the cosine of what one layer makes of both.
func ExampleGraph_Cosine() {
	g := nn.NewGraph()
	x, y := g.Input("x", 8), g.Input("y", 8)
	side := g.Layer(nn.Dense{Units: 4, Activation: nn.Tanh})
	model, err := g.Build(g.Cosine(side(x), side(y)), g.Average(side(x), side(y)))
	if err != nil {
		fmt.Println(err)
		return
	}
	same := dl.NewRand(1).Normals(0, 1, 1, 8)
	fmt.Printf("%.3f\n", model.Call(same, same)[0].Item())
	// Output: 1.000
}

// What sequences share, column by column: Keras's Dot(axes=1), as the batch is not counted here.
func ExampleGraph_Dot() {
	g := nn.NewGraph()
	x, y := g.Input("x", 5, 3), g.Input("y", 5, 4)
	fmt.Println(g.Dot(x, y, 0).Shape)
	// Output: [3 4]
}

// What comes next in films of 10 pictures: the state after the last one.
func ExampleConvLSTM2D() {
	model, err := nn.Sequential(dl.Shape{10, 16, 16, 1},
		nn.ConvLSTM2D{Filters: 8, Kernel: [2]int{3, 3}, Padding: nn.Same, ReturnSequences: true},
		nn.ConvLSTM2D{Filters: 8, Kernel: [2]int{3, 3}, Padding: nn.Same},
		nn.Conv2D{Filters: 1, Kernel: [2]int{3, 3}, Padding: nn.Same, Activation: nn.Sigmoid},
	)
	fmt.Println(model.Output(), err)
	sequences := nn.Build(nn.ConvLSTM1D{Filters: 4, Kernel: 5}, 10, 32, 2)
	fmt.Println(sequences.Forward(dl.Zeros(1, 10, 32, 2)).Shape())
	// Output:
	// [16 16 1] <nil>
	// [1 28 4]
}
