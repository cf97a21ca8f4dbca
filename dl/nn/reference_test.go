package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// array is a tensor in testdata/reference.json.
type array struct {
	Shape []int
	Data  []float64
}

func (a array) tensor() *dl.Tensor {
	values := make([]float32, len(a.Data))
	for i, v := range a.Data {
		values[i] = float32(v)
	}
	return dl.Of(values, a.Shape...)
}

// reference is a case of testdata/reference.json, recorded from PyTorch by the script beside it.
type reference struct {
	Name   string
	Config struct {
		Activation     *Activation
		Units, Filters int
		NoBias, Same   bool
		Kernel, Stride [2]int
		Size           [2]int
		Training       bool
		Mean, Variance []float64
		Loss           string
	}
	X, U, Y, DX   array
	Target        array
	Params, Grads map[string]array
	After         map[string]array
}

func references(t *testing.T) []reference {
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []reference }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Cases
}

// layer is what a case is about.
func (r reference) layer(t *testing.T) Layer {
	activation := Identity
	if r.Config.Activation != nil {
		activation = *r.Config.Activation
	}
	switch c := r.Config; r.Name {
	case "activation":
		return activation
	case "dense":
		return Dense{Units: c.Units, Activation: activation, NoBias: c.NoBias}
	case "conv2d":
		return Conv2D{Filters: c.Filters, Kernel: c.Kernel, Stride: c.Stride, Padding: padding(c.Same), Activation: activation}
	case "maxpool2d":
		return MaxPool2D{Size: c.Size, Stride: c.Stride, Padding: padding(c.Same)}
	case "avgpool2d":
		return AvgPool2D{Size: c.Size, Stride: c.Stride, Padding: padding(c.Same)}
	case "batchnorm":
		return BatchNorm{}
	}
	t.Fatalf("no layer for %q", r.Name)
	return nil
}

func TestLayersComputeWhatPyTorchDoes(t *testing.T) {
	for i, r := range references(t) {
		if r.Name == "loss" {
			continue
		}
		config, _ := json.Marshal(r.Config)
		t.Run(fmt.Sprintf("%d %s", i, r.Name), func(t *testing.T) {
			t.Logf("%s on %v", config, r.X.Shape)
			m, err := Sequential(r.X.Shape[1:], r.layer(t))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range r.Params {
				m.Parameter(r.Name + "." + name).Value.CopyFrom(value.tensor())
			}
			if r.Name == "batchnorm" {
				m.Parameter("batchnorm.mean").Value.CopyFrom(array{r.Params["beta"].Shape, r.Config.Mean}.tensor())
				m.Parameter("batchnorm.variance").Value.CopyFrom(array{r.Params["beta"].Shape, r.Config.Variance}.tensor())
			}
			m.SetTraining(r.Config.Training)
			x := r.X.tensor().RequireGrad()
			y := m.Forward(x)
			close32(t, "y", y, r.Y)
			if !slices.Equal(m.Output(), r.Y.Shape[1:]) {
				t.Errorf("the inferred shape is %v", m.Output())
			}
			y.Mul(r.U.tensor()).Sum().Backward()
			close32(t, "dx", x.Grad(), r.DX)
			for name, want := range r.Grads {
				close32(t, "d"+name, m.Parameter(r.Name+"."+name).Value.Grad(), want)
			}
			for name, want := range r.After {
				close32(t, name, m.Parameter(r.Name+"."+name).Value, want)
			}
			// The logits of a layer are its output before the activation.
			close32(t, "head of logits", m.Head().Apply(m.Logits(r.X.tensor())), r.Y)
		})
	}
}

func TestLossesComputeWhatPyTorchDoes(t *testing.T) {
	losses := map[string]Loss{}
	for _, l := range []Loss{MSE, MAE, BinaryCrossEntropy, CategoricalCrossEntropy, SparseCrossEntropy} {
		losses[l.Name] = l
	}
	seen := 0
	for _, r := range references(t) {
		if r.Name != "loss" {
			continue
		}
		seen++
		name, logits := strings.CutSuffix(r.Config.Loss, " logits")
		t.Run(r.Config.Loss, func(t *testing.T) {
			f := losses[name].Of
			if logits {
				f = losses[name].FromLogits
			}
			target := r.Target.tensor()
			if name == SparseCrossEntropy.Name {
				target = target.To(dl.Int32)
			}
			x := r.X.tensor().RequireGrad()
			loss := f(x, target)
			loss.Backward()
			close32(t, "loss", loss, r.Y)
			close32(t, "dx", x.Grad(), r.DX)
		})
	}
	if seen != 8 {
		t.Errorf("%d recorded losses", seen)
	}
}

// close32 compares values that were computed in float32 with those of float64.
func close32(t *testing.T, what string, got *dl.Tensor, want array) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is nil", what)
		return
	}
	if got.Size() != len(want.Data) || len(want.Shape) > 0 && !slices.Equal(got.Shape(), want.Shape) {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape)
		return
	}
	for i, v := range got.Float32s() {
		if w := want.Data[i]; !(math.Abs(float64(v)-w) <= 2e-5*(1+math.Abs(w))) {
			t.Errorf("%s[%d] = %v, want %v", what, i, v, w)
			return
		}
	}
}

func padding(same bool) Padding {
	if same {
		return Same
	}
	return Valid
}
