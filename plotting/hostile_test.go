package plotting

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/metric"
	"modelbook/dl/train"
)

// figuresOf are all figures that can be made of a list of numbers.
func figuresOf(v []float64) map[string]func() *Figure {
	epochs := make([]int, len(v))
	for i := range epochs {
		epochs[i] = i + 1
	}
	history := &train.History{Epochs: epochs, Names: []string{"loss", "val_loss"}, Values: map[string][]float64{"loss": v, "val_loss": v}}
	singles := make([]float32, len(v))
	for i, x := range v {
		singles[i] = float32(x)
	}
	return map[string]func() *Figure{
		"line":          func() *Figure { return Line(nil, v) },
		"line by x":     func() *Figure { return Line(v, v) },
		"line, log":     func() *Figure { return Line(v, v, LogX, LogY) },
		"line, small":   func() *Figure { return Line(nil, v, Size{1, 1}) },
		"scatter":       func() *Figure { return Scatter(v, v) },
		"band":          func() *Figure { return Lines([]Series{{Name: "a", Y: v, Low: v, High: v}}) },
		"curves":        func() *Figure { return Curves(history) },
		"histogram":     func() *Figure { return Histogram(v) },
		"histogram log": func() *Figure { return Histogram(v, LogX, LogY, Density) },
		"histogram 3":   func() *Figure { return Histogram(v, Bins(3)) },
		"bars":          func() *Figure { return Bars(nil, v, Labels{X: "x"}, Sorted, Highlight(0)) },
		"images":        func() *Figure { return Images(dl.Of(singles, 1, 1, len(v))) },
		"filters":       func() *Figure { return Filters(dl.Of(singles, 1, len(v), 1, 1)) },
		"scores":        func() *Figure { return Images(dl.Zeros(1, 2, 2), Predictions{Scores: dl.Of(singles, 1, len(v))}) },
	}
}

// Every figure of any numbers, however large, small or near to one another, is drawn at once, with coordinates that are
// numbers.
func TestAnyNumbersAreDrawn(t *testing.T) {
	lists := [][]float64{
		{math.MaxFloat64, 0.5, 0.4}, {1 << 53, 1<<53 + 2}, {1e308, -1e308}, {1e308, -1e308, 0, 1}, {1, math.Nextafter(1, 2)},
		{2.4e-166, 1e308, 1e-300}, {5e-324, 0}, {math.NaN()}, {math.Inf(1), 2, math.NaN(), math.Inf(-1)}, {1e30, 0.5, 0.4}, {0.3, 0.3 + 1e-15, 0.3 - 1e-15},
	}
	r := rand.New(rand.NewPCG(11, 12))
	for range 12 {
		list := make([]float64, 1+r.IntN(7))
		for i := range list {
			list[i] = hostile[r.IntN(len(hostile))]
		}
		lists = append(lists, list)
	}
	for i, v := range lists {
		all := figuresOf(v)
		if i < 14 {
			maps.Copy(all, moreFiguresOf(v))
		}
		for name, figure := range all {
			done := make(chan string, 1)
			go func() {
				defer func() {
					if p := recover(); p != nil {
						done <- fmt.Sprint("panic: ", p)
					}
				}()
				f := figure()
				svg := f.SVG()
				f.Image()
				if i := strings.Index(svg, "NaN"); i >= 0 && !strings.Contains(">−", svg[i-1:i]) && svg[i-1] != ' ' {
					done <- "NaN in the SVG: " + svg[max(i-60, 0):i+3]
				} else if strings.Contains(svg, "Inf,") || strings.Contains(svg, "Inf\"") {
					done <- "an infinity in the SVG"
				}
				done <- ""
			}()
			select {
			case problem := <-done:
				if problem != "" {
					t.Errorf("%s of %v: %s", name, v, problem)
				}
			case <-time.After(time.Minute):
				t.Fatalf("%s of %v hangs", name, v)
			}
		}
	}
}

// Of values that differ by less than can be drawn there is one bar, and of all others one that is seen.
func TestHistogramsHaveBars(t *testing.T) {
	few := make([]float64, 100)
	for i := range few {
		few[i] = 0.3 + float64(i%3-1)*1e-15
	}
	for _, v := range [][]float64{{1, math.Nextafter(1, 2)}, {1e9, math.Nextafter(1e9, 2e9), 1e9}, few, {5e-324, 0}, {7},
		{1e308, -1e308, 0, 1}, {1 << 53, 1<<53 + 2}, {1.7e18, 1.7e18 + 1e6}, {math.MaxFloat64}} {
		f := Histogram(v)
		img, blue := f.Image(), 0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				if r, g, b, _ := img.At(x, y).RGBA(); r>>8 == 0 && g>>8 == 0x72 && b>>8 == 0xB2 {
					blue++
				}
			}
		}
		if blue < 300 {
			t.Errorf("%v: %d pixels of bars", v, blue)
		}
	}
}

// Bars of whole numbers have whole widths, so that equal counts look equal.
func TestHistogramOfWholeNumbersIsNoComb(t *testing.T) {
	var v []float64
	for i := range 61 {
		for range 100 {
			v = append(v, float64(i))
		}
	}
	b := newBins(v, 0, false)
	for i := 0; i+1 < len(b.counts); i++ { // the last may reach beyond the values
		if b.counts[i] != b.counts[0] {
			t.Fatalf("counts %v", b.counts)
		}
	}
	if width := b.edges[1] - b.edges[0]; width != math.Trunc(width) {
		t.Errorf("bars are %v wide", width)
	}
}

