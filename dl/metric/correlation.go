package metric

import (
	"cmp"
	"math"
	"slices"

	"modelbook/dl"
)

// MedianAE is the median of the absolute errors, which a few large ones do not change: scikit-learn's
// median_absolute_error. Of several outputs it is the mean of theirs. All errors of a pass are kept, 16 bytes a value.
type MedianAE struct{}

// Spearman is the correlation of the ranks of predictions and targets, ties having the mean of their ranks: 1 where one
// rises with the other, be it straight or not. It is NaN where either are all equal, as scipy's spearmanr. Of several
// outputs it is the mean of theirs. All values of a pass are kept.
type Spearman struct{}

// Kendall is the share of pairs of samples which predictions and targets put into the same order, less the share of
// those in opposite orders: tau-b, which takes ties into account, as scipy's kendalltau. It is NaN where either are all
// equal. Of several outputs it is the mean of theirs. All values of a pass are kept; it takes n log n steps.
type Kendall struct{}

// Name is the name in tables and histories: see [Metric].
func (MedianAE) Name() string { return "median_ae" }

// Name is the name in tables and histories: see [Metric].
func (Spearman) Name() string { return "spearman" }

// Name is the name in tables and histories: see [Metric].
func (Kendall) Name() string { return "kendall" }

// Direction says which values are better: see [Directed].
func (MedianAE) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (Spearman) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (Kendall) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (MedianAE) Start() Meter { return &keptPairs{op: "metric.MedianAE", of: medianError} }

// Start begins a measurement: see [Metric].
func (Spearman) Start() Meter { return &keptPairs{op: "metric.Spearman", of: spearman} }

// Start begins a measurement: see [Metric].
func (Kendall) Start() Meter { return &keptPairs{op: "metric.Kendall", of: kendall} }

// pair is a prediction and a target, and how much they count.
type pair struct{ predicted, truth, weight float64 }

// keptPairs is the meter of a function of all predictions and targets, the mean over the outputs.
type keptPairs struct {
	op   string
	of   func([]pair) float64
	cols int
	all  []pair // cols for each sample
}

func (k *keptPairs) Add(prediction, target *dl.Tensor) { k.AddWeighted(prediction, target, nil) }

func (k *keptPairs) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newPairs(k.op, prediction, target)
	w := newWeights(&p.scores, weight)
	if len(k.all) > 0 && p.rows > 0 && p.cols != k.cols {
		dl.PanicShape(k.op, "the samples of all batches have the same number of outputs", prediction)
	}
	k.cols = p.cols
	for i := range p.rows {
		for j := range p.cols {
			a, b := p.of(i, j)
			k.all = append(k.all, pair{a, b, w.of(i)})
		}
	}
}

func (k *keptPairs) Value() float64 {
	sum := 0.0
	for j := range k.cols {
		var column []pair
		for i := j; i < len(k.all); i += k.cols {
			p := k.all[i]
			if p.predicted != p.predicted || p.truth != p.truth {
				return math.NaN()
			}
			if p.weight != 0 {
				column = append(column, p)
			}
		}
		if len(column) == 0 {
			return math.NaN()
		}
		sum += k.of(column)
	}
	return ratio(sum, float64(k.cols))
}

func (k *keptPairs) Reset()    { k.cols, k.all = 0, k.all[:0] }
func (k *keptPairs) Borrows()  {}
func (k *keptPairs) Collects() {}

func (k *keptPairs) State() []float64 {
	state := []float64{float64(k.cols)}
	for _, p := range k.all {
		state = append(state, p.predicted, p.truth, p.weight)
	}
	return state
}

func (k *keptPairs) Merge(state []float64) error {
	if len(state) == 1 && state[0] == 0 {
		return nil
	}
	if len(state) == 0 || !(state[0] >= 1 && state[0] <= float64(len(state))) || (len(state)-1)%(3*int(state[0])) != 0 ||
		len(k.all) > 0 && int(state[0]) != k.cols {
		return foreign(k.op, state)
	}
	k.cols = int(state[0])
	for state = state[1:]; len(state) > 0; state = state[3:] {
		k.all = append(k.all, pair{state[0], state[1], state[2]})
	}
	return nil
}

// medianError is the error with as much weight below it as above.
func medianError(all []pair) float64 {
	total := 0.0
	for i, p := range all {
		all[i].predicted = math.Abs(p.predicted - p.truth)
		total += p.weight
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.predicted, b.predicted) })
	sum := 0.0
	for i, p := range all {
		sum += p.weight
		if sum == total/2 && i+1 < len(all) {
			return (p.predicted + all[i+1].predicted) / 2
		}
		if sum >= total/2 {
			return p.predicted
		}
	}
	return math.NaN()
}

// ranked puts the mean of its ranks in place of each value that of picks.
func ranked(all []pair, of func(*pair) *float64) {
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(*of(&a), *of(&b)) })
	before := 0.0
	for i := 0; i < len(all); {
		j, tied := i, 0.0
		for v := *of(&all[i]); j < len(all) && *of(&all[j]) == v; j++ {
			tied += all[j].weight
		}
		for ; i < j; i++ {
			*of(&all[i]) = before + tied/2
		}
		before += tied
	}
}

func spearman(all []pair) float64 {
	ranked(all, func(p *pair) *float64 { return &p.predicted })
	ranked(all, func(p *pair) *float64 { return &p.truth })
	var m moment
	for _, p := range all {
		m.add(p.predicted, p.truth, p.weight)
	}
	return ratio(m.both, math.Sqrt(m.predicted.m2)*math.Sqrt(m.truth.m2))
}

// kendall adds up the signs of all pairs of samples: in the order of the predictions, the weights of the targets seen so
// far are held in a Fenwick tree, which knows how much lies below a target, and above.
func kendall(all []pair) float64 {
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.truth, b.truth) })
	place := 0 // of a target among the different ones
	total, tiedTruth := 0.0, 0.0
	for i := 0; i < len(all); {
		j, tied := i, 0.0
		for v := all[i].truth; j < len(all) && all[j].truth == v; j++ {
			tied += all[j].weight
		}
		place++
		for ; i < j; i++ {
			all[i].truth = float64(place)
		}
		total += tied
		tiedTruth += tied * tied
	}
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.predicted, b.predicted) })
	tree := make([]float64, place+1)
	below := func(k int) (sum float64) { // targets up to place k
		for ; k > 0; k &= k - 1 {
			sum += tree[k]
		}
		return sum
	}
	agree, seen, tiedPredicted := 0.0, 0.0, 0.0
	for i := 0; i < len(all); {
		j, tied := i, 0.0
		for v := all[i].predicted; j < len(all) && all[j].predicted == v; j++ {
			at := int(all[j].truth)
			agree += all[j].weight * (below(at-1) - (seen - below(at)))
			tied += all[j].weight
		}
		for ; i < j; i++ {
			for k := int(all[i].truth); k <= place; k += k & -k {
				tree[k] += all[i].weight
			}
		}
		seen += tied
		tiedPredicted += tied * tied
	}
	return ratio(agree, math.Sqrt((total*total-tiedPredicted)/2)*math.Sqrt((total*total-tiedTruth)/2))
}
