package train_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// reader is a small network for pictures, and some of them.
func reader() (*train.Trainer, data.Dataset) {
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{12, 12, 1}, nn.Conv2D{Filters: 8, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
		nn.Flatten{}, nn.Dense{Units: 10})
	if err != nil {
		panic(err)
	}
	r := dl.NewRand(7)
	set := data.FromTensors(r.Uniforms(0, 1, 256, 12, 12, 1), r.Uniforms(-1, 1, 256, 10))
	return &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.Adam{}}, set
}

// Where a training's time goes: printed, or as the last value of a cell, timings are a table with the times, too.
func ExampleTimings() {
	trainer, set := reader()
	timings := &train.Timings{}
	if _, err := trainer.Fit(context.Background(), set, train.Options{Callbacks: []train.Callback{timings}}); err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range timings.Layers {
		forward, backward := l.FLOPs()
		fmt.Println(l.Name, "FLOPs of a batch:", forward, "backward:", backward, "measured:", l.Forward > 0 && l.Memory > 0)
	}
	// Output:
	// conv2d FLOPs of a batch: 460800 backward: 460800 measured: true
	// dense FLOPs of a batch: 512000 backward: 1024000 measured: true
}

// The same as a picture, and as a file for ui.perfetto.dev.
func ExampleTimings_FlameGraph() {
	trainer, set := reader()
	timings := &train.Timings{}
	if _, err := trainer.Fit(context.Background(), set, train.Options{Callbacks: []train.Callback{timings}}); err != nil {
		fmt.Println(err)
		return
	}
	svg := timings.FlameGraph().SVG() // for os.WriteFile; a notebook shows the FlameGraph itself
	fmt.Println(strings.HasPrefix(svg, "<svg"), strings.Contains(svg, "conv2d"))

	var trace bytes.Buffer
	if err := timings.Trace(&trace); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Contains(trace.String(), "traceEvents"))
	// Output:
	// true true
	// true
}

// A CPU profile that knows layers: kept in a file, "go tool pprof -tagroot pass,layer -http :8080 cpu.pprof" shows it.
func ExampleProfileLabels() {
	trainer, set := reader()
	var cpu bytes.Buffer
	if err := pprof.StartCPUProfile(&cpu); err != nil {
		fmt.Println(err)
		return
	}
	_, err := trainer.Fit(context.Background(), set, train.Options{Callbacks: []train.Callback{train.ProfileLabels{}}})
	pprof.StopCPUProfile()
	fmt.Println(err, cpu.Len() > 0)
	// Output: <nil> true
}
