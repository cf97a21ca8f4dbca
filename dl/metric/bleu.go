package metric

import (
	"math"

	"modelbook/dl"
)

// BLEU is how much texts are like their references, from 0 to 1 (sacrebleu shows it times 100), of a whole corpus
// (Papineni et al. 2002): the geometric mean of the precisions of sequences of 1 to N tokens (0: 4), each clipped to how
// often a reference has it, times a penalty for texts shorter than the closest reference. It equals sacrebleu's
// corpus_bleu of the same tokens, and NLTK's corpus_bleu, which counts texts of fewer than N tokens otherwise.
type BLEU struct {
	N         int
	Smoothing Smoothing
}

// Smoothing is what [BLEU] does about lengths of which no sequence is found, for which it would be 0.
type Smoothing uint8

const (
	NoSmoothing Smoothing = iota // nothing: NLTK's default
	Exponential                  // the first counts as 1/2, the next as 1/4: sacrebleu's "exp", its default, NLTK's method3
	Floor                        // each counts as 0.1: sacrebleu's "floor", NLTK's method1
	AddOne                       // lengths above 1 count one more found, of one more: sacrebleu's "add-k", NLTK's method2
)

// Name is the name in tables and histories: see [TextMetric].
func (BLEU) Name() string { return "bleu" }

// Direction says which values are better: see [Directed].
func (BLEU) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [TextMetric].
func (m BLEU) Start() TextMeter {
	n := or(m.N, 4)
	if n < 0 || n > 1<<16 || m.Smoothing > AddOne {
		dl.PanicValue("metric.BLEU", "N is %d and Smoothing %d: a number of tokens, and one of NoSmoothing to AddOne", m.N, m.Smoothing)
	}
	return &bleu{smoothing: m.Smoothing, found: make([]float64, n), all: make([]float64, n)}
}

type bleu struct {
	smoothing         Smoothing
	length, reference float64   // tokens of all texts, and of the references closest to each
	found, all        []float64 // sequences of 1, 2, ... tokens
	texts             float64
}

func (b *bleu) Add(hypothesis []string, references ...[]string) {
	if len(references) == 0 {
		dl.PanicValue("metric.BLEU", "a text without references has no value")
	}
	closest := len(references[0])
	for _, r := range references {
		d, best := abs(len(r)-len(hypothesis)), abs(closest-len(hypothesis))
		if d < best || d == best && len(r) < closest {
			closest = len(r)
		}
	}
	b.texts++
	b.length += float64(len(hypothesis))
	b.reference += float64(closest)
	for i := range b.all {
		most := map[string]int{}
		for _, r := range references {
			for s, n := range ngrams(r, i+1) {
				most[s] = max(most[s], n)
			}
		}
		for s, n := range ngrams(hypothesis, i+1) {
			b.all[i] += float64(n)
			b.found[i] += float64(min(n, most[s]))
		}
	}
}

func abs(n int) int { return max(n, -n) }

func (b *bleu) Value() float64 {
	if b.texts == 0 {
		return math.NaN()
	}
	if b.found[0] == 0 {
		return 0
	}
	sum, half := 0.0, 1.0
	for i, all := range b.all {
		found := b.found[i]
		if b.smoothing == AddOne && i > 0 {
			found, all = found+1, all+1
		}
		if all == 0 {
			return 0
		}
		if found == 0 {
			switch b.smoothing {
			case Exponential:
				half /= 2
				found = half
			case Floor:
				found = 0.1
			default:
				return 0
			}
		}
		sum += math.Log(found / all)
	}
	value := math.Exp(sum / float64(len(b.all)))
	if b.length < b.reference {
		value *= math.Exp(1 - b.reference/b.length)
	}
	return value
}

func (b *bleu) Reset() {
	b.length, b.reference, b.texts = 0, 0, 0
	clear(b.found)
	clear(b.all)
}

func (b *bleu) State() []float64 {
	return append(append([]float64{b.texts, b.length, b.reference}, b.found...), b.all...)
}

func (b *bleu) Merge(state []float64) error {
	if len(state) != 3+2*len(b.all) {
		return foreign("metric.BLEU", state)
	}
	b.texts, b.length, b.reference = b.texts+state[0], b.length+state[1], b.reference+state[2]
	for i := range b.all {
		b.found[i] += state[3+i]
		b.all[i] += state[3+len(b.all)+i]
	}
	return nil
}
