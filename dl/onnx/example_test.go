package onnx_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/onnx"
)

func ExampleExport() {
	m, err := nn.Sequential(dl.Shape{8, 8, 3}, nn.Conv2D{Filters: 4, Kernel: [2]int{3, 3}, Activation: nn.ReLU}, nn.Flatten{}, nn.Dense{Units: 2})
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer
	if err := onnx.Export(&file, m, onnx.Options{ChannelsFirst: true}); err != nil {
		panic(err)
	}
	again, err := onnx.Parse(file.Bytes())
	fmt.Println(again.Inputs, again.Outputs, err)
	// Output: [input float32 [-1 3 8 8]] [output float32 [-1 2]] <nil>
}

// Images in ONNX have their channels first.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "m.onnx")
	net, err := nn.Sequential(dl.Shape{4, 4, 2}, nn.GlobalAvgPool2D{}, nn.Dense{Units: 3})
	if err != nil {
		panic(err)
	}
	if err := onnx.Save(path, net, onnx.Options{ChannelsFirst: true}); err != nil {
		panic(err)
	}
	m, err := onnx.Load(path)
	if err != nil {
		panic(err)
	}
	x := dl.Randn(5, 2, 4, 4)
	y, err := m.Run(x)
	fmt.Println(y[0].Shape(), y[0].AllClose(net.Predict(x.Permute(0, 2, 3, 1)), 1e-5, 1e-6), err)
	// Output: [5 3] true <nil>
}
