package dl_test

import "modelbook/dl"

func ExampleGroupNorm() {
	x := dl.Of([]float32{1, 2, 3, 4, 10, 20, 30, 40}, 2, 2, 2) // two samples of two places with two channels
	show(dl.GroupNorm(x, dl.Ones(2), dl.Zeros(2), 1, 1e-5))
	show(dl.GroupNorm(x, nil, nil, 2, 1e-5)) // each channel of each sample by itself
	show(dl.RMSNorm(x, dl.Ones(2), 1e-6))
	// Output:
	// [-1.342 -0.447 0.447 1.342 -1.342 -0.447 0.447 1.342]
	// [-1.000 -1.000 1.000 1.000 -1.000 -1.000 1.000 1.000]
	// [0.632 1.265 0.849 1.131 0.632 1.265 0.849 1.131]
}

// The last channels are divided by more, as there are large ones beside them.
func ExampleLocalResponseNorm() {
	x := dl.Of([]float32{1, 1, 1, 9, 9}, 1, 5)
	show(dl.LocalResponseNorm(x, 3, 1, 0.5, 1)) // the root of 1 and a third of the squares of three
	// Output: [0.775 0.707 0.187 1.210 1.214]
}
