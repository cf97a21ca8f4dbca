package metric

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

// Six samples of three classes: 0 0 1 1 2 2, predicted as 0 1 1 1 2 0.
var (
	probabilities = dl.Of([]float32{
		0.8, 0.1, 0.1,
		0.2, 0.5, 0.3,
		0.1, 0.8, 0.1,
		0.1, 0.6, 0.3,
		0.1, 0.2, 0.7,
		0.5, 0.3, 0.2,
	}, 6, 3)
	truth = dl.Of([]int32{0, 0, 1, 1, 2, 2})
)

// Two classes in one column: truth 1 1 0 0 1, predicted 1 0 0 1 1.
var (
	scoreOfOne = dl.Of([]float32{0.9, 0.5, 0.2, 0.6, 0.7}, 5, 1)
	binary     = dl.Of([]float32{1, 1, 0, 0, 1}, 5, 1)
)

func TestMetricsAgreeWithCountingByHand(t *testing.T) {
	for _, c := range []struct {
		metric             Metric
		name               string
		prediction, target *dl.Tensor
		want               float64
	}{
		{Accuracy{}, "accuracy", probabilities, truth, 4.0 / 6},
		{Accuracy{}, "accuracy", scoreOfOne, binary, 3.0 / 5},
		{TopK{K: 1}, "top1", probabilities, truth, 4.0 / 6},
		{TopK{K: 2}, "top2", probabilities, truth, 4.0 / 6},
		{TopK{}, "top5", probabilities, truth, 1},
		// precision by class: 1/2, 2/3, 1/1; recall: 1/2, 2/2, 1/2; F1: 1/2, 4/5, 2/3
		{Precision{}, "precision", probabilities, truth, (1.0/2 + 2.0/3 + 1) / 3},
		{Recall{}, "recall", probabilities, truth, 2.0 / 3},
		{F1{}, "f1", probabilities, truth, (1.0/2 + 4.0/5 + 2.0/3) / 3},
		{Precision{Class: Only(0)}, "precision_0", probabilities, truth, 1.0 / 2},
		{Recall{Class: Only(1)}, "recall_1", probabilities, truth, 1},
		{F1{Class: Only(2)}, "f1_2", probabilities, truth, 2.0 / 3},
		{F1{Class: Only(7)}, "f1_7", probabilities, truth, math.NaN()},
		{Precision{}, "precision", scoreOfOne, binary, 2.0 / 3},
		{Recall{}, "recall", scoreOfOne, binary, 2.0 / 3},
		{F1{}, "f1", scoreOfOne, binary, 2.0 / 3},
	} {
		m := c.metric.Start()
		for range 2 { // after Reset it counts from zero
			m.Reset()
			m.Add(c.prediction, c.target)
			m.Add(c.prediction, c.target) // a second batch of the same changes no share
		}
		if got := m.Value(); !(math.Abs(got-c.want) <= 1e-12 || got != got && c.want != c.want) || c.metric.Name() != c.name {
			t.Errorf("%s (%s): %v, want %v", c.metric.Name(), c.name, got, c.want)
		}
	}
}

func TestTargetsMayBeOneHotOrAnyInteger(t *testing.T) {
	onehot := truth.OneHot(3)
	for _, target := range []*dl.Tensor{truth, truth.To(dl.Int64), truth.To(dl.Uint8), onehot, onehot.To(dl.Int32)} {
		m := Accuracy{}.Start()
		m.Add(probabilities, target)
		if m.Value() != 4.0/6 {
			t.Errorf("targets %v of %v: %v", target.Shape(), target.DType(), m.Value())
		}
	}
}

func TestNoSamplesGiveNaN(t *testing.T) {
	for _, m := range []Metric{Accuracy{}, TopK{}, Precision{}, Recall{}, F1{}, Weighted{Accuracy{}}} {
		if got := m.Start().Value(); got == got {
			t.Errorf("%s: %v", m.Name(), got)
		}
	}
}

func TestDifferentNumbersOfSamplesPanicWithBothShapes(t *testing.T) {
	err := dl.Try(func() { Accuracy{}.Start().Add(probabilities, dl.Of([]int32{1, 2})) })
	if err == nil || !strings.Contains(err.Error(), "differ in their number of samples") {
		t.Errorf("got %v", err)
	}
}

func TestAClassOutsideIsNamed(t *testing.T) {
	far := dl.Of([]int32{0, 0, 7, 1, 2, 2})
	for name, add := range map[string]func(){
		"confusion": func() { NewConfusionMatrix("a", "b", "c").Add(probabilities, far) },
		"F1":        func() { F1{}.Start().Add(probabilities, far) },
	} {
		if err := dl.Try(add); err == nil || !strings.Contains(err.Error(), "class 7") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	for _, metric := range []Metric{Accuracy{}, TopK{}, F1{}} {
		m := metric.Start()
		m.Add(probabilities, truth)
		// Shape copies may cost two small allocations a batch; nothing may grow with the samples.
		if n := testing.AllocsPerRun(100, func() { m.Add(probabilities, truth) }); n > 2 {
			t.Errorf("%s: %v allocations a batch", metric.Name(), n)
		}
	}
}

func ExampleConfusionMatrix() {
	c := NewConfusionMatrix("cat", "dog", "owl")
	c.Add(probabilities, truth)
	fmt.Println(c)
	fmt.Printf("precision for dogs: %.3f\n", c.Precision(1))
	// Output:
	// true \ predicted  cat  dog  owl  recall
	// cat                 1    1    0  0.5000
	// dog                 0    2    0  1.0000
	// owl                 1    0    1  0.5000
	// accuracy 0.6667 (6 samples)
	// precision for dogs: 0.667
}

func TestConfusionMatrixHTMLIsSafe(t *testing.T) {
	c := NewConfusionMatrix("<script>", "b", "c")
	c.Add(probabilities, truth)
	if s := c.HTML(); strings.Contains(s, "<script>") || strings.Count(s, "<td") != 12 {
		t.Errorf("%s", s)
	}
}
