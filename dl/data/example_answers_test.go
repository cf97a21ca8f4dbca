package data_test

import (
	"fmt"

	"modelbook/dl/data"
)

// The targets of prompts and padding are Ignored.
func ExampleAnswers() {
	lessons := data.Answers{Prompts: [][]int{{1, 2, 3}, {4}}, Answers: [][]int{{11}, {12, 13}}, End: []int{99}}
	b, err := data.All(lessons)
	fmt.Println(b.X.Slices(), err)
	fmt.Println(b.Y.Slices())
	// Output:
	// [[1 2 3 11] [4 12 13 0]] <nil>
	// [[-100 -100 11 99] [12 13 99 -100]]
}
