package tensorboard

import (
	"math"
	"slices"

	"modelbook/dl"
)

// Histogram is how often values lie between limits: Counts[i] of them up to Limits[i], from the limit before on, the
// first from Min on.
type Histogram struct {
	Min, Max            float64
	Count, Sum, Squares float64 // of the values
	Limits, Counts      []float64
}

// buckets is how many a histogram has: as many as tf.summary.histogram's.
const buckets = 30

// HistogramOf counts the finite values of a tensor in 30 buckets of equal width, as TensorFlow 2 does; in one where all
// are the same. It has no buckets where no value is finite.
func HistogramOf(values *dl.Tensor) *Histogram {
	if values == nil {
		dl.PanicValue("tensorboard.HistogramOf", "the tensor is nil")
	}
	all := dl.Values[float64](values)
	h := &Histogram{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		h.Min, h.Max = min(h.Min, v), max(h.Max, v)
		h.Count++
		h.Sum += v
		h.Squares += float64(v * v) // never fused: the same on every machine
	}
	switch {
	case h.Count == 0:
		h.Min, h.Max = 0, 0
		return h
	case h.Min == h.Max:
		h.Limits, h.Counts = []float64{h.Max}, []float64{h.Count}
		return h
	}
	h.Limits, h.Counts = make([]float64, buckets), make([]float64, buckets)
	for i := range buckets - 1 {
		right := float64(i+1) / buckets
		h.Limits[i] = float64(h.Min*(1-right)) + float64(h.Max*right) // Max-Min may be too large; never fused
	}
	h.Limits[buckets-1] = h.Max
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		i, equal := slices.BinarySearch(h.Limits[:buckets-1], v)
		for equal && i < buckets-1 && h.Limits[i] == v { // a limit is the left end of its bucket
			i++
		}
		h.Counts[i]++
	}
	return h
}
