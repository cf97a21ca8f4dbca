package dl_test

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// Reductions are over all elements, or over the axes that are named.
func ExampleTensor_Sum() {
	x := dl.Of([]float64{1, 2, 3, 4, 5, 6}, 2, 3)
	show(x.Sum(), x.Sum(0), x.Sum(-1))
	show(x.Mean(), x.Mean(0), x.Prod(1))
	show(x.Max(), x.Max(0), x.Min(1))
	fmt.Println(x.ArgMax(1), x.ArgMin(0))
	// Output:
	// [21.000] [5.000 7.000 9.000] [6.000 15.000]
	// [3.500] [2.500 3.500 4.500] [6.000 120.000]
	// [6.000] [4.000 5.000 6.000] [1.000 4.000]
	// tensor([2, 2], shape=[2], dtype=int64) tensor([0, 0, 0], shape=[3], dtype=int64)
}

// Var and Std divide by n, as in NumPy; PyTorch divides by n-1.
func ExampleTensor_Std() {
	x := dl.Of([]float64{1, 2, 3, 4})
	show(x.Var(), x.Std())
	show(x.VarUnbiased(), x.StdUnbiased())
	// Output:
	// [1.250] [1.118]
	// [1.667] [1.291]
}

// The largest p is that of the largest element.
func ExampleTensor_Norm() {
	x := dl.Of([]float64{3, -4, 0})
	show(x.Norm(2), x.Norm(1), x.Norm(0), x.Norm(math.Inf(1)))
	// Output: [5.000] [7.000] [2.000] [4.000]
}

func ExampleTensor_LogSumExp() {
	show(dl.Of([]float64{1000, 1000, 0, 0}, 2, 2).LogSumExp(1))
	// Output: [1000.693 0.693]
}

func ExampleTensor_Any() {
	x := dl.Of([]float64{1, 0, 0, 0}, 2, 2)
	fmt.Println(x.Any(1).Bools(), x.All(1).Bools(), dl.Values[int64](x.CountNonZero(1)))
	// Output: [true false] [false false] [1 0]
}

// With KeepDim the axis stays, so that the result fits beside the tensor.
func ExampleKeepDim() {
	x := dl.Of([]float32{1, 3, 10, 30}, 2, 2)
	fmt.Println(dl.KeepDim(x.Mean, 1).Shape(), x.Sub(dl.KeepDim(x.Mean, 1)))
	// Output:
	// [2 1] tensor([[ -1.,   1.],
	//         [-10.,  10.]], shape=[2 2], dtype=float32)
}

func ExampleTensor_CumSum() {
	x := dl.Of([]float64{1, 2, 3, 4})
	show(x.CumSum(0), x.CumProd(0), x.Diff(0))
	// Output: [1.000 3.000 6.000 10.000] [1.000 2.000 6.000 24.000] [1.000 1.000 1.000]
}

// Of two middle elements Median is the lower one.
func ExampleTensor_Median() {
	x := dl.Of([]float64{4, 1, 3, 2})
	show(x.Median(0), x.Quantile(0.5, 0), x.Quantile(0.25, 0))
	// Output: [2.000] [2.500] [1.750]
}

func ExampleTensor_Sort() {
	x := dl.Of([]float64{3, 1, 2})
	show(x.Sort(0), x.SortDescending(0))
	fmt.Println(dl.Values[int64](x.ArgSort(0)), dl.Values[int64](x.ArgSortDescending(0)))
	// Output:
	// [1.000 2.000 3.000] [3.000 2.000 1.000]
	// [1 2 0] [0 2 1]
}

// The two best classes of each row, with their probabilities.
func ExampleTensor_TopK() {
	p := dl.Of([]float64{0.1, 0.7, 0.2, 0.5, 0.1, 0.4}, 2, 3)
	values, classes := p.TopK(2, -1)
	show(values)
	fmt.Println(dl.Values[int64](classes))
	// Output:
	// [0.700 0.200 0.500 0.400]
	// [1 2 0 2]
}

func ExampleTensor_Unique() {
	x := dl.Of([]int64{3, 1, 3, 2})
	values, inverse, counts := x.UniqueCounts()
	fmt.Println(x.Unique().Int64s(), values.Int64s(), inverse.Int64s(), counts.Int64s())
	// Output: [1 2 3] [1 2 3] [2 0 2 1] [1 1 2]
}

// The different rows of a matrix, in order; which of them each row is; and how often they occur.
func ExampleTensor_UniqueAlong() {
	x := dl.Of([]int64{1, 2, 0, 5, 1, 2}, 3, 2)
	rows, inverse, counts := x.UniqueAlong(0)
	fmt.Println(rows)
	fmt.Println(inverse.Int64s(), counts.Int64s())
	// Output:
	// tensor([[0, 5],
	//         [1, 2]], shape=[2 2], dtype=int64)
	// [1 0 1] [1 2]
}

// Into which of the bins that 1, 2 and 3 bound do values fall?
func ExampleTensor_SearchSorted() {
	bounds, x := dl.Of([]float64{1, 2, 3}), dl.Of([]float64{0, 2, 2.5, 9})
	fmt.Println(bounds.SearchSorted(x).Int64s(), bounds.SearchSortedRight(x).Int64s())
	// Output: [0 1 2 3] [0 2 2 3]
}

func ExampleTensor_BinCount() {
	fmt.Println(dl.Of([]int64{1, 3, 1}).BinCount(5).Int64s())
	fmt.Println(dl.Of([]float64{0.1, 0.2, 0.9}).Histogram(2, 0, 1).Int64s())
	// Output:
	// [0 2 0 1 0]
	// [2 1]
}
