//go:build client

package notebooks

import (
	"strings"
	"testing"
)

// executed runs a notebook through nbconvert, checks that no cell fails and how many outputs have a PNG, and returns what
// it says.
func executed(t *testing.T, name string, pngs int, says ...string) string {
	t.Helper()
	nb := converted(t, copied(t, name), 300)
	nb.check(t)
	text := nb.text()
	for _, want := range says {
		if !strings.Contains(text, want) {
			t.Errorf("no output says %q in:\n%s", want, text)
		}
	}
	if n := nb.images("image/png"); n != pngs {
		t.Errorf("%d outputs with a PNG, want %d", n, pngs)
	}
	return text
}

// between checks a number that a notebook says, found by a pattern.
func between(t *testing.T, text, pattern string, lo, hi float64) float64 {
	t.Helper()
	v := number(t, text, pattern)
	if !(v >= lo && v <= hi) {
		t.Errorf("%q is %v, which the text around it has between %v and %v", pattern, v, lo, hi)
	}
	return v
}

// A look inside a network: it reads digits, and the one that was taught with marks goes by the marks.
func TestClientInsideANetwork(t *testing.T) {
	text := executed(t, "inside_a_network.ipynb", 13, "features", "two directions hold")
	between(t, text, `loss [0-9.]+, accuracy ([0-9.]+)`, 0.95, 1)
	between(t, text, `fours with the mark .*accuracy ([0-9.]+)`, 0.93, 1)
	between(t, text, `fours with the mark .*recall\S* ([0-9.]+)`, 0.97, 1)
	between(t, text, `fours without the mark .*recall\S* ([0-9.]+)`, 0, 0.7)
}

// Customers who leave: the network finds more than the logistic regression and less than the recipe, weights spoil the
// probabilities alone, and the threshold of the costs is the cheapest of those compared.
func TestClientCustomerChurn(t *testing.T) {
	text := executed(t, "customer_churn.ipynb", 9, "closing_fee_mean", "14 features: months", "age_missing", "cheapest on the validation part")
	plain := between(t, text, `area under ROC: plain ([0-9.]+)`, 0.75, 0.95)
	between(t, text, `area under ROC: plain [0-9.]+, weighted ([0-9.]+)`, plain-0.03, plain+0.03)
	brier := between(t, text, `Brier score: +plain ([0-9.]+)`, 0.05, 0.15)
	between(t, text, `Brier score: +plain [0-9.]+, weighted ([0-9.]+)`, brier+0.01, 0.3)
	cheapest := between(t, text, `network, from 0.2 +([0-9.]+)`, 20, 45)
	for _, other := range []string{"nobody", "everybody", "network, from 0.5"} {
		between(t, text, other+` +([0-9.]+)`, cheapest, 100)
	}
	between(t, text, `the recipe, from 0.2 +([0-9.]+)`, 20, cheapest)
}

// Loaves: all models are better than the naive forecast and worse than the recipe, and the ranges hold what they promise.
func TestClientDemandForecast(t *testing.T) {
	text := executed(t, "demand_forecast.ipynb", 7, "inputs [1793 28 15]")
	naive, recipe := number(t, text, `naive +([0-9.]+)`), number(t, text, `the recipe +([0-9.]+)`)
	for _, model := range []string{"linear", "dense", "convolution", "LSTM"} {
		between(t, text, model+` +([0-9.]+)`, recipe, naive)
		between(t, text, model+` +[0-9.]+ +([0-9.]+)`, 60, 92)
	}
}
