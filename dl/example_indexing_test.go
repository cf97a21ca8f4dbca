package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// The probability of each row's own class.
func ExampleTensor_Gather() {
	p := dl.Of([]float64{0.1, 0.9, 0.8, 0.2}, 2, 2)
	labels := dl.Of([]int64{1, 0}, 2, 1)
	show(p.Gather(1, labels))
	// Output: [0.900 0.800]
}

// Scatter goes the other way: a one-hot row for each class.
func ExampleTensor_Scatter() {
	labels := dl.Of([]int64{2, 0}, 2, 1)
	fmt.Println(dl.Zeros(2, 3).Scatter(1, labels, dl.Ones(2, 1)))
	groups := dl.Of([]int64{0, 1, 0})
	show(dl.Zeros(2).ScatterAdd(0, groups, dl.Of([]float32{1, 10, 100}))) // sums of groups
	fmt.Println(dl.Of([]int64{2, 0}).OneHot(3))
	// Output:
	// tensor([[0., 0., 1.],
	//         [1., 0., 0.]], shape=[2 3], dtype=float32)
	// [101.000 10.000]
	// tensor([[0., 0., 1.],
	//         [1., 0., 0.]], shape=[2 3], dtype=float32)
}

// The mean and the largest value of each group.
func ExampleTensor_ScatterReduce() {
	groups, values := dl.Of([]int64{0, 1, 0, 1, 1}), dl.Of([]float64{1, 10, 3, 30, 20})
	mean := dl.ScatterOptions{Reduce: dl.ScatterMean, ExcludeSelf: true} // the zeros below are no values
	show(dl.Zeros(3).To(dl.Float64).ScatterReduce(0, groups, values, mean))
	show(dl.Full(15, 3).To(dl.Float64).ScatterReduce(0, groups, values, dl.ScatterOptions{Reduce: dl.ScatterMax}))
	// Output:
	// [2.000 20.000 0.000]
	// [15.000 30.000 15.000]
}

func ExampleTensor_Take() {
	x := dl.Of([]float64{0, 1, 2, 10, 11, 12}, 2, 3)
	show(x.Take(dl.Of([]int64{0, -1})))
	show(x.Rows([]int{1, 1}), x.IndexSelect(1, []int{2, 0}))
	// Output:
	// [0.000 12.000]
	// [10.000 11.000 12.000 10.000 11.000 12.000] [2.000 0.000 12.000 10.000]
}

func ExampleTensor_MaskedFill() {
	x := dl.Of([]float64{1, -2, 3})
	negative := x.Lt(dl.Scalar(0))
	show(x.MaskedFill(negative, 0), x.MaskedSelect(negative))
	fmt.Println(x.Gt(dl.Scalar(0)).NonZero())
	// Output:
	// [1.000 0.000 3.000] [-2.000]
	// tensor([[0],
	//         [2]], shape=[2 1], dtype=int64)
}

func ExampleTensor_Roll() {
	x := dl.Of([]float64{1, 2, 3})
	show(x.Roll(1, 0), x.Flip(), x.Tile(2), x.Repeat(2, 0))
	// Output: [3.000 1.000 2.000] [3.000 2.000 1.000] [1.000 2.000 3.000 1.000 2.000 3.000] [1.000 1.000 2.000 2.000 3.000 3.000]
}

func ExampleTensor_PadReflect() {
	x := dl.Of([]float64{1, 2, 3})
	before, after := []int{2}, []int{1}
	show(x.Pad(before, after), x.PadConstant(before, after, 9))
	show(x.PadReflect(before, after), x.PadReplicate(before, after), x.PadCircular(before, after))
	// Output:
	// [0.000 0.000 1.000 2.000 3.000 0.000] [9.000 9.000 1.000 2.000 3.000 9.000]
	// [3.000 2.000 1.000 2.000 3.000 2.000] [1.000 1.000 1.000 2.000 3.000 3.000] [2.000 3.000 1.000 2.000 3.000 1.000]
}

func ExampleTensor_Triu() {
	x := dl.Of([]float64{1, 2, 3, 4}, 2, 2)
	show(x.Tril(0), x.Triu(0), x.Triu(1))
	show(x.Diagonal(0), x.Diagonal(0).DiagEmbed(0))
	show(dl.Of([]float64{1, 2}).Outer(dl.Of([]float64{1, 10})))
	// Output:
	// [1.000 0.000 3.000 4.000] [1.000 2.000 0.000 4.000] [0.000 2.000 0.000 0.000]
	// [1.000 4.000] [1.000 0.000 0.000 4.000]
	// [1.000 10.000 2.000 20.000]
}

// Parts of a tensor are views: nothing is copied.
func ExampleTensor_Slice() {
	x := dl.Of([]float64{0, 1, 2, 3, 4, 5}, 2, 3)
	show(x.Slice(1, 0, 2), x.Narrow(1, 1, 2))
	show(x.Index(0), x.Select(1, -1))
	show(x.Slice(1, -2, x.Dim(1)), x.Slice(1, 0, -1)) // from the end
	fmt.Println(len(x.Unbind(0)), len(x.Split(1, 2)), len(x.Chunk(1, 3)))
	// Output:
	// [0.000 1.000 3.000 4.000] [1.000 2.000 4.000 5.000]
	// [0.000 1.000 2.000] [2.000 5.000]
	// [1.000 2.000 4.000 5.000] [0.000 1.000 3.000 4.000]
	// 2 2 3
}

// Sines in the even columns and cosines in the odd ones, as positions of a Transformer are written: pe[:, 0::2] = ...
func ExampleTensor_Every() {
	angles := dl.Of([]float64{0, 0.5, 1, 0.25}, 2, 2)
	pe := dl.New(dl.Float64, 2, 4)
	pe.Every(1, 2).CopyFrom(angles.Sin())
	pe.Slice(1, 1, 4).Every(1, 2).CopyFrom(angles.Cos())
	show(pe)
	// Output: [0.000 1.000 0.479 0.878 0.841 0.540 0.247 0.969]
}

// Other shapes of the same elements.
func ExampleTensor_Reshape() {
	x := dl.Zeros(2, 3, 4)
	fmt.Println(x.Reshape(6, -1).Shape(), x.Flatten(1).Shape(), x.Unsqueeze(0).Shape(), x.Slice(0, 0, 1).Squeeze().Shape())
	fmt.Println(x.T().Shape(), x.Permute(2, 0, 1).Shape(), x.Transpose(2, 0, 1).Shape(), x.SwapAxes(0, 1).Shape(), x.MoveAxis(0, -1).Shape())
	fmt.Println(dl.Zeros(3, 1).Expand(2, 3, 5).Shape(), x.T().IsContiguous(), x.T().Contiguous().IsContiguous())
	// Output:
	// [6 4] [2 12] [1 2 3 4] [3 4]
	// [2 4 3] [4 2 3] [4 2 3] [3 2 4] [3 4 2]
	// [2 3 5] false true
}

func ExampleConcat() {
	x, y := dl.Of([]float64{1, 2}), dl.Of([]float64{3, 4})
	fmt.Println(dl.Concat(0, x, y).Shape(), dl.Stack(x, y).Shape())
	// Output: [4] [2 2]
}
