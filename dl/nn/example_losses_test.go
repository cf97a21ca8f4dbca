package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Losses of numbers.
func ExampleLoss() {
	output, target := dl.Of([]float32{1, 2, 6}, 3, 1), dl.Of([]float32{1, 1, 2}, 3, 1)
	for _, loss := range []nn.Loss{nn.MSE, nn.MAE, nn.Huber} {
		fmt.Printf("%s %.3f\n", loss.Name, loss.Compute(output, target, false, nil).Item())
	}
	// Output:
	// mse 5.667
	// mae 1.667
	// huber 1.333
}

// Losses of classes take probabilities, or, with Logits in the name, what a model computes that ends without an
// activation.
func ExampleLoss_classes() {
	logits := dl.Of([]float32{2, 0, -1, 0, 1, 0}, 2, 3)
	labels := dl.Of([]int32{0, 2})
	fmt.Printf("%.4f\n", nn.SparseCrossEntropy.Compute(logits.Softmax(-1), labels, false, nil).Item())
	fmt.Printf("%.4f\n", nn.SparseCrossEntropyLogits.Compute(logits, labels, false, nil).Item())
	fmt.Printf("%.4f\n", nn.CategoricalCrossEntropy.Compute(logits.Softmax(-1), labels.OneHot(3), false, nil).Item())
	fmt.Printf("%.4f\n", nn.CategoricalCrossEntropyLogits.Compute(logits, labels.OneHot(3), false, nil).Item())

	yes := dl.Of([]float32{1, 0}, 2, 1)
	score := dl.Of([]float32{3, -1}, 2, 1)
	fmt.Printf("%.4f\n", nn.BinaryCrossEntropy.Compute(score.Sigmoid(), yes, false, nil).Item())
	fmt.Printf("%.4f\n", nn.BinaryCrossEntropyLogits.Compute(score, yes, false, nil).Item())
	fmt.Printf("%.4f\n", nn.BinaryCrossEntropyLogits.Compute(score, dl.Of([]int32{1, 0}), false, nil).Item()) // class numbers
	// Output:
	// 0.8606
	// 0.8606
	// 0.8606
	// 0.8606
	// 0.1809
	// 0.1809
	// 0.1809
}
