package nn

import (
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// PyTorch: Conv2d(1, 1, 3, padding=(1, 2)) of ones over ones counts the pixels under the window.
func TestPaddingByNumbers(t *testing.T) {
	c := Build(Conv2D{Filters: 1, Kernel: [2]int{3, 3}, Padding: Pad2D(1, 2), WeightInit: Ones}, 3, 3, 1)
	y := c.Forward(dl.Ones(1, 3, 3, 1))
	want := []float32{2, 4, 6, 4, 2, 3, 6, 9, 6, 3, 2, 4, 6, 4, 2}
	if !slices.Equal(y.Shape(), dl.Shape{1, 3, 5, 1}) || !slices.Equal(y.Float32s(), want) {
		t.Errorf("%v %v", y.Shape(), y.Float32s())
	}
	same := Build(Conv2D{Filters: 2, Kernel: [2]int{3, 3}, Padding: Same}, 7, 6, 1)
	numbers := &Conv2D{Filters: 2, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Padding: Pad2D(1, 1), Weight: same.Weight, Bias: same.Bias}
	x := dl.NewRand(1).Normals(0, 1, 2, 7, 6, 1).RequireGrad()
	a, b := same.Forward(x), numbers.Forward(x)
	if !slices.Equal(a.Float32s(), b.Float32s()) {
		t.Error("a padding of 1 is not that of Same with a kernel of 3")
	}
	double := x.To(dl.Float64).Detach().RequireGrad()
	w := same.Weight.Value.To(dl.Float64).Detach().RequireGrad()
	if err := dl.CheckGradients(func(xs ...*dl.Tensor) *dl.Tensor {
		return dl.Conv2D(xs[0], xs[1], nil, dl.ConvOptions{Stride: [2]int{2, 1}, Padding: dl.Pad2D(2, 0)}).Square().Sum()
	}, double, w); err != nil {
		t.Error(err)
	}
	for says, layer := range map[string]Layer{
		"smaller than the Kernel": Conv2D{Filters: 1, Kernel: [2]int{3, 3}, Padding: Pad2D(3, 0)},
		"must not be negative":    Conv2D{Filters: 1, Kernel: [2]int{3, 3}, Padding: Pad2D(-1, 0)},
		"half of the Size [3 3]":  MaxPool2D{Size: [2]int{3, 3}, Padding: Pad2D(1, 2)},
		"half of the Size [4 4]":  AvgPool2D{Size: [2]int{4, 4}, Padding: Pad2D(3, 0)},
		"use Padding: nn.Same":    Conv2D{Filters: 1, Kernel: [2]int{9, 9}, Padding: Pad2D(1, 1)},
	} {
		if _, err := Sequential(dl.Shape{5, 5, 1}, layer); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
	for _, p := range []Padding{Valid, Same, Causal, Pad1D(3), Pad2D(1, 2), Pad2D(0, 1), Pad3D(1, 0, 2)} {
		var again Padding
		if text, err := p.MarshalText(); err != nil || again.UnmarshalText(text) != nil || again != p {
			t.Errorf("%v becomes %v", p, again)
		}
	}
	var p Padding
	for _, text := range []string{"", "full", "-1", "1,-2", "1,2,3,4", "1,,2"} {
		if p.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is taken as %v", text, p)
		}
	}
}
