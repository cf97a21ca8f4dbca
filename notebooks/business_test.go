//go:build client

package notebooks

import (
	"regexp"
	"testing"
)

// A small company: who leaves is the wrong question for offers, equal shares cost something, k-anonymity little; the quantile
// of the prices is cheaper than the median, and a store with formula or simulation cheaper than by rule of thumb. The card is
// refused until it says what the model is not for.
func TestClientBusiness(t *testing.T) {
	text := executed(t, "business.ipynb", 9, "two: 18 parameters", "lacks what it must not be used for", "What it must not be used for",
		"equal opportunity, difference of true positive rates", "disparate impact")
	text = regexp.MustCompile(`(\d),(\d{3})`).ReplaceAllString(text, "$1$2")

	two := between(t, text, `roc_auc .*two ([0-9.]+)`, 0.75, 0.82)
	between(t, text, `roc_auc .*network ([0-9.]+)`, two-0.02, two+0.03)

	recipe := between(t, text, `the recipe +[0-9.]+ +[0-9.]+ +[0-9.]+ +([0-9.]+)`, 9000, 12500)
	value := between(t, text, `value, two +[0-9.]+ +[0-9.]+ +[0-9.]+ +([0-9.]+)`, 0.9*recipe, recipe)
	between(t, text, `less who leaves: .* \((-?[0-9]+) to`, 3000, value) // the interval of a difference
	between(t, text, `less value, one: .* \((-?[0-9]+) to`, 500, value)
	between(t, text, `less value, network: .* \((-?[0-9]+) to`, -5000, 0)
	between(t, text, `who leaves .* (-?[0-9.]+)\n`, -1500, 0.2*recipe)
	between(t, text, `value, one .* ([0-9.]+)\n`, 0, 0.4*recipe)

	between(t, text, `value, age unknown +disparate impact ([0-9.]+)`, 0, 0.5)
	between(t, text, `equal shares +disparate impact ([0-9.]+)`, 0.95, 1)
	between(t, text, `equal shares .* bring +([0-9]+)`, 0.6*value, 0.9*value)

	area := between(t, text, `k = 1: area ([0-9.]+)`, two-0.001, two+0.001)
	between(t, text, `k = 10: area ([0-9.]+)`, area-0.003, area+0.003)
	coarsest := between(t, text, `k = 1000: area ([0-9.]+)`, area-0.03, area-0.005)
	between(t, text, `without the four: area ([0-9.]+)`, area-0.09, coarsest-0.01)

	best := between(t, text, `network +quantile 0.7:.*, ([0-9.]+) euros`, 33, 46)
	between(t, text, `network +quantile 0.5:.*, ([0-9.]+) euros`, best+1, 55)
	between(t, text, `seasonal naive +quantile 0.7:.*, ([0-9.]+) euros`, best+15, 80)
	between(t, text, `the recipe +quantile 0.7:.*, ([0-9.]+) euros`, 30, best)

	formula := between(t, text, `formula +s.*: ([0-9.]+) euros`, 4, 5.2)
	between(t, text, `simulation +s.*: ([0-9.]+) euros`, formula-0.3, formula+0.3)
	between(t, text, `a month when a week is left +s.*: ([0-9.]+) euros`, formula+0.5, 6.5)
	between(t, text, `the mean of four days +s.*: ([0-9.]+) euros`, formula+0.4, 6.5)
	punctual := between(t, text, `always 4 days +best s = [0-9]+, ([0-9.]+)`, 4, 5)
	between(t, text, `2 to 6 days +best s = [0-9]+, ([0-9.]+)`, punctual+0.1, 6)
}
