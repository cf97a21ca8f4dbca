package main

// A shape is one product, op(A) m x k times op(B) k x n, or count of them one
// after the other.
type shape struct {
	name    string
	ta, tb  bool
	m, n, k int
	count   int
}

func (s shape) flops() float64 {
	return 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(s.count)
}

// layer is the three products of a dense layer with weights in x out: forward
// X W, the gradient of the input dY W^T, and of the weights X^T dY.
func layer(name string, batch, in, out int) []shape {
	return []shape{
		{name + ".fwd", false, false, batch, out, in, 1},
		{name + ".dX", false, true, batch, in, out, 1},
		{name + ".dW", true, false, in, out, batch, 1},
	}
}

// all lists what training multiplies, and squares.
func all() (s []shape) {
	for _, n := range []int{256, 512, 1024, 2048} {
		for v := range 4 {
			s = append(s, shape{"square", v&1 != 0, v&2 != 0, n, n, n, 1})
		}
	}
	s = append(s, // the convolutions of the flagship and of cnn2 as im2col would have them, batch 64
		shape{"conv1.fwd", false, false, 43264, 32, 9, 1},
		shape{"conv1.dW", true, false, 9, 32, 43264, 1},
		shape{"conv1.dX", false, true, 43264, 9, 32, 1},
		shape{"conv2.fwd", false, false, 7744, 64, 288, 1},
		shape{"conv2.dW", true, false, 288, 64, 7744, 1},
		shape{"conv2.dX", false, true, 7744, 288, 64, 1})
	s = append(s, layer("flagship.dense1", 64, 21632, 128)...)
	s = append(s, shape{"flagship.dense1.fwd", false, true, 64, 128, 21632, 1})
	s = append(s, layer("flagship.dense2", 64, 128, 10)...)
	s = append(s, layer("cnn2.dense1", 64, 1600, 128)...)
	s = append(s, layer("mlp.dense1", 128, 784, 512)...)
	s = append(s, layer("mlp.dense2", 128, 512, 512)...)
	s = append(s, layer("gpt.qkv", 2048, 128, 384)...)
	s = append(s, layer("gpt.out", 2048, 128, 128)...)
	s = append(s, layer("gpt.fc", 2048, 128, 512)...)
	s = append(s, layer("gpt.proj", 2048, 512, 128)...)
	s = append(s, layer("gpt.head", 2048, 128, 256)...)
	s = append(s, shape{"gpt64.proj.dW", true, false, 256, 64, 1024, 1})
	s = append(s, layer("gpt2.qkv", 1024, 768, 2304)...)
	s = append(s, layer("gpt2.out", 1024, 768, 768)...)
	s = append(s, layer("gpt2.fc", 1024, 768, 3072)...)
	s = append(s, layer("gpt2.proj", 1024, 3072, 768)...)
	s = append(s, // 256 rows of a head that is the table of tokens
		shape{"gpt2.head.fwd", false, true, 256, 50257, 768, 1},
		shape{"gpt2.head.dX", false, false, 256, 768, 50257, 1},
		shape{"gpt2.head.dW", true, false, 50257, 768, 256, 1})
	s = append(s, // 16 sequences of 4 heads
		shape{"attention.scores", false, true, 128, 128, 32, 64},
		shape{"attention.mix", false, false, 128, 32, 128, 64},
		shape{"attention.dV", true, false, 128, 32, 128, 64},
		shape{"attention.dP", false, true, 128, 128, 32, 64})
	return s
}
