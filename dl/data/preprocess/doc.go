// Package preprocess prepares the columns of a table for a model: scaling, one-hot columns, filling of what is missing,
// bins. The names and results are scikit-learn's.
//
// A [Step] learns what it needs from the training part with Fit and does the same to any other table with Transform. A
// [Pipeline] is several steps one after the other; it is saved beside a model, or inside its file:
//
//	p := preprocess.NewPipeline(
//		&preprocess.SimpleImputer{Strategy: preprocess.Median},
//		&preprocess.StandardScaler{Columns: []string{"mass", "flipper"}},
//		&preprocess.OneHotEncoder{Columns: []string{"island"}})
//	training, err := p.FitTransform(training)                 // never fitted to the test part
//	test, err = p.Transform(test)
//	err = p.Save("penguins.json")                             // later preprocess.Load("penguins.json")
//	meta["preprocess"] = p.Text()                             // in a safetensors file: preprocess.Parse(meta["preprocess"])
//
// A step whose Columns are nil takes all columns of the kinds that it is for, and with them a target that is one: name
// the columns, or leave the target out (Drop) and put it back (With) afterwards.
//
// What is wrong with data is an error that names the column and row.
package preprocess

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/data/table"
)

// Step is one preparation of a table.
type Step interface {
	Fit(t *table.Table) error                       // learns from a table, forgetting what it knew
	Transform(t *table.Table) (*table.Table, error) // prepares a table; the table itself stays as it is
}

// given is an error when there is no table.
func given(op string, t *table.Table) error {
	if t == nil {
		return fmt.Errorf("%s: the table is nil", op)
	}
	return nil
}

// chosen are the columns that a step is for: the given ones, or those of some kinds.
func chosen(op string, t *table.Table, names []string, kinds ...table.Kind) ([]table.Column, error) {
	if err := given(op, t); err != nil {
		return nil, err
	}
	if names == nil {
		var all []table.Column
		for _, c := range t.Columns() {
			if slices.Contains(kinds, c.Kind) {
				all = append(all, c)
			}
		}
		return all, nil
	}
	var all []table.Column
	for _, name := range names {
		c, err := column(op, t, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(kinds, c.Kind) {
			return nil, fmt.Errorf("%s: column %q is of kind %v; expected one of %v", op, name, c.Kind, kinds)
		}
		if slices.Index(names, name) != len(all) {
			return nil, fmt.Errorf("%s: column %q is named twice", op, name)
		}
		all = append(all, c)
	}
	return all, nil
}

func column(op string, t *table.Table, name string) (table.Column, error) {
	if !t.Has(name) {
		return table.Column{}, fmt.Errorf("%s: there is no column %q; there are %q", op, name, t.Names())
	}
	return t.Column(name), nil
}

// present are the numbers of a column that are not missing. Infinite ones are an error.
func present(op string, c table.Column) ([]float64, error) {
	var v []float64
	for i, x := range c.Numbers() {
		if math.IsInf(x, 0) {
			return nil, fmt.Errorf("%s: column %q is infinite in row %d", op, c.Name, i)
		}
		if !math.IsNaN(x) {
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return nil, fmt.Errorf("%s: column %q has no values to learn from", op, c.Name)
	}
	return v, nil
}

// ascending are values in their order. The values given may be moved.
func ascending(v []float64) []float64 { return dl.Wrap(v, len(v)).Sort(0).Float64s() }

// quantile of sorted values, interpolated as by numpy.percentile.
func quantile(v []float64, q float64) float64 {
	at := q * float64(len(v)-1)
	lo := int(at)
	if lo+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[lo] + (v[lo+1]-v[lo])*(at-float64(lo))
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x / float64(len(v))
	}
	return sum
}

// unfitted is the error of a step that knows nothing yet.
func unfitted(op string) error { return fmt.Errorf("%s: Fit comes before Transform", op) }

// numberKinds are the kinds that have numbers.
var numberKinds = []table.Kind{table.Float, table.Int}
