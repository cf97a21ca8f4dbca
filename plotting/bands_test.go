package plotting_test

import (
	"image/color"
	"testing"

	"modelbook/plotting"
)

// A line keeps its colour where the band of another one lies.
func TestBandsLieBehindAllLines(t *testing.T) {
	img := plotting.Lines([]plotting.Series{
		{X: []float64{0, 1}, Y: []float64{1, 1}, Dashed: true}, // without marks, which may lie elsewhere
		{X: []float64{0, 1}, Y: []float64{3, 3}, Low: []float64{0, 0}, High: []float64{4, 4}},
	}).Image()
	want, found := plotting.Light.Series[0], 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if color.RGBAModel.Convert(img.At(x, y)) == want {
				found++
			}
		}
	}
	if found < 500 {
		t.Errorf("%d pixels have the colour of the first line, which lies within the band of the second", found)
	}
}
