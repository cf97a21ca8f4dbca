package nn

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// scaler is a layer of one's own as a notebook defines it, and scalerʼ2 what its name stands for after the cell was
// changed and run again.
type scaler struct{ By float64 }

func (s scaler) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	return &built{s.By, b.Parameter("gain", nil, Ones, 1, 1, 1), 0}, in, nil
}

type scalerʼ2 struct{ By float64 }

func (s scalerʼ2) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	return &built{s.By, b.Parameter("gain", nil, Ones, 1, 1, 1), 1000}, in, nil
}

type built struct {
	By     float64
	Gain   *Parameter
	Offset float64
}

func (s *built) Parameters() []*Parameter { return ParametersOf(s) }
func (s *built) Forward(x *dl.Tensor) *dl.Tensor {
	return x.MulScalar(s.By).Mul(s.Gain.Value).AddScalar(s.Offset)
}

func TestALayerThatWasDefinedAnewIsTheNewOne(t *testing.T) {
	Register[scaler]()
	x := dl.Ones(1, 2)
	first := must(Sequential(dl.Shape{2}, scaler{2}))
	path := filepath.Join(t.TempDir(), "scaler")
	if err := first.Save(path); err != nil {
		t.Fatal(err)
	}
	if got := must(Load(path)).Predict(x).Float32s(); !slices.Equal(got, []float32{2, 2}) {
		t.Errorf("before: %v", got)
	}
	again := func(what string) {
		if got := must(Load(path)).Predict(x).Float32s(); !slices.Equal(got, []float32{1002, 1002}) {
			t.Errorf("%s: %v", what, got)
		}
	}
	second := must(Sequential(dl.Shape{2}, scalerʼ2{2})) // the cell with the model runs again, that with Register does not
	again("used")
	if err := second.Save(path); err != nil {
		t.Fatal(err)
	}
	if text := must(second.Structure()); strings.Contains(text, "ʼ") || names(second)[0] != "scaler.gain" {
		t.Errorf("%s, parameters %q", text, names(second))
	}
	again("saved")
	Register[scaler]()
	Register[scalerʼ2]()
	again("registered")
}
