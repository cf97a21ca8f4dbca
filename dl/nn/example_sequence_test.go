package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A transformer's classifier looks at what became of a vector that stands before the sequence.
func ExampleClassToken() {
	m, err := nn.Sequential(dl.Shape{5, 8}, nn.ClassToken{}, nn.TransformerBlock{Heads: 2}, nn.Step{At: 0}, nn.Dense{Units: 3})
	fmt.Println(m.Shapes(), err)
	// Output: [[6 8] [6 8] [8] [3]] <nil>
}

func ExampleStep() {
	m, err := nn.Sequential(dl.Shape{3, 1}, nn.Step{At: -1})
	fmt.Println(m.Predict(dl.Arange(3).Reshape(1, 3, 1)).Float32s(), err)
	// Output: [2] <nil>
}
