package preprocess

import (
	"fmt"
	"slices"

	"modelbook/dl/data/table"
)

// Levels is what an encoder has learnt of a column: its different values as texts, in their order.
type Levels struct {
	Column string
	Values []string
}

// encodable are the kinds whose values can be categories.
var encodable = []table.Kind{table.String, table.Category, table.Bool, table.Int}

func fitLevels(op string, t *table.Table, names []string) ([]Levels, error) {
	kinds := encodable
	if names == nil {
		kinds = []table.Kind{table.String, table.Category}
	}
	columns, err := chosen(op, t, names, kinds...)
	if err != nil {
		return nil, err
	}
	fitted := []Levels{}
	for _, c := range columns {
		l := Levels{Column: c.Name, Values: []string{}}
		if c.Kind == table.Category {
			l.Values = slices.Clone(c.Levels) // those too that do not occur
		} else {
			values := table.New(c).DropMissing().Unique().Sort(c.Name).Column(c.Name)
			for i := range values.Len() {
				l.Values = append(l.Values, values.Text(i))
			}
		}
		if len(l.Values) == 0 {
			return nil, fmt.Errorf("%s: column %q has no values to learn from", op, c.Name)
		}
		fitted = append(fitted, l)
	}
	return fitted, nil
}

// codes are the numbers of a column's values among the levels, -1 of unknown and missing ones.
func (l Levels) codes(op string, t *table.Table, unknown bool) ([]int, error) {
	c, err := column(op, t, l.Column)
	if err != nil {
		return nil, err
	}
	number := map[string]int{}
	for i, v := range l.Values {
		number[v] = i
	}
	codes := make([]int, c.Len())
	for i := range codes {
		code, ok := number[c.Text(i)]
		switch {
		case ok && !c.Missing(i):
			codes[i] = code
		case unknown:
			codes[i] = -1
		case c.Missing(i):
			return nil, fmt.Errorf("%s: column %q has no value in row %d; a SimpleImputer before fills it, Unknown takes it", op, l.Column, i)
		default:
			return nil, fmt.Errorf("%s: column %q is %q in row %d, which the training part did not have; Unknown takes it", op, l.Column, c.Text(i), i)
		}
	}
	return codes, nil
}

// OneHotEncoder replaces columns by one for each of their values, such as sex by sex_female and sex_male, which is 1
// where the column has that value and 0 elsewhere.
type OneHotEncoder struct {
	Columns   []string // nil: all of texts and categories
	DropFirst bool     // no column for the first value: it follows from the others
	Unknown   bool     // a value that the training part did not have, or a missing one, makes all 0; otherwise it is an error
	Fitted    []Levels
}

// Fit learns the values: see [Step].
func (s *OneHotEncoder) Fit(t *table.Table) (err error) {
	s.Fitted, err = fitLevels("preprocess.OneHotEncoder", t, s.Columns)
	return err
}

// Transform replaces the columns: see [Step].
func (s *OneHotEncoder) Transform(t *table.Table) (*table.Table, error) {
	const op = "preprocess.OneHotEncoder"
	if s.Fitted == nil {
		return nil, unfitted(op)
	}
	if err := given(op, t); err != nil {
		return nil, err
	}
	made := map[string][]table.Column{}
	taken := map[string]bool{}
	for _, name := range t.Names() {
		taken[name] = true
	}
	for _, l := range s.Fitted {
		codes, err := l.codes(op, t, s.Unknown)
		if err != nil {
			return nil, err
		}
		delete(taken, l.Column)
		made[l.Column] = []table.Column{}
		for k, value := range l.Values {
			if k == 0 && s.DropFirst {
				continue
			}
			name := l.Column + "_" + value
			if taken[name] {
				return nil, fmt.Errorf("%s: there is a column %q already", op, name)
			}
			taken[name] = true
			v := make([]int64, len(codes))
			for i, code := range codes {
				if code == k {
					v[i] = 1
				}
			}
			made[l.Column] = append(made[l.Column], table.Ints(name, v...))
		}
	}
	var columns []table.Column
	for _, c := range t.Columns() {
		if replaced, ok := made[c.Name]; ok {
			columns = append(columns, replaced...)
		} else {
			columns = append(columns, c)
		}
	}
	return table.New(columns...), nil
}

// OrdinalEncoder replaces values by their numbers in the order of the values, from 0: integers, such as an
// nn.Embedding takes.
type OrdinalEncoder struct {
	Columns []string // nil: all of texts and categories
	Unknown bool     // a value that the training part did not have, or a missing one, is -1; otherwise it is an error
	Fitted  []Levels
}

// Fit learns the values: see [Step].
func (s *OrdinalEncoder) Fit(t *table.Table) (err error) {
	s.Fitted, err = fitLevels("preprocess.OrdinalEncoder", t, s.Columns)
	return err
}

// Transform replaces the values: see [Step].
func (s *OrdinalEncoder) Transform(t *table.Table) (*table.Table, error) {
	const op = "preprocess.OrdinalEncoder"
	if s.Fitted == nil {
		return nil, unfitted(op)
	}
	if err := given(op, t); err != nil {
		return nil, err
	}
	for _, l := range s.Fitted {
		codes, err := l.codes(op, t, s.Unknown)
		if err != nil {
			return nil, err
		}
		v := make([]int64, len(codes))
		for i, code := range codes {
			v[i] = int64(code)
		}
		t = t.With(table.Ints(l.Column, v...))
	}
	return t, nil
}
