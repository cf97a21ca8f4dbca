// Package pixels makes images of numbers: a tensor's, one by one or in a grid. One rule says which values are black and
// white, so that a picture looks alike wherever it is shown.
package pixels

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// Levels are the values that are drawn black and white, what is below and above them included.
type Levels struct {
	Black, White float32
	Least, Most  float32 // of all finite values
	Usual        bool    // values are of the kind that pictures hold, 0 to 1 or bytes, so that there is nothing to tell
}

// LevelsOf chooses the levels of values. These are 0 and 1, or 0 and 255, if the values are of that kind, give or take a
// little, as computed pictures are. Else the values are stretched: all but the lowest and the highest two hundredth lie
// between the levels, so that one odd pixel does not make the others all alike.
func LevelsOf(values []float32, bytes bool) Levels {
	l := Levels{}
	l.Least, l.Most = Bounds(values)
	l.Black, l.White = l.Least, l.Most
	switch {
	case bytes:
		l.Black, l.White, l.Usual = 0, 255, true
		return l
	case l.Least >= -0.05 && l.Most <= 1.05:
		l.Black, l.White, l.Usual = 0, 1, true
		return l
	case l.Least == l.Most:
		l.Black, l.White = l.Least-1, l.Least+1
		return l
	case l.Least >= 0 && l.Most > 2 && l.Most <= 255 && !slices.ContainsFunc(values, broken):
		l.Black, l.White = 0, 255
		return l
	}
	sorted := make([]float32, 0, min(len(values), 1<<17))
	for i := 0; i < len(values); i += len(values)/(1<<16) + 1 {
		if finite(values[i]) {
			sorted = append(sorted, values[i])
		}
	}
	slices.Sort(sorted)
	if n := len(sorted); n >= 200 {
		a, b := sorted[n/200], sorted[n-1-n/200]
		// An odd pixel is far from the others; values that just spread are shown whole.
		if b > a && l.Least < a-(b-a)/2 {
			l.Black = a
		}
		if b > a && l.Most > b+(b-a)/2 {
			l.White = b
		}
	}
	return l
}

// Bounds are the smallest and the largest finite value; (0, 0) when there is none.
func Bounds(values []float32) (least, most float32) {
	found := false
	for _, v := range values {
		if finite(v) {
			if !found {
				least, most, found = v, v, true
			}
			least, most = min(least, v), max(most, v)
		}
	}
	return least, most
}

func finite(v float32) bool { return v-v == 0 }

// broken says whether v is no whole number.
func broken(v float32) bool { return v != float32(math.Trunc(float64(v))) }

// NotANumber is the colour of what is not a number.
var NotANumber = color.RGBA{0xE8, 0x59, 0x0C, 0xFF}

// Image makes an image of values, row by row with the channels, one or three, together.
func (l Levels) Image(values []float32, h, w, channels int) image.Image {
	level := func(v float32) uint8 {
		return uint8(math.Round(255 * min(max((float64(v)-float64(l.Black))/(float64(l.White)-float64(l.Black)), 0), 1)))
	}
	nan := func(v float32) bool { return v != v }
	if channels == 1 && !slices.ContainsFunc(values, nan) {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i, v := range values {
			img.Pix[i] = level(v)
		}
		return img
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		v := values[channels*i : channels*(i+1)]
		if slices.ContainsFunc(v, nan) {
			img.SetRGBA(i%w, i/w, NotANumber)
			continue
		}
		img.SetRGBA(i%w, i/w, color.RGBA{level(v[0]), level(v[channels/2]), level(v[channels-1]), 0xFF})
	}
	return img
}
