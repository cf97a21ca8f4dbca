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

// Logistics: the network forecasts districts better than the usual number and no city better than a line, its times make better
// tours than the map's though not better than the recipe's, and most tours take longer than it promises.
func TestClientLogistics(t *testing.T) {
	text := executed(t, "logistics.ipynb", 7, "6300 samples to learn from, 182 days", "# How many parcels tomorrow?",
		"# How long from door to door?", "## What it must not be used for")
	const value = ` +([0-9]\.[0-9]+) \(`
	between(t, text, `network`+value, number(t, text, `the recipe`+value), number(t, text, `the usual number`+value))
	between(t, text, `network less usual number, by the 90 % quantile: (\S+) \(`, -300, -50)
	between(t, text, `network less linear, by the 90 % quantile: \S+ \((\S+) to`, -100, 0)
	between(t, text, `(?s)time of a leg.*?network`+value, 1.2, 1.7)
	between(t, text, `(?s)time of a leg.*?network +\S+ \(.*?\) +([0-9.]+) \(`, 75, 85)

	const driving = ` +([0-9]{3}) \(`
	street := number(t, text, `map`+driving)
	between(t, text, `straight line`+driving, street, 1000)
	between(t, text, `(?s)minutes of driving.*?network`+driving, 300, street)
	between(t, text, `(?s)minutes of driving.*?the recipe`+driving, 300, street)
	between(t, text, `(?s)took longer than promised.*?network +([0-9]+) \(`, 55, 90)
	between(t, text, `(?s)took longer than promised.*?network +[0-9]+ \(.*?\) +([0-9]+) \(`, 0, 15)
}
