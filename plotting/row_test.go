package plotting

import (
	"image/color"
	"strings"
	"testing"
)

// Figures side by side are drawn where they belong, and say what each of them says.
func TestBeside(t *testing.T) {
	bars := func(name string) *Figure { return Bars([]string{name}, []int{1}, Size{Width: 200}) }
	f := Beside([]*Figure{bars("a"), nil, bars("b"), bars("c")}, Columns(2), Title("Three"))
	if f.width != 412 || f.height != 36+120+12+120 {
		t.Errorf("%v×%v", f.width, f.height)
	}
	if s := f.String(); !strings.HasPrefix(s, "Three: 3 figures\n1 bar\n") || strings.Count(s, "1 bar") != 3 {
		t.Error(s)
	}
	img := f.Image()
	blue := func(x, y int) bool {
		c := color.RGBAModel.Convert(img.At(x*scale, y*scale)).(color.RGBA)
		return c == Light.Series[0]
	}
	for _, place := range []struct {
		x, y int
		want bool
	}{{100, 36 + 60, true}, {212 + 100, 36 + 60, true}, {100, 36 + 132 + 60, true}, {212 + 100, 36 + 132 + 60, false}} {
		if blue(place.x, place.y) != place.want {
			t.Errorf("at %d,%d a bar is %v", place.x, place.y, !place.want)
		}
	}
	wide := Beside([]*Figure{Line(nil, nil), Line(nil, nil), Line(nil, nil)})
	if wide.width != 1212 || wide.height != 2*360+12 {
		t.Errorf("three figures of 600 pixels are %v×%v", wide.width, wide.height)
	}
	Beside(nil).PNG()
	Beside([]*Figure{Images(strokes(2)), Scatter(noise(3000), noise(3000))}).SVG()
}
