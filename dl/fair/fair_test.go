package fair

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

type recorded struct {
	Groups   []string
	Outcomes []bool
	Scores   []float64
	Rates    [][7]float64
	Criteria [int(criteria)]float64
	Weights  []float64
}

func records(t *testing.T) (all []recorded) {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func near(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-12 }

// testdata/reference.py has the formulas of Fairlearn and AI Fairness 360, and rates by scikit-learn.
func TestMeasuresAgreeWithReferences(t *testing.T) {
	for k, c := range records(t) {
		r, err := Measure(Decisions{Groups: c.Groups, Outcomes: c.Outcomes, Scores: c.Scores}, Options{Samples: -1})
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range r.Groups {
			got := [7]float64{g.BaseRate, g.SelectionRate, g.TruePositiveRate, g.FalsePositiveRate, g.Precision, g.Accuracy, g.CalibrationError}
			for j := range got {
				if !near(got[j], c.Rates[i][j]) {
					t.Errorf("case %d, %s: %s is %v, not %v", k, g.Group, headings[2+j], got[j], c.Rates[i][j])
				}
			}
		}
		for i, want := range c.Criteria {
			if got := r.Of(Criterion(i)); !near(got.Value, want) || !math.IsNaN(got.Low) {
				t.Errorf("case %d: %v is %v, not %v", k, Criterion(i), got, want)
			}
		}
		weights, err := Reweigh(c.Groups, c.Outcomes)
		if err != nil || !slices.EqualFunc(weights, c.Weights, near) {
			t.Errorf("case %d: other weights, %v", k, err)
		}
	}
}

// With the weights of Reweigh outcomes are true for the same share of each group.
func TestReweighMakesIndependent(t *testing.T) {
	for _, c := range records(t) {
		weights, _ := Reweigh(c.Groups, c.Outcomes)
		yes, all := map[string]float64{}, map[string]float64{}
		whole, sum := 0.0, 0.0
		for i, g := range c.Groups {
			all[g] += weights[i]
			if sum += weights[i]; c.Outcomes[i] {
				yes[g] += weights[i]
				whole += weights[i]
			}
		}
		for g := range all {
			if math.Abs(yes[g]/all[g]-whole/sum) > 1e-12 {
				t.Errorf("%s: %v, all %v", g, yes[g]/all[g], whole/sum)
			}
		}
	}
}

// The interval of 500 people holds a difference that is known, and is as wide as the normal approximation says.
func TestIntervals(t *testing.T) {
	var d Decisions
	for i := range 1000 {
		d.Groups = append(d.Groups, []string{"a", "b"}[i%2])
		d.Outcomes = append(d.Outcomes, i%4 < 2)
		d.Selected = append(d.Selected, i%2 == 0 && i%10 < 6 || i%2 == 1 && i%10 < 4) // 0.6 and 0.4 of five
	}
	r, err := Measure(d, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	v := r.Of(DemographicParity)
	p, q := r.Groups[0].SelectionRate, r.Groups[1].SelectionRate
	wide := 2 * 1.96 * math.Sqrt((p*(1-p)+q*(1-q))/500)
	if !(v.Low < v.Value && v.Value < v.High) || math.Abs((v.High-v.Low)/wide-1) > 0.1 {
		t.Errorf("%v; the normal approximation is %v wide", v, wide)
	}
	again, _ := Measure(d, Options{Seed: 1})
	if again.Of(DemographicParity) != v {
		t.Errorf("the same seed gives %v and %v", v, again.Of(DemographicParity))
	}
}

// Groups without people, or without true outcomes, have no rates, and the others are compared.
func TestGroupsThatDoNotOccur(t *testing.T) {
	d := Decisions{Groups: []string{"a", "a", "b", "b", "c"}, Outcomes: []bool{true, false, true, true, false}, Selected: []bool{true, false, true, false, false}}
	r, err := Measure(d, Options{Groups: []string{"never"}, Samples: 50})
	if err != nil {
		t.Fatal(err)
	}
	last := r.Groups[3]
	if last.Group != "never" || last.Count != 0 || !math.IsNaN(last.SelectionRate) || !math.IsNaN(r.Groups[2].TruePositiveRate) {
		t.Errorf("%+v", r.Groups)
	}
	if v := r.Of(EqualOpportunity).Value; v != 0.5 {
		t.Errorf("equal opportunity %v, want that of a and b, 0.5", v)
	}
	if v := r.Of(CalibrationGap); !math.IsNaN(v.Value) || v.String() != "-" {
		t.Errorf("calibration without scores is %v", v)
	}
	nobody, err := Measure(Decisions{Groups: []string{"a", "b"}, Outcomes: []bool{true, false}, Selected: []bool{false, false}}, Options{Samples: -1})
	if err != nil || nobody.Of(DisparateImpact).Value != 1 || nobody.Of(DemographicParity).Value != 0 {
		t.Errorf("nobody selected: %v, %v", nobody, err)
	}
	one, err := Measure(Decisions{Groups: []string{"a"}, Outcomes: []bool{true}, Selected: []bool{true}}, Options{Samples: -1})
	if err != nil || !math.IsNaN(one.Of(DemographicParity).Value) || one.Conflicts() != nil {
		t.Errorf("one group: %v, %v", one, err)
	}
	for _, s := range []string{r.String(), r.HTML()} {
		if strings.Contains(s, "NaN") || !strings.Contains(s, "never") || !strings.Contains(s, "cannot hold together") {
			t.Errorf("%s", s)
		}
	}
}

func TestHTMLEscapes(t *testing.T) {
	r, err := Measure(Decisions{Groups: []string{"<script>", "b"}, Outcomes: []bool{true, false}, Selected: []bool{true, false}}, Options{Samples: -1})
	if err != nil || strings.Contains(r.HTML(), "<script>") {
		t.Errorf("%v, %v", r.HTML(), err)
	}
}

// Thresholds are as good as the best of all pairs whose rates are as near to each other as can be.
func TestThresholds(t *testing.T) {
	for k, c := range records(t) {
		d := Decisions{Groups: c.Groups, Outcomes: c.Outcomes, Scores: c.Scores}
		before, err := Measure(d, Options{Samples: -1})
		if err != nil {
			t.Fatal(err)
		}
		for _, criterion := range []Criterion{DemographicParity, EqualOpportunity} {
			thresholds, err := Thresholds(d, criterion)
			if err != nil {
				t.Fatal(err)
			}
			decided, err := Decide(d, thresholds)
			if err != nil {
				t.Fatal(err)
			}
			after, err := Measure(decided, Options{Samples: -1})
			if err != nil {
				t.Fatal(err)
			}
			smallest := math.Inf(1) // one person weighs the most in the smallest group
			for _, g := range after.Groups {
				n := float64(g.Count)
				if criterion == EqualOpportunity {
					n *= g.BaseRate
				}
				smallest = min(smallest, n)
			}
			if v := after.Of(criterion).Value; v > before.Of(criterion).Value+1e-12 || v > 1/smallest+1e-12 {
				t.Errorf("case %d: %v is %v, was %v; one person in the smallest group is %v", k, criterion, v, before.Of(criterion).Value, 1/smallest)
			}
			if a := after.Overall.Accuracy; a < before.Overall.Accuracy-0.15 {
				t.Errorf("case %d: %v costs accuracy: %v, was %v", k, criterion, a, before.Overall.Accuracy)
			}
		}
	}
	// All that two groups of few can be given, by trying all.
	c := records(t)[0]
	d := Decisions{Groups: c.Groups[30:55], Outcomes: c.Outcomes[30:55], Scores: c.Scores[30:55]}
	thresholds, err := Thresholds(d, DemographicParity)
	if err != nil {
		t.Fatal(err)
	}
	decided, _ := Decide(d, thresholds)
	chosen, _ := Measure(decided, Options{Samples: -1})
	gap := chosen.Of(DemographicParity).Value
	for _, a := range append(d.Scores, 2) {
		for _, b := range append(d.Scores, 2) {
			other, _ := Decide(d, []Threshold{{"g0", a}, {"g1", b}})
			r, _ := Measure(other, Options{Samples: -1})
			if r.Of(DemographicParity).Value == 0 && gap == 0 && r.Overall.Accuracy > chosen.Overall.Accuracy+1e-12 {
				t.Errorf("%v and %v are right for a share of %v, those chosen for %v", a, b, r.Overall.Accuracy, chosen.Overall.Accuracy)
			}
		}
	}
}

// The penalty is the mean square of the groups' differences, has its gradient, and is 0 with one group.
func TestPenalty(t *testing.T) {
	target := dl.Of([]float64{1, 0, 0, 0, 1, 1, 0, 1}, 4, 2)
	logits := dl.Of([]float64{0.3, -1.2, 2, 0.4}, 4, 1)
	for _, onlyTrue := range []bool{false, true} {
		loss := Penalty(nn.BinaryCrossEntropy, 3, onlyTrue)
		f := func(xs ...*dl.Tensor) *dl.Tensor { return loss.FromLogits(xs[0], target) }
		if err := dl.CheckGradients(f, logits.Clone()); err != nil {
			t.Errorf("only true %v: %v", onlyTrue, err)
		}
		p := logits.Sigmoid().Float64s()
		a, b := (p[0]+p[1])/2, (p[2]+p[3])/2
		if onlyTrue {
			a, b = p[0], p[2]
		}
		want := nn.BinaryCrossEntropy.FromLogits(logits, target.Slice(1, 0, 1)).Item() + 3*math.Pow((a-b)/2, 2)
		if !onlyTrue && math.Abs(f(logits).Item()-want) > 1e-12 {
			t.Errorf("%v, want %v", f(logits).Item(), want)
		}
		if onlyTrue && math.Abs(f(logits).Item()-want) > 1e-12 {
			t.Errorf("only true: %v, want %v", f(logits).Item(), want)
		}
		alone := dl.Of([]float64{1, 0, 0, 0, 1, 0, 0, 0}, 4, 2)
		if got, want := loss.FromLogits(logits, alone).Item(), nn.BinaryCrossEntropy.FromLogits(logits, alone.Slice(1, 0, 1)).Item(); got != want {
			t.Errorf("one group: %v, want %v", got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	good := Decisions{Groups: []string{"a", "b"}, Outcomes: []bool{true, false}, Scores: []float64{0.5, 0.25}}
	change := func(f func(d *Decisions)) Decisions { d := good; f(&d); return d }
	for want, d := range map[string]Decisions{
		"there are no decisions":          {},
		"1 outcomes of 2 people":          change(func(d *Decisions) { d.Outcomes = d.Outcomes[:1] }),
		"Selected and Scores are nil":     change(func(d *Decisions) { d.Scores = nil }),
		"1 decisions for 2 people":        change(func(d *Decisions) { d.Selected = []bool{true} }),
		"3 scores of 2 people":            change(func(d *Decisions) { d.Scores = make([]float64, 3) }),
		"the threshold is NaN":            change(func(d *Decisions) { d.Threshold = math.NaN() }),
		"the score of person 1 is NaN":    change(func(d *Decisions) { d.Scores = []float64{0, math.NaN()} }),
		"the score of person 0 is 1.0001": change(func(d *Decisions) { d.Scores = []float64{1.0001, 0} }),
	} {
		if _, err := Measure(d, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := Thresholds(d, DemographicParity); err == nil {
			t.Errorf("Thresholds takes %+v", d)
		}
		if _, err := Decide(d, nil); err == nil {
			t.Errorf("Decide takes %+v", d)
		}
	}
	for want, f := range map[string]func() error{
		"the confidence is 1":               func() error { _, err := Measure(good, Options{Confidence: 1}); return err },
		"not for predictive parity":         func() error { _, err := Thresholds(good, PredictiveParity); return err },
		`group "b" has no true outcome`:     func() error { _, err := Thresholds(good, EqualOpportunity); return err },
		`no threshold for the group "a"`:    func() error { _, err := Decide(good, nil); return err },
		"there are 0 groups":                func() error { _, err := Reweigh(nil, nil); return err },
		"1 names for 0 decisions":           func() error { _, err := Tradeoffs([]string{"a"}, nil); return err },
		"empty: fair.Measure: there are no": func() error { _, err := Tradeoffs([]string{"empty"}, []Decisions{{}}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, f := range []func(){
		func() { Penalty(nn.Loss{}, 1, false) }, func() { Penalty(nn.BinaryCrossEntropy, math.NaN(), false) },
		func() { Penalty(nn.BinaryCrossEntropy, 1, false).Of(dl.Zeros(3, 1), dl.Zeros(3, 1)) },
	} {
		if dl.Try(f) == nil {
			t.Error("a mistake was accepted")
		}
	}
}
