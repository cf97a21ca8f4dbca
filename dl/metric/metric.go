package metric

import (
	"modelbook/dl"
	"modelbook/internal/number"
)

// Value is a measured number with its name, such as {"accuracy", 0.98}.
type Value struct {
	Name  string
	Value float64
}

// String shows the name and the value.
func (v Value) String() string { return v.Name + " " + number.Measured(v.Value) }

// Metric describes a measure. One whose values tell a better model from a worse one also has the method Direction:
// see [Directed].
type Metric interface {
	Name() string
	Start() Meter
}

// Direction says which values of a measure are better.
type Direction uint8

const (
	Undirected Direction = iota // neither: a number to look at
	LargerIsBetter
	SmallerIsBetter
)

// Directed is a metric that says which of its values are better, so that train.EarlyStopping and others that look for
// the best epoch need not be told.
type Directed interface{ Direction() Direction }

// DirectionOf is a metric's direction, Undirected when it does not say.
func DirectionOf(m Metric) Direction {
	if d, ok := m.(Directed); ok {
		return d.Direction()
	}
	return Undirected
}

// Meter is the running value of one pass over the data. Add takes a batch; Value is the measure of all batches since
// the last Reset. Add may keep the tensors.
type Meter interface {
	Add(prediction, target *dl.Tensor)
	Value() float64
	Reset()
}

// Weigher is a meter whose samples may count differently: weight has a value for each sample [N], or for each place of
// sequences [N, T]. All of this package are.
type Weigher interface {
	Meter
	AddWeighted(prediction, target, weight *dl.Tensor)
}

// Borrower is a meter that keeps no tensor after Add, so that a training need not copy them for it.
type Borrower interface {
	Meter
	Borrows()
}

// Collector is a meter whose Value takes long, because it looks at all samples: a Trainer asks for it when an epoch ends,
// not after each batch.
type Collector interface {
	Meter
	Collects()
}
