package dl

import (
	"encoding/json"
	"os"
	"testing"
)

// Results are those of PyTorch's quantized convolution: see testdata/quantizedconv.py.
func TestQuantizedConv2DIsPyTorchs(t *testing.T) {
	text, err := os.ReadFile("testdata/quantizedconv.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			X, W, B, Y                []float32
			XShape, WShape, YShape    []int
			Low, High                 float64
			Stride, Padding, Dilation [2]int
			ReLU                      bool
		}
	}
	if err := json.Unmarshal(text, &all); err != nil || len(all.Cases) < 4 {
		t.Fatal(len(all.Cases), err)
	}
	for i, c := range all.Cases {
		f := QuantizeFilters(Of(c.W, c.WShape...), Of(c.B, len(c.B)), c.Low, c.High)
		o := ConvOptions{Stride: c.Stride, Padding: Pad2D(c.Padding[0], c.Padding[1]), Dilation: c.Dilation}
		if c.ReLU {
			o.Fuse = FuseReLU
		}
		x := Of(c.X, c.XShape...)
		for how, x := range map[string]*Tensor{"plain": x, "a view": sparse(x)} {
			if err := closeTo(QuantizedConv2D(x, f, o), Of(c.Y, c.YShape...), 1e-5); err != nil {
				t.Errorf("case %d, %s: %v", i, how, err)
			}
		}
	}
}

// What has no gradient says so.
func TestQuantizedConv2DHasNoGradient(t *testing.T) {
	f := QuantizeFilters(Ones(1, 1, 2, 3), nil, -1, 1)
	x := Ones(1, 2, 2, 2).RequireGrad()
	if err := Try(func() { QuantizedConv2D(x, f, ConvOptions{}) }); err == nil {
		t.Error("nothing is said")
	}
	NoGrad(func() {
		if y := QuantizedConv2D(x, f, ConvOptions{}); y.RequiresGrad() {
			t.Error("the result says that it has one")
		}
	})
}
