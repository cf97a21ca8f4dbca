package metric

import "strings"

// TextMetric describes a measure of texts, such as translations: of lists of tokens instead of tensors.
type TextMetric interface {
	Name() string
	Start() TextMeter
	Direction() Direction
}

// TextMeter is the running value of a measure of texts. Add takes a text and those it should be like; Value is the
// measure of all since the last Reset, NaN before the first. State and Merge are those of [Merger].
type TextMeter interface {
	Add(hypothesis []string, references ...[]string)
	Value() float64
	Reset()
	State() []float64
	Merge(state []float64) error
}

// Words splits a text at white space. Published BLEU values are of other tokens: where "end." is two, say.
func Words(text string) []string { return strings.Fields(text) }

// Characters splits a text into its characters (code points).
func Characters(text string) []string { return strings.Split(text, "") }

// ngrams counts the sequences of n tokens.
func ngrams(tokens []string, n int) map[string]int {
	counts := map[string]int{}
	for i := 0; i+n <= len(tokens); i++ {
		counts[strings.Join(tokens[i:i+n], "\x00")]++
	}
	return counts
}
