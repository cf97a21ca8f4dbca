package plotting

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // as on machines that have none

	"modelbook/dl"
	"modelbook/dl/train"
)

// moreFiguresOf are the figures that compare, of any list of numbers.
func moreFiguresOf(v []float64) map[string]func() *Figure {
	n := len(v)
	labels := make([]int, n)
	times := make([]time.Time, n)
	names := make([]string, n)
	for i := range labels {
		labels[i] = i % 2
		times[i] = time.Unix(int64(min(max(v[i], -1e18), 1e18)), 0)
		names[i] = fmt.Sprint(i % 3)
	}
	history := &train.History{Epochs: labels, Names: []string{"loss", "val_loss"}, Values: map[string][]float64{"loss": v, "val_loss": v}}
	groups := []Group{{"a", v}, {"b", v[:n/2]}, {"", nil}}
	columns := []Group{{"a", v}, {"b", v}, {"c", names2(v)}}
	square := dl.Of(append(append([]float64{}, v...), v...), 2, n)
	points := dl.Of(append(append([]float64{}, v...), v...), n, 2)
	return map[string]func() *Figure{
		"roc": func() *Figure { return ROC([]Scored{{Scores: v, Labels: labels}}) },
		"precision": func() *Figure {
			return PrecisionRecall([]Scored{{Scores: v, Labels: labels}, {Scores: points, Labels: labels}})
		},
		"calibration":     func() *Figure { return Calibration([]Scored{{Scores: v, Labels: labels}}) },
		"histogram kde":   func() *Figure { return Histogram(v, KDE, Density, Bandwidth(0)) },
		"densities":       func() *Figure { return Densities(groups, Bandwidth(1e-9)) },
		"boxes":           func() *Figure { return Boxes(groups) },
		"boxes, log":      func() *Figure { return Boxes(groups, LogY) },
		"violins":         func() *Figure { return Violins(groups) },
		"grouped":         func() *Figure { return GroupedBars([]string{"a"}, []BarSeries{{"x", v, v}, {"y", v, nil}}) },
		"heat":            func() *Figure { return Heatmap(square) },
		"heat, centred":   func() *Figure { return Heatmap(square, Centred, Size{Width: 1}) },
		"correlation":     func() *Figure { return Correlation(columns) },
		"pairs":           func() *Figure { return Pairs(columns, ColorBy{Values: names}) },
		"smoothed":        func() *Figure { return Line(nil, v, Smoothing(0.9)) },
		"curves smoothed": func() *Figure { return Curves(history, Smoothing(2)) },
		"runs":            func() *Figure { return CompareRuns([]TrainingRun{{"a", history}, {"", nil}}, Smoothing(0.5)) },
		"times": func() *Figure {
			return TimeSeries([]TimedSeries{{Name: "a", Times: times, Values: v, Low: v, High: v}})
		},
		"activations": func() *Figure { return Activations(square.Reshape(2, n, 1)) },
		"boundary": func() *Figure {
			return Boundary(func(x *dl.Tensor) *dl.Tensor { return x }, points, labels)
		},
		"attention": func() *Figure { return Attention(square) },
		"embedding": func() *Figure { return Embedding(points, ColorBy{Values: v}) },
		"overlay":   func() *Figure { return HeatOverlay(dl.Zeros(1, 2, 2), dl.Of(v, 1, 1, n)) },
		"rates": func() *Figure {
			rates := make([]float64, n)
			for i := range rates {
				rates[i] = math.Pow(10, float64(i-3))
			}
			return LearningRates(&train.RateCurve{Rates: rates, Losses: v, Measured: v})
		},
	}
}

func names2(v []float64) []float64 {
	out := make([]float64, len(v))
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

// Figures of nothing say so.
func TestFiguresOfNothing(t *testing.T) {
	for name, f := range map[string]*Figure{
		"roc": ROC(nil), "roc of none": ROC([]Scored{{}}), "precision": PrecisionRecall(nil), "calibration": Calibration(nil), "calibration of none": Calibration([]Scored{{}}),
		"densities": Densities(nil), "boxes": Boxes(nil), "violins": Violins([]Group{{}}), "grouped": GroupedBars(nil, nil), "heat": Heatmap(nil),
		"correlation": Correlation(nil), "pairs": Pairs(nil), "runs": CompareRuns(nil), "times": TimeSeries(nil), "attention": Attention(dl.Zeros(0, 3, 3)),
		"activations": Activations(dl.Zeros(0, 2, 3)), "norms": Norms(nil), "embedding": Embedding(dl.Zeros(0, 2)), "overlay": HeatOverlay(dl.Zeros(0, 2, 2), dl.Zeros(0, 1, 1)), "rates": LearningRates(nil),
		"boundary": Boundary(func(x *dl.Tensor) *dl.Tensor { return x }, dl.Zeros(0, 2), nil),
	} {
		if len(f.PNG()) == 0 || f.SVG() == "" || f.String() == "" {
			t.Errorf("%s: nothing", name)
		}
	}
}

// A mistake in what is given is told with what would be right.
func TestMistakesOfFigures(t *testing.T) {
	for want, f := range map[string]func(){
		"3 scores and 2 labels":               func() { ROC([]Scored{{Scores: []float64{1, 2, 3}, Labels: []int{0, 1}}}) },
		"label 1 is 7":                        func() { ROC([]Scored{{Scores: []float64{1, 2}, Labels: []int{0, 7}}}) },
		"[N, classes]":                        func() { ROC([]Scored{{Scores: dl.Zeros(2, 2, 2), Labels: []int{0, 1}}}) },
		"2 values and 1 error":                func() { GroupedBars(nil, []BarSeries{{"a", []int{1, 2}, []int{1}}}) },
		"row 1 has 1 value, the first has 2":  func() { Heatmap([][]float64{{1, 2}, {3}}) },
		"a slice of rows or a mat.Matrix":     func() { Heatmap("x") },
		"column 1 has 1 value, the first has": func() { Correlation([]Group{{"a", []int{1, 2}}, {"b", []int{1}}}) },
		"1 time and 2 values":                 func() { TimeSeries([]TimedSeries{{Times: make([]time.Time, 1), Values: []int{1, 2}}}) },
		"samples have two features":           func() { Boundary(nil, dl.Zeros(3, 4), nil) },
		"predict returns [n, classes]":        func() { Boundary(func(x *dl.Tensor) *dl.Tensor { return dl.Zeros(3) }, dl.Ones(3, 2), nil) },
		"[1, H, W, C]":                        func() { Activations(dl.Zeros(2, 3, 3, 4)) },
		"give one sample":                     func() { Attention(dl.Zeros(2, 1, 3, 3)) },
		"points of two dimensions":            func() { Embedding(dl.Zeros(3, 4)) },
		"[1, height, width]":                  func() { HeatOverlay(dl.Zeros(1, 2, 2), dl.Zeros(2, 2, 2)) },
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, want) {
					t.Errorf("%q does not say %q", p, want)
				}
			}()
			f()
		}()
	}
}

