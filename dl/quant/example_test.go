package quant_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
	"modelbook/dl/quant"
)

// tiny is a model with random weights.
func tiny() *lm.GPT2 {
	dl.Seed(1)
	m, err := lm.GPT2Config{VocabSize: 64, NPositions: 32, NEmbd: 64, NLayer: 2, NHead: 2, InitializerRange: 0.1}.New()
	if err != nil {
		panic(err)
	}
	return m
}

func ExampleDynamic() {
	m := tiny()
	if err := quant.Dynamic(m, quant.Options{Format: dl.Q4_0}); err != nil {
		panic(err)
	}
	l := m.Blocks[0].CFc.(*quant.Linear)
	fmt.Printf("%d x %d weights of %v in %d bytes\n", l.Weight.Out, l.Weight.In, l.Weight.Format, len(l.Weight.Blocks))
	ids, err := lm.Generate(context.Background(), m, [][]int{{3, 1, 4}}, lm.Options{MaxNew: 5})
	fmt.Println(len(ids[0]), err)
	// Output:
	// 256 x 64 weights of Q4_0 in 9216 bytes
	// 5 <nil>
}

// A quantized model is saved as llama.cpp reads it, and computes with the blocks of the file.
func ExampleLoadGGUF() {
	dir, err := os.MkdirTemp("", "quant")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	m := tiny()
	if err := quant.Dynamic(m, quant.Options{Format: dl.Q8_0}); err != nil {
		panic(err)
	}
	path := filepath.Join(dir, "tiny.gguf")
	if err := lm.SaveGGUF(path, m, gguf.Q8_0, nil); err != nil {
		panic(err)
	}
	again, file, err := quant.LoadGGUF(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	x := dl.Of([]int32{1, 5, 9}, 1, 3)
	fmt.Println(again.Forward(x).AllClose(m.Forward(x), 0.05, 0.05))
	// Output: true
}

func ExamplePerplexity() {
	tokens := make([]int, 100)
	for i := range tokens {
		tokens[i] = i * i % 64
	}
	r, err := quant.Perplexity(context.Background(), tiny(), tokens, quant.PerplexityOptions{})
	if err != nil {
		panic(err)
	}
	for _, row := range r.Rows {
		fmt.Printf("%s %d bytes, perplexity within a tenth: %t\n", row.Weights, row.Bytes, row.Value < 1.1*r.Rows[0].Value)
	}
	// Output:
	// float32 424960 bytes, perplexity within a tenth: true
	// Q8_0 140544 bytes, perplexity within a tenth: true
	// Q4_0 89344 bytes, perplexity within a tenth: true
}

func ExampleFromDense() {
	dl.Seed(1)
	d := nn.Build(nn.Dense{Units: 4, Activation: nn.ReLU}, 64)
	q, err := quant.FromDense(d, dl.Q8_0)
	if err != nil {
		panic(err)
	}
	x := dl.Uniform(2, 64)
	fmt.Println(q.Forward(x).AllClose(d.Forward(x), 0.02, 0.02), len(q.Weight.Blocks))
	// Output: true 272
}

func ExampleStatic() {
	dl.Seed(2)
	m, err := nn.Sequential(dl.Shape{8, 8, 1}, nn.Conv2D{Filters: 4, Kernel: [2]int{3, 3}, Activation: nn.ReLU}, nn.Flatten{}, nn.Dense{Units: 3})
	if err != nil {
		panic(err)
	}
	samples := data.FromTensors(dl.Uniform(64, 8, 8, 1), dl.New(dl.Int32, 64))
	q, err := quant.Static(m, quant.Inputs(samples, 64), quant.StaticOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Print(q)
	x := dl.Uniform(5, 8, 8, 1)
	fmt.Println(q.Forward(x).AllClose(m.Forward(x), 0.05, 0.05))
	// Output:
	// conv2d: int8, [3 3 1 4]
	// flatten: float32
	// dense: int8, [1 1 144 3]
	// true
}

func ExampleReport() {
	r := quant.Report{Measure: "accuracy", Rows: []quant.Row{{Weights: "float32", Bytes: 4000, Value: 0.98}, {Weights: "int8", Bytes: 1040, Value: 0.9785}}}
	fmt.Print(r)
	// Output:
	// weights      accuracy    change          bytes  ratio
	// float32        0.9800                     4000
	// int8           0.9785   -0.0015           1040   0.26
}
