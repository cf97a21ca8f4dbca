package dl_test

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// The best so far, and when it was.
func ExampleTensor_CumMax() {
	x := dl.Of([]float64{2, 1, 3, 0})
	best, when := x.CumMax(0)
	least, _ := x.CumMin(0)
	show(best, least)
	fmt.Println(when.Int64s())
	// Output:
	// [2.000 2.000 3.000 3.000] [2.000 1.000 1.000 0.000]
	// [0 0 2 2]
}

// A measurement that is missing is left out, or becomes another number.
func ExampleTensor_NaNMean() {
	x := dl.Of([]float64{1, math.NaN(), 3})
	fmt.Println(x.NaNMean().Item(), x.NaNSum().Item())
	show(x.NaNToNum(0, math.MaxFloat64, -math.MaxFloat64))
	// Output:
	// 2 4
	// [1.000 0.000 3.000]
}

// Two variables of four observations each.
func ExampleTensor_Cov() {
	x := dl.Of([]float64{1, 2, 3, 4, 8, 6, 4, 2}, 2, 4)
	show(x.Cov(), x.CorrCoef())
	// Output: [1.667 -3.333 -3.333 6.667] [1.000 -1.000 -1.000 1.000]
}

// The vector that is perpendicular to two.
func ExampleTensor_Cross() {
	show(dl.Of([]float64{1, 0, 0}).Cross(dl.Of([]float64{0, 1, 0}), 0))
	// Output: [0.000 0.000 1.000]
}

func ExampleTensor_Kron() {
	show(dl.Of([]float64{1, 2}).Kron(dl.Of([]float64{1, 10, 100})))
	// Output: [1.000 10.000 100.000 2.000 20.000 200.000]
}

func ExampleTensor_Logit() {
	p := dl.Of([]float64{0.25, 0.5, 0.75})
	show(p.Logit(), p.Logit().Sigmoid())
	// Output: [-1.099 0.000 1.099] [0.250 0.500 0.750]
}