// Samples without a score are left out, classes without samples have no curve, and both are told.
func TestWhatHasNoCurveIsTold(t *testing.T) {
	for want, f := range map[string]*Figure{
		"1 sample without a score":   ROC([]Scored{{Scores: []float64{0.1, math.NaN(), 0.9}, Labels: []int{0, 1, 1}}}),
		"model has no negative":      ROC([]Scored{{Scores: []float64{0.1, 0.9}, Labels: []int{1, 1}}}),
		"class b has no positive":    ROC([]Scored{{Scores: dl.Of([]float64{1, 0, 0, 0, 0, 1}, 2, 3), Labels: []int{0, 2}, Classes: []string{"a", "b", "c"}}}),
		"2 samples have scores that": Calibration([]Scored{{Scores: []float64{0.1, 3, -4}, Labels: []int{0, 1, 1}}}),
		"1 value is no finite":       Boxes([]Group{{"a", []float64{1, math.Inf(1)}}}),
		"NaN":                        Heatmap([][]float64{{math.NaN(), 1}}, Title("NaN")),
		"chance has precision 0.5":   PrecisionRecall([]Scored{{Scores: []float64{0.1, 0.9}, Labels: []int{0, 1}}}),
	} {
		if !strings.Contains(f.String(), want) {
			t.Errorf("%q is not in %s", want, f)
		}
	}
}

// Vector files of many samples stay small.
func TestFiguresOfManySamples(t *testing.T) {
	const n = 200_000
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % 2
	}
	for name, f := range map[string]*Figure{
		"roc": ROC([]Scored{{Scores: noise(n), Labels: labels}}), "violins": Violins([]Group{{"a", noise(n)}}), "boxes": Boxes([]Group{{"a", normal(n)}}),
		"pairs": Pairs([]Group{{"a", noise(n)}, {"b", normal(n)}}), "heat": Heatmap(dl.Zeros(1000, 1000)), "smoothed": Line(nil, noise(n), Smoothing(0.9)),
	} {
		if size := len(f.SVG()); size > 1<<20 {
			t.Errorf("%s: %d bytes", name, size)
		}
		f.Image()
	}
}

// An axis of times has round ticks in the place's own clock, also where that jumps.
func TestTimeTicks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from string
		span time.Duration
		want string
	}{
		{"2026-03-28T20:00:00+01:00", 10 * time.Hour, "21:00 29 Mar 04:00 07:00"},
		{"2026-01-30T00:00:00+01:00", 20 * 24 * time.Hour, "2 Feb 9 Feb 16 Feb"},
		{"2025-11-15T00:00:00+01:00", 200 * 24 * time.Hour, "Dec 2026 Feb Mar Apr May Jun"},
		{"1990-05-01T00:00:00+01:00", 40 * 365 * 24 * time.Hour, "2000 2010 2020 2030"},
		{"2026-05-01T12:00:00+02:00", 3 * time.Second, "12:00:00 12:00:01 12:00:02 12:00:03"},
	} {
		first, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		lo := secondsOf(first)
		got := strings.Join(timeTicks(lo, lo+c.span.Seconds(), 300, style{size: textSize}, berlin).texts, " ")
		if got != c.want {
			t.Errorf("%v from %s: %s, want %s", c.span, c.from, got, c.want)
		}
	}
}

// A range test that diverges is drawn where it falls, with the suggestion marked.
func TestLearningRatesAreNotFlattened(t *testing.T) {
	c := rateTest()
	if top := lossCeiling(c.Losses); top > 5 || top < 2.3 {
		t.Errorf("drawn up to %v", top)
	}
	s := LearningRates(c).String()
	for _, want := range []string{"suggested: ", "larger losses not drawn, up to ", "steepest at"} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is not in %s", want, s)
		}
	}
	if s := LearningRates(&train.RateCurve{Rates: []float64{1e-3, 1e-2}, Losses: []float64{2, 1}, Measured: []float64{2, 1}}).String(); strings.Contains(s, "not drawn") {
		t.Error(s)
	}
}
