package display_test

import (
	"fmt"
	"maps"
	"slices"

	"modelbook/kernel/worker/display"
)

func ExampleBundle() {
	data, _ := display.Bundle([]struct {
		Epoch int
		Loss  float64
		Note  string
	}{{1, 0.25, "warming up"}, {2, 0.0625, ""}})
	fmt.Println(slices.Sorted(maps.Keys(data)))
	fmt.Println(data["text/plain"])
	// Output:
	// [text/html text/plain]
	//    Epoch    Loss  Note
	// 0      1  0.2500  warming up
	// 1      2  0.0625
}
