package plotting

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl/train"
)

func lossOf(values ...float64) *train.History {
	h := &train.History{Names: []string{"loss"}, Values: map[string][]float64{"loss": values}}
	for i := range values {
		h.Epochs = append(h.Epochs, i+1)
	}
	return h
}

// A loss that is not a number is told, in the picture and in words.
func TestCurvesTellNaN(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{2, 1, nan, nan, 0.5, nan, nan}, "not a number in 4 epochs, first in epoch 3"},
		{[]float64{2, 1, nan, nan}, "not a number from epoch 3"},
		{[]float64{nan, nan, nan}, "not a number from epoch 1"},
		{[]float64{2, nan, 1}, "not a number in epoch 2"},
		{[]float64{2, inf, inf}, "infinite from epoch 2"},
	} {
		h := lossOf(c.values...)
		if s := Curves(h).String(); !strings.Contains(s, c.want) {
			t.Errorf("%q does not say %q", s, c.want)
		}
		if p := curvePanels(h, collect[Option](nil), story{}); !strings.Contains(p[0].note, c.want) {
			t.Errorf("the note %q does not say %q", p[0].note, c.want)
		}
	}
	h := lossOf(2, 1, 0.5)
	h.Names = append(h.Names, "val_loss")
	h.Values["val_loss"] = []float64{train.NotMeasured(), 1, train.NotMeasured()} // validated in one Fit of three
	if s := Curves(h).String(); strings.Contains(s, "not a number") {
		t.Errorf("what was not measured is told as not a number: %s", s)
	}
}

// A stuck loss has ticks that differ, and one that falls far a logarithmic axis.
func TestCurvesOfAnyLoss(t *testing.T) {
	svg := Curves(lossOf(0.6931472, 0.6931473, 0.6931471)).SVG()
	if !strings.Contains(svg, ">0.693147 +<") || !strings.Contains(svg, ">+1.5e−7<") {
		t.Error("no offset for a loss that hardly changes")
	}
	for _, c := range []struct {
		h   *train.History
		log bool
	}{{lossOf(15.4, 1, 0.06), true}, {lossOf(1e30, 0.5, 0.4), true}, {lossOf(2, 1, 0.5), false}, {lossOf(100, 1, -1), false}, {lossOf(100, 0), false}} {
		if p := curvePanels(c.h, collect[Option](nil), story{}); p[0].logY != c.log {
			t.Errorf("%v: logarithmic %v", c.h.Get("loss"), p[0].logY)
		}
	}
	if p := curvePanels(lossOf(2, 1, 0), collect([]CurvesOption{LogY}), story{}); !p[0].logY || !strings.Contains(p[0].note, "1 value is not above 0") {
		t.Errorf("LogY: %v, note %q", p[0].logY, p[0].note)
	}
}

// The learning rate has a panel when it changes.
func TestCurvesOfTheLearningRate(t *testing.T) {
	h := training(4)
	if p := curvePanels(h, collect[Option](nil), story{}); len(p) != 2 {
		t.Errorf("%d panels with a constant rate", len(p))
	}
	h.Values["learning_rate"][3] = 1e-4
	if p := curvePanels(h, collect[Option](nil), story{}); len(p) != 3 || p[2].title != "learning rate" {
		t.Errorf("%d panels with a rate that changes", len(p))
	}
}

// texts are the numbers at a panel's x axis.
func texts(f *Figure, numbers ...string) (missing []string) {
	svg := f.SVG()
	for _, n := range numbers {
		if !strings.Contains(svg, ">"+n+"<") {
			missing = append(missing, n)
		}
	}
	return missing
}

