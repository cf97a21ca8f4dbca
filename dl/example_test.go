package dl_test

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"modelbook/dl"
)

// The gradient of the sum of squares is twice the value.
func ExampleTensor_Backward() {
	x := dl.Of([]float32{1, 2, 3}).RequireGrad()
	y := x.Square().Sum()
	y.Backward()
	fmt.Println(y.Item(), x.Grad())
	// Output: 14 tensor([2., 4., 6.], shape=[3], dtype=float32)
}

// Axes of size 1 stretch: a row plus a column is a table.
func ExampleTensor_Add() {
	row := dl.Of([]float32{1, 2, 3}, 1, 3)
	column := dl.Of([]float32{10, 20}, 2, 1)
	fmt.Println(row.Add(column))
	// Output:
	// tensor([[11., 12., 13.],
	//         [21., 22., 23.]], shape=[2 3], dtype=float32)
}

// A 2 x 2 window of ones adds up what lies under it.
func ExampleConv2D() {
	image := dl.Arange(9).Reshape(1, 3, 3, 1)
	kernel := dl.Ones(2, 2, 1, 1)
	fmt.Println(dl.Conv2D(image, kernel, nil, dl.ConvOptions{}).Reshape(2, 2))
	// Output:
	// tensor([[ 8., 12.],
	//         [20., 24.]], shape=[2 2], dtype=float32)
}

// A mistake says what is wrong; Try turns its panic into an error.
func ExampleTry() {
	err := dl.Try(func() { dl.Zeros(2, 3).MatMul(dl.Zeros(4, 5)) })
	shape := err.(*dl.ShapeError)
	fmt.Println(shape.Op, shape.Shapes, shape.Detail)
	// Output: MatMul [[2 3] [4 5]] the last axis of the first (3) must equal the last but one of the second (4)
}

// A step of gradient descent, in an arena that recycles its memory.
func ExampleArena() {
	w := dl.Of([]float32{0}).RequireGrad()
	arena := dl.NewArena()
	for range 3 {
		arena.Run(func() {
			w.ZeroGrad()
			w.AddScalar(-1).Square().Sum().Backward() // smallest at 1
			w.Float32s()[0] -= 0.25 * w.Grad().Float32s()[0]
		})
	}
	fmt.Println(w.At(0))
	// Output: 0.875
}

// gonum's float32 matrices run on the same kernels.
func ExampleAccelerateGonum() {
	dl.AccelerateGonum()
	a := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 2, 3, 4}}
	c := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 4)}
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, a, a, 0, c)
	fmt.Println(c.Data)
	// Output: [5 11 11 25]
}

func ExampleAttention() {
	q := dl.Of([]float32{0, 0, 9, 0}, 1, 2, 2) // two positions of two channels
	k := dl.Of([]float32{1, 0, 0, 1}, 1, 2, 2)
	v := dl.Of([]float32{1, 2, 3, 4}, 1, 2, 2)
	fmt.Printf("%.2f\n", dl.Attention(q, k, v, dl.AttentionOptions{}).Float32s())
	fmt.Printf("%.2f\n", dl.Attention(q, k, v, dl.AttentionOptions{Causal: true}).Float32s()) // the first sees itself only
	// Output:
	// [2.00 3.00 1.00 2.00]
	// [1.00 2.00 1.00 2.00]
}

func ExampleEmbedding() {
	table := dl.Of([]float32{0, 0, 1, 10, 2, 20}, 3, 2)
	fmt.Println(dl.Embedding(table, dl.Of([]int32{2, 0, 1})))
	// Output:
	// tensor([[ 2., 20.],
	//         [ 0.,  0.],
	//         [ 1., 10.]], shape=[3 2], dtype=float32)
}

func ExampleLayerNorm() {
	x := dl.Of([]float32{1, 2, 3, 10, 20, 30}, 2, 3)
	fmt.Printf("%.3f\n", dl.LayerNorm(x, dl.Ones(3), dl.Zeros(3), 1e-5).Float32s())
	// Output: [-1.225 0.000 1.225 -1.225 0.000 1.225]
}
