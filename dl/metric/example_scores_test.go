package metric_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/metric"
)

// Scores of four samples, two of which are of class 1.
var (
	scores = dl.Of([]float32{0.1, 0.4, 0.35, 0.8})
	truth  = dl.Of([]int32{0, 0, 1, 1})
)

func ExampleROCAUC() {
	show(scores, truth, metric.ROCAUC{}, metric.AveragePrecision{})
	show(probabilities, classes, metric.ROCAUC{}, metric.ROCAUC{OneVsOne: true}, metric.AveragePrecision{Class: metric.Only(1)})
	// Output:
	// roc_auc 0.7500
	// average_precision 0.8333
	// roc_auc 0.8750
	// roc_auc_ovo 0.8750
	// average_precision_1 1.0000
}

func ExampleROCCurve() {
	c := metric.ROCAUC{}.Curve(scores, truth)
	for i, t := range c.Thresholds {
		fmt.Printf("from %.2f on: %.1f of class 1, %.1f of class 0\n", t, c.TruePositive[i], c.FalsePositive[i])
	}
	fmt.Println(c)
	// Output:
	// from +Inf on: 0.0 of class 1, 0.0 of class 0
	// from 0.80 on: 0.5 of class 1, 0.0 of class 0
	// from 0.40 on: 0.5 of class 1, 0.5 of class 0
	// from 0.35 on: 1.0 of class 1, 0.5 of class 0
	// from 0.10 on: 1.0 of class 1, 1.0 of class 0
	// ROC curve of 5 thresholds, area 0.7500
}

func ExamplePRCurve() {
	c := metric.AveragePrecision{}.Curve(scores, truth)
	for i, t := range c.Thresholds {
		fmt.Printf("from %.2f on: precision %.4f, recall %.1f\n", t, c.Precision[i], c.Recall[i])
	}
	fmt.Println(c)
	// Output:
	// from 0.10 on: precision 0.5000, recall 1.0
	// from 0.35 on: precision 0.6667, recall 1.0
	// from 0.40 on: precision 0.5000, recall 0.5
	// from 0.80 on: precision 1.0000, recall 0.5
	// precision-recall curve of 4 thresholds, average precision 0.8333
}

func ExampleLogLoss() {
	show(probabilities, classes, metric.LogLoss{}, metric.BrierScore{}, metric.Perplexity{})
	// Output:
	// log_loss 0.7554
	// brier 0.4133
	// perplexity 2.1286
}

func ExampleCalibrationError() {
	show(scores, truth, metric.CalibrationError{Bins: 4}, metric.CalibrationError{Bins: 4, Maximum: true})
	fmt.Println(metric.CalibrationError{Bins: 4}.Curve(scores, truth))
	// Output:
	// calibration_error 0.1375
	// max_calibration_error 0.2000
	// probability  came true  samples
	//      0.1000     0.0000        1
	//      0.3750     0.5000        2
	//      0.8000     1.0000        1
	// calibration error 0.1375
}

func ExampleMSE() {
	p, y := dl.Of([]float32{2.5, 0, 2, 8}), dl.Of([]float32{3, 0.5, 2, 7})
	show(p, y, metric.MSE{}, metric.RMSE{}, metric.MAE{}, metric.MedianAE{}, metric.MAPE{}, metric.MSLE{}, metric.MaxError{},
		metric.R2{}, metric.ExplainedVariance{}, metric.Pearson{}, metric.Spearman{}, metric.Kendall{})
	// Output:
	// mse 0.3750
	// rmse 0.6124
	// mae 0.5000
	// median_ae 0.5000
	// mape 0.3274
	// msle 0.0490
	// max_error 1.0000
	// r2 0.9353
	// explained_variance 0.9353
	// pearson 0.9956
	// spearman 1.0000
	// kendall 1.0000
}

// Two queries of five items.
func ExampleNDCG() {
	p := dl.Of([]float32{0.9, 0.8, 0.7, 0.6, 0.5, 0.1, 0.2, 0.3, 0.4, 0.5}, 2, 5)
	relevance := dl.Of([]float32{0, 3, 0, 1, 0, 0, 0, 0, 2, 1}, 2, 5)
	show(p, relevance, metric.NDCG{}, metric.NDCG{K: 3}, metric.MRR{}, metric.MeanAveragePrecision{}, metric.PrecisionAtK{K: 2},
		metric.RecallAtK{K: 2})
	// Output:
	// ndcg 0.7498
	// ndcg_at_3 0.6905
	// mrr 0.7500
	// map 0.7500
	// precision_at_2 0.7500
	// recall_at_2 0.7500
}
