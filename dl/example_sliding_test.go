package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// 4! = 24 is the gamma function of 5; the digamma function is the slope of its logarithm.
func ExampleTensor_Lgamma() {
	x := dl.Of([]float64{5}).RequireGrad()
	x.Lgamma().Sum().Backward()
	fmt.Printf("%.4f %.4f\n", x.Lgamma().Exp().Item(), x.Grad().Item())
	fmt.Printf("%.4f %.4f\n", x.Digamma().Item(), x.Polygamma(1).Item())
	// Output:
	// 24.0000 1.5061
	// 1.5061 0.2213
}

// Moving averages of three values, without a copy of the windows.
func ExampleTensor_Unfold() {
	x := dl.Of([]float32{1, 2, 6, 4, 5})
	fmt.Println(x.Unfold(0, 3, 1))
	fmt.Println(x.Unfold(0, 3, 1).Mean(1))
	// Output:
	// tensor([[1., 2., 6.],
	//         [2., 6., 4.],
	//         [6., 4., 5.]], shape=[3 3], dtype=float32)
	// tensor([3., 4., 5.], shape=[3], dtype=float32)
}

// A convolution is the product of its windows and its weights.
func ExampleUnfold() {
	x := dl.Arange(9).To(dl.Float32).Reshape(1, 3, 3, 1)
	windows := dl.Unfold(x, dl.WindowOptions{Size: [2]int{2, 2}})
	fmt.Println(windows.Index(0))
	fmt.Println(windows.MatMul(dl.Of([]float32{1, 0, 0, -1}, 4, 1)).Flatten(0))
	// Output:
	// tensor([[0., 1., 3., 4.],
	//         [1., 2., 4., 5.],
	//         [3., 4., 6., 7.],
	//         [4., 5., 7., 8.]], shape=[4 4], dtype=float32)
	// tensor([-4., -4., -4., -4.], shape=[4], dtype=float32)
}

// The pixel in the middle is in all four windows.
func ExampleFold() {
	windows := dl.Ones(1, 4, 4)
	fmt.Println(dl.Fold(windows, 3, 3, dl.WindowOptions{Size: [2]int{2, 2}}).Reshape(3, 3))
	// Output:
	// tensor([[1., 2., 1.],
	//         [2., 4., 2.],
	//         [1., 2., 1.]], shape=[3 3], dtype=float32)
}
