package nn

import (
	"fmt"
	"strings"
	"testing"

	"modelbook/dl"
)

// The losses of two classes take class numbers [N] beside outputs [N, 1], as a table or a dataset of classes has them, and
// are then what they are for the same targets as floats [N, 1].
func TestBinaryLossesTakeClassNumbers(t *testing.T) {
	logits := dl.Of([]float32{2, -1, 0.5, -3}, 4, 1)
	floats := dl.Of([]float32{1, 1, 0, 0}, 4, 1)
	for _, l := range []Loss{BinaryCrossEntropy, BinaryCrossEntropyLogits, BinaryFocal, BinaryFocalLogits,
		BinaryCrossEntropy.With(LossOptions{PositiveWeights: []float64{3}}), BinaryCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.1})} {
		outputs := logits
		if l.Head != Identity {
			outputs = logits.Sigmoid()
		}
		for _, classes := range []*dl.Tensor{dl.Of([]int32{1, 1, 0, 0}), dl.Of([]int64{1, 1, 0, 0}), dl.Of([]bool{true, true, false, false})} {
			if got, want := l.Compute(outputs, classes, false, nil), l.Compute(outputs, floats, false, nil); !got.Equal(want) {
				t.Errorf("%s of %v: %v, want %v", l.Name, classes.DType(), got, want)
			}
			if got, want := l.Values(outputs, classes, false), l.Values(outputs, floats, false); !got.Equal(want) {
				t.Errorf("the values of %s of %v: %v, want %v", l.Name, classes.DType(), got, want)
			}
			if l.Head != Identity {
				if got, want := l.Compute(logits, classes, true, nil), l.Compute(logits, floats, true, nil); !got.Equal(want) {
					t.Errorf("%s of logits and %v: %v, want %v", l.Name, classes.DType(), got, want)
				}
			}
		}
	}
	func() {
		defer func() {
			if p := fmt.Sprint(recover()); !strings.Contains(p, "sample 2 is of class 3") || !strings.Contains(p, "SparseCrossEntropy") {
				t.Errorf("a third class: %v", p)
			}
		}()
		BinaryCrossEntropy.Compute(logits.Sigmoid(), dl.Of([]int32{0, 1, 3, 0}), false, nil)
	}()
	// Elsewhere integers are class numbers.
	if got := SparseCrossEntropyLogits.Compute(logits, dl.Of([]int32{0, 0, 0, 0}), false, nil).Item(); got != 0 {
		t.Errorf("one class of one: %v", got)
	}
}
