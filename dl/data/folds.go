package data

import (
	"cmp"
	"slices"

	"modelbook/dl"
)

// Fold is one division of a dataset: the numbers of the samples to learn from and of those to test with.
type Fold struct{ Train, Test []int }

// Of returns the two parts of a dataset.
func (f Fold) Of(d Dataset) (train, test Dataset) { return Subset(d, f.Train), Subset(d, f.Test) }

// Splitter divides n samples into folds, several times into two parts. It panics with a *dl.ValueError when n samples
// cannot be divided so.
type Splitter interface {
	Folds(n int) []Fold
}

// KFold cuts the samples into K parts of equal size, give or take one; each is the test part of one fold. Its folds
// are those of scikit-learn's class of this name, without shuffling.
type KFold struct {
	K       int      // 0: 5, as in scikit-learn
	Shuffle *dl.Rand // nil: the parts are stretches of samples in their order
}

// Folds divides n samples: see [Splitter].
func (k KFold) Folds(n int) []Fold {
	parts := foldCount("data.KFold", k.K, n)
	order := sequence(n)
	if k.Shuffle != nil {
		order = k.Shuffle.Perm(n)
	}
	part := make([]int, n)
	at := 0
	for i := range parts {
		size := n / parts
		if i < n%parts {
			size++
		}
		for range size {
			part[order[at]] = i
			at++
		}
	}
	return foldsOf(part, parts)
}

// RepeatedKFold is KFold with shuffling, several times.
type RepeatedKFold struct {
	K       int      // 0: 5
	Repeats int      // 0: 10, as in scikit-learn
	Shuffle *dl.Rand // nil: the default source
}

// Folds divides n samples: see [Splitter].
func (k RepeatedKFold) Folds(n int) []Fold {
	repeats := mustBeRepeats("data.RepeatedKFold", cmp.Or(k.Repeats, 10), n)
	var folds []Fold
	for range repeats {
		folds = append(folds, KFold{k.K, orDefault(k.Shuffle)}.Folds(n)...)
	}
	return folds
}

// mustBeRepeats refuses to divide n samples so many times that the numbers alone take too much memory.
func mustBeRepeats(op string, times, n int) int {
	if times < 1 || times > maxSamples/max(n, 1) {
		dl.PanicValue(op, "%d samples are divided 1 to %d times, not %d", n, maxSamples/max(n, 1), times)
	}
	return times
}

// StratifiedKFold is KFold with the same share of every class in every part. Its folds are those of scikit-learn's
// class of this name, without shuffling.
type StratifiedKFold struct {
	Labels  []int32  // the class of each sample: see [Labels]
	K       int      // 0: 5, as in scikit-learn
	Shuffle *dl.Rand // nil: samples of a class go to the parts in their order
}

// Folds divides n samples: see [Splitter].
func (k StratifiedKFold) Folds(n int) []Fold {
	parts := foldCount("data.StratifiedKFold", k.K, n)
	classes := byClass("data.StratifiedKFold", k.Labels, n)
	largest := 0
	for _, samples := range classes {
		largest = max(largest, len(samples))
	}
	if largest < parts {
		dl.PanicValue("data.StratifiedKFold", "no class has the %d samples that %[1]d folds need: the largest has %d", parts, largest)
	}
	// The samples sorted by class are dealt out to the parts in turn, which says how many of each class a part gets.
	counts := make([][]int, len(classes))
	at := 0
	for c, samples := range classes {
		counts[c] = make([]int, parts)
		for range samples {
			counts[c][at%parts]++
			at++
		}
	}
	part := make([]int, n)
	for c, samples := range classes {
		if k.Shuffle != nil {
			samples = shuffled(samples, k.Shuffle)
		}
		at := 0
		for p, count := range counts[c] {
			for range count {
				part[samples[at]] = p
				at++
			}
		}
	}
	return foldsOf(part, parts)
}

// GroupKFold keeps samples of a group together: no group is in both parts of a fold, such as pictures of one patient.
// Groups go, largest first, to the smallest part, as in scikit-learn's class of this name.
type GroupKFold struct {
	Groups []int // the group of each sample, any numbers
	K      int   // 0: 5, as in scikit-learn
}

// Folds divides n samples: see [Splitter].
func (k GroupKFold) Folds(n int) []Fold {
	const op = "data.GroupKFold"
	if len(k.Groups) != n {
		dl.PanicValue(op, "%d groups for %d samples", len(k.Groups), n)
	}
	parts := foldCount(op, k.K, n)
	sizes := map[int]int{}
	for _, g := range k.Groups {
		sizes[g]++
	}
	if len(sizes) < parts {
		dl.PanicValue(op, "%d groups do not make %d folds", len(sizes), parts)
	}
	groups := make([]int, 0, len(sizes))
	for g := range sizes {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b int) int { return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(b, a)) })
	load := make([]int, parts)
	home := map[int]int{}
	for _, g := range groups {
		lightest := slices.Index(load, slices.Min(load))
		load[lightest] += sizes[g]
		home[g] = lightest
	}
	part := make([]int, n)
	for i, g := range k.Groups {
		part[i] = home[g]
	}
	return foldsOf(part, parts)
}

