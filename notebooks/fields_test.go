//go:build client

package notebooks

import "testing"

// Finance: the network is hardly better than the scorecard and worse than the recipe, it treats the groups less alike the less it
// knows of them, and the optimum of one past is worth less than equal weights. Both models have a card.
func TestClientFinance(t *testing.T) {
	text := executed(t, "finance.ipynb", 9, "9000 to learn from, 3000 to choose with", "cannot hold together", "epsilon 2 for delta 1e-05",
		"up to 15 %: γ = 5.1", "# Will a loan be paid back?", "# A portfolio for a risk aversion", "## What it must not be used for")
	between(t, text, `less scorecard, roc_auc +\S+ \((\S+) to`, -0.02, 0)
	between(t, text, `less scorecard, brier +\S+ \(\S+ to (\S+)\)`, -0.01, 0)
	between(t, text, `miss the difference of the scores by at most ([0-9.]+)`, 0, 0.1)
	between(t, text, `guessed from the other columns: area under ROC ([0-9.]+)`, 0.9, 1)

	const profits = ` +([0-9]+) \(`
	network := number(t, text, `network, from 0.83 +[0-9]+ %`+profits)
	between(t, text, `the recipe, from 0.83 +[0-9]+ %`+profits, network, 700)
	between(t, text, `scorecard, from 0.5 +[0-9]+ %`+profits, 0, 0.8*network)

	const opportunity = ` +\S+ \(\S+ to \S+\) +\S+ \(\S+ to \S+\) +([0-9.]+) \(`
	knows := number(t, text, `knows the group`+opportunity)
	ignorant := between(t, text, `does not`+opportunity, knows, 0.2)
	between(t, text, `nor the district`+opportunity, ignorant, 0.3)
	between(t, text, `penalty: parity`+opportunity, 0, ignorant)
	between(t, text, `thresholds by group`+opportunity, 0, ignorant)

	equal := number(t, text, `equal weights +(\S+) \(`)
	between(t, text, `mean and variance +(\S+) \(`, -5, equal)
	between(t, text, `shares at home +(\S+) \(`, -20, 0)
}
