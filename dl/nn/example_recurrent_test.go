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
	// Output: nn.Sequential: layer 1 (SimpleRNN) on input [10]: the input [10] is not a sequence of vectors [T, D]; nn.Embedding makes one of tokens, and ReturnSequences a recurrent layer's outputs
}

// Sequences of different lengths in one batch, padded with -1: the steps that are padding change nothing.
func ExampleMasking() {
	model, _ := nn.Sequential(dl.Shape{4, 1}, nn.Masking{Value: -1}, nn.GRU{Units: 3})
	padded := dl.Of([]float32{5, 6, -1, -1}, 1, 4, 1)
	fmt.Println(model.Predict(padded).Equal(model.Predict(padded.Slice(1, 0, 2))))
	// Output: true
}

func ExampleLSTMCell() {
	cell := nn.Build(nn.LSTMCell{Units: 4}, 3)
	var state nn.RecurrentState
	for range 5 { // a loop of one's own
		state = cell.Step(dl.Ones(2, 3), state)
	}
	fmt.Println(state.Hidden.Shape(), state.Cell.Shape())
	// Output: [2 4] [2 4]
}

func ExampleGRUCell() {
	cell := nn.Build(nn.GRUCell{Units: 4}, 3)
	end := cell.Step(dl.Ones(2, 3), nn.RecurrentState{Hidden: dl.Zeros(2, 4)})
	fmt.Println(end.Hidden.Shape())
	// Output: [2 4]
}

func ExampleSimpleRNNCell() {
	cell := nn.Build(nn.SimpleRNNCell{Units: 4, Activation: nn.ReLU}, 3)
	fmt.Println(cell.Forward(dl.Ones(2, 3)).Shape())
	// Output: [2 4]
}

func ExampleBidirectional() {
	model, err := nn.Sequential(dl.Shape{20},
		nn.Embedding{Vocabulary: 1000, Units: 16, MaskZero: true}, // 0 fills up short sentences
		nn.Bidirectional{Layer: nn.LSTM{Units: 8}, Merge: nn.MergeSum},
		nn.Dense{Units: 1, Activation: nn.Sigmoid},
	)
	fmt.Println(model.Output(), err)
	// Output: [1] <nil>
}

// Token 0 stands for no word: its vector is 0 and stays so.
func ExampleEmbedding() {
	words := nn.Build(nn.Embedding{Vocabulary: 50, Units: 3, Padding: []int{0}}, 4)
	y := words.Forward(dl.Of([]int32{7, 12, 0, 0}, 1, 4))
	fmt.Println(y.Shape(), y.Slice(1, 2, 4).Abs().Sum().Item())
	// Output: [1 4 3] 0
}

// The mean of a text's words is a feature of the whole; 0 fills up texts that are shorter.
func ExampleEmbeddingBag() {
	texts := dl.Of([]int32{3, 9, 4, 1, 2, 0}, 2, 3)
	bag := nn.Build(nn.EmbeddingBag{Vocabulary: 10, Units: 5, Mode: nn.MeanBag, Padding: []int{0}}, 3)
	fmt.Println(bag.Forward(texts).Shape())
	// Output: [2 5]
}