// TimeSeriesSplit tests with samples that come after those it learns from. Each fold learns from all samples before
// its test part. Its folds are those of scikit-learn's class of this name.
type TimeSeriesSplit struct {
	K        int // 0: 5, as in scikit-learn
	TestSize int // 0: n / (K+1)
	MaxTrain int // at most so many samples to learn from, the last ones; 0: all
	Gap      int // so many samples between the two parts are in neither
}

// Folds divides n samples: see [Splitter].
func (k TimeSeriesSplit) Folds(n int) []Fold {
	parts := foldCount("data.TimeSeriesSplit", k.K, n)
	size := cmp.Or(k.TestSize, n/(parts+1))
	if size < 1 || size > n || k.Gap < 0 || k.MaxTrain < 0 || n-k.Gap-size*parts <= 0 {
		dl.PanicValue("data.TimeSeriesSplit", "%d samples are too few for %d folds with %d samples to test and a gap of %d",
			n, parts, size, k.Gap)
	}
	var folds []Fold
	for i := range parts {
		start := n - (parts-i)*size
		end := start - k.Gap
		begin := 0
		if k.MaxTrain > 0 {
			begin = max(0, end-k.MaxTrain)
		}
		all := sequence(n)
		folds = append(folds, Fold{Train: slices.Clip(all[begin:end]), Test: slices.Clip(all[start : start+size])})
	}
	return folds
}

// LeaveOneOut makes a fold for each sample, which is tested alone.
type LeaveOneOut struct{}

// Folds divides n samples: see [Splitter].
func (LeaveOneOut) Folds(n int) []Fold {
	if n < 2 {
		dl.PanicValue("data.LeaveOneOut", "%d samples do not make folds: 2 or more do", n)
	}
	return KFold{K: n}.Folds(n)
}

// ShuffleSplit draws the test part of each fold at random, independently of the others.
type ShuffleSplit struct {
	K       int      // 0: 10, as in scikit-learn
	Test    float64  // share of the samples to test with; 0: 0.1, as in scikit-learn
	Shuffle *dl.Rand // nil: the default source
}

// Folds divides n samples: see [Splitter].
func (k ShuffleSplit) Folds(n int) []Fold {
	share := cmp.Or(k.Test, 0.1)
	const op = "data.ShuffleSplit"
	if !(share > 0 && share < 1) || n < 2 {
		dl.PanicValue(op, "a share of %v of %d samples leaves one part empty", share, n)
	}
	mustBeCount(op, n)
	times := mustBeRepeats(op, cmp.Or(k.K, 10), n)
	test := min(n-1, n-splitAt(n, share))
	var folds []Fold
	for range times {
		order := orDefault(k.Shuffle).Perm(n)
		folds = append(folds, Fold{Train: order[test:], Test: order[:test:test]})
	}
	return folds
}

// foldCount is the number of folds, which n samples must be enough for.
func foldCount(op string, k, n int) int {
	k = cmp.Or(k, 5)
	switch {
	case n < 0 || n > maxSamples:
		mustBeCount(op, n)
	case k < 2:
		dl.PanicValue(op, "%d folds: at least 2 are needed", k)
	case n < k:
		dl.PanicValue(op, "%d samples do not make %d folds", n, k)
	case k > maxSamples/n:
		dl.PanicValue(op, "the numbers of %d samples in %d folds take too much memory; ask for fewer folds", n, k)
	}
	return k
}

// foldsOf makes the folds of which each tests with one part.
func foldsOf(part []int, parts int) []Fold {
	folds := make([]Fold, parts)
	for i, p := range part {
		for f := range folds {
			if f == p {
				folds[f].Test = append(folds[f].Test, i)
			} else {
				folds[f].Train = append(folds[f].Train, i)
			}
		}
	}
	return folds
}

// byClass are the samples of each class, classes in the order of their first sample.
func byClass(op string, labels []int32, n int) [][]int {
	if len(labels) != n {
		dl.PanicValue(op, "%d labels for %d samples", len(labels), n)
	}
	var classes [][]int
	number := map[int32]int{}
	for i, label := range labels {
		c, ok := number[label]
		if !ok {
			c = len(classes)
			number[label] = c
			classes = append(classes, nil)
		}
		classes[c] = append(classes[c], i)
	}
	return classes
}

func shuffled(samples []int, r *dl.Rand) []int {
	out := make([]int, len(samples))
	for i, j := range r.Perm(len(samples)) {
		out[i] = samples[j]
	}
	return out
}

func orDefault(r *dl.Rand) *dl.Rand {
	if r == nil {
		return dl.DefaultRand()
	}
	return r
}
