package preprocess

import (
	"fmt"

	"modelbook/dl/data/table"
)

// Strategy says what a SimpleImputer fills in.
type Strategy string

const (
	Mean         Strategy = ""              // the mean, of numbers
	Median       Strategy = "median"        // the middle value, of numbers
	MostFrequent Strategy = "most_frequent" // the most frequent value, of several the smallest
	Constant     Strategy = "constant"      // Number, or Text in columns of texts
)

// Filled is what a SimpleImputer fills a column with.
type Filled struct {
	Column string
	Number float64
	Text   string `json:",omitempty"`
	IsText bool   `json:",omitempty"`
}

// SimpleImputer fills in what is missing. A column of integers becomes one of floats, unless what is filled in is whole.
type SimpleImputer struct {
	Columns   []string // nil: all that the strategy can fill, whether or not something is missing in the training part
	Strategy  Strategy
	Number    float64 // of Constant
	Text      string  // of Constant
	Indicator bool    // adds a column of truth values, such as mass_missing, for each that has gaps in the training part
	Fitted    []Filled
	Gaps      []string // the columns that had gaps
}

// Fit learns what to fill in: see [Step].
func (s *SimpleImputer) Fit(t *table.Table) error {
	const op = "preprocess.SimpleImputer"
	kinds := numberKinds
	switch s.Strategy {
	case Mean, Median:
	case MostFrequent, Constant:
		kinds = []table.Kind{table.Float, table.Int, table.String, table.Category}
	default:
		return fmt.Errorf("%s: there is no strategy %q; there are Mean, Median, MostFrequent and Constant", op, s.Strategy)
	}
	columns, err := chosen(op, t, s.Columns, kinds...)
	if err != nil {
		return err
	}
	s.Fitted, s.Gaps = []Filled{}, nil
	for _, c := range columns {
		if c.MissingCount() > 0 {
			s.Gaps = append(s.Gaps, c.Name)
		}
		f := Filled{Column: c.Name, IsText: !c.Numeric()}
		switch s.Strategy {
		case Constant:
			f.Number, f.Text = s.Number, s.Text
		case MostFrequent:
			counts := table.New(c).Counts(c.Name)
			if counts.Len() == 0 {
				return fmt.Errorf("%s: column %q has no values to learn from", op, c.Name)
			}
			if top := counts.Columns()[0]; f.IsText {
				f.Text = top.Text(0)
			} else {
				f.Number = top.Number(0)
			}
		default:
			v, err := present(op, c)
			if err != nil {
				return err
			}
			if f.Number = mean(v); s.Strategy == Median {
				f.Number = quantile(ascending(v), 0.5)
			}
		}
		s.Fitted = append(s.Fitted, f)
	}
	return nil
}

// Transform fills in what is missing: see [Step].
func (s *SimpleImputer) Transform(t *table.Table) (*table.Table, error) {
	const op = "preprocess.SimpleImputer"
	if s.Fitted == nil {
		return nil, unfitted(op)
	}
	if err := given(op, t); err != nil {
		return nil, err
	}
	out := t
	for _, f := range s.Fitted {
		c, err := column(op, t, f.Column)
		if err != nil {
			return nil, err
		}
		switch {
		case f.IsText == c.Numeric() || c.Kind == table.Time:
			return nil, fmt.Errorf("%s: column %q is of kind %v, which it was not in the training part", op, c.Name, c.Kind)
		case c.MissingCount() > 0:
			out = out.With(f.fill(c))
		}
	}
	if !s.Indicator {
		return out, nil
	}
	for _, name := range s.Gaps {
		c, err := column(op, t, name)
		if err != nil {
			return nil, err
		}
		missing := make([]bool, c.Len())
		for i := range missing {
			missing[i] = c.Missing(i)
		}
		if out.Has(name + "_missing") {
			return nil, fmt.Errorf("%s: there is a column %q already", op, name+"_missing")
		}
		out = out.With(table.Bools(name+"_missing", missing...))
	}
	return out, nil
}

// fill is a column without gaps.
func (f Filled) fill(c table.Column) table.Column {
	if f.IsText {
		texts := make([]string, c.Len())
		for i := range texts {
			if texts[i] = c.Text(i); c.Missing(i) {
				texts[i] = f.Text
			}
		}
		if c.Kind == table.Category {
			return table.Categories(c.Name, texts...)
		}
		return table.Strings(c.Name, texts...)
	}
	if whole := int64(f.Number); c.Kind == table.Int && float64(whole) == f.Number && whole > -1<<53 && whole < 1<<53 {
		v := make([]int64, c.Len())
		for i := range v {
			if v[i] = c.Ints[i]; c.Missing(i) {
				v[i] = whole
			}
		}
		return table.Ints(c.Name, v...)
	}
	v := c.Numbers()
	for i := range v {
		if c.Missing(i) {
			v[i] = f.Number
		}
	}
	return table.Floats(c.Name, v...)
}
