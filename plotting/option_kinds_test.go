package plotting

import (
	"reflect"
	"testing"
)

// Each figure takes titles, sizes and themes, and of the other options those that mean something to it: others do not
// compile.
func TestOptionsOfFigures(t *testing.T) {
	options := map[string]reflect.Type{}
	for _, o := range []Option{Title(""), Size{}, Light, Columns(1), Captions{}, Predictions{}, Normalised, Highlight(0), Sorted, Labels{}, Names{}, LogX, LogY,
		ColorBy{}, Bins(1), Density, KDE, Bandwidth(1), Smoothing(0), Centred} {
		options[reflect.TypeOf(o).Name()] = reflect.TypeOf(o)
	}
	if kind := reflect.TypeFor[OfOption](); !options["Size"].Implements(kind) || options["Title"].Implements(kind) || options["Theme"].Implements(kind) {
		t.Error("a foreign plot takes more than a size")
	}
	for _, c := range []struct {
		figure any
		takes  []string
	}{
		{ROC, nil}, {PrecisionRecall, nil}, {Correlation, nil}, {Norms, nil}, {LearningRates, nil}, {Calibration, []string{"Bins"}},
		{Curves, []string{"Columns", "logX", "logY", "Smoothing"}}, {CompareRuns, []string{"Columns", "logX", "logY", "Smoothing"}}, {Live, []string{"Columns", "logX", "logY", "Smoothing"}},
		{Line, []string{"Labels", "logX", "logY", "Smoothing"}}, {Lines, []string{"Labels", "logX", "logY", "Smoothing"}}, {TimeSeries, []string{"Labels", "logY", "Smoothing"}},
		{Scatter, []string{"Labels", "logX", "logY", "ColorBy"}}, {Embedding, []string{"Labels", "logX", "logY", "ColorBy"}}, {Pairs, []string{"ColorBy"}},
		{Histogram, []string{"Labels", "logX", "logY", "Bins", "density", "kde", "Bandwidth"}}, {Densities, []string{"Labels", "Bandwidth"}}, {Violins, []string{"Labels", "Bandwidth"}},
		{Boxes, []string{"Labels", "logY"}}, {Bars, []string{"Labels", "Highlight", "sorted"}}, {GroupedBars, []string{"Labels"}}, {Boundary, []string{"Labels", "Names"}},
		{Images, []string{"Columns", "Captions", "Predictions"}}, {HeatOverlay, []string{"Columns", "Captions"}}, {Filters, []string{"Columns"}}, {Activations, []string{"Columns"}}, {Beside, []string{"Columns"}},
		{Confusion, []string{"normalised"}}, {Heatmap, []string{"Labels", "Names", "centred"}}, {Attention, []string{"Columns", "Names"}},
	} {
		f := reflect.TypeOf(c.figure)
		kind := f.In(f.NumIn() - 1).Elem()
		want := map[string]bool{}
		for _, name := range append([]string{"Title", "Size", "Theme"}, c.takes...) {
			want[name] = true
		}
		for name, option := range options {
			if got := option.Implements(kind); got != want[name] {
				t.Errorf("%v takes %s: %v", kind, name, got)
			}
		}
	}
}
