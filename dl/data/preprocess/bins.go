package preprocess

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"modelbook/dl/data/table"
)

// Edges is what KBinsDiscretizer has learnt of a column: the limits between its bins, ascending. A value on a limit is
// in the bin above it.
type Edges struct {
	Column string
	Limits []float64
}

// KBinsDiscretizer replaces numbers by the number of the bin they are in: scikit-learn's class of this name with
// encode="ordinal", and, with Limits, Keras's Discretization. What is missing is an error.
type KBinsDiscretizer struct {
	Columns []string             // nil: all of floats
	Bins    int                  // 0: 5, as in scikit-learn
	Uniform bool                 // bins of the same width; otherwise with equally many values of the training part
	Limits  map[string][]float64 // limits between the bins of columns, in place of learnt ones
	Fitted  []Edges
}

// Fit learns the limits: see [Step].
func (s *KBinsDiscretizer) Fit(t *table.Table) error {
	const op = "preprocess.KBinsDiscretizer"
	names := s.Columns
	if names == nil && s.Limits != nil {
		for name := range s.Limits {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	kinds := numberKinds
	if names == nil {
		kinds = []table.Kind{table.Float}
	}
	columns, err := chosen(op, t, names, kinds...)
	if err != nil {
		return err
	}
	bins := s.Bins
	if bins == 0 {
		bins = 5
	}
	if bins < 2 || bins > 1<<20 {
		return fmt.Errorf("%s: %d bins; from 2 to %d can be made", op, bins, 1<<20)
	}
	s.Fitted = []Edges{}
	for _, c := range columns {
		if limits, ok := s.Limits[c.Name]; ok {
			if len(limits) == 0 || !slices.IsSorted(limits) || slices.ContainsFunc(limits, math.IsNaN) {
				return fmt.Errorf("%s: the limits %v of column %q are not numbers in ascending order", op, limits, c.Name)
			}
			s.Fitted = append(s.Fitted, Edges{c.Name, slices.Clone(limits)})
			continue
		}
		v, err := present(op, c)
		if err != nil {
			return err
		}
		v = ascending(v)
		edges := []float64{v[0]}
		for i := 1; i <= bins; i++ {
			q := float64(i) / float64(bins)
			edge := v[0] + (v[len(v)-1]-v[0])*q
			if !s.Uniform {
				edge = quantile(v, q)
			}
			if edge-edges[len(edges)-1] > 1e-8 { // as scikit-learn, which makes fewer bins then
				edges = append(edges, edge)
			}
		}
		if len(edges) > 1 {
			edges = edges[1 : len(edges)-1]
		} else {
			edges = []float64{}
		}
		s.Fitted = append(s.Fitted, Edges{c.Name, edges})
	}
	return nil
}

// Transform replaces the numbers: see [Step].
func (s *KBinsDiscretizer) Transform(t *table.Table) (*table.Table, error) {
	const op = "preprocess.KBinsDiscretizer"
	if s.Fitted == nil {
		return nil, unfitted(op)
	}
	if err := given(op, t); err != nil {
		return nil, err
	}
	for _, e := range s.Fitted {
		c, err := column(op, t, e.Column)
		if err != nil {
			return nil, err
		}
		if !c.Numeric() {
			return nil, fmt.Errorf("%s: column %q is of kind %v, not numbers", op, e.Column, c.Kind)
		}
		out := make([]int64, c.Len())
		for i, v := range c.Numbers() {
			if math.IsNaN(v) {
				return nil, fmt.Errorf("%s: column %q has no value in row %d; a SimpleImputer before fills it", op, e.Column, i)
			}
			out[i] = int64(sort.Search(len(e.Limits), func(k int) bool { return e.Limits[k] > v }))
		}
		t = t.With(table.Ints(e.Column, out...))
	}
	return t, nil
}