// Axes of things that are counted have no numbers between them, and no more than there are.
func TestTicksOfCountedThings(t *testing.T) {
	one := Curves(lossOf(0.5))
	if m := texts(one, "1"); m != nil || len(texts(one, "0", "2")) != 2 {
		t.Error("one epoch is not at 1 alone")
	}
	years := Line([]float64{2015, 2016, 2017}, []float64{1, 2, 3})
	if m := texts(years, "2015", "2016", "2017"); m != nil || len(texts(years, "2015.5", "2015.0")) != 2 {
		t.Errorf("years without %v", m)
	}
	if few := Line(nil, []float64{0.1, 0.5, 0.2}); len(texts(few, "0.0", "0.2", "0.5", "1.0", "1.5")) < 3 {
		t.Error("three points have numbers between them")
	}
	nanoseconds := Line([]float64{1.7e18, 1.7e18 + 5e5, 1.7e18 + 1e6}, []float64{1, 2, 3})
	if m := texts(nanoseconds, "1,700,000,000,000,000,000 +", "+0", "+200,000"); m != nil {
		t.Errorf("nanoseconds without %v", m)
	}
}

// Numbers at bars are as they were given: counts are whole, shares have the same decimals.
func TestNumbersAtBars(t *testing.T) {
	if m := texts(Bars(nil, []int{5, 50, 500, 12345}), "5", "50", "500", "12,345"); m != nil {
		t.Errorf("counts without %v", m)
	}
	if m := texts(Bars(nil, []float64{0.9999, 0.0001294, 7.619e-14}), "0.9999", "0.0001", "&lt;0.0001"); m != nil {
		t.Errorf("shares without %v", m)
	}
	if m := texts(Bars(nil, []float64{-1.5, 2}), "−1.500", "2.000"); m != nil {
		t.Errorf("signs without %v", m)
	}
	many := Bars(nil, make([]int, 1000))
	if m := texts(many, "the first 200 of 1000"); m != nil || !strings.Contains(many.String(), "the first 200 of 1000") {
		t.Error("a figure of 200 of 1000 bars does not say so")
	}
	long := []string{"a very long name of a feature, the first", "a very long name of a feature, the second"}
	if m := texts(Bars(long, []int{1, 2}), long...); m != nil {
		t.Errorf("cut are %v", m)
	}
	sorted := Bars([]string{"a", "b", "c"}, []int{1, 3, 2}, Sorted).String()
	if a, b, c := strings.Index(sorted, "\n  a"), strings.Index(sorted, "\n  b"), strings.Index(sorted, "\n  c"); b > c || c > a {
		t.Error(sorted)
	}
}

// A notebook gets a PNG and words: exporters that prefer an SVG would lose the picture.
func TestMimeBundleHoldsPNGAndText(t *testing.T) {
	for name, figure := range gallery {
		f := figure()
		data := f.MimeBundle()
		if png, _ := data["image/png"].([]byte); len(png) == 0 || data["text/plain"] != f.String() || len(data) != 2 {
			t.Errorf("%s: %d forms", name, len(data))
		}
		meta, _ := f.MimeMetadata()["image/png"].(map[string]any)
		if alt, _ := meta["alt"].(string); alt == "" || strings.Contains(alt, "\n") || !strings.HasPrefix(f.String(), alt) && len(alt) < 300 {
			t.Errorf("%s: alternative text %q", name, alt)
		}
		if !strings.Contains(f.SVG(), "<title>") {
			t.Errorf("%s: an SVG without a title", name)
		}
	}
}

// Density makes the areas of a histogram's bars add up to 1, Bins sets their number, and a logarithmic axis has bars of
// equal ratios.
func TestHistogramOptions(t *testing.T) {
	b := newBins([]float64{1, 2, 2.5, 4, 9.5}, 3, false)
	if len(b.counts) != 3 || b.counts[0] != 3 || b.counts[1] != 1 || b.counts[2] != 1 {
		t.Errorf("three bars hold %v", b.counts)
	}
	area := 0.0
	s := b.outlines(true, 5)[0]
	for i := 0; i < len(s.Y); i += 2 {
		area += s.Y[i] * (s.X[i+1] - s.X[i])
	}
	if math.Abs(area-1) > 1e-12 {
		t.Errorf("an area of %v", area)
	}
	b = newBins([]float64{1, 10, 100, 1000}, 3, true)
	for i := range 3 {
		if ratio := b.edges[i+1] / b.edges[i]; math.Abs(ratio-10) > 1e-9 {
			t.Errorf("bar %d from %v to %v", i, b.edges[i], b.edges[i+1])
		}
	}
}
