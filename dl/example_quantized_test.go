package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// The blocks are those of a GGUF file; package quant makes them of weights.
func ExampleQuantizedLinear() {
	block := make([]byte, 34) // a scale of 1 as half precision, and 32 integers
	block[0], block[1] = 0x00, 0x3c
	for i := range 32 {
		block[2+i] = byte(i)
	}
	w := &dl.QuantizedMatrix{Format: dl.Q8_0, Out: 1, In: 32, Blocks: block}
	show(dl.QuantizedLinear(dl.Ones(2, 32), w, dl.Of([]float32{0.5}, 1)), w.Dequantize().Slice(1, 0, 4))
	// Output: [496.500 496.500] [0.000 1.000 2.000 3.000]
}

func ExampleQuantizedConv2D() {
	w := dl.Of([]float32{1, -1, 0.5, 0.25}, 2, 2, 1, 1)
	f := dl.QuantizeFilters(w, nil, 0, 255) // for images of bytes
	x := dl.Of([]float32{0, 10, 20, 30, 40, 50, 60, 70, 80}, 1, 3, 3, 1)
	show(dl.QuantizedConv2D(x, f, dl.ConvOptions{}), dl.Conv2D(x, w, nil, dl.ConvOptions{}))
	fmt.Println(f.Shape(), f.Bytes())
	// Output:
	// [15.197 22.756 37.874 45.433] [15.000 22.500 37.500 45.000]
	// [2 2 1 1] 12
}
