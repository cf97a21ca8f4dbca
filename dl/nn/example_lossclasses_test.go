package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Samples that are right already count little in the focal losses.
func ExampleLoss_focal() {
	p, labels := dl.Of([]float32{0.9, 0.1, 0.6, 0.4}, 2, 2), dl.Of([]int32{0, 1})
	yes := dl.Of([]float32{1, 0}, 2, 1)
	fmt.Printf("%.4f\n", nn.SparseCrossEntropy.Compute(p, labels, false, nil).Item())
	fmt.Printf("%.4f\n", nn.SparseFocal.With(nn.LossOptions{Alpha: 1}).Compute(p, labels, false, nil).Item())
	fmt.Printf("%.4f\n", nn.CategoricalFocal.Compute(p, labels.OneHot(2), false, nil).Item())
	fmt.Printf("%.4f\n", nn.BinaryFocal.Compute(p.Slice(1, 0, 1), yes, false, nil).Item())
	fmt.Printf("%.4f\n", nn.BinaryFocalLogits.Compute(dl.Of([]float32{2.2, 0.4}, 2, 1), yes, false, nil).Item())
	// Output:
	// 0.5108
	// 0.1655
	// 0.0414
	// 0.1655
	// 0.1641
}

// Class weights, smoothed labels and labels that do not count are options of the cross-entropies.
func ExampleLossOptions() {
	logits, labels := dl.Of([]float32{2, 0, -1, 0, 1, 0, 3, 3, 3}, 3, 3), dl.Of([]int32{0, 2, -100})
	loss := nn.SparseCrossEntropyLogits.With(nn.LossOptions{ClassWeights: []float64{1, 1, 5}, LabelSmoothing: 0.1, Ignore: []int{-100}})
	fmt.Printf("%.4f\n", loss.Compute(logits, labels, false, nil).Item())

	rare := nn.BinaryCrossEntropyLogits.With(nn.LossOptions{PositiveWeights: []float64{10}})
	fmt.Printf("%.4f\n", rare.Compute(dl.Of([]float32{-1, 1}, 2, 1), dl.Of([]float32{1, 0}, 2, 1), false, nil).Item())
	// Output:
	// 1.3449
	// 7.2229
}

// Logarithms of probabilities, and distances of distributions.
func ExampleLoss_probabilities() {
	p, q := dl.Of([]float32{0.9, 0.1}, 1, 2), dl.Of([]float32{0.5, 0.5}, 1, 2)
	fmt.Printf("%.4f\n", nn.NLL.Compute(p.Log(), dl.Of([]int32{1}), false, nil).Item())
	fmt.Printf("%.4f\n", nn.KLDivergence.Compute(p, q, false, nil).Item())
	fmt.Printf("%.4f\n", nn.JensenShannon.Compute(p, q, false, nil).Item())
	// Output:
	// 2.3026
	// 0.5108
	// 0.1017
}

// Losses that want a margin between right and wrong.
func ExampleLoss_margins() {
	scores, there := dl.Of([]float32{0.5, -0.2, 2}, 1, 3), dl.Of([]float32{1, 0, 0}, 1, 3)
	for _, loss := range []nn.Loss{nn.Hinge, nn.SquaredHinge, nn.CategoricalHinge, nn.SoftMargin, nn.HingeEmbedding, nn.MultiLabelMargin, nn.MultiLabelSoftMargin} {
		fmt.Printf("%s %.3f\n", loss.Name, loss.Compute(scores, there, false, nil).Item())
	}
	fmt.Printf("multi_margin %.3f\n", nn.MultiMargin.Compute(scores, dl.Of([]int32{0}), false, nil).Item())
	// Output:
	// hinge 1.433
	// squared_hinge 3.297
	// categorical_hinge 2.500
	// soft_margin 1.066
	// hinge_embedding 0.567
	// multi_label_margin 0.933
	// multi_label_soft_margin 1.066
	// multi_margin 0.933
}

// Losses of regions in images.
func ExampleLoss_regions() {
	output, target := dl.Of([]float32{0.8, 0.6, 0, 0}, 1, 2, 2, 1), dl.Of([]float32{1, 0, 0, 0}, 1, 2, 2, 1)
	for _, loss := range []nn.Loss{nn.Dice, nn.Jaccard, nn.Tversky.With(nn.LossOptions{Alpha: 0.1, Beta: 0.9})} {
		fmt.Printf("%s %.3f\n", loss.Name, loss.Compute(output, target, false, nil).Item())
	}
	// Output:
	// dice 0.333
	// jaccard 0.500
	// tversky 0.231
}
