package lbfgs_test

import (
	"context"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/optim/lbfgs"
)

// A line through four points.
func ExampleMinimize() {
	x, y := dl.Of([]float64{0, 1, 2, 3}), dl.Of([]float64{1, 3, 5, 7})
	slope, intercept := dl.Of([]float64{0}).RequireGrad(), dl.Of([]float64{0}).RequireGrad()
	result, err := lbfgs.Minimize(context.Background(), []*dl.Tensor{slope, intercept}, func() *dl.Tensor {
		return dl.MSE(x.Mul(slope).Add(intercept), y)
	}, lbfgs.Options{})
	fmt.Printf("%.3f %.3f %v\n", slope.Item(), intercept.Item(), err)
	fmt.Println(result.Losses < 10)
	// Output:
	// 2.000 1.000 <nil>
	// true
}
