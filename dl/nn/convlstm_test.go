package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	area("convlstm", map[string]any{
		"ConvLSTM2D": ConvLSTM2D{Filters: 2, Kernel: [2]int{3, 2}},
		"ConvLSTM2D of sequences, backwards": ConvLSTM2D{Filters: 1, Kernel: [2]int{3, 3}, Stride: [2]int{2, 1}, Padding: Pad2D(1, 1), ReturnSequences: true,
			GoBackwards: true},
		"ConvLSTM1D":                        ConvLSTM1D{Filters: 2, Kernel: 3},
		"ConvLSTM1D of sequences, softplus": ConvLSTM1D{Filters: 2, Kernel: 3, Padding: Same, ReturnSequences: true, Activation: Softplus, NoBias: true},
	})
}

func TestConvLSTMsThatCannotBe(t *testing.T) {
	film := dl.Shape{3, 6, 6, 2}
	for _, c := range []struct {
		in    dl.Shape
		layer Layer
		says  string
	}{
		{film, ConvLSTM1D{Filters: 2, Kernel: 3}, "is not steps of which each is a sequence"},
		{film, ConvLSTM2D{Kernel: [2]int{3, 3}}, "Filters is 0"},
		{film, ConvLSTM2D{Filters: 2}, "must be positive"},
		{film, ConvLSTM2D{Filters: 2, Kernel: [2]int{9, 9}}, "larger than the input"},
		{film, ConvLSTM2D{Filters: 2, Kernel: [2]int{3, 3}, Activation: Softmax}, "cannot be softmax"},
	} {
		if _, err := Sequential(c.in, c.layer); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%T: got %v, want it to say %q", c.layer, err, c.says)
		}
	}
}
