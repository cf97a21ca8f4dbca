package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// An Averaging adds weights to averages of them, without allocating: it is kept and used for one parameter after another.
type Averaging struct {
	average, weights []float32
	share            float32
}

// Add moves average, in place, by a share of its distance to the weights: average += share*(weights-average). Tensors of
// other types than float32 and float64 are copied.
func (w *Averaging) Add(average, weights *dl.Tensor, share float64) {
	switch average.DType() {
	case dl.Float32:
		w.average, w.weights, w.share = average.Float32s(), weights.Float32s(), float32(share)
		parallel.Run(len(w.average), 1<<14, w)
		w.average, w.weights = nil, nil
	case dl.Float64:
		sums := average.Float64s()
		for i, v := range weights.Float64s() {
			sums[i] += share * (v - sums[i])
		}
	default:
		average.CopyFrom(weights)
	}
	average.Changed()
}

// Range does a part of the values: it is for Add alone.
func (w *Averaging) Range(lo, hi int) {
	vec.Scale(w.average[lo:hi], 1-w.share, w.average[lo:hi])
	vec.Axpy(w.share, w.weights[lo:hi], w.average[lo:hi])
}
