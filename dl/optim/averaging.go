package optim

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// An Averaging adds weights to averages of them, without allocating: it is kept and used for one parameter after another.
type Averaging struct {
	average, weights []float32
	share            float64
}

// Add moves average, in place, by a share of its distance to the weights: average += share*(weights-average). Tensors of
// other types than float32 and float64 are copied.
func (w *Averaging) Add(average, weights *dl.Tensor, share float64) {
	if d := average.DType(); d != weights.DType() || !average.Shape().Equal(weights.Shape()) {
		dl.PanicShape("optim.Averaging.Add", fmt.Sprintf("shapes and dtypes must be equal, %v and %v", d, weights.DType()), average, weights)
	}
	checks("optim.Averaging.Add").finite("the share", share)
	switch average.DType() {
	case dl.Float32:
		w.average, w.weights, w.share = average.Float32s(), weights.Float32s(), share
		parallel.Run(len(w.average), 1<<14, w)
		w.average, w.weights = nil, nil
	case dl.Float64:
		vec.Approach(average.Float64s(), weights.Float64s(), share)
	default:
		average.CopyFrom(weights)
	}
	average.Changed()
}

// Range does a part of the values: it is for Add alone.
func (w *Averaging) Range(lo, hi int) {
	vec.Approach(w.average[lo:hi], w.weights[lo:hi], w.share)
}
