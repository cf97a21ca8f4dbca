package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// Keys that are padding are hidden by a mask, or by the lengths of the samples.
func ExampleAttention_mask() {
	q := dl.Zeros(2, 1, 1) // the scores are 0: each query takes the mean of the values that it sees
	v := dl.Of([]float32{1, 2, 9, 4, 9, 9}, 2, 3, 1)
	shown := dl.Of([]bool{true, true, false, true, false, false}, 2, 1, 3) // [N, 1, S]
	show(dl.Attention(q, v, v, dl.AttentionOptions{Mask: shown}))
	show(dl.Attention(q, v, v, dl.AttentionOptions{Lengths: []int{2, 1}}))
	// Output:
	// [1.500 4.000]
	// [1.500 4.000]
}

// One new position attends to those in a cache, of which a part is filled; four heads of queries share one of keys and
// values.
func ExampleAttention_cache() {
	keys, values := dl.Zeros(1, 100, 2), dl.Zeros(1, 100, 2) // room for 100 positions
	values.SetSlice(1, 0, 3, dl.Of([]float32{1, 1, 2, 2, 3, 3}, 1, 3, 2))
	q := dl.Ones(1, 1, 4*2)
	y := dl.Attention(q, keys.Slice(1, 0, 3), values.Slice(1, 0, 3), dl.AttentionOptions{Heads: 4, KVHeads: 1, Causal: true})
	show(y)
	// Output: [2.000 2.000 2.000 2.000 2.000 2.000 2.000 2.000]
}

// ALiBi makes scores smaller by the distance.
func ExampleALiBiSlopes() {
	slopes := dl.ALiBiSlopes(4)
	fmt.Println(slopes)
	x := dl.Arange(3).Reshape(1, 3, 1).Expand(1, 3, 4).Contiguous()
	y := dl.Attention(dl.Zeros(1, 3, 4), dl.Zeros(1, 3, 4), x, dl.AttentionOptions{Heads: 4, Causal: true, Slopes: slopes})
	show(y.Select(1, 2)) // of the last position
	// Output:
	// [0.25 0.0625 0.015625 0.00390625]
	// [1.165 1.042 1.010 1.003]
}

func ExampleRotary() {
	x := dl.Of([]float32{1, 0, 1, 0, 1, 0}, 1, 3, 2)
	show(dl.Rotary(x, dl.RotaryOptions{}))          // positions 0, 1 and 2
	show(dl.Rotary(x, dl.RotaryOptions{Offset: 2})) // positions 2, 3 and 4
	// Output:
	// [1.000 0.000 0.540 0.841 -0.416 0.909]
	// [-0.416 0.909 -0.990 0.141 -0.654 -0.757]
}

// The frequencies of Llama 3.1 leave fast turns as they are, and make slow ones slower.
func ExampleLlama3Frequencies() {
	f := dl.Llama3Frequencies(8, 500000, 8, 1, 4, 8192)
	fmt.Printf("%.3g\n", f)
	fmt.Println(dl.Rotary(dl.Randn(2, 5, 3*8), dl.RotaryOptions{Heads: 3, Frequencies: f}).Shape())
	// Output:
	// [1 0.0376 0.000525 6.65e-06]
	// [2 5 24]
}

func ExampleSinusoids() {
	show(dl.Sinusoids(2, 4))
	// Output: [0.000 1.000 0.000 1.000 0.841 0.540 0.010 1.000]
}
