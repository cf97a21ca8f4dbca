package dl_test

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// show prints elements with three digits.
func show(xs ...*dl.Tensor) {
	for i, x := range xs {
		fmt.Printf("%s%.3f", " "[:min(i, 1)], dl.Values[float64](x))
	}
	fmt.Println()
}

// Sums, differences, products and quotients broadcast. So do And and the other
// operations of two tensors.
func ExampleTensor_Sub() {
	x, y := dl.Of([]float32{1, 2, 6}), dl.Of([]float32{2})
	show(x.Sub(y), x.Mul(y), x.Div(y))
	show(x.Maximum(y), x.Minimum(y))
	show(x.AddScalar(1), x.MulScalar(10), x.Neg())
	show(x.Lerp(y, 0.5))
	// Output:
	// [-1.000 0.000 4.000] [2.000 4.000 12.000] [0.500 1.000 3.000]
	// [2.000 2.000 6.000] [1.000 2.000 2.000]
	// [2.000 3.000 7.000] [10.000 20.000 60.000] [-1.000 -2.000 -6.000]
	// [1.500 2.000 4.000]
}

// Pow with a number, and with a tensor of exponents.
func ExamplePow() {
	x := dl.Of([]float32{1, 2, 3})
	show(x.Pow(2), x.Square(), dl.Pow(x, dl.Of([]float32{3, 2, 1})))
	show(x.Sqrt(), x.Rsqrt(), x.Reciprocal())
	// Output:
	// [1.000 4.000 9.000] [1.000 4.000 9.000] [1.000 4.000 3.000]
	// [1.000 1.414 1.732] [1.000 0.707 0.577] [1.000 0.500 0.333]
}

// Quotients with a rest: the rest has the sign of the dividend (Fmod), or of the
// divisor (Remainder).
func ExampleTensor_Remainder() {
	x, y := dl.Of([]int64{7, -7, 7}), dl.Of([]int64{3, 3, -3})
	fmt.Println(dl.Values[int64](x.Remainder(y)), dl.Values[int64](x.FloorDiv(y)), dl.Values[int64](x.Fmod(y)))
	// Output: [1 2 -2] [2 -3 -3] [1 -1 1]
}

// Angles are in radians.
func ExampleTensor_Sin() {
	x := dl.Of([]float64{0, math.Pi / 6, math.Pi / 3})
	show(x.Sin(), x.Cos(), x.Tan())
	y := dl.Of([]float64{0, 0.5, 1})
	show(y.Asin(), y.Acos(), y.Atan())
	// Output:
	// [0.000 0.500 0.866] [1.000 0.866 0.500] [0.000 0.577 1.732]
	// [0.000 0.524 1.571] [1.571 1.047 0.000] [0.000 0.464 0.785]
}

// The angle and the length of points (x, y).
func ExampleTensor_Atan2() {
	x, y := dl.Of([]float64{1, 0, -3}), dl.Of([]float64{1, 2, 4})
	show(y.Atan2(x), x.Hypot(y))
	// Output: [0.785 1.571 2.214] [1.414 2.000 5.000]
}

func ExampleTensor_Sinh() {
	x := dl.Of([]float64{0, 0.5})
	show(x.Sinh(), x.Cosh(), x.Tanh())
	show(x.Asinh(), x.AddScalar(1).Acosh(), x.Atanh())
	// Output:
	// [0.000 0.521] [1.000 1.128] [0.000 0.462]
	// [0.000 0.481] [0.000 0.962] [0.000 0.549]
}

// Expm1 and Log1p keep the digits that Exp and Log lose near 0.
func ExampleTensor_Expm1() {
	x := dl.Of([]float32{1e-6})
	fmt.Printf("%.4g %.4g\n", x.Expm1().Item(), x.Exp().AddScalar(-1).Item())
	fmt.Printf("%.4g %.4g\n", x.Log1p().Item(), x.AddScalar(1).Log().Item())
	// Output:
	// 1e-06 9.537e-07
	// 1e-06 9.537e-07
}

