package dl

import (
	"errors"
	"math"
	"strings"
	"testing"

	"modelbook/dl/internal/golden"
)

// rings are n pictures of rings, of values from 0 to 1.
func rings(n, side int) *Tensor {
	x := Zeros(n, side, side, 1)
	for i := range n {
		for y := range side {
			for z := range side {
				dy, dz := 2*y-side+1, 2*z-side+1
				if r := dy*dy + dz*dz; r > (i+2)*(i+2)*4 && r < (i+5)*(i+5)*4 {
					x.set((i*side+y)*side+z, 0.25+float64(i%4)/4)
				}
			}
		}
	}
	return x
}

// humps are numbers from -8 to 8 that pile up in the middle.
func humps(shape ...int) *Tensor {
	x := Zeros(shape...)
	for i := range x.Size() {
		x.set(i, float64((i*7919)%64+(i*104729)%64+(i*1299709)%64)/12-8)
	}
	return x
}

var shownTensors = map[string]func() *Tensor{
	"pictures": func() *Tensor { return rings(12, 28) },
	"matrix": func() *Tensor {
		x := humps(40, 30)
		x.set(3, math.NaN())
		x.set(64, math.Inf(1))
		x.set(65, math.Inf(-1))
		return x.RequireGrad()
	},
	"vector":  func() *Tensor { return Of([]float32{1, 2.5, -3}) },
	"scalar":  func() *Tensor { return Scalar(4) },
	"empty":   func() *Tensor { return Zeros(0, 3) },
	"mask":    func() *Tensor { return rings(1, 20).Reshape(20, 20).Gt(Scalar(0)) },
	"whole":   func() *Tensor { return Of([]int64{-9007199254740993, 0, 1, 1 << 60, 7, -8}, 2, 3) },
	"kernels": func() *Tensor { return humps(3, 3, 8, 16) },
	"large":   func() *Tensor { return humps(1, 1000).Expand(1_000_000, 1000) },
	"colours": func() *Tensor {
		x := New(Uint8, 24, 32, 3)
		for i := range x.Size() {
			x.set(i, float64(i/3%32*8*(1-i%3/2)+i/96*10*(i%3/2)))
		}
		return x
	},
}

// Tensors look as they did when a person looked at them.
func TestTensorsAreShown(t *testing.T) {
	for name, x := range shownTensors {
		t.Run(name, func(t *testing.T) {
			shown := x().MimeBundle()
			golden.Check(t, "tensor-"+name+".html", shown["text/html"].(string))
			golden.Check(t, "tensor-"+name+".txt", shown["text/plain"].(string))
		})
	}
}

// A view is shown as what it is a view of.
func TestAViewIsShownAsACopy(t *testing.T) {
	v := humps(30, 40).T()
	if got, want := v.MimeBundle(), v.Clone().MimeBundle(); got["text/html"] != want["text/html"] || got["text/plain"] != want["text/plain"] {
		t.Errorf("%v\nwant\n%v", got, want)
	}
}

// What is shown is small, and takes no time to speak of, however many elements and axes there are.
func TestLargeTensorsAreShownInPart(t *testing.T) {
	for _, x := range []*Tensor{
		Zeros(1, 1).Expand(1<<20, 1<<19), Zeros(1<<21, 1).T(), Zeros(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2),
		New(Uint8, 1, 1, 1, 3).Expand(1<<16, 5000, 5000, 3), New(Uint8, 100_000, 20), Zeros(1, 1, 1, 1, 1).Expand(9, 9, 9, 9, 9),
	} {
		shown := x.MimeBundle()
		if n := len(shown["text/html"].(string)); n > 64<<10 {
			t.Errorf("%v: %d bytes of HTML", x.Shape(), n)
		}
		text := shown["text/plain"].(string)
		if len(text) > 64<<10 {
			t.Errorf("%v: %d bytes of text", x.Shape(), len(text))
		}
		if sample := "of a sample of 65,536"; (x.Size() > allRead) != strings.Contains(text, sample) || (x.Size() > allRead) != strings.Contains(shown["text/html"].(string), sample) {
			t.Errorf("%v: the sample is not said as it is: %s", x.Shape(), text)
		}
	}
}

// To look at a tensor does not change what is recorded of it.
func TestShowingLeavesGradientsAlone(t *testing.T) {
	x := humps(5, 5, 5, 5, 5, 5).RequireGrad()
	y := x.MulScalar(2)
	y.MimeBundle()
	y.Sum().Backward()
	if x.Grad() == nil || x.Grad().At(0, 0, 0, 0, 0, 0) != 2 {
		t.Errorf("the gradient is %v", x.Grad())
	}
}

var shownFaults = map[string]func(){
	"matmul":    func() { Zeros(64, 784).MatMul(Zeros(128, 10)) },
	"batches":   func() { Zeros(4, 8, 2, 3).MatMul(Zeros(5, 8, 3, 2)) },
	"broadcast": func() { Zeros(32, 10).Add(Zeros(7, 32, 12)) },
	"concat":    func() { Concat(1, Zeros(2, 3, 4), Zeros(2, 5, 6)) },
	"conv":      func() { Conv2D(Zeros(1, 28, 28, 3), Zeros(3, 3, 1, 16), nil, ConvOptions{}) },
	"one":       func() { Zeros(2, 3, 4).Reshape(5, 5) },
	"target":    func() { MSE(Zeros(4, 2), Zeros(4, 3)) },
}

// Shapes that do not fit are drawn, with what does not fit marked.
func TestShapeErrorsAreDrawn(t *testing.T) {
	for name, f := range shownFaults {
		t.Run(name, func(t *testing.T) {
			var fault *ShapeError
			if err := Try(f); !errors.As(err, &fault) {
				t.Fatal(err)
			}
			golden.Check(t, "shapes-"+name+".html", fault.HTML())
			golden.Check(t, "shapes-"+name+".txt", fault.Drawing())
			if text := fault.MimeBundle()["text/plain"].(string); text != fault.Error()+"\n"+fault.Drawing() {
				t.Error(text)
			}
		})
	}
}

// What stands in an error is text, whoever wrote it, and what is wrong in it does no harm.
func TestHostileShapeErrors(t *testing.T) {
	many := make([]int, 1000)
	for _, e := range []*ShapeError{
		{Op: `<script>alert(1)</script>`, Detail: "\x00<img src=x onerror=alert(1)>\u202e\"'&", Shapes: []Shape{{1}, {2}}},
		{Op: "\xff", Shapes: []Shape{{}, nil, many}, Axes: [][]int{{5}, {-1}, {999, 3}}},
		{Axes: [][]int{{1}}}, {Shapes: []Shape{many, many, many, many, many, many, many, many, many, many}},
		{Op: "x", Shapes: []Shape{{1}, {2, 3}}, Axes: [][]int{{0}, {0}}},
	} {
		shown := e.MimeBundle()
		html := shown["text/html"].(string)
		for _, bad := range []string{"<script", "<img", "\x00", "NaN"} {
			if strings.Contains(html, bad) {
				t.Errorf("%q stands in %q", bad, html)
			}
		}
		if len(html) > 64<<10 {
			t.Errorf("%d bytes", len(html))
		}
	}
}

// BenchmarkShown is the time to show tensors of a thousand and of 10^9 elements.
func BenchmarkShown(b *testing.B) {
	for name, x := range map[string]*Tensor{"small": humps(32, 32), "pictures": rings(12, 28), "large": shownTensors["large"]()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				x.MimeBundle()
			}
		})
	}
}
