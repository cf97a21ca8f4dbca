package metric

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"modelbook/dl"
)

// NDCG is the normalized discounted cumulative gain of rankings: predictions are scores [queries, items], targets the
// relevance of each item in the same shape, 0 or above. The gains of the first K items by score (0: all), the one at
// place i divided by log2(i+1), are compared with those of the best ranking. Items with equal scores share their gains,
// as in scikit-learn's ndcg_score. A gain is the relevance, or 2 to its power less 1 with Exponential. A query without
// relevant items counts 0, as there.
type NDCG struct {
	K           int
	Exponential bool
}

// MRR is the mean reciprocal rank: of the first relevant item of each query, 1 at the first place, 1/2 at the second,
// 0 where there is none among the first K (0: all). Predictions and targets are as for [NDCG]; an item is relevant when
// its target is above 0. Of equal scores the item with the lower number comes first.
type MRR struct{ K int }

// PrecisionAtK is the share of relevant ones among the first K items (0: 10), the mean over queries as for [MRR].
type PrecisionAtK struct{ K int }

// RecallAtK is the share of a query's relevant items that are among the first K (0: 10), the mean over queries as for
// [MRR]; a query without relevant items counts 0.
type RecallAtK struct{ K int }

// MeanAveragePrecision is the mean over queries, as for [MRR], of the mean of the precisions at the place of each relevant
// item; those behind place K (0: all) count 0.
type MeanAveragePrecision struct{ K int }

func atK(name string, k int) string {
	if k == 0 {
		return name
	}
	return name + "_at_" + strconv.Itoa(k)
}

func or(k, byDefault int) int {
	if k == 0 {
		return byDefault
	}
	return k
}

// Name is the name in tables and histories: see [Metric].
func (m NDCG) Name() string { return atK("ndcg", m.K) }

// Name is the name in tables and histories: see [Metric].
func (m MRR) Name() string { return atK("mrr", m.K) }

// Name is the name in tables and histories: see [Metric].
func (m PrecisionAtK) Name() string { return atK("precision", or(m.K, 10)) }

// Name is the name in tables and histories: see [Metric].
func (m RecallAtK) Name() string { return atK("recall", or(m.K, 10)) }

// Name is the name in tables and histories: see [Metric].
func (m MeanAveragePrecision) Name() string { return atK("map", m.K) }

// Direction says which values are better: see [Directed].
func (m NDCG) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m MRR) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m PrecisionAtK) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m RecallAtK) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m MeanAveragePrecision) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (m NDCG) Start() Meter {
	return newRanking("metric.NDCG", m.K, func(r *ranking, k int) float64 { return r.ndcg(k, m.Exponential) })
}

// Start begins a measurement: see [Metric].
func (m MRR) Start() Meter {
	return newRanking("metric.MRR", m.K, func(r *ranking, k int) float64 {
		for i, item := range r.items[:k] {
			if r.relevance[item] > 0 {
				return 1 / float64(i+1)
			}
		}
		return 0
	})
}

// Start begins a measurement: see [Metric].
func (m PrecisionAtK) Start() Meter {
	wanted := or(m.K, 10)
	return newRanking("metric.PrecisionAtK", wanted, func(r *ranking, k int) float64 { return float64(r.relevant(k)) / float64(wanted) })
}

// Start begins a measurement: see [Metric].
func (m RecallAtK) Start() Meter {
	return newRanking("metric.RecallAtK", or(m.K, 10), func(r *ranking, k int) float64 {
		return float64(r.relevant(k)) / float64(max(r.relevant(len(r.items)), 1))
	})
}

// Start begins a measurement: see [Metric].
func (m MeanAveragePrecision) Start() Meter {
	return newRanking("metric.MeanAveragePrecision", m.K, func(r *ranking, k int) float64 {
		hits, sum := 0, 0.0
		for i, item := range r.items[:k] {
			if r.relevance[item] > 0 {
				hits++
				sum += float64(hits) / float64(i+1)
			}
		}
		return sum / float64(max(r.relevant(len(r.items)), 1))
	})
}

// ranking is the meter of the mean of a function of a query's items in the order of their scores.
type ranking struct {
	share
	k  int
	of func(r *ranking, k int) float64

	scores, relevance []float32 // of the query at hand
	items             []int     // its items, the first one first
}

func newRanking(op string, k int, of func(*ranking, int) float64) *ranking {
	if k < 0 {
		dl.PanicValue(op, "K is %d; it is a number of items", k)
	}
	return &ranking{share: share{op: op}, k: k, of: of}
}

func (m *ranking) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *ranking) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(m.op, prediction)
	if prediction.Rank() != 2 || !target.Shape().Equal(prediction.Shape()) {
		dl.PanicShape(m.op, "predictions are scores [queries, items], targets the items' relevance in the same shape", prediction, target)
	}
	relevance, w := target.To(dl.Float32).Contiguous().Float32s(), newWeights(&p, weight)
	for i := range p.rows {
		m.scores, m.relevance = p.row(i), relevance[i*p.cols:(i+1)*p.cols]
		m.total += w.of(i)
		for j, v := range m.relevance {
			if !(v >= 0) {
				dl.PanicValue(m.op, "the relevance %v of item %d for query %d is not 0 or above", v, j, i)
			}
		}
		if argmax(m.scores) == none {
			continue // NaN ranks nothing
		}
		m.sort()
		k := len(m.items)
		if m.k > 0 {
			k = min(m.k, k)
		}
		m.hits += w.of(i) * m.of(m, k)
	}
	m.scores, m.relevance = nil, nil
}

func (m *ranking) sort() {
	m.items = m.items[:0]
	for j := range m.scores {
		m.items = append(m.items, j)
	}
	slices.SortStableFunc(m.items, func(a, b int) int { return cmp.Compare(m.scores[b], m.scores[a]) })
}

// relevant is how many of the first k items are.
func (m *ranking) relevant(k int) (n int) {
	for _, item := range m.items[:k] {
		if m.relevance[item] > 0 {
			n++
		}
	}
	return n
}

func (m *ranking) ndcg(k int, exponential bool) float64 {
	gain := func(item int) float64 {
		g := float64(m.relevance[item])
		if exponential {
			g = math.Exp2(g) - 1
		}
		return g
	}
	sum := 0.0
	for i := 0; i < len(m.items); { // items of equal scores share the discounts of their places
		j, gains, discounts := i, 0.0, 0.0
		for ; j < len(m.items) && m.scores[m.items[j]] == m.scores[m.items[i]]; j++ {
			gains += gain(m.items[j])
			if j < k {
				discounts += 1 / math.Log2(float64(j+2))
			}
		}
		sum += gains * discounts / float64(j-i)
		i = j
	}
	best := slices.Clone(m.items)
	slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(m.relevance[b], m.relevance[a]) })
	most := 0.0
	for i, item := range best[:k] {
		most += gain(item) / math.Log2(float64(i+2))
	}
	if most == 0 {
		return 0
	}
	return sum / most
}
