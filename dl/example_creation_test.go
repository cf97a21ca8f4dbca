package dl_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"modelbook/dl"
)

func ExampleFromSlices() {
	x := dl.FromSlices([][]float32{{1, 2}, {3, 4}})
	fmt.Println(x)
	fmt.Println(x.T().Slices().([][]float32))
	// Output:
	// tensor([[1., 2.],
	//         [3., 4.]], shape=[2 2], dtype=float32)
	// [[1 3] [2 4]]
}

// Linspace has the last number, Range has not.
func ExampleLinspace() {
	show(dl.Linspace(0, 1, 5), dl.Range(0, 1, 0.25), dl.Logspace(0, 2, 3))
	show(dl.ZerosLike(dl.Ones(2)), dl.OnesLike(dl.Zeros(2)), dl.FullLike(dl.Zeros(2), 7))
	// Output:
	// [0.000 0.250 0.500 0.750 1.000] [0.000 0.250 0.500 0.750] [1.000 10.000 100.000]
	// [0.000 0.000] [1.000 1.000] [7.000 7.000]
}

// The coordinates of a grid.
func ExampleMeshgrid() {
	grid := dl.Meshgrid(dl.Arange(2), dl.Arange(3))
	fmt.Println(grid[0])
	fmt.Println(grid[1])
	// Output:
	// tensor([[0., 0., 0.],
	//         [1., 1., 1.]], shape=[2 3], dtype=float32)
	// tensor([[0., 1., 2.],
	//         [0., 1., 2.]], shape=[2 3], dtype=float32)
}

func ExampleTri() {
	fmt.Println(dl.Tri(3, 3, 0))
	// Output:
	// tensor([[1., 0., 0.],
	//         [1., 1., 0.],
	//         [1., 1., 1.]], shape=[3 3], dtype=float32)
}

// Equal seeds give equal numbers.
func ExampleRand_Categorical() {
	r := dl.NewRand(1)
	fmt.Println(r.Bernoullis(0.5, 8).Sum().Item() <= 8, r.Integers(0, 10, 3).Shape())
	fmt.Println(r.Exponentials(1, 2).Shape(), r.Gammas(2, 1, 2).Shape(), r.Betas(1, 2, 2).Shape(), r.Poissons(4, 2).Shape())
	fmt.Println(r.TruncatedNormals(0, 1, -2, 2, 1000).Abs().Max().Item() <= 2)
	weights := dl.Of([]float32{1, 0, 3})
	fmt.Println(r.Categorical(weights, 4).Shape(), r.Choices(weights, 2).Shape(), r.Multinomial(100, weights).At(1))
	// Output:
	// true [3]
	// [2] [2] [2] [2]
	// true
	// [4] [2] 0
}

// The memory is shared: a change of the tensor is one of the matrix.
func ExampleFromMatrix() {
	m := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	x := dl.FromMatrix(m)
	x.Set(10, 0, 0)
	fmt.Println(m.At(0, 0), x.Matrix().At(1, 1))
	// Output: 10 4
}
