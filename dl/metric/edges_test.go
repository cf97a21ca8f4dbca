package metric

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

// NaN predictions are never right: measures that count decisions count them as wrong, those that compare numbers become
// NaN.
func TestNaNPredictions(t *testing.T) {
	nan := float32(math.NaN())
	p, y := dl.Of([]float32{nan, nan, nan, 0.1, 0.2, 0.7, 0.8, 0.1, 0.1}, 3, 3), dl.Of([]int32{0, 2, 0})
	for name, want := range map[string]float64{
		"Accuracy": 2.0 / 3, "Recall macro": (1.0/2 + 1) / 2, "Precision macro": 1, "Specificity macro": (1.0 + 1.0/2) / 2,
		"BalancedAccuracy": 3.0 / 4, "Hamming": 1.0 / 3, "Jaccard macro": (1.0/2 + 1) / 2,
		"ROCAUC macro": math.NaN(), "AveragePrecision macro": math.NaN(), "LogLoss": math.NaN(), "BrierScore": math.NaN(),
		"CalibrationError": math.NaN(), "Perplexity": math.NaN(),
	} {
		if got := measure(metrics[name], p, y); differ(got, &want, 1e-12) != (want != want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	marks := dl.Of([]int32{1, 0, 1, 0, 0, 1, 1, 0, 0}, 3, 3)
	for name, want := range map[string]float64{
		"Recall labels micro": 2.0 / 4, "Precision labels micro": 1, "Hamming labels": 3.0 / 9, "ExactMatch": 2.0 / 3,
		"Specificity labels macro": (1.0 + 2.0/3 + 1) / 3,
	} {
		if got := measure(metrics[name], p, marks); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	for _, m := range []Metric{MSE{}, RMSE{}, MAE{}, MAPE{}, MSLE{}, MaxError{}, MedianAE{}, R2{}, ExplainedVariance{}, Pearson{}, Spearman{}, Kendall{}} {
		if got := measure(m, dl.Of([]float32{1, nan, 3}), dl.Of([]float32{1, 2, 4})); got == got {
			t.Errorf("%s of NaN is %v", m.Name(), got)
		}
	}
	if got := measure(MRR{}, p, marks); got != (0+1+1)/3.0 {
		t.Errorf("MRR %v", got)
	}
}

// Where there is nothing to measure the value is NaN.
func TestWhatIsNotThereIsNaN(t *testing.T) {
	ones, zeros := dl.Of([]int32{1, 1, 1}), dl.Of([]int32{0, 0, 0})
	p := dl.Of([]float32{0.9, 0.2, 0.7})
	for _, tt := range []struct {
		m    Metric
		y    *dl.Tensor
		want float64
	}{
		{ROCAUC{}, ones, math.NaN()}, {ROCAUC{}, zeros, math.NaN()}, {AveragePrecision{}, zeros, math.NaN()}, {AveragePrecision{}, ones, 1},
		{Specificity{}, ones, math.NaN()}, {Specificity{}, zeros, 1.0 / 3}, {BalancedAccuracy{}, zeros, 1.0 / 3}, {MCC{}, ones, 0},
		{CohenKappa{}, ones, 0}, {Recall{}, zeros, math.NaN()}, {Jaccard{Class: Only(5)}, ones, math.NaN()},
	} {
		if got := measure(tt.m, p, tt.y); !(math.Abs(got-tt.want) < 1e-12 || got != got && tt.want != tt.want) {
			t.Errorf("%s: %v, want %v", tt.m.Name(), got, tt.want)
		}
	}
	if got := measure(CohenKappa{}, dl.Of([]float32{0.9, 0.8}), dl.Of([]int32{1, 1})); got == got {
		t.Errorf("kappa of one class: %v", got) // scikit-learn: NaN
	}
	for name, m := range metrics {
		meter := m.Start()
		if v := meter.Value(); v == v {
			t.Errorf("%s of nothing is %v", name, v)
		}
		if err := meter.(Merger).Merge(m.Start().(Merger).State()); err != nil {
			t.Errorf("%s: nothing added to nothing: %v", name, err)
		}
		if v := meter.Value(); v == v {
			t.Errorf("%s of nothing, merged, is %v", name, v)
		}
		if _, ok := meter.(Borrower); !ok {
			t.Errorf("%s keeps tensors", name)
		}
	}
}

// Weights are repetitions for the measures of order too, of which SciPy has no weighted ones.
func TestWeightsAreRepetitionsOfPairs(t *testing.T) {
	r := dl.NewRand(8)
	p, y := r.Normals(0, 1, 30), r.Normals(0, 1, 30)
	p, y = p.MulScalar(3).Round(), y.MulScalar(3).Add(p).Round()
	var weights []int32
	var rows []int
	for i := range 30 {
		weights = append(weights, int32(i%4))
		for range i % 4 {
			rows = append(rows, i)
		}
	}
	for _, m := range []Metric{MedianAE{}, Spearman{}, Kendall{}, Pearson{}, R2{}, ExplainedVariance{}, MaxError{}, MSE{}} {
		weighted := m.Start().(Weigher)
		weighted.AddWeighted(p, y, dl.Of(weights))
		if a, b := weighted.Value(), measure(m, p.Rows(rows), y.Rows(rows)); !(math.Abs(a-b) < 1e-12) {
			t.Errorf("%s: %v, repeated %v", m.Name(), a, b)
		}
	}
}

func TestLogitsAreProbabilities(t *testing.T) {
	r := dl.NewRand(3)
	logits, y := r.Normals(0, 2, 20, 4), dl.Of([]int32{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3})
	one, bits := r.Normals(0, 2, 20), dl.Of([]int32{0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0})
	for _, m := range [][2]Metric{{LogLoss{}, LogLoss{FromLogits: true}}, {BrierScore{}, BrierScore{FromLogits: true}},
		{Perplexity{}, Perplexity{FromLogits: true}}, {CalibrationError{}, CalibrationError{FromLogits: true}}} {
		if a, b := measure(m[0], logits.Softmax(-1), y), measure(m[1], logits, y); math.Abs(a-b) > 1e-6 {
			t.Errorf("%s: %v, of logits %v", m[0].Name(), a, b)
		}
		if a, b := measure(m[0], one.Sigmoid(), bits), measure(m[1], one, bits); math.Abs(a-b) > 1e-6 {
			t.Errorf("%s of two classes: %v, of logits %v", m[0].Name(), a, b)
		}
	}
}

func TestIgnoredPlacesAreLeftOut(t *testing.T) {
	p := dl.Of([]float32{0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.6, 0.4}, 1, 4, 2)
	y := dl.Of([]int32{0, 1, 255, 1}, 1, 4)
	without := func(m Metric) float64 {
		return measure(m, p.Reshape(4, 2).Rows([]int{0, 1, 3}), dl.Of([]int32{0, 1, 1}))
	}
	for _, m := range [][2]Metric{{MeanIoU{Ignore: Only(255)}, MeanIoU{}}, {Dice{Ignore: Only(255)}, Dice{}}, {Perplexity{Ignore: Only(255)}, Perplexity{}}} {
		if a, b := measure(m[0], p, y), without(m[1]); a != b {
			t.Errorf("%s: %v, without the place %v", m[0].Name(), a, b)
		}
	}
}

func TestByClass(t *testing.T) {
	m := F1{}.Start()
	m.Add(certain(4, 0, 0, 2), dl.Of([]int32{0, 1, 1}))
	got := m.(PerClass).ByClass()
	if len(got) != 4 || math.Abs(got[0]-2.0/3) > 1e-12 || got[1] != 0 || got[2] != 0 || got[3] == got[3] {
		t.Errorf("F1 by class: %v", got)
	}
}

func TestLabelsOfLogits(t *testing.T) {
	p, y := dl.Of([]float32{-2, 3, 0.1, -0.1}, 2, 2), dl.Of([]int32{0, 1, 1, 0}, 2, 2)
	for _, m := range []Metric{F1{MultiLabel: true}, ExactMatch{}} {
		if got := measure(Threshold{Metric: m}, p, y); got != 1 {
			t.Errorf("%s: %v", m.Name(), got)
		}
	}
	if err := dl.Try(func() { measure(Threshold{Metric: F1{}}, p, y) }); err == nil {
		t.Error("a threshold for classes")
	}
}

// scikit-learn: classification_report([0, 1, 1, 2], [0, 0, 1, 1], zero_division=0).
func TestReport(t *testing.T) {
	c := NewConfusionMatrix("cat", "dog", "owl", "<b>")
	c.Add(certain(4, 0, 0, 1, 1), dl.Of([]int32{0, 1, 1, 2}))
	r := c.Report()
	if len(r.Classes) != 3 || math.Abs(r.Macro.Precision-1.0/3) > 1e-12 || math.Abs(r.Macro.F1-(2.0/3+1.0/2)/3) > 1e-12 ||
		math.Abs(r.Weighted.Recall-0.5) > 1e-12 || math.Abs(r.Weighted.F1-(2.0/3+1.0)/4) > 1e-12 || r.Accuracy != 0.5 {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.String(), "owl                   –  0.0000") {
		t.Errorf("\n%s", r)
	}
	if html := NewConfusionMatrix("<b>").Report().HTML(); strings.Contains(html, "<b>") {
		t.Error(html)
	}
}
