package tune

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbook/dl/metric"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Status is how far a trial is.
type Status uint8

const (
	Waiting Status = iota // for its turn
	Running
	Measured // with all the budget it has got
	Dropped  // others were better
	Failed
)

var statuses = [...]string{"waiting", "running", "measured", "dropped", "failed"}

// String is the status in a word.
func (s Status) String() string {
	if int(s) < len(statuses) {
		return statuses[s]
	}
	return strconv.Itoa(int(s))
}

// Row is what is known of a trial.
type Row struct {
	Number  int
	Bracket int // of Hyperband, from 0
	Settings
	Status  Status
	Value   float64 // measured last; NaN before
	Budget  int     // that Value is of
	Last    float64 // reported last, while it runs
	Seconds float64 // that its measurements took, in all
	Fault   string  // why it failed

	reported bool
}

func (r *Row) finish(e entry, budget int) {
	r.Value, r.Budget, r.Fault, r.reported = float64(e.Value), budget, e.Fault, false
	r.Seconds += e.Seconds
	r.Status = Measured
	if e.Fault != "" {
		r.Status, r.Value = Failed, math.NaN()
	}
}

// Table is what a search has found so far.
type Table struct {
	Settings  []string // names
	Trials    []Row
	Direction metric.Direction
	Elapsed   time.Duration
	done      bool
}

// Best is the trial with the best value among those of the largest budget, the first of equal ones; nil when none has
// been measured. NaN is worse than all.
func (t *Table) Best() *Row {
	var best *Row
	for i := range t.Trials {
		r := &t.Trials[i]
		if r.Status == Failed || r.Value != r.Value {
			continue
		}
		if best == nil || r.Budget > best.Budget || r.Budget == best.Budget && t.compare(r.Value, best.Value) < 0 {
			best = r
		}
	}
	return best
}

// compare orders values, the better first, NaN last.
func (t *Table) compare(a, b float64) int {
	switch {
	case a == b || a != a && b != b:
		return 0
	case a != a:
		return 1
	case b != b:
		return -1
	case a < b == (t.Direction != metric.LargerIsBetter):
		return -1
	}
	return 1
}

// Done says whether the search is over.
func (t *Table) Done() bool { return t.done }

func (t *Table) clone() *Table {
	c := *t
	c.Trials = slices.Clone(t.Trials)
	return &c
}

// mostRows are shown of many trials: those that run, and the best.
const mostRows = 30

// shown are the trials to show, in the order of their numbers, and how many are left out.
func (t *Table) shown() (rows []Row, out int) {
	if len(t.Trials) <= mostRows {
		return t.Trials, 0
	}
	order := make([]int, len(t.Trials))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := t.Trials[a], t.Trials[b]
		if running := (x.Status == Running); running != (y.Status == Running) {
			if running {
				return -1
			}
			return 1
		}
		if x.Budget != y.Budget {
			return y.Budget - x.Budget
		}
		return t.compare(x.Value, y.Value)
	})
	order = order[:mostRows]
	slices.Sort(order)
	for _, i := range order {
		rows = append(rows, t.Trials[i])
	}
	return rows, len(t.Trials) - mostRows
}

func (t *Table) rows() [][]string {
	budgets := slices.ContainsFunc(t.Trials, func(r Row) bool { return r.Budget > 0 })
	head := append([]string{"trial"}, t.Settings...)
	if budgets {
		head = append(head, "budget")
	}
	table := [][]string{append(head, "value", "status")}
	best := t.Best()
	rows, out := t.shown()
	for _, r := range rows {
		row := []string{strconv.Itoa(r.Number)}
		for _, name := range t.Settings {
			row = append(row, shown(r.Settings[name]))
		}
		if budgets {
			row = append(row, strconv.Itoa(r.Budget))
		}
		value, status := "", r.Status.String()
		switch {
		case r.Status == Running && r.reported:
			value = number.Measured(r.Last)
		case r.Status != Waiting && r.Value == r.Value:
			value = number.Measured(r.Value)
		}
		if best != nil && r.Number == best.Number {
			status = "best"
		}
		table = append(table, append(row, value, status))
	}
	if out > 0 {
		table = append(table, []string{"…", fmt.Sprintf("%s more", number.Count(out))})
	}
	return table
}

func (t *Table) summary() string {
	over, running := 0, 0
	for _, r := range t.Trials {
		switch r.Status {
		case Running:
			running++
		case Measured, Dropped, Failed:
			over++
		}
	}
	text := fmt.Sprintf("%d of %s", over, number.Plural(len(t.Trials), "trial", "trials"))
	if running > 0 {
		text += fmt.Sprintf(", %d running", running)
	}
	if best := t.Best(); best != nil {
		text += fmt.Sprintf("; best: %s with %v", number.Measured(best.Value), best.Settings)
	}
	for _, r := range t.Trials {
		if r.Status == Failed {
			text += fmt.Sprintf("; trial %d failed: %.200s", r.Number, r.Fault)
			break
		}
	}
	return text
}

// String shows a line for each trial, of many the best and those that run, and what has been found.
func (t *Table) String() string {
	rows := t.rows()
	right := func(column int) bool { return column < len(rows[0])-1 }
	return strings.Join(append(columns.Lines(rows, right), t.summary()), "\n")
}

// HTML shows the same as a table.
func (t *Table) HTML() string {
	rows := t.rows()
	right := func(column int) bool { return column < len(rows[0])-1 }
	return columns.HTML(rows, right) + "<p>" + html.EscapeString(t.summary()) + "</p>"
}

// MimeBundle gives a notebook the table as HTML and as text.
func (t *Table) MimeBundle() map[string]any {
	return map[string]any{"text/html": t.HTML(), "text/plain": t.String()}
}
