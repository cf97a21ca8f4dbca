package optim_test

import (
	"fmt"

	"modelbook/dl/optim"
)

// show prints the factors of the rate in the first six steps.
func show(s optim.Schedule) {
	for step := range 6 {
		fmt.Printf("%.3g ", s.Factor(step))
	}
	fmt.Println()
}

func ExampleStep() {
	show(optim.Step{Every: 2, Gamma: 0.5})
	// Output: 1 1 0.5 0.5 0.25 0.25
}

func ExampleMultiStep() {
	show(optim.MultiStep{At: []int{1, 3}})
	// Output: 1 0.1 0.1 0.01 0.01 0.01
}

func ExampleExponential() {
	show(optim.Exponential{Every: 1, Gamma: 0.9})
	// Output: 1 0.9 0.81 0.729 0.656 0.59
}

func ExampleCosine() {
	show(optim.Cosine{Steps: 4})
	// Output: 1 0.854 0.5 0.146 0 0
}

func ExampleCosineRestarts() {
	show(optim.CosineRestarts{First: 2, Longer: 2})
	// Output: 1 0.5 1 0.854 0.5 0.146
}

func ExampleOneCycle() {
	show(optim.OneCycle{Steps: 6})
	// Output: 0.04 0.994 0.812 0.463 0.133 4e-06
}

func ExampleCyclic() {
	show(optim.Cyclic{Up: 2, Floor: 0.1})
	// Output: 0.1 0.55 1 0.55 0.1 0.55
}

func ExamplePolynomial() {
	show(optim.Polynomial{Steps: 4, Power: 2})
	// Output: 1 0.562 0.25 0.0625 0 0
}

func ExampleInverseTime() {
	show(optim.InverseTime{Every: 1, Rate: 0.5})
	// Output: 1 0.667 0.5 0.4 0.333 0.286
}

func ExampleInverseRoot() {
	show(optim.InverseRoot{WarmUp: 2})
	// Output: 0.5 1 0.816 0.707 0.632 0.577
}

func ExamplePiecewise() {
	show(optim.Piecewise{Until: []int{1, 3}, Factors: []float64{1, 0.5, 0.1}})
	// Output: 1 1 0.5 0.5 0.1 0.1
}

func ExampleLinear() {
	show(optim.Linear{From: 1, To: 0.5, Steps: 4})
	// Output: 1 0.875 0.75 0.625 0.5 0.5
}

func ExampleConstant() {
	show(optim.Constant{By: 0.5, Steps: 2})
	// Output: 0.5 0.5 1 1 1 1
}

func ExampleWarmUp() {
	show(optim.WarmUp{Steps: 2, Then: optim.Cosine{Steps: 4}})
	// Output: 0.5 1 1 0.854 0.5 0.146
}

func ExampleSequence() {
	show(optim.Sequence{Schedules: []optim.Schedule{optim.Constant{By: 0.1}, optim.Exponential{Every: 1, Gamma: 0.5}}, Ends: []int{2}})
	// Output: 0.1 0.1 1 0.5 0.25 0.125
}

func ExampleChained() {
	show(optim.Chained{optim.Constant{By: 0.5, Steps: 2}, optim.Exponential{Every: 1, Gamma: 0.9}})
	// Output: 0.5 0.45 0.81 0.729 0.656 0.59
}

func ExampleByEpoch() {
	show(optim.ByEpoch{StepsPerEpoch: 3, Of: optim.Step{Every: 1, Gamma: 0.5}})
	// Output: 1 1 1 0.5 0.5 0.5
}

func ExampleFunc() {
	show(optim.Func(func(step int) float64 { return 1 / float64(step+1) }))
	// Output: 1 0.5 0.333 0.25 0.2 0.167
}
