package data_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
)

func ExampleLoader() {
	x := dl.Arange(10).To(dl.Float32).Reshape(5, 2)
	samples := data.FromTensors(x, dl.Of([]int32{0, 1, 0, 1, 0}))
	training, validation := data.Split(samples, 0.2) // the last fifth is held out

	loader := data.Loader{Dataset: training, BatchSize: 3} // Shuffle: dl.NewRand(42) for a new order in every pass
	for i, batch := range loader.Batches() {
		fmt.Println(i, batch.X.Shape(), batch.Y.Int32s())
	}
	fmt.Println("held out:", validation.Len(), loader.Err())
	// Output:
	// 0 [3 2] [0 1 0]
	// 1 [1 2] [1]
	// held out: 1 <nil>
}
