package metric

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"modelbook/dl"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// CalibrationError is the expected calibration error (Guo et al. 2017): how far probabilities are from the shares that
// come true. Samples are put into Bins equal intervals of their probability, and the distances of the intervals' mean
// probabilities from their shares are averaged, by numbers of samples. The probability is that of class 1 for one
// column, and that of the predicted class, which is or is not the true one, for more.
// Bins = 0 means 15, as in torchmetrics. A sample of NaN makes it NaN.
type CalibrationError struct {
	Bins       int
	Maximum    bool // the largest distance of all intervals (MCE) instead of the mean
	FromLogits bool // the predictions are logits
}

// Name is the name in tables and histories: see [Metric].
func (m CalibrationError) Name() string {
	if m.Maximum {
		return "max_calibration_error"
	}
	return "calibration_error"
}

// Direction says which values are better: see [Directed].
func (m CalibrationError) Direction() Direction { return SmallerIsBetter }

// Start begins a measurement: see [Metric].
func (m CalibrationError) Start() Meter { return m.start() }

func (m CalibrationError) start() *calibration {
	bins := m.Bins
	if bins == 0 {
		bins = 15
	}
	if bins < 0 || bins > 1<<20 {
		dl.PanicValue("metric.CalibrationError", "Bins is %d; it is a number of intervals", m.Bins)
	}
	return &calibration{m: m, bins: make([]bin, bins)}
}

// Curve is the reliability curve of predictions, scikit-learn's calibration_curve.
func (m CalibrationError) Curve(prediction, target *dl.Tensor) *ReliabilityCurve {
	c := m.start()
	c.Add(prediction, target)
	return c.Curve()
}

// ReliabilityCurve tells how often what was predicted with a probability came true. Its points are the intervals that
// have samples, in their order; of a calibrated model Share is Probability.
type ReliabilityCurve struct {
	Probability []float64 // the mean of those predicted
	Share       []float64 // of the samples for which it came true
	Samples     []float64 // or their weights
}

// Error is the expected calibration error: the mean distance of Share from Probability, by samples.
func (c *ReliabilityCurve) Error() float64 {
	asLong("metric.ReliabilityCurve", c.Samples, c.Share, c.Probability)
	sum, total := 0.0, 0.0
	for i, n := range c.Samples {
		sum += n * math.Abs(c.Share[i]-c.Probability[i])
		total += n
	}
	return ratio(sum, total)
}

// Maximum is the largest distance of Share from Probability.
func (c *ReliabilityCurve) Maximum() float64 {
	asLong("metric.ReliabilityCurve", c.Samples, c.Share, c.Probability)
	if len(c.Samples) == 0 {
		return math.NaN()
	}
	most := 0.0
	for i := range c.Samples {
		most = max(most, math.Abs(c.Share[i]-c.Probability[i]))
	}
	return most
}

func (c *ReliabilityCurve) rows() [][]string {
	asLong("metric.ReliabilityCurve", c.Samples, c.Share, c.Probability)
	rows := [][]string{{"probability", "came true", "samples"}}
	for i, n := range c.Samples {
		rows = append(rows, []string{fmt.Sprintf("%.4f", c.Probability[i]), fmt.Sprintf("%.4f", c.Share[i]), strconv.FormatFloat(n, 'g', 6, 64)})
	}
	return rows
}

func (c *ReliabilityCurve) total() string { return "calibration error " + number.Measured(c.Error()) }

// String shows the curve as a table.
func (c *ReliabilityCurve) String() string {
	return strings.Join(append(columns.Lines(c.rows(), nil), c.total()), "\n")
}

// MimeBundle gives a notebook the table as HTML and as text.
func (c *ReliabilityCurve) MimeBundle() map[string]any {
	return map[string]any{"text/html": columns.HTML(c.rows(), nil) + "<p>" + c.total() + "</p>", "text/plain": c.String()}
}

// bin is an interval of probabilities.
type bin struct{ samples, probability, hits float64 }

type calibration struct {
	m    CalibrationError
	bins []bin
	nan  float64
	row  []float64
}

func (c *calibration) Add(prediction, target *dl.Tensor) { c.AddWeighted(prediction, target, nil) }

func (c *calibration) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores("metric.CalibrationError", prediction)
	t, w := newLabels(&p, target), newWeights(&p, weight)
	for i := range p.rows {
		truth := t.of(&p, i)
		c.row = p.probabilities(c.row[:0], i, c.m.FromLogits, false)
		guess := 1
		if p.cols > 1 {
			if guess = argmax(p.row(i)); guess == none {
				c.nan += w.of(i)
				continue
			}
		}
		v := c.row[guess]
		if v != v {
			c.nan += w.of(i)
			continue
		}
		n := float64(len(c.bins))
		b := &c.bins[min(max(int(math.Ceil(v*n))-1, 0), len(c.bins)-1)]
		b.samples += w.of(i)
		b.probability += w.of(i) * v
		if guess == truth {
			b.hits += w.of(i)
		}
	}
}

// Curve is what has been measured so far.
func (c *calibration) Curve() *ReliabilityCurve {
	curve := &ReliabilityCurve{}
	for _, b := range c.bins {
		if b.samples != 0 {
			curve.Probability = append(curve.Probability, b.probability/b.samples)
			curve.Share = append(curve.Share, b.hits/b.samples)
			curve.Samples = append(curve.Samples, b.samples)
		}
	}
	return curve
}

func (c *calibration) Value() float64 {
	switch {
	case c.nan != 0:
		return math.NaN()
	case c.m.Maximum:
		return c.Curve().Maximum()
	}
	return c.Curve().Error()
}

func (c *calibration) Reset() {
	clear(c.bins)
	c.nan = 0
}

func (c *calibration) Borrows() {}

func (c *calibration) State() []float64 {
	state := []float64{c.nan}
	for _, b := range c.bins {
		state = append(state, b.samples, b.probability, b.hits)
	}
	return state
}

func (c *calibration) Merge(state []float64) error {
	if len(state) != 1+3*len(c.bins) {
		return foreign("metric.CalibrationError", state)
	}
	c.nan += state[0]
	for i := range c.bins {
		b, s := &c.bins[i], state[1+3*i:]
		b.samples, b.probability, b.hits = b.samples+s[0], b.probability+s[1], b.hits+s[2]
	}
	return nil
}
