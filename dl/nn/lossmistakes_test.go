package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

// Targets of another loss, and outputs that lack a layer, are told what to write instead.
func TestMistakesOfTargetsAreTold(t *testing.T) {
	rows, ones := dl.Full(1.0/3, 4, 3), dl.Ones(4, 1)
	classes := dl.Of([]int32{0, 1, 2, 0}, 4)
	binary := dl.Of([]int32{0, 1, 1, 0}, 4)
	for _, c := range []struct {
		loss           Loss
		output, target *dl.Tensor
		logits         bool
		says           string
	}{
		{SparseCrossEntropy, rows, classes.OneHot(3), false, "nn.CategoricalCrossEntropy takes one-hot rows"},
		{SparseCrossEntropy, rows, classes.OneHot(3), true, "nn.CategoricalCrossEntropy takes one-hot rows"},
		{SparseCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.1}), rows, classes.OneHot(3).To(dl.Float32), false, "ArgMax(-1)"},
		{NLL, rows, rows, false, "ArgMax(-1)"},
		{SparseFocal, dl.Full(1.0/3, 4, 2, 2, 3), classes, false, "nn.Flatten"},
		{SparseCrossEntropy, ones, binary, true, "a Sigmoid and nn.BinaryCrossEntropy"},
		{CategoricalCrossEntropy, rows, classes, true, "data.OneHot(d, 3)"},
		{CategoricalHinge, rows, classes, false, "nn.SparseCrossEntropy takes them"},
		{BinaryCrossEntropy, rows, binary, true, "one unit with a Sigmoid is enough"},
		{BinaryCrossEntropy, dl.Randn(4, 1).RequireGrad().Softmax(-1), binary, false, "use nn.Sigmoid"},
		{BinaryFocal, dl.Randn(4, 1).RequireGrad().Softmax(-1), binary, false, "use nn.Sigmoid"},
	} {
		err := dl.Try(func() { c.loss.Compute(c.output, c.target, c.logits, nil) })
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.loss.Name, err, c.says)
		}
	}
	// One class is no mistake, and numbers may be whole.
	if v := SparseCrossEntropy.Compute(ones, dl.Of([]int32{0, 0, 0, 0}, 4), true, nil).Item(); v != 0 {
		t.Error(v)
	}
	for _, l := range []Loss{MSE, MAE, Huber, LogCosh} {
		whole, float := l.Compute(ones, classes, false, nil), l.Compute(ones, classes.To(dl.Float32), false, nil)
		if !whole.Equal(float) {
			t.Errorf("%s: %v of integers, %v of floats", l.Name, whole, float)
		}
	}
}
