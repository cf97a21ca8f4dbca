package plotting

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

// painted counts the pixels of a figure that are nearer to a colour than an eye can tell.
func painted(f *Figure, c color.RGBA) int {
	img, n := f.rgba(), 0
	for i := 0; i < len(img.Pix); i += 4 {
		d := 0
		for k, v := range []uint8{c.R, c.G, c.B} {
			d = max(d, int(img.Pix[i+k])-int(v), int(v)-int(img.Pix[i+k]))
		}
		if d <= 2 {
			n++
		}
	}
	return n
}

// Small values have the first colour of the map, large ones the last, in few dots and in many.
func TestColorByValue(t *testing.T) {
	first, last := Light.values[0], Light.values[len(Light.values)-1]
	for name, values := range map[string]any{"floats": []float64{-5, 900}, "ints": []int{3, 4}, "tensor": dl.Of([]float32{0, 1e-20}),
		"infinite range": []float64{-math.MaxFloat64, math.MaxFloat64}} {
		f := Scatter([]float64{1, 2}, []float64{1, 2}, ColorBy{Values: values})
		bare := Scatter([]float64{1, 2}, []float64{math.NaN(), math.NaN()}, ColorBy{Values: values})
		for _, c := range []color.RGBA{first, last} {
			if with, without := painted(f, c), painted(bare, c); with < without+60 {
				t.Errorf("%s: %d pixels of %v, %d of them at the bar", name, with, c, without)
			}
		}
	}
	x := noise(9000)
	x[0], x[1] = -1, 250.5
	if got := Scatter(x, x, ColorBy{Values: x, Name: "height"}).String(); !strings.Contains(got, "9000 points, coloured by height from −1.000 to 250.5") {
		t.Error(got)
	}
}

func TestColorByOddValues(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for want, values := range map[string][]float64{
		"3 values are not finite numbers, in grey": {nan, inf, 3, -inf}, "1 value is not a finite number, in grey": {nan, 2, 3, 1},
		"4 values are not finite numbers, in grey": {nan, nan, nan, nan}, "from 7.000 to 7.000": {7, 7, 7, 7}, "from 1e300": {1e300, 2e300, 3e300, 4e300},
	} {
		f := Scatter(nil, []float64{1, 2, 3, 4}, ColorBy{Values: values})
		if s := strings.ReplaceAll(f.String(), "1.000e300", "1e300"); !strings.Contains(s, want) {
			t.Errorf("%q does not say %q", s, want)
		}
		f.PNG()
	}
	if s := Scatter(nil, []float64{}, ColorBy{Values: []float64{}}).String(); !strings.Contains(s, "0 points") {
		t.Error(s)
	}
}

// Names have a legend in the order in which they come; points stay with their names.
func TestColorByName(t *testing.T) {
	f := ColorBy{}
	got := f.named("op", Series{X: []float64{5, 6, 7}, Y: []float64{1, 2, 3}, Points: true}, []string{"b", "", "b"})
	if len(got) != 2 || got[0].Name != "b" || got[1].Name != "no name" || fmt.Sprint(got[0].X, got[0].Y, got[1].X, got[1].Y) != "[5 7] [1 3] [6] [2]" {
		t.Errorf("%+v", got)
	}
	if s := Scatter(nil, []float64{4, 5}, ColorBy{Values: []string{"a", "c"}}).String(); !strings.Contains(s, "2 series, 2 points") {
		t.Error(s)
	}
}

func TestColorByOfAnotherLengthPanics(t *testing.T) {
	for want, values := range map[string]any{"ColorBy has 2 values for 3 points": []int{1, 2}, "ColorBy has 4 values for 3 points": []string{"a", "b", "c", "d"},
		"cannot take numbers out of a bool": true} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, want) || !strings.HasPrefix(p, "plotting.Scatter") {
					t.Errorf("%q, want %q", p, want)
				}
			}()
			Scatter(nil, []int{1, 2, 3}, ColorBy{Values: values})
		}()
	}
}
