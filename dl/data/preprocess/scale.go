package preprocess

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl/data/table"
)

// Scaled is what a scaler has learnt of a column: a value v becomes (v-Shift)/Scale + Offset.
type Scaled struct {
	Column string
	Shift  float64
	Scale  float64
	Offset float64 `json:",omitempty"`
}

// fitScale learns from each column.
func fitScale(op string, t *table.Table, names []string, f func(v []float64) Scaled) ([]Scaled, error) {
	columns, err := chosen(op, t, names, numberKinds...)
	if err != nil {
		return nil, err
	}
	fitted := []Scaled{}
	for _, c := range columns {
		v, err := present(op, c)
		if err != nil {
			return nil, err
		}
		s := f(v)
		s.Column = c.Name
		if s.Scale < 10*0x1p-52 { // a constant column, as scikit-learn sees it
			s.Scale = 1
		}
		if sum := s.Shift + s.Scale + s.Offset; math.IsInf(sum, 0) || math.IsNaN(sum) {
			return nil, fmt.Errorf("%s: the values of column %q are too large", op, c.Name)
		}
		fitted = append(fitted, s)
	}
	return fitted, nil
}

// scale prepares each column; missing values stay missing.
func scale(op string, t *table.Table, fitted []Scaled, back bool) (*table.Table, error) {
	if fitted == nil {
		return nil, unfitted(op)
	}
	if err := given(op, t); err != nil {
		return nil, err
	}
	for _, s := range fitted {
		c, err := column(op, t, s.Column)
		if err != nil {
			return nil, err
		}
		if !c.Numeric() {
			return nil, fmt.Errorf("%s: column %q is of kind %v, not numbers", op, s.Column, c.Kind)
		}
		out := c.Numbers()
		for i, v := range out {
			if back {
				out[i] = (v-s.Offset)*s.Scale + s.Shift
			} else {
				out[i] = (v-s.Shift)/s.Scale + s.Offset
			}
		}
		t = t.With(table.Floats(s.Column, out...))
	}
	return t, nil
}

// StandardScaler brings columns to mean 0 and standard deviation 1 (divided by n). A constant column becomes 0.
type StandardScaler struct {
	Columns  []string // nil: all of floats and integers
	KeepMean bool     // only divide
	KeepStd  bool     // only take the mean away
	Fitted   []Scaled
}

// Fit learns means and deviations: see [Step].
func (s *StandardScaler) Fit(t *table.Table) (err error) {
	s.Fitted, err = fitScale("preprocess.StandardScaler", t, s.Columns, func(v []float64) Scaled {
		m, squares := mean(v), 0.0
		for _, x := range v {
			squares += (x - m) * (x - m) / float64(len(v))
		}
		out := Scaled{Shift: m, Scale: math.Sqrt(squares)}
		if out.Scale <= 10*0x1p-52*math.Abs(m) {
			out.Scale = 1
		}
		if s.KeepMean {
			out.Shift = 0
		}
		if s.KeepStd {
			out.Scale = 1
		}
		return out
	})
	return err
}

// Transform scales the columns: see [Step].
func (s *StandardScaler) Transform(t *table.Table) (*table.Table, error) {
	return scale("preprocess.StandardScaler", t, s.Fitted, false)
}

// Inverse makes of scaled columns what they were.
func (s *StandardScaler) Inverse(t *table.Table) (*table.Table, error) {
	return scale("preprocess.StandardScaler", t, s.Fitted, true)
}

// MinMaxScaler brings columns to the range Low to High: the smallest value of the training part becomes Low, the
// largest High. A constant column becomes Low.
type MinMaxScaler struct {
	Columns   []string // nil: all of floats and integers
	Low, High float64  // 0, 0: 0 to 1
	Fitted    []Scaled
}

// Fit learns the ranges: see [Step].
func (s *MinMaxScaler) Fit(t *table.Table) (err error) {
	const op = "preprocess.MinMaxScaler"
	low, high := s.Low, s.High
	if low == 0 && high == 0 {
		high = 1
	}
	if !(low < high) || math.IsInf(high-low, 0) {
		return fmt.Errorf("%s: %v to %v is no range", op, low, high)
	}
	s.Fitted, err = fitScale(op, t, s.Columns, func(v []float64) Scaled {
		least := slices.Min(v)
		width := slices.Max(v) - least
		if width < 10*0x1p-52 {
			width = 1
		}
		return Scaled{Shift: least, Scale: width / (high - low), Offset: low}
	})
	return err
}

// Transform scales the columns: see [Step].
func (s *MinMaxScaler) Transform(t *table.Table) (*table.Table, error) {
	return scale("preprocess.MinMaxScaler", t, s.Fitted, false)
}

// Inverse makes of scaled columns what they were.
func (s *MinMaxScaler) Inverse(t *table.Table) (*table.Table, error) {
	return scale("preprocess.MinMaxScaler", t, s.Fitted, true)
}

// RobustScaler takes the median away and divides by the distance between the first and the third quartile, which
// outliers do not move.
type RobustScaler struct {
	Columns []string // nil: all of floats and integers
	Fitted  []Scaled
}

// Fit learns medians and quartiles: see [Step].
func (s *RobustScaler) Fit(t *table.Table) (err error) {
	s.Fitted, err = fitScale("preprocess.RobustScaler", t, s.Columns, func(v []float64) Scaled {
		v = ascending(v)
		return Scaled{Shift: quantile(v, 0.5), Scale: quantile(v, 0.75) - quantile(v, 0.25)}
	})
	return err
}

// Transform scales the columns: see [Step].
func (s *RobustScaler) Transform(t *table.Table) (*table.Table, error) {
	return scale("preprocess.RobustScaler", t, s.Fitted, false)
}

// Inverse makes of scaled columns what they were.
func (s *RobustScaler) Inverse(t *table.Table) (*table.Table, error) {
	return scale("preprocess.RobustScaler", t, s.Fitted, true)
}

// Log replaces values by the logarithm of 1 plus the value: for columns that reach over orders of magnitude. Values of
// -1 and below are an error. There is nothing to learn.
type Log struct {
	Columns []string
}

// Fit checks that the columns are there: see [Step].
func (s *Log) Fit(t *table.Table) error {
	_, err := s.Transform(t)
	return err
}

// Transform replaces the values: see [Step].
func (s *Log) Transform(t *table.Table) (*table.Table, error) {
	const op = "preprocess.Log"
	if s.Columns == nil {
		return nil, fmt.Errorf("%s: Columns names none", op)
	}
	columns, err := chosen(op, t, s.Columns, numberKinds...)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		out := c.Numbers()
		for i, v := range out {
			if v <= -1 {
				return nil, fmt.Errorf("%s: column %q is %v in row %d; values must be above -1", op, c.Name, v, i)
			}
			out[i] = math.Log1p(v)
		}
		t = t.With(table.Floats(c.Name, out...))
	}
	return t, nil
}
