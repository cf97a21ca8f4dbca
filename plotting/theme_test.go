package plotting

import (
	"image/color"
	"testing"
)

// Lines are seen on their card, and so is text.
func TestThemesHaveContrast(t *testing.T) {
	for name, theme := range map[string]Theme{"light": Light, "dark": Dark} {
		for i, c := range theme.Series {
			if got := contrast(c, theme.Card); got < 3 {
				t.Errorf("%s: series %d has a contrast of %.2f", name, i, got)
			}
			for j := range i {
				if c == theme.Series[j] {
					t.Errorf("%s: series %d and %d are alike", name, i, j)
				}
			}
		}
		for what, c := range map[string]color.RGBA{"ink": theme.Ink, "soft text": theme.Soft} {
			if got := contrast(c, theme.Card); got < 4.5 {
				t.Errorf("%s: %s has a contrast of %.2f", name, what, got)
			}
		}
		if zero := mix(theme.Card, theme.Grid, 0.35); contrast(theme.Soft, zero) < 4.5 { // of a confusion matrix
			t.Errorf("%s: zeros have a contrast of %.2f", name, contrast(theme.Soft, zero))
		}
	}
}

func TestSetTheme(t *testing.T) {
	defer SetTheme(Light)
	SetTheme(Dark)
	if f := Line(nil, []float64{1}); f.theme.Card != Dark.Card {
		t.Error("the usual theme was not changed")
	}
	if f := Line(nil, []float64{1}, Light); f.theme.Card != Light.Card {
		t.Error("the option does not replace the usual theme")
	}
}
