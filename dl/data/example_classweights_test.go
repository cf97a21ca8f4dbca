package data_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
)

// Three samples of class 0 count as much as one of class 1.
func ExampleClassWeights() {
	labels := []int32{0, 0, 0, 1}
	d := data.FromTensors(dl.Zeros(4, 2), dl.Of(labels))
	weights, err := data.ClassWeights(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", weights) // for nn.LossOptions.ClassWeights

	weighted := data.WithWeights(d, data.SampleWeights(labels, weights))
	batch, err := data.All(weighted)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(batch.Of(data.Weight).Float32s())
	// Output:
	// [0.6667 2.0000]
	// [0.6666667 0.6666667 0.6666667 2]
}