func ExampleTensor_Log() {
	x := dl.Of([]float64{1, 8, 100})
	show(x.Log(), x.Log2(), x.Log10())
	show(dl.Of([]float64{0, 3}).Exp(), dl.Of([]float64{0, 3}).Exp2())
	show(dl.Of([]float64{0, 1000}).LogAddExp(dl.Of([]float64{0, 1000}))) // without overflow
	// Output:
	// [0.000 2.079 4.605] [0.000 3.000 6.644] [0.000 0.903 2.000]
	// [1.000 20.086] [1.000 8.000]
	// [0.693 1000.693]
}

func ExampleTensor_Erf() {
	x := dl.Of([]float64{0, 0.5, 3})
	show(x.Erf(), x.Erfc(), x.Erf().Erfinv())
	// Output: [0.000 0.520 1.000] [1.000 0.480 0.000] [0.000 0.500 3.000]
}

// Round takes the even one of two numbers that are as near.
func ExampleTensor_Round() {
	x := dl.Of([]float64{-1.5, 0.5, 1.7})
	show(x.Floor(), x.Ceil(), x.Round())
	show(x.Trunc(), x.Frac(), x.Sign())
	show(x.Abs(), x.Clip(-1, 1))
	// Output:
	// [-2.000 0.000 1.000] [-1.000 1.000 2.000] [-2.000 0.000 2.000]
	// [-1.000 0.000 1.000] [-0.500 0.500 0.700] [-1.000 1.000 1.000]
	// [1.500 0.500 1.700] [-1.000 0.500 1.000]
}

func ExampleTensor_ReLU() {
	x := dl.Of([]float64{-2, 0, 2})
	show(x.ReLU(), x.LeakyReLU(0.1), x.GELU())
	show(x.Sigmoid(), x.Softplus())
	show(x.Softmax(-1), x.LogSoftmax(-1))
	// Output:
	// [0.000 0.000 2.000] [-0.200 0.000 2.000] [-0.046 0.000 1.954]
	// [0.119 0.500 0.881] [0.127 0.693 2.127]
	// [0.016 0.117 0.867] [-4.143 -2.143 -0.143]
}

// Comparisons give bools, which And, Or, Xor and Not combine.
func ExampleTensor_And() {
	x, y := dl.Arange(4), dl.Full(2, 4)
	fmt.Println(x.Lt(y).Bools(), x.Le(y).Bools())
	fmt.Println(x.Gt(y).Bools(), x.Ge(y).Bools())
	fmt.Println(x.Eq(y).Bools(), x.Ne(y).Bools())
	even := x.Remainder(y).Not()
	fmt.Println(even.Bools(), even.And(x.Lt(y)).Bools())
	fmt.Println(even.Or(x.Lt(y)).Bools(), even.Xor(x.Lt(y)).Bools())
	// Output:
	// [true true false false] [true true true false]
	// [false false false true] [false false true true]
	// [false false true false] [true true false true]
	// [true false true false] [true false false false]
	// [true true true false] [false true true false]
}

func ExampleTensor_IsNaN() {
	x := dl.Of([]float64{0, math.Inf(1), math.NaN()})
	fmt.Println(x.IsNaN().Bools(), x.IsInf().Bools(), x.IsFinite().Bools())
	// Output: [false false true] [false true false] [true false false]
}

// Where chooses among the elements of two tensors.
func ExampleWhere() {
	x := dl.Of([]float32{-1, 4, 9})
	positive := x.Gt(dl.Scalar(0))
	show(dl.Where(positive, x, dl.Scalar(0)))
	// Output: [0.000 4.000 9.000]
}

// To converts; fractions are cut off.
func ExampleTensor_To() {
	fmt.Println(dl.Of([]float32{1.9, -1.9, 300}).To(dl.Int8))
	// Output: tensor([  1,  -1, 127], shape=[3], dtype=int8)
}
