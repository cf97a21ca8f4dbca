package data

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// mustHaveClasses refuses a dataset whose targets are not class numbers.
func mustHaveClasses(op string, d Dataset) {
	mustBeNumbered(op, d)
	if s := d.Spec(); s.YType != dl.Int32 || len(s.Y) != 0 {
		dl.PanicValue(op, "targets of shape %v and type %v are not class numbers, which are of shape [] and type %v", s.Y, s.YType, dl.Int32)
	}
}

// Labels reads the class number of each sample of a dataset.
func Labels(d Dataset) ([]int32, error) {
	mustHaveClasses("data.Labels", d)
	switch d := d.(type) { // without reading the inputs
	case *Part:
		all, err := Labels(d.Dataset)
		if err != nil {
			return nil, err
		}
		labels := make([]int32, len(d.samples))
		for i, s := range d.samples {
			labels[i] = all[s]
		}
		return labels, nil
	case *Tensors:
		return slices.Clone(d.all.Y.Int32s()), nil
	case *Images:
		labels := make([]int32, len(d.Labels))
		for i, label := range d.Labels {
			labels[i] = int32(label)
		}
		return labels, nil
	case interface{ ClassNumbers() []int32 }:
		return slices.Clone(d.ClassNumbers()), nil
	}
	labels := make([]int32, 0, d.Len())
	loader := Loader{Dataset: d, BatchSize: 256}
	for _, b := range loader.Batches() {
		labels = append(labels, b.Y.Int32s()...)
	}
	return labels, loader.Err()
}

// RandomSplits parts a dataset at random into one part for each share. The shares sum up to 1, such as 0.7, 0.15 and
// 0.15 for training, validation and test; every sample is in one part.
func RandomSplits(d Dataset, r *dl.Rand, shares ...float64) []Dataset {
	mustBeNumbered("data.RandomSplits", d)
	return partsOf(d, [][]int{sequence(d.Len())}, r, "data.RandomSplits", shares)
}

// StratifiedSplits is RandomSplits with the same share of each class in every part, give or take one sample.
func StratifiedSplits(d Dataset, r *dl.Rand, shares ...float64) ([]Dataset, error) {
	mustHaveClasses("data.StratifiedSplits", d)
	labels, err := Labels(d)
	if err != nil {
		return nil, err
	}
	return partsOf(d, byClass("data.StratifiedSplits", labels, d.Len()), r, "data.StratifiedSplits", shares), nil
}

// StratifiedSplit is RandomSplit with the same share of each class in both parts, as train_test_split of scikit-learn
// with stratify.
func StratifiedSplit(d Dataset, share float64, r *dl.Rand) (first, second Dataset, err error) {
	mustHaveClasses("data.StratifiedSplit", d)
	splitAt(0, share)
	parts, err := StratifiedSplits(d, r, 1-share, share)
	if err != nil {
		return nil, nil, err
	}
	return parts[0], parts[1], nil
}

// partsOf deals the samples of each stratum out by the shares. What is left over by rounding down in one stratum is
// carried over to the next, so that the parts have their shares of the whole as well.
func partsOf(d Dataset, strata [][]int, r *dl.Rand, op string, shares []float64) []Dataset {
	total := 0.0
	for _, s := range shares {
		if !(s >= 0 && s <= 1) {
			dl.PanicValue(op, "a share of %v lies outside 0 to 1", s)
		}
		total += s
	}
	if !(total > 1-1e-6 && total < 1+1e-6) {
		dl.PanicValue(op, "the shares %v sum up to %v, not to 1", shares, total)
	}
	parts := make([][]int, len(shares))
	owed := make([]float64, len(shares)) // by how much a part is behind its share
	for _, samples := range strata {
		samples = shuffled(samples, orDefault(r))
		counts := make([]int, len(shares))
		left := len(samples)
		for i, s := range shares {
			exact := s * float64(len(samples))
			counts[i] = min(int(exact+1e-9), left)
			left -= counts[i]
			owed[i] += exact - float64(counts[i])
		}
		for ; left > 0; left-- { // to the part that is most behind
			most := 0
			for i := range owed {
				if owed[i] > owed[most]+1e-9 {
					most = i
				}
			}
			counts[most]++
			owed[most]--
		}
		for i, n := range counts {
			parts[i] = append(parts[i], samples[:n]...)
			samples = samples[n:]
		}
	}
	out := make([]Dataset, len(parts))
	for i, samples := range parts {
		if len(strata) > 1 {
			samples = shuffled(samples, orDefault(r))
		}
		out[i] = Subset(d, samples)
	}
	return out
}

// String says what a fold is.
func (f Fold) String() string {
	return fmt.Sprintf("%d samples to learn from, %d to test with", len(f.Train), len(f.Test))
}
