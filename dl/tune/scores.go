package tune

import (
	"math"
	"strconv"
	"strings"

	"modelbook/dl/train"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Score is what was measured of one fold.
type Score struct {
	History *train.History
	Results train.Results // of the samples of the fold that were not learned from
	Err     error         // why there are none

	running bool
}

// Scores are those of all folds.
type Scores struct {
	Folds []Score
	done  bool
}

// Values are a measure's values of the folds that have been measured: "loss", or the name of a metric.
func (s *Scores) Values(name string) (values []float64) {
	for _, f := range s.Folds {
		if f.Results != nil {
			values = append(values, f.Results.Get(name))
		}
	}
	return values
}

// Mean is the mean over folds of a measure, NaN when there is none.
func (s *Scores) Mean(name string) float64 {
	values := s.Values(name)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Deviation is the standard deviation of a measure from fold to fold (of a sample: divided by the number of folds less
// one), NaN of fewer than two.
func (s *Scores) Deviation(name string) float64 {
	values, mean := s.Values(name), s.Mean(name)
	sum := 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	if len(values) < 2 {
		return math.NaN()
	}
	return math.Sqrt(sum / float64(len(values)-1))
}

// Done says whether all that will be measured has been.
func (s *Scores) Done() bool { return s.done }

func (s *Scores) clone() *Scores {
	return &Scores{Folds: append([]Score{}, s.Folds...), done: s.done}
}

// names are those of the measures, in their order.
func (s *Scores) names() (names []string) {
	for _, f := range s.Folds {
		if f.Results != nil {
			for _, v := range f.Results {
				names = append(names, v.Name)
			}
			break
		}
	}
	return names
}

func (s *Scores) rows() [][]string {
	names := s.names()
	rows := [][]string{append([]string{"fold"}, names...)}
	for i, f := range s.Folds {
		row := []string{strconv.Itoa(i)}
		for _, name := range names {
			switch {
			case f.Results != nil:
				row = append(row, number.Measured(f.Results.Get(name)))
			case f.Err != nil:
				row = append(row, "failed")
			case f.running:
				row = append(row, "…")
			default:
				row = append(row, "")
			}
		}
		rows = append(rows, row)
	}
	mean, deviation := []string{"mean"}, []string{"±"}
	for _, name := range names {
		mean = append(mean, number.Measured(s.Mean(name)))
		deviation = append(deviation, number.Measured(s.Deviation(name)))
	}
	return append(rows, mean, deviation)
}

// String shows a line for each fold, and the mean and the deviation of all.
func (s *Scores) String() string { return strings.Join(columns.Lines(s.rows(), nil), "\n") }

// HTML shows the same as a table.
func (s *Scores) HTML() string { return columns.HTML(s.rows(), nil) }

// MimeBundle gives a notebook the table as HTML and as text.
func (s *Scores) MimeBundle() map[string]any {
	return map[string]any{"text/html": s.HTML(), "text/plain": s.String()}
}
