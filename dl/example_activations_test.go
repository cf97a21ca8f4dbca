package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// Smooth activations, and their relatives made of straight pieces.
func ExampleTensor_SiLU() {
	x := dl.Of([]float32{-3, -0.5, 0.5, 7})
	for _, f := range []struct {
		name string
		y    *dl.Tensor
	}{
		{"SiLU", x.SiLU()}, {"HardSwish", x.HardSwish()}, {"Mish", x.Mish()}, {"GELUTanh", x.GELUTanh()},
		{"ELU", x.ELU(1)}, {"SELU", x.SELU()}, {"CELU", x.CELU(0.5)}, {"PReLU", x.PReLU(dl.Full(0.25, 1))},
		{"ReLU6", x.ReLU6()}, {"HardTanh", x.HardTanh(-1, 1)}, {"HardSigmoid", x.HardSigmoid()},
		{"LogSigmoid", x.LogSigmoid()}, {"Softsign", x.Softsign()}, {"TanhShrink", x.TanhShrink()},
		{"SoftShrink", x.SoftShrink(0.5)}, {"HardShrink", x.HardShrink(0.5)}, {"Threshold", x.Threshold(0, -9)},
		{"Softmin", x.Softmin(0)},
	} {
		fmt.Printf("%-11s %.3f\n", f.name, f.y.Float32s())
	}
	// Output:
	// SiLU        [-0.142 -0.189 0.311 6.994]
	// HardSwish   [-0.000 -0.208 0.292 7.000]
	// Mish        [-0.146 -0.221 0.375 7.000]
	// GELUTanh    [-0.004 -0.154 0.346 7.000]
	// ELU         [-0.950 -0.393 0.500 7.000]
	// SELU        [-1.671 -0.692 0.525 7.355]
	// CELU        [-0.499 -0.316 0.500 7.000]
	// PReLU       [-0.750 -0.125 0.500 7.000]
	// ReLU6       [0.000 0.000 0.500 6.000]
	// HardTanh    [-1.000 -0.500 0.500 1.000]
	// HardSigmoid [0.000 0.417 0.583 1.000]
	// LogSigmoid  [-3.049 -0.974 -0.474 -0.001]
	// Softsign    [-0.750 -0.333 0.333 0.875]
	// TanhShrink  [-2.005 -0.038 0.038 6.000]
	// SoftShrink  [-2.500 -0.000 0.000 6.500]
	// HardShrink  [-3.000 0.000 0.000 7.000]
	// Threshold   [-9.000 -9.000 0.500 7.000]
	// Softmin     [0.899 0.074 0.027 0.000]
}

// A gate: the second half of the channels says how much of the first passes.
func ExampleTensor_GLU() {
	x := dl.Of([]float32{1, 2, 0, 100}, 1, 4)
	fmt.Println(x.GLU(-1).Float32s())
	// Output: [0.5 2]
}
