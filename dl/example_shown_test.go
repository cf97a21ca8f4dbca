package dl_test

import (
	"errors"
	"fmt"

	"modelbook/dl"
)

// A tensor as the last expression of a cell is shown so; terminals get the text.
func ExampleTensor_MimeBundle() {
	x := dl.Arange(24).Reshape(4, 6)
	fmt.Println(x.MimeBundle()["text/plain"])
	// Output:
	// tensor([[ 0.,  1.,  2.,  3.,  4.,  5.],
	//         [ 6.,  7.,  8.,  9., 10., 11.],
	//         [12., 13., 14., 15., 16., 17.],
	//         [18., 19., 20., 21., 22., 23.]], shape=[4 6], dtype=float32)
	// 24 elements, 96 B; from 0 to 23.00; mean 11.50, std 6.922  ████████████
}

func ExampleShapeError_Drawing() {
	err := dl.Try(func() { dl.Zeros(64, 784).MatMul(dl.Zeros(128, 10)) })
	var shapes *dl.ShapeError
	if errors.As(err, &shapes) {
		fmt.Println(shapes.Op, "needs", shapes.Detail)
		fmt.Println(shapes.Drawing())
	}
	// Output:
	// MatMul needs the last axis of the first (784) must equal the last but one of the second (128)
	//   first   [  64 ][ 784 ]
	//                    ^^^
	//   second  [ 128 ][  10 ]
	//             ^^^
}
