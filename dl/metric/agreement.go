package metric

import (
	"math"

	"modelbook/dl"
)

// MCC is Matthews' correlation coefficient of predicted and true classes, of any number: 1 for perfection, 0 for
// guessing, and for predictions that are always of one class, as scikit-learn's matthews_corrcoef.
type MCC struct{}

// CohenKappa is the agreement of predicted and true classes beyond that of chance: 1 for perfection, 0 for guessing;
// NaN where all samples are of one class and predicted as it. Disagreement counts as Weighting says.
type CohenKappa struct{ Weighting Weighting }

// Weighting is how much a confusion of classes i and j counts for [CohenKappa].
type Weighting uint8

const (
	Equal     Weighting = iota // 1: one mistake is like another
	Linear                     // |i-j|, of classes that have an order
	Quadratic                  // (i-j)², of classes that have an order
)

// Name is the name in tables and histories: see [Metric].
func (MCC) Name() string { return "mcc" }

// Name is the name in tables and histories: see [Metric].
func (m CohenKappa) Name() string {
	switch m.Weighting {
	case Linear:
		return "kappa_linear"
	case Quadratic:
		return "kappa_quadratic"
	}
	return "kappa"
}

// Direction says which values are better: see [Directed].
func (MCC) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (CohenKappa) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (MCC) Start() Meter { return &crossTable{op: "metric.MCC", of: matthews} }

// Start begins a measurement: see [Metric].
func (m CohenKappa) Start() Meter {
	if m.Weighting > Quadratic {
		dl.PanicValue("metric.CohenKappa", "Weighting(%d) is none of Equal, Linear and Quadratic", m.Weighting)
	}
	return &crossTable{op: "metric.CohenKappa", of: func(c *crossTable) float64 { return c.kappa(m.Weighting) }}
}

// crossTable counts samples by true class (row) and predicted class (column). The last column holds those whose scores
// are NaN: it is a class that is never the true one.
type crossTable struct {
	op    string
	of    func(*crossTable) float64
	n     int
	cells []float64 // n rows of n+1
}

func (c *crossTable) Add(prediction, target *dl.Tensor) { c.AddWeighted(prediction, target, nil) }

func (c *crossTable) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(c.op, prediction)
	l, w := newLabels(&p, target), newWeights(&p, weight)
	c.grow(p.classes())
	for i := range p.rows {
		guess := p.class(i)
		if guess == none {
			guess = c.n
		}
		c.cells[l.of(&p, i)*(c.n+1)+guess] += w.of(i)
	}
}

func (c *crossTable) grow(n int) {
	if n <= c.n {
		return
	}
	cells := make([]float64, n*(n+1))
	for i := range c.n {
		copy(cells[i*(n+1):], c.cells[i*(c.n+1):][:c.n])
		cells[i*(n+1)+n] = c.cells[i*(c.n+1)+c.n]
	}
	c.n, c.cells = n, cells
}

// sides are the sums of rows and columns.
func (c *crossTable) sides() (truth, predicted []float64, hits, total float64) {
	truth, predicted = make([]float64, c.n+1), make([]float64, c.n+1)
	for k, w := range c.cells {
		i, j := k/(c.n+1), k%(c.n+1)
		truth[i] += w
		predicted[j] += w
		total += w
		if i == j {
			hits += w
		}
	}
	return truth, predicted, hits, total
}

func matthews(c *crossTable) float64 {
	truth, predicted, hits, total := c.sides()
	if total == 0 {
		return math.NaN()
	}
	both, t, p := hits*total, total*total, total*total
	for i := range truth {
		both -= truth[i] * predicted[i]
		t -= truth[i] * truth[i]
		p -= predicted[i] * predicted[i]
	}
	if t*p == 0 {
		return 0
	}
	return both / math.Sqrt(t*p)
}

func (c *crossTable) kappa(by Weighting) float64 {
	truth, predicted, _, total := c.sides()
	var observed, expected float64
	for i := range c.n {
		for j := range c.n + 1 {
			d := math.Abs(float64(i - j))
			switch {
			case i == j:
			case by == Equal:
				d = 1
			case j == c.n: // no prediction is as far off as can be
				d = float64(max(i, c.n-1-i))
			}
			if by == Quadratic {
				d *= d
			}
			observed += d * c.cells[i*(c.n+1)+j]
			expected += d * truth[i] * predicted[j]
		}
	}
	return 1 - ratio(observed*total, expected)
}

func (c *crossTable) Value() float64 {
	if len(c.cells) == 0 {
		return math.NaN()
	}
	return c.of(c)
}

func (c *crossTable) Reset()   { clear(c.cells) }
func (c *crossTable) Borrows() {}

func (c *crossTable) State() []float64 { return append([]float64{float64(c.n)}, c.cells...) }

func (c *crossTable) Merge(state []float64) error {
	other := crossTable{op: c.op}
	if len(state) > 0 && state[0] >= 0 && state[0] < 1<<20 && state[0] == math.Trunc(state[0]) {
		other.n, other.cells = int(state[0]), append([]float64{}, state[1:]...)
	}
	if len(state) == 0 || len(other.cells) != other.n*(other.n+1) {
		return foreign(c.op, state)
	}
	n := max(c.n, other.n)
	c.grow(n)
	other.grow(n)
	for i, w := range other.cells {
		c.cells[i] += w
	}
	return nil
}
