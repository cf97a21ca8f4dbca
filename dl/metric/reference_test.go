package metric

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"modelbook/dl"
)

// references are the values that testdata/metrics.py wrote.
type references struct {
	Data   map[string]recorded
	Values map[string]map[string]*float64 // by data and metric; nil is NaN
	Text   map[string]struct {
		Texts  [][2]any
		Values map[string]*float64
	}
}

type recorded struct {
	P, T, W *array
	Curves  map[string]any
}

type array struct {
	Shape  []int
	Values []float64
}

func (a *array) tensor() *dl.Tensor {
	if a == nil {
		return nil
	}
	return dl.Of(a.Values, a.Shape...)
}

func readReferences(t *testing.T) (r references) {
	text, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// metrics are those of the recorded names.
var metrics = map[string]Metric{
	"Accuracy": Accuracy{}, "Precision": Precision{}, "Recall": Recall{}, "F1": F1{}, "FBeta 2": FBeta{}, "Jaccard": Jaccard{},
	"Specificity": Specificity{}, "TopK 2": TopK{K: 2}, "TopK 3": TopK{K: 3}, "Hamming": Hamming{}, "MCC": MCC{},
	"CohenKappa": CohenKappa{}, "CohenKappa linear": CohenKappa{Linear}, "CohenKappa quadratic": CohenKappa{Quadratic},
	"MeanIoU": MeanIoU{}, "Dice": Dice{}, "BalancedAccuracy": BalancedAccuracy{}, "BalancedAccuracy adjusted": BalancedAccuracy{Adjusted: true},
	"Precision macro": Precision{Average: Macro}, "Precision micro": Precision{Average: Micro}, "Precision weighted": Precision{Average: BySupport},
	"Recall macro": Recall{Average: Macro}, "Recall micro": Recall{Average: Micro}, "Recall weighted": Recall{Average: BySupport},
	"F1 macro": F1{Average: Macro}, "F1 micro": F1{Average: Micro}, "F1 weighted": F1{Average: BySupport},
	"Jaccard macro": Jaccard{Average: Macro}, "Jaccard micro": Jaccard{Average: Micro}, "Jaccard weighted": Jaccard{Average: BySupport},
	"FBeta 0.5 macro": FBeta{Beta: 0.5, Average: Macro}, "FBeta 0.5 micro": FBeta{Beta: 0.5, Average: Micro}, "FBeta 0.5 weighted": FBeta{Beta: 0.5, Average: BySupport},
	"FBeta 2 macro": FBeta{Average: Macro}, "FBeta 2 micro": FBeta{Average: Micro}, "FBeta 2 weighted": FBeta{Average: BySupport},
	"Specificity macro": Specificity{Average: Macro},
	"ROCAUC":            ROCAUC{}, "ROCAUC macro": ROCAUC{Average: Macro}, "ROCAUC weighted": ROCAUC{Average: BySupport}, "ROCAUC micro": ROCAUC{Average: Micro},
	"ROCAUC 1": ROCAUC{Class: Only(1)}, "ROCAUC ovo macro": ROCAUC{OneVsOne: true}, "ROCAUC ovo weighted": ROCAUC{OneVsOne: true, Average: BySupport},
	"AveragePrecision": AveragePrecision{}, "AveragePrecision macro": AveragePrecision{}, "AveragePrecision weighted": AveragePrecision{Average: BySupport},
	"AveragePrecision micro": AveragePrecision{Average: Micro},
	"LogLoss":                LogLoss{}, "BrierScore": BrierScore{}, "Perplexity": Perplexity{},
	"CalibrationError": CalibrationError{}, "CalibrationError max": CalibrationError{Maximum: true},

	"Precision labels macro": Precision{MultiLabel: true}, "Precision labels micro": Precision{Average: Micro, MultiLabel: true},
	"Precision labels weighted": Precision{Average: BySupport, MultiLabel: true}, "Precision labels samples": Precision{Average: BySample, MultiLabel: true},
	"Recall labels macro": Recall{MultiLabel: true}, "Recall labels micro": Recall{Average: Micro, MultiLabel: true},
	"Recall labels weighted": Recall{Average: BySupport, MultiLabel: true}, "Recall labels samples": Recall{Average: BySample, MultiLabel: true},
	"F1 labels macro": F1{MultiLabel: true}, "F1 labels micro": F1{Average: Micro, MultiLabel: true},
	"F1 labels weighted": F1{Average: BySupport, MultiLabel: true}, "F1 labels samples": F1{Average: BySample, MultiLabel: true},
	"Jaccard labels macro": Jaccard{MultiLabel: true}, "Jaccard labels micro": Jaccard{Average: Micro, MultiLabel: true},
	"Jaccard labels weighted": Jaccard{Average: BySupport, MultiLabel: true}, "Jaccard labels samples": Jaccard{Average: BySample, MultiLabel: true},
	"FBeta labels 2 macro": FBeta{MultiLabel: true}, "FBeta labels 2 micro": FBeta{Average: Micro, MultiLabel: true},
	"FBeta labels 2 weighted": FBeta{Average: BySupport, MultiLabel: true}, "FBeta labels 2 samples": FBeta{Average: BySample, MultiLabel: true},
	"ROCAUC labels macro": ROCAUC{MultiLabel: true}, "ROCAUC labels micro": ROCAUC{MultiLabel: true, Average: Micro}, "ROCAUC labels weighted": ROCAUC{MultiLabel: true, Average: BySupport},
	"AveragePrecision labels macro": AveragePrecision{MultiLabel: true}, "AveragePrecision labels micro": AveragePrecision{MultiLabel: true, Average: Micro},
	"AveragePrecision labels weighted": AveragePrecision{MultiLabel: true, Average: BySupport},
	"Specificity labels macro":         Specificity{MultiLabel: true}, "Hamming labels": Hamming{MultiLabel: true}, "ExactMatch": ExactMatch{},

	"MSE": MSE{}, "RMSE": RMSE{}, "MAE": MAE{}, "MAPE": MAPE{}, "MSLE": MSLE{}, "MaxError": MaxError{}, "MedianAE": MedianAE{},
	"R2": R2{}, "ExplainedVariance": ExplainedVariance{}, "Pearson": Pearson{}, "Spearman": Spearman{}, "Kendall": Kendall{},

	"NDCG": NDCG{}, "NDCG 3": NDCG{K: 3}, "NDCG 3 exponential": NDCG{K: 3, Exponential: true}, "MRR": MRR{}, "MRR 2": MRR{K: 2},
	"PrecisionAtK 3": PrecisionAtK{3}, "RecallAtK 3": RecallAtK{3}, "MeanAveragePrecision": MeanAveragePrecision{},
}

var textMetrics = map[string]TextMetric{
	"BLEU 1": BLEU{N: 1}, "BLEU 2": BLEU{N: 2}, "BLEU 4": BLEU{}, "BLEU floor": BLEU{Smoothing: Floor}, "BLEU add": BLEU{Smoothing: AddOne},
	"BLEU exp": BLEU{Smoothing: Exponential}, "ROUGE 0": ROUGE{}, "ROUGE 1": ROUGE{N: 1}, "ROUGE 2": ROUGE{N: 2},
	"ROUGE 1 recall first": ROUGE{N: 1, Recall: true}, "ROUGE 1 precision first": ROUGE{N: 1, Precision: true},
	"EditDistance first": EditDistance{}, "WordErrorRate first": WordErrorRate{}, "CharacterErrorRate first": CharacterErrorRate{},
}

func differ(got float64, want *float64, tolerance float64) bool {
	if want == nil || got != got {
		return want != nil || got == got
	}
	return !(math.Abs(got-*want) <= tolerance*max(1, math.Abs(*want)))
}

// tolerance is how far a value may be from the recorded one. Most are of the same decisions and float64 sums; log-loss
// and Brier score of scikit-learn are computed in float32.
func tolerance(name string) float64 {
	switch strings.Fields(name)[0] {
	case "LogLoss", "BrierScore":
		return 2e-6
	}
	return 1e-9
}

// Each metric has its recorded value: of all data at once, of batches, and merged of what three machines measured.
func TestMetricsEqualTheReference(t *testing.T) {
	r := readReferences(t)
	for data, values := range r.Values {
		d := r.Data[data]
		for name, want := range values {
			m, ok := metrics[name]
			if !ok {
				t.Fatalf("no metric is called %q here", name)
			}
			p, y, w := d.P.tensor(), d.T.tensor(), d.W.tensor()
			whole, batches := m.Start().(Weigher), m.Start().(Weigher)
			whole.AddWeighted(p, y, w)
			if got := whole.Value(); differ(got, want, tolerance(name)) {
				t.Errorf("%s of %q is %v, recorded is %v", name, data, got, show(want))
				continue
			}
			machines := []Merger{m.Start().(Merger), m.Start().(Merger), m.Start().(Merger)}
			n := p.Dim(0)
			for i, machine := range machines {
				lo, hi := n*i/len(machines), n*(i+1)/len(machines)
				var part *dl.Tensor
				if w != nil {
					part = w.Slice(0, lo, hi)
				}
				if lo == hi {
					continue
				}
				batches.AddWeighted(p.Slice(0, lo, hi), y.Slice(0, lo, hi), part)
				machine.(Weigher).AddWeighted(p.Slice(0, lo, hi), y.Slice(0, lo, hi), part)
			}
			if got := batches.Value(); differ(got, want, max(tolerance(name), 1e-8)) {
				t.Errorf("%s of %q in batches is %v, recorded is %v", name, data, got, show(want))
			}
			for _, machine := range machines[1:] {
				if err := machines[0].Merge(machine.State()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if got := machines[0].Value(); differ(got, want, max(tolerance(name), 1e-8)) {
				t.Errorf("%s of %q merged is %v, recorded is %v", name, data, got, show(want))
			}
			whole.Reset()
			if got := whole.Value(); got == got {
				t.Errorf("%s after Reset is %v", name, got)
			}
			whole.AddWeighted(p, y, w)
			if got := whole.Value(); differ(got, want, tolerance(name)) {
				t.Errorf("%s of %q after Reset is %v, recorded is %v", name, data, got, show(want))
			}
			if DirectionOf(m) == Undirected {
				t.Errorf("%s does not say which values are better", name)
			}
		}
	}
}

func show(v *float64) any {
	if v == nil {
		return "NaN"
	}
	return *v
}

func TestTextMetricsEqualTheReference(t *testing.T) {
	for data, text := range readReferences(t).Text {
		for name, want := range text.Values {
			m, ok := textMetrics[name]
			if !ok {
				t.Fatalf("no metric is called %q here", name)
			}
			whole, merged := m.Start(), m.Start()
			if v := whole.Value(); v == v || m.Direction() == Undirected || m.Name() == "" {
				t.Errorf("%s of nothing is %v", name, v)
			}
			for _, pair := range text.Texts {
				var references [][]string
				for _, r := range pair[1].([]any) {
					references = append(references, Words(r.(string)))
				}
				if strings.HasSuffix(name, "first") {
					references = references[:1]
				}
				part := m.Start()
				whole.Add(Words(pair[0].(string)), references...)
				part.Add(Words(pair[0].(string)), references...)
				if err := merged.Merge(part.State()); err != nil {
					t.Error(err)
				}
			}
			for _, v := range []float64{whole.Value(), merged.Value()} {
				if differ(v, want, 1e-12) {
					t.Errorf("%s of %q is %v, recorded is %v", name, data, v, show(want))
				}
			}
			if whole.Reset(); whole.Value() == whole.Value() {
				t.Errorf("%s after Reset is %v", name, whole.Value())
			}
			if whole.Merge(make([]float64, 100)) == nil {
				t.Errorf("%s merges any numbers", name)
			}
		}
	}
}

func TestCurvesEqualTheReference(t *testing.T) {
	compared := 0
	for name, d := range readReferences(t).Data {
		if d.Curves == nil {
			continue
		}
		p, y := d.P.tensor(), d.T.tensor()
		roc, pr, c := ROCAUC{}.Curve(p, y), AveragePrecision{}.Curve(p, y), CalibrationError{Bins: 10}.Curve(p, y)
		for part, got := range map[string][]float64{
			"fpr": roc.FalsePositive, "tpr": roc.TruePositive, "roc": roc.Thresholds[1:], "precision": pr.Precision, "recall": pr.Recall,
			"pr": pr.Thresholds, "share": c.Share, "probability": c.Probability, "pr_auc": {pr.AUC()},
		} {
			want := []any{d.Curves[part]}
			if m, ok := d.Curves[part].(map[string]any); ok {
				want = m["values"].([]any)
			}
			if len(got) != len(want) {
				t.Errorf("%s of %q has %d points, recorded are %d", part, name, len(got), len(want))
				continue
			}
			for i, v := range want {
				compared++
				if math.Abs(got[i]-v.(float64)) > 1e-7 {
					t.Errorf("%s of %q at %d is %v, recorded is %v", part, name, i, got[i], v)
				}
			}
		}
		if !math.IsInf(roc.Thresholds[0], 1) || roc.AUC() != measure(ROCAUC{}, p, y) || pr.AveragePrecision() != measure(AveragePrecision{}, p, y) {
			t.Errorf("%q: the curves are not those of the metrics", name)
		}
	}
	if compared < 50 {
		t.Errorf("only %d values were compared", compared)
	}
}
