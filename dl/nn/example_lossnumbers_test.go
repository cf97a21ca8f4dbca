package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

func ExampleLoss_numbers() {
	output, target := dl.Of([]float32{1, 2, 6}, 3, 1), dl.Of([]float32{1, 1, 2}, 3, 1)
	for _, loss := range []nn.Loss{nn.MAPE, nn.MSLE, nn.LogCosh, nn.SmoothL1, nn.Poisson, nn.PoissonNLL} {
		fmt.Printf("%s %.3f\n", loss.Name, loss.Compute(output, target, false, nil).Item())
	}
	// Output:
	// mape 100.000
	// msle 0.294
	// log_cosh 1.247
	// smooth_l1 1.333
	// poisson 1.574
	// poisson_nll 132.845
}

// Too small an output costs nine times what too large a one does, so that the model learns the quantile 0.9.
func ExampleLoss_quantile() {
	loss := nn.Quantile.With(nn.LossOptions{Quantiles: []float64{0.9}})
	target := dl.Full(10, 1, 1)
	fmt.Printf("%.1f\n", loss.Compute(dl.Full(9, 1, 1), target, false, nil).Item())
	fmt.Printf("%.1f\n", loss.Compute(dl.Full(11, 1, 1), target, false, nil).Item())
	// Output:
	// 0.9
	// 0.1
}

// A model may tell how sure it is: a mean and a variance for each sample.
func ExampleGaussianNLL() {
	mean, target := dl.Zeros(2, 1), dl.Of([]float32{0, 2}, 2, 1)
	for _, variance := range []float64{0.5, 2, 8} {
		fmt.Printf("%.3f\n", nn.GaussianNLL{}.Of(mean, target, dl.Full(variance, 2, 1)).Item())
	}
	// Output:
	// 1.653
	// 0.847
	// 1.165
}
