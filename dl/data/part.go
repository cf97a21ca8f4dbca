package data

import (
	"fmt"
	"slices"
	"sync"

	"modelbook/dl"
)

// Subset is the part of a dataset with the given sample numbers, in their order.
func Subset(d Dataset, samples []int) Dataset {
	mustBeNumbered("data.Subset", d)
	for _, s := range samples {
		mustBeSample("data.Subset", s, d.Len())
	}
	return &Part{Dataset: d, samples: slices.Clone(samples)}
}

// Take is the first n samples of a dataset, or all when it has fewer.
func Take(d Dataset, n int) Dataset {
	mustBeNumbered("data.Take", d)
	if n < 0 {
		dl.PanicValue("data.Take", "%d samples cannot be taken", n)
	}
	return Subset(d, sequence(min(n, d.Len())))
}

// Part is some samples of a dataset, as Subset, Take and Split make it.
type Part struct {
	Dataset
	samples []int
}

// scratch holds slices of sample numbers for Read: several may be at work at a time.
var scratch = sync.Pool{New: func() any { return new([]int) }}

// Len is the number of samples, -1 when it is not known: see [Dataset].
func (s *Part) Len() int { return len(s.samples) }

// Spec describes the samples: see [Dataset].
func (s *Part) Spec() Spec {
	if s.Dataset == nil {
		return Spec{YType: NoTarget} // of a zero Part, which has no samples
	}
	return s.Dataset.Spec()
}

// State returns the numbers of the samples, and SetState takes them. Saved sessions hold them.
func (s *Part) State() []int { return s.samples }

// SetState makes s the part of the samples with these numbers.
func (s *Part) SetState(samples []int) error {
	for _, n := range samples {
		if s.Dataset == nil || n < 0 || n >= s.Dataset.Len() {
			return fmt.Errorf("data: there is no sample %d", n)
		}
	}
	s.samples = samples
	return nil
}

// Read fills a batch: see [Dataset].
func (s *Part) Read(b Batch, samples []int) error {
	for _, i := range samples {
		if i < 0 || i >= len(s.samples) {
			return fmt.Errorf("data: there is no sample %d of %d", i, len(s.samples))
		}
	}
	if s.Dataset == nil {
		if len(samples) == 0 {
			return nil
		}
		return fmt.Errorf("data: the part is of no dataset: its field Dataset is nil")
	}
	numbers := s.numbers(samples)
	defer scratch.Put(numbers)
	return s.Dataset.Read(b, *numbers)
}

// BatchSpec is that of the dataset for the same samples.
func (s *Part) BatchSpec(samples []int) Spec {
	for _, i := range samples {
		mustBeSample("data.Part.BatchSpec", i, len(s.samples))
	}
	if s.Dataset == nil {
		return s.Spec()
	}
	numbers := s.numbers(samples)
	defer scratch.Put(numbers)
	return specOf(s.Dataset, *numbers)
}

// numbers are the samples' numbers in the dataset.
func (s *Part) numbers(samples []int) *[]int {
	numbers := scratch.Get().(*[]int)
	*numbers = (*numbers)[:0]
	for _, i := range samples {
		*numbers = append(*numbers, s.samples[i])
	}
	return numbers
}

// Split parts a dataset in two, the second with the given share of the samples (rounded up): the last ones, in
// their order, as Keras's validation_split. Data sorted by class must be shuffled before: see [RandomSplit].
func Split(d Dataset, share float64) (first, last Dataset) {
	mustBeNumbered("data.Split", d)
	cut := splitAt(d.Len(), share)
	all := sequence(d.Len())
	return Subset(d, all[:cut]), Subset(d, all[cut:])
}

// RandomSplit parts a dataset in two at random, the second with the given share of the samples (rounded up).
func RandomSplit(d Dataset, share float64, r *dl.Rand) (first, second Dataset) {
	mustBeNumbered("data.RandomSplit", d)
	cut := splitAt(d.Len(), share)
	all := r.Perm(d.Len())
	return Subset(d, all[:cut]), Subset(d, all[cut:])
}

func splitAt(n int, share float64) int {
	if !(share >= 0 && share <= 1) {
		dl.PanicValue("data.Split", "a share of %v lies outside 0 to 1", share)
	}
	return int(float64(n)*(1-share) + 1e-6) // 60,000 x 0.8 is 48,000, whatever 1-0.2 is in binary
}
