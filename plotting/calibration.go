package plotting

import (
	"fmt"
	"math"
	"strings"

	"modelbook/dl"
	"modelbook/dl/metric"
	"modelbook/internal/number"
)

// usualCalibrationBins are the intervals of a reliability diagram that is given no Bins.
const usualCalibrationBins = 10

// Calibration draws a reliability diagram: how often what was predicted with a probability came true. Of a calibrated
// model that is as often as the probability says, which the dotted line shows. Below stands how many samples each interval
// of probabilities has. [Bins] sets the number of intervals, 10 by itself. Of two classes the probability is that of class
// 1; of more it is that of the predicted class, the confidence. The error after each name is metric.CalibrationError.
func Calibration(models []Scored, opts ...CalibrationOption) *Figure {
	o := collect(opts)
	all := readScored("plotting.Calibration", models)
	bins := o.bins
	if bins == 0 {
		bins = usualCalibrationBins
	}
	top := &panel{title: o.title, ylabel: "share that came true", reach: [2]float64{0, 1}, reachY: [2]float64{0, 1}, legend: true, empty: "no samples"}
	low := &panel{xlabel: "predicted probability", ylabel: "samples", reach: [2]float64{0, 1}, fromZero: true, plain: true, empty: "no samples"}
	var words strings.Builder
	words.WriteString(titled(o.title) + "calibration")
	beyond := 0
	for i, m := range all {
		name := m.name
		if name == "" && len(all) > 1 {
			name = fmt.Sprintf("model %d", i)
		}
		curve, out := m.reliability(bins)
		beyond += out
		label := strings.TrimSpace(fmt.Sprintf("%s  error %s", name, measured(curve.Error())))
		top.lines = append(top.lines, Series{Name: label, X: curve.Probability, Y: curve.Share})
		low.lines = append(low.lines, countsOf(curve, bins))
		if m.c > 1 {
			low.xlabel = "confidence in the predicted class"
		}
		words.WriteString("\n  " + label)
		for j, p := range curve.Probability {
			fmt.Fprintf(&words, "\n    %.3f came true %.3f of %s", p, curve.Share[j], number.Plural(int(curve.Samples[j]), "sample", "samples"))
		}
	}
	low.bars = len(all) == 1
	if beyond > 0 {
		top.note = number.Plural(beyond, "sample has scores that are", "samples have scores that are") + " no probabilities and is left out: Softmax or Sigmoid make them"
		if beyond > 1 {
			top.note = strings.Replace(top.note, "and is", "and are", 1)
		}
	}
	top.note = sentence(leftOutOf(all), top.note)
	if top.note != "" {
		words.WriteString("\n  " + top.note)
	}
	// The numbers at the left are as wide in both, so that the axes lie below one another.
	top.gutter = style{size: textSize}.width("100,000")
	low.gutter = top.gutter
	top.under = func(pen *pen, at func(x, y float64) point, area box) {
		pen.dashed(pen.theme.Soft, 1, []float64{2, 3}, at(0, 0), at(1, 1))
	}
	extra := legendHeight(top.entries(o.theme), 450)
	width, height := o.size.or(480, 520+max(extra-legendRow, 0))
	const counts = 140
	height = max(height, counts+200)
	return &Figure{width: width, height: height, theme: o.theme, text: words.String(), draw: func(pen *pen) {
		top.draw(pen, box{16, 14, width - 30, height - counts - 30})
		low.draw(pen, box{16, height - counts - 12, width - 30, counts})
	}}
}

// reliability is the curve of the samples whose scores are probabilities, and how many samples have others.
func (s *scored) reliability(bins int) (curve *metric.ReliabilityCurve, out int) {
	var scores []float32
	var labels []int32
	for i, label := range s.labels {
		row := s.scores[i*s.c : (i+1)*s.c]
		proper := true
		for _, v := range row {
			proper = proper && v >= -1e-6 && v <= 1+1e-6
		}
		if !proper {
			out++
			continue
		}
		scores, labels = append(scores, row...), append(labels, int32(label))
	}
	if len(labels) == 0 {
		return &metric.ReliabilityCurve{}, out
	}
	return metric.CalibrationError{Bins: bins}.Curve(dl.Of(scores, len(labels), s.c), dl.Of(labels, len(labels))), out
}

// countsOf are the counts of a curve as the outlines of bars.
func countsOf(curve *metric.ReliabilityCurve, bins int) Series {
	counts := make([]float64, bins)
	for i, p := range curve.Probability {
		counts[min(max(int(math.Ceil(p*float64(bins)))-1, 0), bins-1)] += curve.Samples[i]
	}
	var s Series
	for i, n := range counts {
		s.X = append(s.X, float64(i)/float64(bins), float64(i+1)/float64(bins))
		s.Y = append(s.Y, n, n)
	}
	return s
}
