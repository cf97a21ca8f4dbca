package plotting

import (
	"image/color"
	"math"
	"sync/atomic"
)

// Theme is a set of colours that belong together. Given as an option it replaces the usual one: [Light], unless
// [SetTheme] changed that.
type Theme struct {
	Card   color.RGBA // behind the figure
	Ink    color.RGBA // text and marks
	Soft   color.RGBA // secondary text, axis labels
	Grid   color.RGBA // grid lines and frames
	Series []color.RGBA
	Wrong  color.RGBA // mistakes
	Right  color.RGBA
	low    [3]color.RGBA // sequential map for what is right: none, some, all
	odd    [3]color.RGBA // sequential map for what is wrong
	minus  color.RGBA    // ends of the diverging map, its middle is zero
	zero   color.RGBA
	plus   color.RGBA
	values []color.RGBA // map from small to large values
}

func (t Theme) apply(o *options) { o.theme = t }

// usual is the theme of figures that are given none.
var usual atomic.Pointer[Theme]

// SetTheme makes a theme, such as [Dark], that of all figures drawn from now on that are not given another.
func SetTheme(t Theme) { usual.Store(&t) }

func usualTheme() Theme {
	if t := usual.Load(); t != nil {
		return *t
	}
	return Light
}

// onWhite are seven colours that remain distinct with every kind of colour vision, after M. Okabe and K. Ito (2008),
// with the pale ones darkened until they have a contrast of 3 with white. They are ordered so that neighbours also
// differ in lightness.
var onWhite = []color.RGBA{
	rgb(0x0072B2), rgb(0xC47F00), rgb(0x009E73), rgb(0xD55E00), rgb(0x3595D0), rgb(0xC46A9C), rgb(0x857C00),
}

// viridis is matplotlib's map of values: equal steps look equal, with every kind of colour vision and in grey. Its last
// colour is too pale for white, its first too dark for black.
var viridis = []color.RGBA{rgb(0x440154), rgb(0x3B528B), rgb(0x21918C), rgb(0x5DC863), rgb(0xFDE725)}

// Light is the default theme: dark ink on a white card.
var Light = Theme{
	Card: rgb(0xFFFFFF), Ink: rgb(0x1F2328), Soft: rgb(0x59636E), Grid: rgb(0xE4E7EB),
	Series: onWhite,
	Wrong:  rgb(0xC44E00), Right: rgb(0x0072B2),
	low:   [3]color.RGBA{rgb(0xF4F8FC), rgb(0x6BAED6), rgb(0x08417F)},
	odd:   [3]color.RGBA{rgb(0xFDEBDD), rgb(0xF5A15C), rgb(0xB34700)},
	minus: rgb(0x0A5FA0), zero: rgb(0xF7F7F7), plus: rgb(0xC95700),
	values: viridis[:4],
}

// Dark is a theme for dark pages: light ink on a nearly black card.
var Dark = Theme{
	Card: rgb(0x16191D), Ink: rgb(0xE8EAED), Soft: rgb(0xA3ABB5), Grid: rgb(0x33393F),
	Series: []color.RGBA{
		rgb(0x56B4E9), rgb(0xE69F00), rgb(0x2FC297), rgb(0xF27D3A), rgb(0x8FA8FF), rgb(0xE39AC4), rgb(0xF0E442),
	},
	Wrong: rgb(0xF28B3C), Right: rgb(0x56B4E9),
	low:   [3]color.RGBA{rgb(0x1D252D), rgb(0x2B6EA3), rgb(0x9BD3F7)},
	odd:   [3]color.RGBA{rgb(0x33261A), rgb(0x9C5316), rgb(0xFFB270)},
	minus: rgb(0x56B4E9), zero: rgb(0x1B1E22), plus: rgb(0xF59A45),
	values: viridis[1:],
}

// series is the colour of the i-th line; after the last it begins again.
func (t Theme) series(i int) color.RGBA { return t.Series[i%len(t.Series)] }

// over is the ink, dark or light, that reads best on a background (by WCAG's relative luminance).
func (t Theme) over(background color.RGBA) color.RGBA {
	dark, light := rgb(0x111417), rgb(0xFFFFFF)
	if contrast(background, dark) >= contrast(background, light) {
		return dark
	}
	return light
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xFF} }

// ramp is the colour at x in [0,1] of a map given by its ends and its middle.
func ramp(stops [3]color.RGBA, x float64) color.RGBA {
	x = 2 * min(max(x, 0), 1)
	if x <= 1 {
		return mix(stops[0], stops[1], x)
	}
	return mix(stops[1], stops[2], x-1)
}

// mix goes from a at x = 0 to b at x = 1.
func mix(a, b color.RGBA, x float64) color.RGBA {
	part := func(p, q uint8) uint8 { return uint8(math.Round(float64(p) + x*(float64(q)-float64(p)))) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xFF}
}

// contrast is WCAG's ratio of two colours, from 1 to 21.
func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// diverging is the colour of v on a scale from -extent to extent; what is not a number has the colour of ink.
func (t Theme) diverging(v, extent float32) color.RGBA {
	switch {
	case v != v:
		return t.Ink
	case !(extent > 0):
		return t.zero
	case v < 0:
		return mix(t.zero, t.minus, min(float64(-v/extent), 1))
	}
	return mix(t.zero, t.plus, min(float64(v/extent), 1))
}
