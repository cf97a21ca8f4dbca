package gguf_test

import (
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl/gguf"
)

func Example() {
	dir, err := os.MkdirTemp("", "gguf")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "small.gguf")
	values := make([]float32, 64)
	for i := range values {
		values[i] = float32(i % 8)
	}
	err = gguf.Save(path, []gguf.Pair{{Key: "general.architecture", Value: "mine"}},
		[]gguf.Source{{Name: "w", Shape: []int{2, 32}, Type: gguf.Q8_0, Values: values}})
	if err != nil {
		panic(err)
	}
	f, err := gguf.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	w, _ := f.Tensor("w")
	back, err := w.Float32s()
	fmt.Printf("%v %v, %d bytes, %.2f %v\n", w.Type, w.Shape, len(w.Bytes()), back[:3], err)
	// Output: Q8_0 [2 32], 68 bytes, [0.00 0.99 1.98] <nil>
}

func ExampleQuantize() {
	values := make([]float32, 32)
	values[0], values[1] = 1, -0.3
	elements, size := gguf.Q4_0.Block()
	blocks := make([]byte, len(values)/elements*size)
	gguf.Quantize(gguf.Q4_0, blocks, values)
	gguf.Dequantize(gguf.Q4_0, values, blocks)
	fmt.Printf("%d bytes, %.3f\n", len(blocks), values[:3])
	// Output: 18 bytes, [1.000 -0.250 -0.000]
}