// The bars of any values stand side by side, up to the largest number that there is.
func TestEdgesOfBarsAscend(t *testing.T) {
	for _, v := range [][]float64{{-1e308, 0, 1, 1e308}, {-math.MaxFloat64, math.MaxFloat64}, {0, 1e-299}, {-3, 4, 4.5}, {0, 1e308}} {
		for _, n := range []int{0, 1, 7, 1000} {
			b := newBins(v, n, false)
			for i := range b.counts {
				if width := b.edges[i+1]/2 - b.edges[i]/2; !(width > 0) || !finite(width) {
					t.Fatalf("%v in %d bars: bar %d from %v to %v", v, n, i, b.edges[i], b.edges[i+1])
				}
			}
		}
	}
}

// The bars of a histogram stand on its axis, a logarithmic one too.
func TestBarsStandOnTheAxis(t *testing.T) {
	whole := painted(Histogram([]int{1, 1, 1, 2, 2, 2, 3, 3, 3}), Light.Series[0])
	if log := painted(Histogram([]int{1, 1, 1, 2, 2, 2, 3, 3, 3}, LogY), Light.Series[0]); log < whole/4 {
		t.Errorf("bars of %d pixels, %d on a logarithmic axis", whole, log)
	}
	if n := painted(Histogram(normal(5000), LogY), Light.Series[0]); n < 50_000 {
		t.Errorf("bars of %d pixels", n)
	}
}

// One bar that has nearly all values is told.
func TestCrowdedHistogram(t *testing.T) {
	v := make([]float64, 1000)
	for i, x := range normal(1000) {
		v[i] = math.Exp(3 * x)
	}
	if s := Histogram(v).String(); !strings.Contains(s, "% lie in one bar: LogX spreads them") {
		t.Error(s)
	}
	v[3] = -5
	if s := Histogram(v).String(); !strings.Contains(s, "% lie in one bar\n") {
		t.Error(s)
	}
	for _, f := range []*Figure{Histogram(v, LogX), Histogram(normal(1000)), Histogram([]int{1, 1, 1, 1, 1, 2}), Histogram([]int{})} {
		if s := f.String(); strings.Contains(s, "lie in one bar") {
			t.Error(s)
		}
	}
}

// The ends of a range are told apart, and whole numbers are whole.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{{0, 2, "0 2"}, {1.7e9, 1.7e9 + 3540, "1,700,000,000 1,700,003,540"}, {-0.5, 3, "−0.5000 3.000"}, {0.5, 0.50000001, "0.5 0.50000001"}, {7.5, 7.5, "7.500 7.500"}} {
		if a, b := ends(c.lo, c.hi); a+" "+b != c.want {
			t.Errorf("ends(%v, %v) = %s, %s", c.lo, c.hi, a, b)
		}
	}
}

// A few values far away are told and do not squeeze the others into one bar.
func TestHistogramWithOutliers(t *testing.T) {
	f := Histogram(append(normal(1000), 1e15))
	if !strings.Contains(f.String(), "1 above") || !strings.Contains(f.String(), "up to 1e15") {
		t.Error(f)
	}
	if f := Histogram(normal(1000)); strings.Contains(f.String(), "drawn") {
		t.Error(f)
	}
}

func TestEmptyAndMissingInputs(t *testing.T) {
	for name, f := range map[string]*Figure{
		"confusion": Confusion(nil), "curves": Curves(nil), "bars": Bars(nil, nil), "line": Line(nil, nil), "lines": Lines(nil),
		"histogram": Histogram(nil), "images": Images(nil), "empty confusion": Confusion(&metric.ConfusionMatrix{}),
	} {
		if len(f.PNG()) == 0 || f.String() == "" {
			t.Errorf("%s: nothing", name)
		}
	}
}

// A line and its x that are not as long as one another are a mistake.
func TestLinesOfDifferentLengthsPanic(t *testing.T) {
	for name, draw := range map[string]func(){
		"x": func() { Line([]float64{1, 2, 3}, []float64{1, 2}) },
		"band": func() {
			Lines([]Series{{Y: []float64{1, 2}, Low: []float64{1}, High: []float64{1}}})
		},
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "2 values in Y") {
					t.Errorf("%s: %v", name, p)
				}
			}()
			draw()
		}()
	}
}

// A line of noise is drawn in about the time of a smooth one.
func TestNoiseIsDrawnQuickly(t *testing.T) {
	start := time.Now()
	for _, n := range []int{3000, 100_000} {
		Line(nil, noise(n)).Image()
	}
	Lines([]Series{{Y: noise(100_000)}, {Y: noise(100_000)}, {Y: noise(5000)}}, LogY).Image()
	if spent := time.Since(start); spent > 20*time.Second { // a minute and more as one stroke
		t.Errorf("took %v", spent)
	}
}

// Vector files of many points and large pictures stay small.
func TestSVGIsBounded(t *testing.T) {
	gaps := noise(100_000)
	for i := range gaps {
		if i%2 == 1 {
			gaps[i] = math.NaN()
		}
	}
	for name, f := range map[string]*Figure{
		"cloud": Scatter(noise(100_000), noise(100_000)), "gaps": Line(nil, gaps), "photos": Images(dl.Zeros(8, 512, 512, 3)),
		"noise": Line(nil, noise(100_000)),
	} {
		if n := len(f.SVG()); n > 1<<20 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}
