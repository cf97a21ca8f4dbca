package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// Two sequences of different lengths: behind the end of one its outputs are 0, and the last state is that of its last
// step.
func ExampleLSTM() {
	r := dl.NewRand(1)
	const batch, steps, size, units = 2, 3, 4, 5
	x := r.Normals(0, 1, batch, steps, size)
	w, u, b := r.Normals(0, 0.5, size, 4*units), r.Normals(0, 0.5, units, 4*units), dl.Zeros(4*units)
	y, h, c := dl.LSTM(x, w, u, b, dl.RecurrentOptions{Lengths: []int{3, 1}})
	fmt.Println(y.Shape(), h.Shape(), c.Shape())
	fmt.Println(y.At(1, 2, 0), h.At(1, 0) == y.At(1, 0, 0))
	// Output:
	// [2 3 5] [2 5] [2 5]
	// 0 true
}

// The state of one call is where the next one begins: two halves of a sequence are the whole.
func ExampleGRU() {
	r := dl.NewRand(1)
	x := r.Normals(0, 1, 1, 6, 2)
	w, u, b := r.Normals(0, 1, 2, 9), r.Normals(0, 1, 3, 9), dl.Zeros(9)
	_, whole := dl.GRU(x, w, u, b, dl.RecurrentOptions{})
	_, half := dl.GRU(x.Slice(1, 0, 4), w, u, b, dl.RecurrentOptions{})
	_, end := dl.GRU(x.Slice(1, 4, 6), w, u, b, dl.RecurrentOptions{Hidden: half})
	fmt.Println(end.AllClose(whole, 1e-6, 1e-6))
	// Output: true
}

func ExampleRNN() {
	x := dl.Of([]float32{1, 2, 3}, 1, 3, 1)
	one := dl.Ones(1, 1)
	y, _ := dl.RNN(x, one, one, nil, dl.RecurrentOptions{ReLU: true}) // running sums
	fmt.Println(dl.Values[float64](y))
	y, _ = dl.RNN(x, one, one, nil, dl.RecurrentOptions{ReLU: true, Reverse: true})
	fmt.Println(dl.Values[float64](y))
	// Output:
	// [1 3 6]
	// [6 5 3]
}
