package metric_test

import (
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/metric"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Characters": metric.Characters, "DirectionOf": metric.DirectionOf, "Edits": metric.Edits,
			"NewConfusionMatrix": metric.NewConfusionMatrix, "NumberedClasses": metric.NumberedClasses,
			"Only": metric.Only, "PredictedClasses": metric.PredictedClasses, "TrueClasses": metric.TrueClasses,
			"Words": metric.Words,
		},
		Types: []reflect.Type{
			reflect.TypeFor[metric.Accuracy](), reflect.TypeFor[metric.Average](),
			reflect.TypeFor[metric.AveragePrecision](), reflect.TypeFor[metric.BLEU](),
			reflect.TypeFor[metric.BalancedAccuracy](), reflect.TypeFor[metric.Bootstrap](), reflect.TypeFor[metric.Borrower](),
			reflect.TypeFor[metric.BrierScore](), reflect.TypeFor[metric.CalibrationError](),
			reflect.TypeFor[metric.CharacterErrorRate](), reflect.TypeFor[metric.Class](),
			reflect.TypeFor[metric.CohenKappa](), reflect.TypeFor[metric.Collector](),
			reflect.TypeFor[metric.Confusion](), reflect.TypeFor[metric.ConfusionMatrix](),
			reflect.TypeFor[metric.Dice](), reflect.TypeFor[metric.Directed](), reflect.TypeFor[metric.Direction](),
			reflect.TypeFor[metric.EditDistance](), reflect.TypeFor[metric.ExactMatch](),
			reflect.TypeFor[metric.ExplainedVariance](), reflect.TypeFor[metric.F1](), reflect.TypeFor[metric.FBeta](),
			reflect.TypeFor[metric.Hamming](), reflect.TypeFor[metric.Interval](), reflect.TypeFor[metric.Jaccard](), reflect.TypeFor[metric.Kendall](),
			reflect.TypeFor[metric.LogLoss](), reflect.TypeFor[metric.MAE](), reflect.TypeFor[metric.MAPE](),
			reflect.TypeFor[metric.MCC](), reflect.TypeFor[metric.MRR](), reflect.TypeFor[metric.MSE](),
			reflect.TypeFor[metric.MSLE](), reflect.TypeFor[metric.MaxError](),
			reflect.TypeFor[metric.MeanAveragePrecision](), reflect.TypeFor[metric.MeanIoU](),
			reflect.TypeFor[metric.MedianAE](), reflect.TypeFor[metric.Merger](), reflect.TypeFor[metric.Meter](),
			reflect.TypeFor[metric.Metric](), reflect.TypeFor[metric.NDCG](), reflect.TypeFor[metric.PRCurve](),
			reflect.TypeFor[metric.Pearson](), reflect.TypeFor[metric.PerClass](), reflect.TypeFor[metric.Perplexity](),
			reflect.TypeFor[metric.Precision](), reflect.TypeFor[metric.PrecisionAtK](), reflect.TypeFor[metric.R2](),
			reflect.TypeFor[metric.RMSE](), reflect.TypeFor[metric.ROCAUC](), reflect.TypeFor[metric.ROCCurve](),
			reflect.TypeFor[metric.ROUGE](), reflect.TypeFor[metric.Recall](), reflect.TypeFor[metric.RecallAtK](),
			reflect.TypeFor[metric.ReliabilityCurve](), reflect.TypeFor[metric.Report](),
			reflect.TypeFor[metric.ReportLine](), reflect.TypeFor[metric.Smoothing](),
			reflect.TypeFor[metric.Spearman](), reflect.TypeFor[metric.Specificity](),
			reflect.TypeFor[metric.TextMeter](), reflect.TypeFor[metric.TextMetric](),
			reflect.TypeFor[metric.Threshold](), reflect.TypeFor[metric.TopK](), reflect.TypeFor[metric.Value](),
			reflect.TypeFor[metric.Weigher](), reflect.TypeFor[metric.Weighted](), reflect.TypeFor[metric.Weighting](),
			reflect.TypeFor[metric.WordErrorRate](),
		},

		Unlisted: map[string]string{},
		Skip: map[string]string{
			"Metric.Name": "of each metric", "Metric.Start": "of each metric", "Directed.Direction": "of each metric",
			"TextMetric.Name": "of each metric", "TextMetric.Start": "of each metric", "TextMetric.Direction": "of each metric",
		},
	}
	for _, method := range []string{"Name", "Direction", "String", "HTML", "MimeBundle", "MarshalText"} {
		s.Unlisted["*."+method+" receiver"] = "it tells what is there"
	}
	s.Args = map[string]func() []any{
		"Class.UnmarshalText":    func() []any { return []any{new(metric.Class), []byte("3")} },
		"Interval.UnmarshalJSON": func() []any { return []any{new(metric.Interval), []byte(`{"value":1}`)} },
	}
	interfaces := []reflect.Type{reflect.TypeFor[metric.Meter](), reflect.TypeFor[metric.Weigher](), reflect.TypeFor[metric.Merger](),
		reflect.TypeFor[metric.PerClass](), reflect.TypeFor[metric.Borrower](), reflect.TypeFor[metric.Collector]()}
	for _, of := range s.Types {
		m, ok := reflect.Zero(of).Interface().(metric.Metric)
		if !ok || of == reflect.TypeFor[metric.Threshold]() || of == reflect.TypeFor[metric.Weighted]() {
			continue
		}
		for _, i := range interfaces {
			if reflect.TypeOf(m.Start()).Implements(i) {
				s.GoodOf(i, func() any { return m.Start() })
			}
		}
	}
	for _, m := range []metric.TextMetric{metric.BLEU{}, metric.ROUGE{}, metric.EditDistance{}, metric.WordErrorRate{}, metric.CharacterErrorRate{}} {
		s.GoodOf(reflect.TypeFor[metric.TextMeter](), func() any { return m.Start() })
	}
	s.Good(func() metric.Threshold { return metric.Threshold{Metric: metric.F1{}, At: 0.5} },
		func() metric.Weighted { return metric.Weighted{Metric: metric.F1{}} },
		func() *metric.ConfusionMatrix { return metric.NewConfusionMatrix("a", "b", "c") },
		func() metric.Metric { return metric.Accuracy{} }, func() metric.TextMetric { return metric.BLEU{} },
		func() *metric.Report { return metric.NewConfusionMatrix("a", "b").Report() },
		func() *dl.Tensor { return dl.Of([]float32{0.5, 0.25, 0.25, 0.1, 0.8, 0.1}, 2, 3) }, func() *dl.Tensor { return dl.Of([]int32{0, 2}) },
		func() *dl.Tensor { return dl.Of([]float32{0.5, 0.75}) },
		func() *dl.Tensor { return dl.Of([]float32{0, 1, 0, 1, 0, 0}, 2, 3) })
	for _, n := range []int{1, 2, 3, 10, 11, 46} { // states of the meters
		s.Good(func() []float64 { return make([]float64, n) })
	}
	s.Test(t)
}
