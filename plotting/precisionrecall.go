package plotting

import (
	"slices"

	"modelbook/dl/metric"
)

// PrecisionRecall draws the precision over the recall for every threshold, with the average precision (AP) of each curve.
// What has a curve is as in [ROC], but for the macro average, which is told as a number, and for several models of more
// than two classes, which have their micro averages. The dotted line is the precision of chance, the share of the
// positive samples, where all curves have the same. The numbers are those of metric.AveragePrecision.
func PrecisionRecall(models []Scored, opts ...FigureOption) *Figure {
	o := collect(opts)
	all := readScored("plotting.PrecisionRecall", models)
	c := &rates{options: o, what: "precision and recall", short: "AP"}
	var chances []float64
	curveOf := func(b *question) (x, y []float64, area float64) {
		chances = append(chances, float64(b.positives())/float64(len(b.truth)))
		curve := metric.AveragePrecision{}.Curve(b.tensors())
		for i := len(curve.Thresholds) - 1; i >= 0; i-- { // in steps: what is between two thresholds cannot be had
			x, y = append(x, curve.Recall[i+1], curve.Recall[i]), append(y, curve.Precision[i], curve.Precision[i])
		}
		return x, y, curve.AveragePrecision()
	}
	c.collect(all, curveOf, nil)
	p := c.panel("recall", "precision")
	if len(chances) > 0 && slices.Max(chances) == slices.Min(chances) {
		p.under = func(pen *pen, at func(x, y float64) point, area box) {
			pen.dashed(pen.theme.Soft, 1, []float64{2, 3}, at(0, chances[0]), at(1, chances[0]))
		}
		p.note = sentence("chance has precision "+measured(chances[0]), p.note)
	}
	p.note = sentence(leftOutOf(all), p.note)
	return c.figure(p)
}
