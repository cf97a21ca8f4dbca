package tensorboard_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/train/tensorboard"
)

// A training writes its curves, and they are read again; "tensorboard --logdir logs" shows them.
func ExampleLog() {
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	dl.Seed(1)
	x := dl.NewRand(1).Uniforms(-1, 1, 64, 2)
	set := data.FromTensors(x, x.Sum(1).Unsqueeze(1))
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.Adam{LearningRate: 0.01}}
	_, err = trainer.Fit(context.Background(), set, train.Options{Epochs: 3, ValidationSplit: 0.25,
		Callbacks: []train.Callback{tensorboard.Log{Dir: filepath.Join(dir, "first"), Histograms: 1}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	curves, err := tensorboard.Runs(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range curves {
		fmt.Println(c.Run, c.Tag, c.Steps)
	}
	// Output:
	// first/train epoch_learning_rate [1 2 3]
	// first/train epoch_loss [1 2 3]
	// first/validation epoch_loss [1 2 3]
	// first/validation evaluation_loss_vs_iterations [2 4 6]
}

// What you like is written by a Writer: here into memory, by Create into a file.
func ExampleWriter() {
	var file bytes.Buffer
	w, err := tensorboard.NewWriter(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	w.Scalar("temperature", 21.5, 1)
	w.Scalar("temperature", 22.25, 2)
	w.Histogram("weights", dl.Of([]float32{-1, 0, 0.25, 1}), 2)
	w.Images("digit", dl.Zeros(8, 8), 2)
	w.Text("note", "**warmer**", 2)
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	for e, err := range tensorboard.Read(&file) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, v := range e.Values {
			switch {
			case v.IsScalar:
				fmt.Println(e.Step, v.Tag, v.Scalar)
			case v.Histogram != nil:
				fmt.Println(e.Step, v.Tag, v.Histogram.Count, "values from", v.Histogram.Min, "to", v.Histogram.Max)
			default:
				fmt.Println(e.Step, v.Tag, v.Texts, len(v.Image) > 0)
			}
		}
	}
	// Output:
	// 1 temperature 21.5
	// 2 temperature 22.25
	// 2 weights 4 values from -1 to 1
	// 2 digit [] true
	// 2 note [**warmer**] false
}

// The graph of a model, its layers as groups.
func ExampleWriter_Graph() {
	model, err := nn.Sequential(dl.Shape{28, 28, 1}, nn.Conv2D{Filters: 8, Kernel: [2]int{3, 3}}, nn.Flatten{}, nn.Dense{Units: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	w, err := tensorboard.NewWriter(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Graph(model))
	// Output: <nil>
}

// A histogram without a file.
func ExampleHistogramOf() {
	h := tensorboard.HistogramOf(dl.Of([]float32{0, 0, 0, 3, 6}))
	fmt.Println(h.Count, h.Sum, len(h.Counts), h.Counts[0], h.Counts[15], h.Counts[29])
	// Output: 5 9 30 3 1 1
}
