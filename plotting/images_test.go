package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

// grey is the level of a pixel of the i-th picture.
func grey(t *testing.T, from any, i, x, y int) uint8 {
	t.Helper()
	images, _, _ := pictures(from, 10)
	r, _, _, _ := images[i].At(x, y).RGBA()
	return uint8(r >> 8)
}

// One odd pixel does not make all others black, a little less than 0 changes nothing, and what is black is said.
func TestLevelsOfPictures(t *testing.T) {
	ramp := func(n int, from, to float32) []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = from + (to-from)*float32(i)/float32(n-1)
		}
		return values
	}
	odd := ramp(32*32, 0, 1)
	odd[5] = 50
	if got := grey(t, dl.Of(odd, 1, 32, 32), 0, 31, 31); got < 240 {
		t.Errorf("beside a pixel of 50, 1 is drawn as %d", got)
	}
	below := ramp(32*32, 0, 0.2)
	below[5] = -0.001
	if got := grey(t, dl.Of(below, 1, 32, 32), 0, 31, 31); got != 51 {
		t.Errorf("beside a pixel of -0.001, 0.2 is drawn as %d", got)
	}
	for _, constant := range []float32{7, -3} {
		values := ramp(4, constant, constant)
		if got := grey(t, dl.Of(values, 1, 2, 2), 0, 0, 0); got < 100 || got > 150 {
			t.Errorf("constant %v is drawn as %d", constant, got)
		}
		if s := Images(dl.Of(values, 1, 2, 2)).String(); !strings.Contains(s, "all values are "+measured(float64(constant))) {
			t.Error(s)
		}
	}
	for want, values := range map[string][]float32{
		"black is −2.000, white 2.000": ramp(1024, -2, 2), "white 0.9961 and more": odd, "black is 0, white 255": {0, 255, 3, 9},
		"1 value is not a number": {0, 1, 0.5, float32(math.NaN())},
	} {
		if s := Images(dl.Of(values, 1, 2, len(values)/2)).String(); !strings.Contains(s, want) {
			t.Errorf("%q does not say %q", s, want)
		}
	}
	if s := Images(dl.Zeros(1, 2, 2)).String(); s != "1 image" {
		t.Error(s)
	}
}

// A single picture needs no fourth dimension, and channels before the rows get a hint.
func TestShapesOfPictures(t *testing.T) {
	for _, c := range []struct {
		shape dl.Shape
		n     int
		size  image.Point
	}{{dl.Shape{28, 20}, 1, image.Pt(20, 28)}, {dl.Shape{28, 20, 3}, 1, image.Pt(20, 28)}, {dl.Shape{28, 20, 1}, 1, image.Pt(20, 28)},
		{dl.Shape{5, 28, 20}, 5, image.Pt(20, 28)}, {dl.Shape{5, 28, 20, 3}, 5, image.Pt(20, 28)}} {
		images, n, _ := pictures(dl.Zeros(c.shape...), 10)
		if n != c.n || images[0].Bounds().Size() != c.size {
			t.Errorf("%v: %d pictures of %v", c.shape, n, images[0].Bounds().Size())
		}
	}
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "Transpose(0, 2, 3, 1)") {
			t.Error(p)
		}
	}()
	Images(dl.Zeros(5, 3, 28, 28))
}

func TestPredictionsOfAnotherLengthPanic(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "3 pictures and 2 true classes") {
			t.Error(p)
		}
	}()
	Images(dl.Zeros(3, 2, 2), Predictions{True: []int{1, 2}})
}

// Whatever is asked for, a figure stays of a size that can be drawn, and its parts do not lie on one another.
func TestSizesAreBounded(t *testing.T) {
	for name, f := range map[string]*Figure{
		"columns": Images(dl.Zeros(400, 4, 4), Columns(400)), "one column": Images(dl.Zeros(400, 4, 4), Columns(1)),
		"wide": Images(dl.Zeros(9, 4, 4), Size{Width: 1 << 40}), "filters": Filters(dl.Zeros(3, 3, 64, 64), Size{Width: 50_000}),
		"line": Line(nil, nil, Size{1 << 40, 1 << 40}), "bars": Bars(nil, make([]int, 1000)), "curves": Curves(training(3), Columns(9), Size{Width: 300}),
	} {
		if f.width > 5200 || f.height > 5200 {
			t.Errorf("%s: %v×%v", name, f.width, f.height)
		}
	}
	if s := Images(dl.Zeros(1000, 4, 4)).String(); !strings.HasPrefix(s, "1000 images") {
		t.Error(s)
	}
	h := training(3)
	for i := range 8 {
		h.Names = append(h.Names, fmt.Sprint("metric", i))
	}
	if f := Curves(h, Size{200, 200}); f.height < 9*leastPanel {
		t.Errorf("ten panels in %v×%v", f.width, f.height)
	}
}

// A tensor's own picture follows the same rule as a grid of them.
func TestImageOfATensorIsAsInAGrid(t *testing.T) {
	nan := float32(math.NaN())
	for name, x := range map[string]*dl.Tensor{
		"usual": dl.Of([]float32{0, 0.5, 1, -0.01}, 2, 2), "stretched": dl.Of([]float32{-3, 0, 5, 400.5}, 2, 2), "bytes in floats": dl.Of([]float32{0, 3, 255, 9}, 2, 2, 1),
		"bytes": dl.Of([]uint8{0, 1, 2, 255}, 2, 2), "constant": dl.Of([]float32{7, 7, 7, 7}, 4, 1), "not a number": dl.Of([]float32{0, nan, 1, 1}, 2, 2),
		"colours": dl.Of([]float32{-1, 0, 1, 0, 0, nan, 0.25, 0.5, 0.75, 1, 1, 1}, 2, 2, 3), "wide": dl.Of([]float64{1e300, 0, -1e300, 1}, 1, 4), "infinite": dl.Of([]float32{float32(math.Inf(1)), 0, 2.5}, 1, 3),
	} {
		grid, _, _ := pictures(x, 1)
		own := x.Image()
		if own.Bounds() != grid[0].Bounds() {
			t.Fatalf("%s: %v and %v", name, own.Bounds(), grid[0].Bounds())
		}
		for i := range own.Bounds().Dx() * own.Bounds().Dy() {
			at := image.Pt(i%own.Bounds().Dx(), i/own.Bounds().Dx())
			if a, b := color.RGBAModel.Convert(own.At(at.X, at.Y)), color.RGBAModel.Convert(grid[0].At(at.X, at.Y)); a != b {
				t.Errorf("%s: pixel %v is %v alone, %v in a grid", name, at, a, b)
			}
		}
	}
	stretched := dl.Of([]float32{-1, 0, 0.5, 3}, 2, 2)
	for _, c := range []struct {
		x    *dl.Tensor
		want [4]uint8
	}{{stretched, [4]uint8{0, 64, 96, 255}}, {stretched.Clip(0, 1), [4]uint8{0, 0, 128, 255}}} {
		for i, want := range c.want {
			if got := c.x.Image().(*image.Gray).Pix[i]; got != want {
				t.Errorf("pixel %d of %v is %d, want %d", i, c.x, got, want)
			}
		}
	}
}
