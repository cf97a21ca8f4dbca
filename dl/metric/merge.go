package metric

import "fmt"

// Merger is a meter whose measurement can be put together with those of others, as when several machines measure parts
// of the data: State is all that it has counted, and Merge adds the State of another meter of the same metric. All
// meters of this package are.
type Merger interface {
	Meter
	State() []float64
	Merge(state []float64) error
}

// PerClass is a meter that tells its value for each class, or label; NaN where there is none.
type PerClass interface {
	Meter
	ByClass() []float64
}

func foreign(op string, state []float64) error {
	return fmt.Errorf("%s: %d numbers are no state of such a meter", op, len(state))
}

// mergeSums merges a state by adding.
func mergeSums(op string, state []float64, into ...*float64) error {
	if len(state) != len(into) {
		return foreign(op, state)
	}
	for i, p := range into {
		*p += state[i]
	}
	return nil
}
