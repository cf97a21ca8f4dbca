package metric

import (
	"strings"
	"testing"

	"modelbook/dl"
)

// Rows of several labels are not taken for one-hot ones: all but one label would be left out.
func TestSeveralLabelsAreNoClass(t *testing.T) {
	p := dl.Of([]float32{0.7, 0.2, 0.1, 0.1, 0.2, 0.7}, 2, 3)
	several := dl.Of([]float32{1, 0, 0, 1, 0, 1}, 2, 3)
	for _, m := range []Metric{Accuracy{}, F1{}, Hamming{}, TopK{K: 2}, ROCAUC{}} {
		err := dl.Try(func() { m.Start().Add(p, several) })
		if err == nil || !strings.Contains(err.Error(), "the targets of sample 1 add up to 2") || !strings.Contains(err.Error(), "MultiLabel") {
			t.Errorf("%s: %v", m.Name(), err)
		}
	}
	for _, m := range []Metric{F1{MultiLabel: true}, Hamming{MultiLabel: true}, ExactMatch{}} {
		if err := dl.Try(func() { m.Start().Add(p, several) }); err != nil {
			t.Errorf("%s: %v", m.Name(), err)
		}
	}
	mixed := dl.Of([]float32{0.6, 0.4, 0, 0, 0.3, 0.7}, 2, 3) // as of MixUp
	s := Accuracy{}.Start()
	if s.Add(p, mixed); s.Value() != 1 {
		t.Error(s.Value())
	}
}
