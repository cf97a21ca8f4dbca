package nn_test

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A NaN is traced to the layer and the parameter that it comes from.
func TestAnomaliesNameLayers(t *testing.T) {
	m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3, Activation: nn.ReLU}, nn.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	x := dl.Ones(1, 2)
	if err := dl.Try(func() { dl.DetectAnomalies(func() { m.Forward(x).Sum().Backward() }) }); err != nil {
		t.Fatal(err)
	}
	m.Parameter("dense_1.weight").Value.Fill(math.Inf(1))
	err = dl.Try(func() { dl.DetectAnomalies(func() { m.Forward(dl.Zeros(1, 2)) }) })
	if err == nil || !strings.Contains(err.Error(), "nn.Model > nn.Dense of [1 3] and dense_1.weight") || !strings.Contains(err.Error(), "anomaly_test.go:") {
		t.Errorf("got %v", err)
	}
}
