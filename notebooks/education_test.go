//go:build client

package notebooks

import "testing"

// Education: what the text says of predictions, of rules that choose, and of the two groups.
func TestClientEducation(t *testing.T) {
	text := executed(t, "education.ipynb", 5, "1000 learners to learn from", "the key does not open this file",
		"## What it must not be used for", "By language at home")

	// The network is about as good as the counts, and both are below the recipe.
	between(t, text, `DKT less PFA, area under ROC: ([-0-9.]+) `, -0.01, 0.005)
	tracing := between(t, text, `\bDKT +([0-9.]+) \(`, 0.77, 0.82)
	recipe := between(t, text, `the recipe +([0-9.]+) \(`, 0.82, 0.87)
	if tracing > recipe {
		t.Errorf("the network has %v, more than the recipe with %v", tracing, recipe)
	}

	// In order until it is known is best; a probability near 0.65 is worse than a fixed order, most of all for those
	// who slip in words.
	const gained, elsewhere = ` +([0-9.]+) \(`, ` +[0-9.]+ \([^)]*\) +[0-9.]+ \([^)]*\) +([0-9.]+) \(`
	order := between(t, text, `in order`+gained, 0.16, 0.22)
	mastery := between(t, text, `mastery`+gained, 0.23, 0.29)
	near := between(t, text, `DKT near 0\.65`+gained, 0.13, 0.19)
	inOrder := between(t, text, `DKT in order`+gained, 0.19, 0.26)
	if !(near < order && order < inOrder && inOrder < mastery) {
		t.Errorf("gained near 0.65 %v, in order %v, by the network in order %v, by mastery %v", near, order, inOrder, mastery)
	}
	if others := number(t, text, `DKT near 0\.65`+elsewhere); others > near-0.02 {
		t.Errorf("gained near 0.65: %v, of those who slip in words %v", near, others)
	}

	// Who is not told of words does one group wrong.
	blind := between(t, text, `(?s)blind to words\n.*?\(0 is equal\) ([0-9.]+)`, 0.07, 0.2)
	told := between(t, text, `(?s)told of words\n.*?\(0 is equal\) ([0-9.]+)`, 0, 0.06)
	if told > blind/2 {
		t.Errorf("equal opportunity: blind %v, told %v", blind, told)
	}
	between(t, text, `the first 5 answers are those of no other: +([0-9]+) %`, 90, 100)
}
