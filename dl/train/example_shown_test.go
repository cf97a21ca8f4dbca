package train_test

import (
	"fmt"

	"modelbook/dl/train"
)

// A history as the last expression of a cell is shown with curves; terminals get the text.
func ExampleHistory_MimeBundle() {
	h := &train.History{Epochs: []int{1, 2, 3, 4}, Names: []string{"loss", "val_loss"}, Values: map[string][]float64{
		"loss": {0.8, 0.4, 0.2, 0.1}, "val_loss": {0.9, 0.5, 0.4, 0.6},
	}}
	fmt.Println(h.MimeBundle()["text/plain"])
	// Output:
	// epoch    loss   val_loss
	//     1  0.8000     0.9000
	//     2  0.4000     0.5000
	//     3  0.2000     0.4000*
	//     4  0.1000*    0.6000
	//
	// loss      █▄▂▁  0.1000  best 0.1000 in epoch 4
	// val_loss  █▂▁▄  0.6000  best 0.4000 in epoch 3
}
