package train

import (
	"context"
	"math"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// Regularisers pull at the weights as their gradients say, constraints hold after each step, and both come back from a
// file.
func TestFitRegularisesAndConstrains(t *testing.T) {
	x, y := dl.Zeros(4, 3), dl.Zeros(4, 2) // without a gradient of the loss
	model, err := nn.Sequential(dl.Shape{3},
		nn.Regularized{Layer: nn.Dense{Units: 2, WeightInit: nn.Constant(1), NoBias: true}, Weight: nn.L2(0.1), Activity: nn.L2(1)},
		nn.Constrained{Layer: nn.Dense{Units: 2, WeightInit: nn.Constant(5), NoBias: true}, Weight: nn.MaxNorm{Max: 2}},
	)
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/model.safetensors"
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time with what was loaded
		tr := &Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.5}}
		h, err := tr.Fit(context.Background(), data.FromTensors(x, y), Options{Epochs: 1, BatchSize: 4})
		if err != nil {
			t.Fatal(err)
		}
		// One step: 1 - 0.5*0.1*2*1, the loss of 6 weights 0.1*6.
		for _, v := range model.Parameter("regularized.weight").Value.Float32s() {
			if math.Abs(float64(v)-0.9) > 1e-6 {
				t.Errorf("a weight is %v, want 0.9", v)
			}
		}
		if loss := h.Last("loss"); math.Abs(loss-0.6) > 1e-6 {
			t.Errorf("the loss is %v, want 0.6", loss)
		}
		for _, v := range model.Parameter("constrained.weight").Value.Float32s() {
			if math.Abs(float64(v)-math.Sqrt2) > 1e-5 {
				t.Errorf("a weight is %v, want the norm 2", v)
			}
		}
		if model, err = nn.Load(path); err != nil {
			t.Fatal(err)
		}
	}
}

// The regulariser of outputs is a part of the loss.
func TestFitRegularisesOutputs(t *testing.T) {
	model, err := nn.Sequential(dl.Shape{2}, nn.Regularized{Layer: nn.Dense{Units: 1, WeightInit: nn.Constant(1)}, Activity: nn.L1(0.5)})
	if err != nil {
		t.Fatal(err)
	}
	tr := &Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.1}}
	h, err := tr.Fit(context.Background(), data.FromTensors(dl.Ones(4, 2), dl.Full(2, 4, 1)), Options{Epochs: 1, BatchSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	if loss := h.Last("loss"); math.Abs(loss-0.5*2) > 1e-6 { // the mean of |2| over the samples
		t.Errorf("the loss is %v, want 1", loss)
	}
	if v := model.Parameter("regularized.bias").Value.Item(); math.Abs(v+0.05) > 1e-6 { // -0.1*0.5
		t.Errorf("the bias is %v, want -0.05", v)
	}
}
