package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// finiteness is a storage of float32 elements of which products ask whether they are all finite: a row with many zeros, as
// ReLU makes them, then takes half of the time or less, for zeros need not be multiplied with what is finite.
type finiteness storage

// What is known of the elements, beside their version and loan. They are looked at when they are asked about a second time
// without a change: those of a model that is being trained change before.
const (
	askedBefore = iota + 1
	allFinite
	notFinite
)

// Finite reports whether all elements are known to be finite.
func (f *finiteness) Finite() bool {
	s := (*storage)(f)
	now := uint64(s.version.Load())<<32 | uint64(s.loan.Load()&(1<<30-1))<<2
	was := f.finite.Load()
	if was&^3 != now || was&3 == 0 {
		f.finite.Store(now | askedBefore)
		return false
	}
	if was&3 == askedBefore {
		was = now | notFinite
		// a sum of finite float32 in float64 is finite
		if sum := vec.Sum(s.data.([]float32)); !math.IsNaN(sum) && !math.IsInf(sum, 0) {
			was = now | allFinite
		}
		f.finite.Store(was)
	}
	return was&3 == allFinite
}
