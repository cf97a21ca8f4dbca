package metric

import (
	"fmt"

	"modelbook/dl"
)

// ROUGE is how much of its reference a text, such as a summary, covers (Lin 2004): the F1 of the sequences of N tokens
// that they share (ROUGE-1, ROUGE-2), or with N 0 of their longest common subsequence (ROUGE-L, of the text as one
// sentence). It is the mean over texts; of several references the one counts that it is most like. Recall and Precision
// ask for these instead of F1.
type ROUGE struct {
	N                 int
	Recall, Precision bool
}

// Name is the name in tables and histories: see [TextMetric].
func (m ROUGE) Name() string {
	name := "rougeL"
	if m.N > 0 {
		name = fmt.Sprintf("rouge%d", m.N)
	}
	switch {
	case m.Recall:
		name += "_recall"
	case m.Precision:
		name += "_precision"
	}
	return name
}

// Direction says which values are better: see [Directed].
func (ROUGE) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [TextMetric].
func (m ROUGE) Start() TextMeter {
	if m.N < 0 || m.Recall && m.Precision {
		dl.PanicValue("metric.ROUGE", "N is a number of tokens, not %d, and Recall and Precision are not both asked for", m.N)
	}
	return &textMean{share: share{op: "metric.ROUGE"}, of: m.score}
}

// score is the value of a text, and how much it counts.
func (m ROUGE) score(text, reference []string) (value, weight float64) {
	var shared, own, wanted int
	if m.N == 0 {
		shared, own, wanted = commonSubsequence(text, reference), len(text), len(reference)
	} else {
		a, b := ngrams(text, m.N), ngrams(reference, m.N)
		for s, n := range a {
			shared += min(n, b[s])
		}
		own, wanted = max(len(text)-m.N+1, 0), max(len(reference)-m.N+1, 0)
	}
	switch {
	case shared == 0:
		return 0, 1
	case m.Recall:
		return float64(shared) / float64(wanted), 1
	case m.Precision:
		return float64(shared) / float64(own), 1
	}
	return 2 * float64(shared) / float64(own+wanted), 1
}

// commonSubsequence is the length of the longest one.
func commonSubsequence(a, b []string) int {
	row := make([]int, len(b)+1) // of the tokens of a so far and the first j of b
	for _, s := range a {
		diagonal := 0
		for j, t := range b {
			above := row[j+1]
			if s == t {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// textMean is the mean of a value of texts and references, the best of several.
type textMean struct {
	share
	smaller bool // is better
	of      func(text, reference []string) (value, weight float64)
}

func (m *textMean) Add(hypothesis []string, references ...[]string) {
	if len(references) == 0 {
		dl.PanicValue(m.op, "a text without references has no value")
	}
	value, weight := m.of(hypothesis, references[0])
	for _, r := range references[1:] {
		if v, w := m.of(hypothesis, r); m.smaller && v*weight < value*w || !m.smaller && v*weight > value*w {
			value, weight = v, w
		}
	}
	m.hits += value
	m.total += weight
}
