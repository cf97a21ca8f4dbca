package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A classifier of sequences: what the LSTM has seen after the last step.
func ExampleLSTM() {
	model, err := nn.Sequential(dl.Shape{28, 16},
		nn.LSTM{Units: 32, Layers: 2, Bidirectional: true, Dropout: 0.2},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Summary())
	// Output:
	// layer  type                           output       parameters
	// -------------------------------------------------------------
	// input                                 [N, 28, 16]
	// lstm   LSTM, 2 layers, bidirectional  [N, 64]          37,376
	// dense  Dense, softmax                 [N, 10]             650
	// -------------------------------------------------------------
	// 38,026 parameters (148.5 KiB)
}

// Text that is generated a piece at a time: the state goes from one call to the next.
func ExampleLSTM_Sequence() {
	lstm := nn.Build(nn.LSTM{Units: 8}, 5, 3) // sequences of 5 vectors of 3 values, or of any number
	var state nn.RecurrentState
	for range 3 {
		y, end := lstm.Sequence(dl.Ones(1, 1, 3), nn.SequenceOptions{State: state})
		fmt.Println(y.Shape(), end.Hidden.Shape(), end.Cell.Shape())
		state = end
	}
	// Output:
	// [1 1 8] [1 1 8] [1 1 8]
	// [1 1 8] [1 1 8] [1 1 8]
	// [1 1 8] [1 1 8] [1 1 8]
}

func ExampleGRU() {
	gru := nn.Build(nn.GRU{Units: 4, ReturnSequences: true}, 6, 2)
	y := gru.Forward(dl.Ones(3, 6, 2))
	fmt.Println(y.Shape())
	// Two sequences of 6 and 2 steps: behind the second one's end there are zeros.
	y, _ = gru.Sequence(dl.Ones(2, 6, 2), nn.SequenceOptions{Lengths: []int{6, 2}})
	fmt.Println(y.At(1, 5, 0))
	// Output:
	// [3 6 4]
	// 0
}

func ExampleSimpleRNN() {
	_, err := nn.Sequential(dl.Shape{10}, nn.SimpleRNN{Units: 4})
	fmt.Println(err)
	// Output: nn.Sequential: layer 1 (SimpleRNN) on input [10]: the input [10] is not a sequence of vectors [T, D]; nn.Embedding makes one of tokens
}

// Sequences of different lengths in one batch, padded with -1: the steps that are padding change nothing.
func ExampleMasking() {
	model, _ := nn.Sequential(dl.Shape{4, 1}, nn.Masking{Value: -1}, nn.GRU{Units: 3})
	padded := dl.Of([]float32{5, 6, -1, -1}, 1, 4, 1)
	fmt.Println(model.Predict(padded).Equal(model.Predict(padded.Slice(1, 0, 2))))
	// Output: true
}
