package dl_test

import (
	"fmt"

	"modelbook/dl"
)

func ExampleAffine() {
	x, w, b := dl.Of([]float32{1, 2}, 1, 2), dl.Of([]float32{1, -1, 1, -1}, 2, 2), dl.Of([]float32{0.5, 0.5})
	show(dl.Affine(x, w, b, dl.NoFusion), dl.Affine(x, w, b, dl.FuseReLU), x.MatMul(w))
	// Output: [3.500 -2.500] [3.500 0.000] [3.000 -3.000]
}

// The end of a residual block: its input is added to what the last layer makes.
func ExampleAffineAdd() {
	x := dl.Of([]float32{1, 2}, 1, 2)
	w, b := dl.Of([]float32{1, -1, 1, -1}, 2, 2), dl.Of([]float32{0.5, 0.5})
	show(dl.AffineAdd(x, x, w, b), x.Add(dl.Affine(x, w, b, dl.NoFusion)))
	// Output: [4.500 -0.500] [4.500 -0.500]
}

// PyTorch counts the padding of a mean, Keras does not.
func ExampleAvgPool2D() {
	x := dl.Ones(1, 2, 2, 1)
	o := dl.PoolOptions{Padding: dl.Pad2D(1, 1)}
	show(dl.MaxPool2D(x, o), dl.AvgPool2D(x, o))
	o.CountIncludePad = true
	show(dl.AvgPool2D(x, o))
	// Output:
	// [1.000 1.000 1.000 1.000] [1.000 1.000 1.000 1.000]
	// [0.250 0.250 0.250 0.250]
}

func ExampleBatchNorm() {
	x := dl.Of([]float32{1, 10, 3, 30}, 2, 2)
	mean, variance := dl.Zeros(2), dl.Ones(2)
	show(dl.BatchNorm(x, dl.Ones(2), dl.Zeros(2), mean, variance, dl.BatchNormOptions{Training: true, Momentum: 0.9}), mean)
	// Output: [-1.000 -1.000 1.000 1.000] [0.200 2.000]
}

func ExampleSelfAttention() {
	x := dl.Randn(1, 5, 3*8) // queries, keys and values beside one another
	fmt.Println(dl.SelfAttention(x, dl.AttentionOptions{Heads: 2, Causal: true}).Shape())
	// Output: [1 5 8]
}

// Losses are means over the batch. Those of classes are computed from logits.
func ExampleSparseCrossEntropy() {
	logits := dl.Of([]float64{2, 0, 0, 1}, 2, 2)
	show(dl.SparseCrossEntropy(logits, dl.Of([]int64{0, 1})))
	show(dl.CrossEntropy(logits, dl.Of([]int64{0, 1}).OneHot(2).To(dl.Float64)))
	// Output:
	// [0.220]
	// [0.220]
}

// The head of a language model and its loss, of which only two rows of logits are there at a time.
func ExampleLinearCrossEntropy() {
	hidden := dl.Of([]float64{1, 0, 0, 1, 1, 1}, 3, 2).RequireGrad()
	head := dl.Of([]float64{2, 0, 0, 2, 1, 1, 0, 0}, 4, 2)
	labels := dl.Of([]int32{0, 1, 3})
	loss := dl.LinearCrossEntropy(hidden, head, labels, 2)
	show(loss, dl.SparseCrossEntropy(hidden.MatMul(head.T()), labels))
	loss.Backward()
	show(hidden.Grad())
	// Output:
	// [1.377] [1.377]
	// [-0.185 0.130 0.130 -0.185 0.319 0.319]
}

func ExampleMSE() {
	y, target := dl.Of([]float64{0.5, 0.9}), dl.Of([]float64{0, 1})
	show(dl.MSE(y, target), dl.MAE(y, target))
	show(dl.BinaryCrossEntropy(y, target), dl.BinaryCrossEntropyLogits(y, target))
	// Output:
	// [0.130] [0.300]
	// [0.399] [0.658]
}
