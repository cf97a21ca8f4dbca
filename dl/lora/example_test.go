package lora_test

import (
	"context"
	"fmt"
	"os"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/lm"
	"modelbook/dl/lora"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// tiny is a model with random weights.
func tiny() *lm.GPT2 {
	dl.Seed(1)
	m, err := lm.GPT2Config{VocabSize: 30, NPositions: 32, NEmbd: 32, NLayer: 2, NHead: 2}.New()
	if err != nil {
		panic(err)
	}
	return m
}

// A model learns to answer: only the additions are trained, and only the answers count.
func Example() {
	m := tiny()
	adapters, err := lora.Add(m, lora.Config{Rank: 4, Alpha: 8, Targets: []string{lora.AllLinear}})
	if err != nil {
		panic(err)
	}
	fmt.Println(adapters)
	lessons := data.Answers{
		Prompts: [][]int{{1, 5}, {2, 5, 5}, {3, 5}},
		Answers: [][]int{{11, 12}, {13}, {14, 15, 16}},
		End:     []int{29},
	}
	trainer := &train.Trainer{Model: m, Optimizer: &optim.AdamW{LearningRate: 0.02}, Step: func(s *train.Step) *dl.Tensor {
		return lm.Loss(m, s.Batch.X, s.Batch.Y, lm.LossOptions{})
	}}
	if _, err := trainer.Fit(context.Background(), lessons, train.Options{Epochs: 60, BatchSize: 3}); err != nil {
		panic(err)
	}
	answer, err := lm.Generate(context.Background(), m, [][]int{{3, 5}}, lm.Options{MaxNew: 8})
	fmt.Println(answer, err)
	// Output:
	// LoRA of rank 4 at 8 matrices: 4096 of 31552 parameters are trained, 12.98 %
	// [[14 15 16 29]] <nil>
}

// Adapters are kept apart: 1 MB beside a model of 500 MB.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "adapter")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	adapters, err := lora.Add(tiny(), lora.Config{Rank: 2, Base: "tiny"})
	if err != nil {
		panic(err)
	}
	if err := adapters.Save(dir); err != nil { // or save_pretrained(dir) of peft
		panic(err)
	}
	loaded, err := lora.Load(dir, tiny())
	if err != nil {
		panic(err)
	}
	fmt.Println(loaded.Config.Rank, loaded.Config.Targets, loaded.Config.Base, nn.Count(loaded).Trainable)
	tensors, _, err := dl.LoadSafetensors(dir + "/adapter_model.safetensors")
	fmt.Println(tensors[0].Name, tensors[0].Tensor.Shape(), err)
	// Output:
	// 2 [c_attn] tiny 512
	// base_model.model.transformer.h.0.attn.c_attn.lora_A.weight [2 32] <nil>
}

// Merged, a model is as fast as before, and can be saved as a plain one.
func ExampleAdapters_MergeAndUnload() {
	m := tiny()
	adapters, err := lora.Add(m, lora.Config{})
	if err != nil {
		panic(err)
	}
	adapters.Layers[0].B.Value.CopyFrom(dl.Ones(96, 8)) // as if it were trained
	tokens := dl.Of([]int32{3, 1, 4}, 1, 3)
	apart := m.Forward(tokens)
	if err := adapters.MergeAndUnload(); err != nil {
		panic(err)
	}
	fmt.Println(m.Forward(tokens).AllClose(apart, 1e-5, 1e-5))
	dir, err := os.MkdirTemp("", "merged")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	fmt.Println(lm.Save(dir, m))
	// Output:
	// true
	// <nil>
}

// Without the additions the model is as it was; they can be merged and taken out again as often as one likes.
func ExampleAdapters_Unmerge() {
	m := tiny()
	adapters, err := lora.Add(m, lora.Config{Pattern: `.*h\.1\.attn\.c_(attn|proj)`})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(adapters.Layers), adapters.Merge())
	adapters.Unmerge()
	adapters.Unload()
	fmt.Println(nn.Count(m).Frozen)
	// Output:
	// 2 <nil>
	// 0
}
