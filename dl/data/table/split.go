package table

import (
	"modelbook/dl"
	"modelbook/dl/data"
)

// RandomSplit parts the rows in two at random, the second table with the given share of them (rounded up): the parts to
// learn from and to test with, as train_test_split of scikit-learn, before anything is learnt from the first one.
func (t *Table) RandomSplit(share float64, r *dl.Rand) (first, second *Table) {
	a, b := data.RandomSplit(data.FromTensors(dl.New(dl.Bool, t.rows), nil), share, r)
	return t.take(a.(*data.Part).State()), t.take(b.(*data.Part).State())
}

// StratifiedSplit is RandomSplit with the same share of each value of a column in both parts, give or take one row, as
// train_test_split with stratify. The column has texts, categories, truth values or integers, of which none is missing.
func (t *Table) StratifiedSplit(column string, share float64, r *dl.Rand) (first, second *Table) {
	labels, _ := t.Labels(column)
	a, b, err := data.StratifiedSplit(data.FromTensors(dl.New(dl.Bool, t.rows), labels), share, r)
	if err != nil { // which only the reading of a dataset could give
		dl.PanicValue("table.StratifiedSplit", "%v", err)
	}
	return t.take(a.(*data.Part).State()), t.take(b.(*data.Part).State())
}
