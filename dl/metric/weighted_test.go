package metric

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

// A sample with the weight 3 counts as three samples, one of 0 as none.
func TestWeightsAreRepetitions(t *testing.T) {
	r := dl.NewRand(4)
	scores, single := r.Uniforms(0, 1, 40, 5).Softmax(-1), r.Uniforms(0, 1, 40, 1)
	var labels, ones, weights []int32
	var rows []int
	for i := range 40 {
		labels, ones = append(labels, int32(i*7%5)), append(ones, int32(i%2))
		w := i % 4
		weights = append(weights, int32(w))
		for range w {
			rows = append(rows, i)
		}
	}
	for _, m := range []Metric{Accuracy{}, TopK{K: 2}, Precision{}, Recall{}, F1{}, F1{Class: Only(3)}, Recall{Class: Only(0)}} {
		p, l := scores, dl.Of(labels)
		weighted, repeated := Weighted{m}.Start(), m.Start()
		weighted.(Weigher).AddWeighted(p, l, dl.Of(weights))
		repeated.Add(p.Rows(rows), l.Rows(rows))
		if a, b := weighted.Value(), repeated.Value(); !(math.Abs(a-b) < 1e-12) {
			t.Errorf("%s: %v, repeated %v", m.Name(), a, b)
		}
	}
	for _, m := range []Metric{Accuracy{}, Precision{}, Recall{}, F1{}, Threshold{At: 0.25, Metric: Accuracy{}}} {
		weighted, repeated := Weighted{m}.Start(), m.Start()
		weighted.(Weigher).AddWeighted(single, dl.Of(ones), dl.Of(weights).Unsqueeze(1).To(dl.Float64))
		repeated.Add(single.Rows(rows), dl.Of(ones).Rows(rows))
		if a, b := weighted.Value(), repeated.Value(); !(math.Abs(a-b) < 1e-12) {
			t.Errorf("%s: %v, repeated %v", m.Name(), a, b)
		}
	}
	// scikit-learn: accuracy_score([0, 1, 2, 1], [0, 2, 2, 1], sample_weight=[0.5, 2, 1, 0.25]) is 1.75/3.75.
	m := Weighted{Accuracy{}}
	meter := m.Start()
	meter.(Weigher).AddWeighted(dl.Of([]int32{0, 2, 2, 1}).OneHot(3), dl.Of([]int32{0, 1, 2, 1}), dl.Of([]float32{0.5, 2, 1, 0.25}))
	if v := meter.Value(); math.Abs(v-1.75/3.75) > 1e-12 || m.Name() != "weighted_accuracy" || DirectionOf(m) != LargerIsBetter {
		t.Errorf("%s %v", m.Name(), v)
	}
	// A weight for each sequence counts for its places, one for each place for that.
	scoresOf := dl.Of([]int32{0, 1, 1, 1}, 2, 2).OneHot(2)
	for _, w := range []*dl.Tensor{dl.Of([]float32{3, 1}), dl.Of([]float32{3, 3, 1, 1}, 2, 2)} {
		meter.Reset()
		meter.(Weigher).AddWeighted(scoresOf, dl.Of([]int32{0, 0, 1, 1}, 2, 2), w)
		if v := meter.Value(); v != 5.0/8 {
			t.Errorf("sequences with weights %v: %v", w.Shape(), v)
		}
	}
	if err := dl.Try(func() { meter.(Weigher).AddWeighted(scores, dl.Of(labels), dl.Ones(7)) }); err == nil || !strings.Contains(err.Error(), "a weight for each sample") {
		t.Errorf("seven weights: %v", err)
	}
	if err := dl.Try(func() { Weighted{plain{}}.Start() }); err == nil || !strings.Contains(err.Error(), "AddWeighted") {
		t.Errorf("a metric that takes no weights: %v", err)
	}
}

// plain is a metric that takes no weights.
type plain struct{}

func (plain) Name() string        { return "plain" }
func (plain) Start() Meter        { return plain{} }
func (plain) Add(_, _ *dl.Tensor) {}
func (plain) Value() float64      { return 0 }
func (plain) Reset()              {}

// A class that does not occur has no recall, one that is never predicted no precision; in means they count as 0 when
// the class occurs at all, and not at all otherwise.
func TestClassesThatDoNotOccur(t *testing.T) {
	truth, predicted := dl.Of([]int32{0, 1, 1}), dl.Of([]int32{0, 0, 2}).OneHot(4)
	c := NewConfusionMatrix(NumberedClasses(4)...)
	c.Add(predicted, truth)
	for name, v := range map[string]float64{
		"recall of a class without samples":        c.Recall(2),
		"recall of a class that does not occur":    c.Recall(3),
		"precision of a class never predicted":     c.Precision(1),
		"precision of a class that does not occur": c.Precision(3),
		"F1 of a class that does not occur":        c.F1(3),
		"accuracy of nothing":                      NewConfusionMatrix("a").Accuracy(),
	} {
		if v == v {
			t.Errorf("%s is %v", name, v)
		}
	}
	if c.F1(1) != 0 || c.F1(2) != 0 || c.Recall(1) != 0 || c.Precision(2) != 0 {
		t.Error("what is measured as 0 is 0")
	}
	for _, tt := range []struct {
		m    Metric
		want float64
	}{
		{Recall{Class: Only(3)}, math.NaN()}, {Recall{Class: Only(2)}, math.NaN()}, {Precision{Class: Only(1)}, math.NaN()}, {F1{Class: Only(3)}, math.NaN()},
		{Recall{Class: Only(1)}, 0}, {Precision{Class: Only(2)}, 0},
		// scikit-learn, average="macro": recall (1+0+0)/3, precision (1/2+0+0)/3, F1 (2/3+0+0)/3.
		{Recall{}, 1.0 / 3}, {Precision{}, 1.0 / 6}, {F1{}, 2.0 / 9},
	} {
		m := tt.m.Start()
		m.Add(predicted, truth)
		if v := m.Value(); !(math.Abs(v-tt.want) < 1e-12 || v != v && tt.want != tt.want) {
			t.Errorf("%s: %v, want %v", tt.m.Name(), v, tt.want)
		}
	}
	if html := c.HTML(); strings.Contains(html, "NaN") || strings.Contains(c.String(), "NaN") {
		t.Errorf("NaN in the table:\n%s\n%s", html, c)
	}
}

// A metric's class can be written, so that files and sessions can hold metrics.
func TestClassesAreWritten(t *testing.T) {
	for _, m := range []Recall{{}, {Class: Only(0)}, {Class: Only(12)}} {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var again Recall
		if err := json.Unmarshal(text, &again); err != nil || again != m {
			t.Errorf("%s becomes %v, %v", text, again, err)
		}
	}
	for _, text := range []string{"-1", "x", "1.5", "99999999999999999999"} {
		if err := new(Class).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a class", text)
		}
	}
}
