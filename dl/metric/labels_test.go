package metric

import (
	"errors"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

func measure(m Metric, prediction, target *dl.Tensor) float64 {
	meter := m.Start()
	meter.Add(prediction, target)
	return meter.Value()
}

// certain are one-hot predictions of the classes.
func certain(columns int, classes ...int32) *dl.Tensor { return dl.Of(classes).OneHot(columns) }

func TestLabelsMeanTheSameInEveryType(t *testing.T) {
	ten := dl.Of([]int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	perfect := ten.OneHot(10)
	for _, d := range []dl.DType{dl.Float32, dl.Float64, dl.Int32, dl.Int64, dl.Uint8} {
		for _, shape := range []dl.Shape{{10}, {10, 1}} {
			target := ten.To(d).Reshape(shape...)
			for _, m := range []Metric{Accuracy{}, F1{}, Precision{}, Recall{}, TopK{K: 1}} {
				if got := measure(m, perfect, target); got != 1 {
					t.Errorf("%s of %v labels %v: %v, want 1", m.Name(), d, shape, got)
				}
			}
			if got := TrueClasses(target); got[9] != 9 {
				t.Errorf("true classes of %v: %v", d, got)
			}
		}
	}
	// Shares of class 1, as with smoothed labels, for one column only.
	for _, d := range []dl.DType{dl.Float32, dl.Float64} {
		shares := dl.Of([]float32{0.9, 0.1}).To(d)
		if got := measure(Accuracy{}, dl.Of([]float32{0.8, 0.3}), shares); got != 1 {
			t.Errorf("%v: %v", d, got)
		}
		if err := dl.Try(func() { measure(Accuracy{}, certain(3, 0, 1), shares) }); err == nil || !strings.Contains(err.Error(), "0.9") {
			t.Errorf("%v: 0.9 as a class number: %v", d, err)
		}
	}
}

func TestLabelsOutsideOfTheClassesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		m                  Metric
		prediction, target *dl.Tensor
		says               string
	}{
		"1 to 3 for three units": {TopK{K: 3}, certain(3, 0, 1, 2), dl.Of([]int32{1, 2, 3}), "sample 2 has class 3"},
		"accuracy":               {Accuracy{}, certain(3, 0, 1, 2), dl.Of([]int32{1, 2, 3}), "sample 2 has class 3"},
		"minus one, int32":       {Accuracy{}, dl.Of([]float32{0.2, 0.7}), dl.Of([]int32{-1, 1}), "sample 0 has class -1"},
		"minus one, float32":     {Accuracy{}, dl.Of([]float32{0.2, 0.7}), dl.Of([]float32{-1, 1}), "sample 0 has class -1"},
		"one-hot of 3 for 10":    {Accuracy{}, certain(10, 0, 1), certain(3, 0, 1), "as wide as the predictions"},
		"logits":                 {Accuracy{}, dl.Of([]float32{0.3, 0.4, -0.3, -0.4}), dl.Of([]int32{1, 1, 0, 0}), "metric.Threshold"},
		"a NaN target":           {Accuracy{}, dl.Of([]float32{0.3}), dl.Of([]float32{float32(math.NaN())}), "NaN"},
	} {
		err := dl.Try(func() { measure(c.m, c.prediction, c.target) })
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "labels_test.go") {
			t.Errorf("%s: %v", name, err)
		}
	}
	logits := Threshold{Metric: Accuracy{}}
	if got := measure(logits, dl.Of([]float32{0.3, 0.4, -0.3, -0.4}, 4, 1), dl.Of([]int32{1, 1, 0, 0})); got != 1 || logits.Name() != "accuracy" {
		t.Errorf("logits above 0: %v", got)
	}
}

func TestNaNIsNoClass(t *testing.T) {
	nan := float32(math.NaN())
	p := dl.Of([]float32{nan, nan, nan, 0.1, nan, 0.8}, 2, 3)
	zeros, twos := dl.Of([]int32{0, 0}), dl.Of([]int32{2, 2})
	for _, m := range []Metric{Accuracy{}, TopK{K: 1}, F1{}, Precision{}, Recall{}} {
		for _, target := range []*dl.Tensor{zeros, twos} {
			if got := measure(m, p, target); got != 0 {
				t.Errorf("%s: %v of NaN predictions are right", m.Name(), got)
			}
		}
	}
	if got := PredictedClasses(p); got[0] != -1 || got[1] != -1 {
		t.Errorf("predicted classes %v", got)
	}
	if got := measure(Accuracy{}, dl.Of([]float32{nan, 0.9}), dl.Of([]int32{0, 1})); got != 0.5 {
		t.Errorf("one column: %v", got)
	}
	err := dl.Try(func() { NewConfusionMatrix("a", "b", "c").Add(p, zeros) })
	if err == nil || !strings.Contains(err.Error(), "sample 0 are NaN") {
		t.Errorf("confusion: %v", err)
	}
}

// Macro averages are over the classes that occur, as scikit-learn's.
func TestMacroAverages(t *testing.T) {
	for columns := 3; columns < 10; columns++ {
		for _, m := range []Metric{F1{}, Precision{}, Recall{}} {
			if got := measure(m, certain(columns, 0, 1, 1), dl.Of([]int32{0, 1, 1})); got != 1 {
				t.Errorf("%s of perfect predictions in %d columns: %v", m.Name(), columns, got)
			}
		}
	}
	got := measure(F1{}, certain(4, 0, 0, 2), dl.Of([]int32{0, 1, 1}))
	if want := 2.0 / 9; math.Abs(got-want) > 1e-12 { // classes 0, 1, 2: 2/3, 0, 0
		t.Errorf("F1 %v, want %v", got, want)
	}
}

func TestSequencesHaveALabelAtEachPlace(t *testing.T) {
	p := certain(3, 0, 1, 2, 2, 1, 0).Reshape(2, 3, 3)
	truth := dl.Of([]int32{0, 1, 1, 2, 1, 1}, 2, 3)
	for _, target := range []*dl.Tensor{truth, truth.OneHot(3), truth.To(dl.Float32)} {
		if got := measure(Accuracy{}, p, target); got != 4.0/6 {
			t.Errorf("targets %v: %v", target.Shape(), got)
		}
	}
}

func TestSettingsThatMeanNothingAreRefused(t *testing.T) {
	for name, f := range map[string]func(){
		"TopK": func() { TopK{K: -1}.Start() },
		"Only": func() { Only(-1) },
	} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetricsSayWhichWayIsBetter(t *testing.T) {
	for _, m := range []Metric{Accuracy{}, TopK{}, Precision{}, Recall{}, F1{}, Threshold{Metric: F1{}}} {
		if DirectionOf(m) != LargerIsBetter {
			t.Errorf("%s: %v", m.Name(), DirectionOf(m))
		}
	}
}
