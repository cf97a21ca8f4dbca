package metric

import (
	"fmt"
	"math"
	"strings"

	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Report is precision, recall and F1 of each class, and their means: scikit-learn's classification_report.
type Report struct {
	Classes  []ReportLine // of those that occur in targets or predictions
	Accuracy float64
	Macro    ReportLine // means over these classes
	Weighted ReportLine // means in which a class counts by its samples
}

// ReportLine is a line of a report. What is of nothing is NaN, such as the precision of a class that was never
// predicted; in means it counts as 0.
type ReportLine struct {
	Name                  string
	Precision, Recall, F1 float64
	Support               int // samples
}

// Report is the report of what the matrix has counted.
func (c *ConfusionMatrix) Report() *Report {
	r := &Report{Accuracy: c.Accuracy()}
	total := c.Total()
	r.Macro, r.Weighted = ReportLine{Name: "macro avg", Support: total}, ReportLine{Name: "weighted avg", Support: total}
	for i := range c.Counts {
		if c.Support(i)+c.Predicted(i) > 0 {
			r.Classes = append(r.Classes, ReportLine{c.name(i), c.Precision(i), c.Recall(i), c.F1(i), c.Support(i)})
		}
	}
	for _, line := range r.Classes {
		r.Macro.add(line, 1/float64(len(r.Classes)))
		r.Weighted.add(line, ratio(line.Support, total))
	}
	if len(r.Classes) == 0 {
		nan := math.NaN()
		r.Macro = ReportLine{r.Macro.Name, nan, nan, nan, 0}
		r.Weighted = ReportLine{r.Weighted.Name, nan, nan, nan, 0}
	}
	return r
}

func (l *ReportLine) add(o ReportLine, share float64) {
	for _, p := range []struct {
		to *float64
		v  float64
	}{{&l.Precision, o.Precision}, {&l.Recall, o.Recall}, {&l.F1, o.F1}} {
		if p.v == p.v {
			*p.to += share * p.v
		}
	}
}

func (l ReportLine) row() []string {
	return []string{l.Name, shown(l.Precision), shown(l.Recall), shown(l.F1), number.Count(l.Support)}
}

func shown(v float64) string {
	if v != v {
		return "–"
	}
	return fmt.Sprintf("%.4f", v)
}

func (r *Report) rows() [][]string {
	rows := [][]string{{"", "precision", "recall", "f1", "support"}}
	for _, line := range r.Classes {
		rows = append(rows, line.row())
	}
	return append(rows, []string{"accuracy", "", "", shown(r.Accuracy), number.Count(r.Macro.Support)}, r.Macro.row(), r.Weighted.row())
}

func right(column int) bool { return column > 0 }

// String shows the report as an aligned table.
func (r *Report) String() string { return strings.Join(columns.Lines(r.rows(), right), "\n") }

// HTML shows the report as a table.
func (r *Report) HTML() string { return columns.HTML(r.rows(), right) }

// MimeBundle gives a notebook the table as HTML and as text.
func (r *Report) MimeBundle() map[string]any {
	return map[string]any{"text/html": r.HTML(), "text/plain": r.String()}
}
