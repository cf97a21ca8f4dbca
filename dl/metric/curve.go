package metric

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// ROCCurve is how many of the positive samples are found (TruePositive, a share) for how many of the negative ones
// (FalsePositive), by the score from which on samples count as positive. Thresholds fall, from +Inf, where none is:
// scikit-learn's roc_curve with drop_intermediate=False. plotting.Lines draws it.
type ROCCurve struct {
	FalsePositive, TruePositive []float64
	Thresholds                  []float64
}

// AUC is the area under the curve, by trapezoids.
func (c *ROCCurve) AUC() float64 {
	asLong("metric.ROCCurve.AUC", c.FalsePositive, c.TruePositive)
	return trapezoids(c.FalsePositive, c.TruePositive)
}

// String says how long the curve is and what lies under it.
func (c *ROCCurve) String() string {
	return fmt.Sprintf("ROC curve of %d thresholds, area %.4f", len(c.Thresholds), c.AUC())
}

// PRCurve is the precision of the samples whose score is a threshold or above, and their share of the positive ones, the
// recall. Thresholds rise; behind the last of them the curve ends at precision 1 and recall 0, so that Precision and
// Recall have a value more: scikit-learn's precision_recall_curve. plotting.Lines draws it.
type PRCurve struct {
	Precision, Recall []float64
	Thresholds        []float64
}

// check panics unless the parts of the curve belong together.
func (c *PRCurve) check(method string) {
	asLong("metric.PRCurve."+method, c.Precision, c.Recall)
	if n := len(c.Thresholds); n > 0 && len(c.Precision) != n+1 {
		dl.PanicValue("metric.PRCurve."+method, "of %d thresholds there are %d precisions, not one more; a curve is made by the method Curve of a metric", n, len(c.Precision))
	}
}

// AveragePrecision is the sum of the precisions, each times the recall that it gains. It does not interpolate as AUC does,
// which is too optimistic.
func (c *PRCurve) AveragePrecision() float64 {
	if c.check("AveragePrecision"); len(c.Thresholds) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for i := range c.Thresholds {
		sum += (c.Recall[i] - c.Recall[i+1]) * c.Precision[i]
	}
	return sum
}

// AUC is the area under the curve, by trapezoids.
func (c *PRCurve) AUC() float64 {
	if c.check("AUC"); len(c.Thresholds) == 0 {
		return math.NaN()
	}
	return -trapezoids(c.Recall, c.Precision)
}

// String says how long the curve is and what lies under it.
func (c *PRCurve) String() string {
	return fmt.Sprintf("precision-recall curve of %d thresholds, average precision %.4f", len(c.Thresholds), c.AveragePrecision())
}

func trapezoids(x, y []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	area := 0.0
	for i := 1; i < len(x); i++ {
		area += (x[i] - x[i-1]) * (y[i] + y[i-1]) / 2
	}
	return area
}

func rocCurve(list []sample) *ROCCurve {
	all, positive, negative := cuts(list)
	if len(all) == 0 {
		return &ROCCurve{}
	}
	c := &ROCCurve{FalsePositive: []float64{ratio(0, negative)}, TruePositive: []float64{ratio(0, positive)}, Thresholds: []float64{math.Inf(1)}}
	for _, at := range all {
		c.FalsePositive = append(c.FalsePositive, ratio(at.falseHits, negative))
		c.TruePositive = append(c.TruePositive, ratio(at.hits, positive))
		c.Thresholds = append(c.Thresholds, float64(at.threshold))
	}
	return c
}

func prCurve(list []sample) *PRCurve {
	all, positive, _ := cuts(list)
	c := &PRCurve{}
	if len(all) == 0 {
		return c
	}
	for i := len(all) - 1; i >= 0; i-- {
		at := all[i]
		c.Precision = append(c.Precision, at.hits/(at.hits+at.falseHits))
		c.Recall = append(c.Recall, ratio(at.hits, positive))
		c.Thresholds = append(c.Thresholds, float64(at.threshold))
	}
	c.Precision, c.Recall = append(c.Precision, 1), append(c.Recall, ratio(0, positive))
	return c
}
