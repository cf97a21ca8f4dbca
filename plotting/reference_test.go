package plotting

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/metric"
)

// recorded are the values that testdata/figures.py wrote.
type recorded struct {
	Labels                        []int
	Scores                        []float64
	AUC, AP                       json.RawMessage
	AUCMacro                      float64 `json:"auc_macro"`
	AUCMicro                      float64 `json:"auc_micro"`
	APMacro                       float64 `json:"ap_macro"`
	APMicro                       float64 `json:"ap_micro"`
	Share, Probability, Counts    []float64
	ECE                           float64
	Values, Quartiles, Whiskers   []float64
	Bandwidth                     float64
	At, Density, Half, Many, X, R []float64
	ManyAt                        []float64 `json:"many_at"`
	Smoothed                      []float64
}

func readRecorded(t *testing.T) map[string]recorded {
	t.Helper()
	text, err := os.ReadFile("testdata/figures.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]recorded{}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (r recorded) one(t *testing.T, raw json.RawMessage) (v float64) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (r recorded) many(t *testing.T, raw json.RawMessage) (v []float64) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(math.Abs(want), 1)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// The areas that figures show are scikit-learn's, of one curve, of each class, and of the averages.
func TestAreasAreThoseOfScikitLearn(t *testing.T) {
	all := readRecorded(t)
	two := all["binary"]
	model := []Scored{{Name: "m", Scores: two.Scores, Labels: two.Labels}}
	says := func(f *Figure, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(f.String(), w) {
				t.Errorf("%q is not in %s", w, f)
			}
		}
	}
	says(ROC(model), "m  area "+measured(two.one(t, two.AUC)))
	says(PrecisionRecall(model), "m  AP "+measured(two.one(t, two.AP)))
	four := all["classes"]
	scores := dl.Of(four.Scores, len(four.Labels), 4)
	model = []Scored{{Scores: scores, Labels: four.Labels}}
	f, g := ROC(model), PrecisionRecall(model)
	for i, v := range four.many(t, four.AUC) {
		says(f, string(rune('0'+i))+"  area "+measured(v))
	}
	for i, v := range four.many(t, four.AP) {
		says(g, string(rune('0'+i))+"  AP "+measured(v))
	}
	says(f, "macro average  area "+measured(four.AUCMacro), "micro average  area "+measured(four.AUCMicro))
	says(g, "macro average "+measured(four.APMacro), "micro average  AP "+measured(four.APMicro))

	// The mean curve has the mean area.
	var curves []Series
	read := model[0].read("", 0)
	for class := range 4 {
		c := metric.ROCAUC{}.Curve(read.of(class).tensors())
		curves = append(curves, Series{X: c.FalsePositive, Y: c.TruePositive})
	}
	x, y := meanCurve(curves)
	area := 0.0
	for i := 1; i < len(x); i++ {
		area += (x[i] - x[i-1]) * (y[i] + y[i-1]) / 2
	}
	near(t, "area of the mean curve", area, four.AUCMacro, 1e-12)
}

// The points of a reliability diagram and their counts are scikit-learn's.
func TestCalibrationIsThatOfScikitLearn(t *testing.T) {
	r := readRecorded(t)["binary"]
	read := Scored{Scores: r.Scores, Labels: r.Labels}.read("", 0)
	curve, out := read.reliability(usualCalibrationBins)
	if out != 0 || len(curve.Share) != len(r.Share) {
		t.Fatalf("%d left out, %d points", out, len(curve.Share))
	}
	for i := range r.Share {
		near(t, "share", curve.Share[i], r.Share[i], 1e-6)
		near(t, "probability", curve.Probability[i], r.Probability[i], 1e-6)
	}
	near(t, "error", curve.Error(), r.ECE, 1e-6)
	counts := countsOf(curve, usualCalibrationBins)
	for i, want := range r.Counts {
		near(t, "count", counts.Y[2*i], want, 0)
	}
}

// Quartiles are NumPy's, whiskers follow from them, and densities are SciPy's, of few values and of many.
func TestDistributionsAreThoseOfSciPy(t *testing.T) {
	r := readRecorded(t)["values"]
	g := readGroups("", []Group{{Values: r.Values}}, false)[0]
	b := newBox(g.values)
	for i, got := range []float64{b.lower, b.median, b.upper} {
		near(t, "quartile", got, r.Quartiles[i], 1e-12)
	}
	near(t, "whisker", b.from, r.Whiskers[0], 0)
	near(t, "whisker", b.to, r.Whiskers[1], 0)
	d, half := newDensity(g.values, 0), newDensity(g.values, 0.5)
	near(t, "bandwidth", d.bandwidth, r.Bandwidth, 1e-12)
	for i, at := range r.At {
		near(t, "density", d.at(at), r.Density[i], 1e-12)
		near(t, "finer density", half.at(at), r.Half[i], 1e-12)
	}
	many := make([]float64, 10_000)
	for i := range many {
		v := float64(i*7919%10007) / 10007
		many[i] = v * v
	}
	g = readGroups("", []Group{{Values: many}}, false)[0]
	d = newDensity(g.values, 0)
	gathered := d.gathered(-0.5, 1.5)
	for i, at := range r.ManyAt {
		near(t, "density of many", d.at(at), r.Many[i], 1e-12)
		near(t, "density of many, gathered", gathered(at), r.Many[i], 1e-3)
	}
}

func TestCorrelationIsThatOfNumPy(t *testing.T) {
	r := readRecorded(t)["correlation"]
	values := columnsOf("", ColumnsOf(dl.Of(r.X, len(r.X)/3, 3)))
	for i := range 3 {
		for j := range 3 {
			near(t, "correlation", correlation(values[i], values[j]), r.R[3*i+j], 1e-12)
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	near(t, "without what is not finite", correlation([]float64{1, 2, nan, 4, 9}, []float64{2, 4, 5, 8, inf}), 1, 1e-12)
	if v := correlation([]float64{3, 3, 3}, []float64{1, 2, 3}); v == v {
		t.Errorf("of one value: %v", v)
	}
	near(t, "of huge values", correlation([]float64{1e308, -1e308, 0}, []float64{-1e308, 1e308, 0}), -1, 1e-12)
}

func TestSmoothingIsThatOfTensorBoard(t *testing.T) {
	all := readRecorded(t)
	for name, share := range map[string]float64{"smoothed 0.6": 0.6, "smoothed 0.99": 0.99} {
		for i, v := range smoothed(all[name].Values, share) {
			near(t, name, v, all[name].Smoothed[i], 1e-9)
		}
	}
	if v := smoothed([]float64{1, math.NaN(), 3}, 0.5); v[0] != 1 || v[1] == v[1] || math.Abs(v[2]-7.0/3) > 1e-12 {
		t.Errorf("about a gap: %v", v)
	}
}
