package metric

import (
	"math"

	"modelbook/dl"
)

// MSE is the mean squared error, over all values of all samples: predictions and targets are numbers [N] or [N, ...] of
// the same shape.
type MSE struct{}

// RMSE is the root of [MSE], in the unit of the targets; of several outputs the root of the mean over all values, as
// Keras's RootMeanSquaredError (scikit-learn averages the outputs' roots).
type RMSE struct{}

// MAE is the mean absolute error, over all values of all samples.
type MAE struct{}

// MAPE is the mean absolute error as a share of the target, 0.1 for 10 %, as scikit-learn's
// mean_absolute_percentage_error: a target of 0 makes it huge.
type MAPE struct{}

// MSLE is the mean squared difference of log(1+x) of prediction and target: of numbers that are never negative and
// whose proportions matter. Those below 0 count as 0, as in Keras (for scikit-learn they are errors).
type MSLE struct{}

// MaxError is the largest absolute error of all values.
type MaxError struct{}

// Name is the name in tables and histories: see [Metric].
func (MSE) Name() string { return "mse" }

// Name is the name in tables and histories: see [Metric].
func (RMSE) Name() string { return "rmse" }

// Name is the name in tables and histories: see [Metric].
func (MAE) Name() string { return "mae" }

// Name is the name in tables and histories: see [Metric].
func (MAPE) Name() string { return "mape" }

// Name is the name in tables and histories: see [Metric].
func (MSLE) Name() string { return "msle" }

// Name is the name in tables and histories: see [Metric].
func (MaxError) Name() string { return "max_error" }

// Direction says which values are better: see [Directed].
func (MSE) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (RMSE) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (MAE) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (MAPE) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (MSLE) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (MaxError) Direction() Direction { return SmallerIsBetter }

// Start begins a measurement: see [Metric].
func (MSE) Start() Meter { return &meanError{op: "metric.MSE", of: squared} }

// Start begins a measurement: see [Metric].
func (RMSE) Start() Meter { return &meanError{op: "metric.RMSE", of: squared, after: math.Sqrt} }

// Start begins a measurement: see [Metric].
func (MAE) Start() Meter {
	return &meanError{op: "metric.MAE", of: func(p, t float64) float64 { return math.Abs(p - t) }}
}

// Start begins a measurement: see [Metric].
func (MAPE) Start() Meter {
	return &meanError{op: "metric.MAPE", of: func(p, t float64) float64 { return math.Abs(p-t) / max(math.Abs(t), 0x1p-52) }}
}

// Start begins a measurement: see [Metric].
func (MSLE) Start() Meter {
	return &meanError{op: "metric.MSLE", of: func(p, t float64) float64 { return squared(math.Log1p(max(p, 0)), math.Log1p(max(t, 0))) }}
}

func squared(p, t float64) float64 { return (p - t) * (p - t) }

// meanError is the mean over all values of a function of prediction and target.
type meanError struct {
	op         string
	of         func(p, t float64) float64
	after      func(float64) float64 // of the mean, or nil
	sum, total float64
}

func (m *meanError) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *meanError) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newPairs(m.op, prediction, target)
	w := newWeights(&p.scores, weight)
	for i := range p.rows {
		for j := range p.cols {
			m.sum += w.of(i) * m.of(p.of(i, j))
			m.total += w.of(i)
		}
	}
}

func (m *meanError) Value() float64 {
	v := ratio(m.sum, m.total)
	if m.after != nil {
		v = m.after(v)
	}
	return v
}

func (m *meanError) Reset()           { m.sum, m.total = 0, 0 }
func (m *meanError) Borrows()         {}
func (m *meanError) State() []float64 { return []float64{m.sum, m.total} }
func (m *meanError) Merge(state []float64) error {
	return mergeSums(m.op, state, &m.sum, &m.total)
}
