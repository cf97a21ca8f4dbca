package data

import (
	"cmp"
	"math"
	"slices"

	"modelbook/dl"
)

// Sampler says which samples of a dataset of n a pass takes, and in which order; a sample may be taken several times
// or not at all. It draws its random numbers from r.
type Sampler interface {
	Order(n int, r *dl.Rand) []int
}

// Counter is a Sampler that takes another number of samples than the dataset of n has: Count(n).
type Counter interface {
	Sampler
	Count(n int) int
}

// BatchSampler is a Sampler that says which samples each batch of a pass has, as PyTorch's batch_sampler does: batches
// may differ in size, and be empty. The BatchSize of a Loader does not matter then, nor does Order, which it does not
// ask for.
type BatchSampler interface {
	Sampler
	Batches(n int, r *dl.Rand) [][]int
	// Steps is the number of batches of a pass over n samples.
	Steps(n int) int
}

// Weighted draws samples at random, with replacement, each as often as its weight asks for: as PyTorch's
// WeightedRandomSampler. See [Balance].
type Weighted struct {
	Weights []float64 // one for each sample, not negative
	Samples int       // to draw in a pass; 0: as many as the dataset has
}

// Order draws the samples of an epoch: see [Sampler].
func (w Weighted) Order(n int, r *dl.Rand) []int {
	if len(w.Weights) != n {
		dl.PanicValue("data.Weighted", "%d weights for %d samples", len(w.Weights), n)
	}
	sums := make([]float64, n)
	total := 0.0
	for i, v := range w.Weights {
		if !(v >= 0) || math.IsInf(v, 0) {
			dl.PanicValue("data.Weighted", "the weight %v of sample %d is not 0 or more, and finite", v, i)
		}
		total += v
		sums[i] = total
	}
	if !(total > 0) {
		dl.PanicValue("data.Weighted", "all weights are 0")
	}
	order := make([]int, w.Count(n))
	for i := range order {
		u := r.Float64() * total
		// The first sample whose sum lies above u: one of weight 0 has the sum of the one before it.
		at, _ := slices.BinarySearchFunc(sums, u, func(sum, u float64) int {
			if sum <= u {
				return -1
			}
			return 1
		})
		order[i] = min(at, n-1)
	}
	return order
}

// Count is the number of samples drawn: see [Counter].
func (w Weighted) Count(n int) int {
	mustBeCount("data.Weighted", w.Samples)
	mustBeCount("data.Weighted", n)
	return cmp.Or(w.Samples, n)
}

// Balance draws samples so that all classes come equally often, however many samples they have.
func Balance(d Dataset) (Weighted, error) {
	mustHaveClasses("data.Balance", d)
	labels, err := Labels(d)
	if err != nil {
		return Weighted{}, err
	}
	counts := map[int32]int{}
	for _, class := range labels {
		counts[class]++
	}
	w := Weighted{Weights: make([]float64, len(labels))}
	for i, class := range labels {
		w.Weights[i] = 1 / float64(counts[class])
	}
	return w, nil
}
