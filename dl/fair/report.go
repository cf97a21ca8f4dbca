package fair

import (
	"fmt"
	"html"
	"math"
	"strings"

	"modelbook/internal/columns"
)

var headings = []string{"group", "people", "true", "selected", "true positives", "false positives", "precision", "accuracy", "calibration error"}

// numbers says that all columns but the first are numbers.
func numbers(column int) bool { return column > 0 }

func (r *Rates) cells() []string {
	cells := []string{r.Group, fmt.Sprint(r.Count)}
	for _, v := range []float64{r.BaseRate, r.SelectionRate, r.TruePositiveRate, r.FalsePositiveRate, r.Precision, r.Accuracy, r.CalibrationError} {
		if math.IsNaN(v) {
			cells = append(cells, "-")
		} else {
			cells = append(cells, fmt.Sprintf("%.3f", v))
		}
	}
	return cells
}

// rows are the groups, and everybody.
func (r *Report) rows() (rows [][]string) {
	for i := range r.Groups {
		rows = append(rows, r.Groups[i].cells())
	}
	return append(rows, r.Overall.cells())
}

// String returns the rates of the groups as a table, then the criteria with their intervals, and what cannot hold together.
func (r *Report) String() string {
	var s strings.Builder
	for _, line := range columns.Lines(append([][]string{headings}, r.rows()...), numbers) {
		s.WriteString(line + "\n")
	}
	s.WriteString("\n")
	for c := range criteria {
		fmt.Fprintf(&s, "%-18s  %v\n", c, r.values[c])
	}
	for _, c := range r.Conflicts() {
		s.WriteString("\n" + c)
	}
	return strings.TrimRight(s.String(), "\n") + "\n"
}

// HTML returns the same as two tables.
func (r *Report) HTML() string {
	var s strings.Builder
	s.WriteString(columns.HTML(append([][]string{headings}, r.rows()...), numbers))
	rows := [][]string{{"criterion", fmt.Sprintf("value (%v %% interval)", math.Round(1000*r.Confidence)/10)}}
	for c := range criteria {
		rows = append(rows, []string{c.String(), r.values[c].String()})
	}
	s.WriteString(columns.HTML(rows, numbers))
	for _, c := range r.Conflicts() {
		s.WriteString("<p>" + html.EscapeString(c) + "</p>")
	}
	return s.String()
}

// Conflicts says which criteria cannot hold together for these groups, whatever the model, because their base rates are
// different: by Kleinberg, Mullainathan and Raghavan (2016) and Chouldechova (2017). Only decisions that are never wrong
// escape it.
func (r *Report) Conflicts() []string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, g := range r.Groups {
		if !math.IsNaN(g.BaseRate) {
			low, high = min(low, g.BaseRate), max(high, g.BaseRate)
		}
	}
	if !(high > low) {
		return nil
	}
	return []string{
		fmt.Sprintf("Outcomes are true for a share of %.3f to %.3f of the groups. Where these shares differ, predictive parity and equalized odds cannot hold together, nor calibration and equalized odds, unless no decision is wrong.", low, high),
		"Nor can demographic parity hold with equalized odds, unless decisions have nothing to do with outcomes; it asks for wrong decisions in some group even of a model that knows every outcome.",
	}
}
