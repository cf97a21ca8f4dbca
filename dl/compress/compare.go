package compress

import (
	"context"
	"errors"
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/internal/columns"
)

// A Candidate is a classifier to compare: a *nn.Model, or what quant.Static makes of one.
type Candidate struct {
	Name  string
	Model nn.Forwarder
}

// A Row is what [Compare] found of a candidate.
type Row struct {
	Name       string
	Accuracy   float64
	Parameters int           // 0 where the candidate does not tell
	Zeros      float64       // share of zeros among the weights of matrices and filters
	Bytes      int64         // of the parameters, as they are in memory and in a file
	Latency    time.Duration // of one sample, the least of a hundred
}

// A Table sets candidates beside each other, the first of which is the model as it was.
type Table struct{ Rows []Row }

// Compare measures classifiers on a dataset whose targets are numbers of classes: accuracy, parameters, bytes, and the time of
// one sample.
func Compare(ctx context.Context, d data.Dataset, all ...Candidate) (*Table, error) {
	if d == nil || d.Len() == 0 || len(all) == 0 {
		return nil, errors.New("compress.Compare: there is no data, or no model")
	}
	t := &Table{}
	for _, c := range all {
		if c.Model == nil {
			return nil, fmt.Errorf("compress.Compare: %s has no model", c.Name)
		}
		r := Row{Name: c.Name}
		var err error
		if r.Accuracy, err = accuracy(ctx, c.Model, d); err != nil {
			return nil, fmt.Errorf("compress.Compare: %s: %w", c.Name, err)
		}
		if m, ok := c.Model.(nn.Module); ok {
			for _, p := range nn.NamedParameters(m) {
				r.Parameters += p.Value.Size()
				r.Bytes += int64(p.Value.Size() * p.Value.DType().Bytes())
			}
			r.Zeros = Sparsity(m)
		}
		if b, ok := c.Model.(interface{ Bytes() int64 }); ok {
			r.Bytes = b.Bytes()
		}
		t.Rows = append(t.Rows, r)
	}
	t.time(d, all)
	return t, nil
}

func accuracy(ctx context.Context, m nn.Forwarder, d data.Dataset) (float64, error) {
	right, n := 0, 0
	l := data.Loader{Dataset: d, BatchSize: 128}
	for _, b := range l.Batches() {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if b.Y == nil || b.Y.Rank() != 1 {
			return 0, errors.New("targets must be numbers of classes")
		}
		if err := dl.Try(func() {
			dl.NoGrad(func() {
				found := dl.Values[int64](m.Forward(b.X).ArgMax(-1))
				for i, c := range dl.Values[int64](b.Y.To(dl.Int64)) {
					if n++; found[i] == c {
						right++
					}
				}
			})
		}); err != nil {
			return 0, err
		}
	}
	return float64(right) / float64(max(1, n)), l.Err()
}

// time fills in the least times of one sample, of a hundred of each candidate, in turn: a machine is not always equally fast.
func (t *Table) time(d data.Dataset, all []Candidate) {
	l := data.Loader{Dataset: d, BatchSize: 1}
	for _, b := range l.Batches() {
		arenas := make([]*dl.Arena, len(all))
		for i := range all {
			arenas[i], t.Rows[i].Latency = dl.NewArena(), time.Duration(math.MaxInt64)
		}
		for range 100 {
			for i, c := range all {
				start := time.Now()
				dl.NoGrad(func() { arenas[i].Run(func() { c.Model.Forward(b.X) }) })
				t.Rows[i].Latency = min(t.Rows[i].Latency, time.Since(start))
			}
		}
		return
	}
}

var headings = []string{"model", "accuracy", "change", "parameters", "zeros", "bytes", "of the first", "one sample"}

func (t *Table) cells(i int) []string {
	r, first := t.Rows[i], t.Rows[0]
	change, parameters := "", fmt.Sprint(r.Parameters)
	if i > 0 {
		change = fmt.Sprintf("%+.4f", r.Accuracy-first.Accuracy)
	}
	if r.Parameters == 0 {
		parameters = "-"
	}
	return []string{r.Name, fmt.Sprintf("%.4f", r.Accuracy), change, parameters, fmt.Sprintf("%.1f %%", 100*r.Zeros), fmt.Sprint(r.Bytes),
		fmt.Sprintf("%.3f", float64(r.Bytes)/float64(max(1, first.Bytes))), fmt.Sprint(r.Latency.Round(100 * time.Nanosecond))}
}

// rows are the headings and the candidates.
func (t *Table) rows() [][]string {
	rows := [][]string{headings}
	for i := range t.Rows {
		rows = append(rows, t.cells(i))
	}
	return rows
}

// numbers says that all columns but the first are numbers.
func numbers(column int) bool { return column > 0 }

// note is what the table cannot show.
func (t *Table) note() string {
	for _, r := range t.Rows {
		if r.Zeros > 0.2 {
			return "Zeros are stored and multiplied like other weights: they make no model faster, and a file smaller only when it is packed."
		}
	}
	return ""
}

// String returns the table, and what it cannot show.
func (t *Table) String() string {
	var s strings.Builder
	for _, line := range columns.Lines(t.rows(), numbers) {
		s.WriteString(line + "\n")
	}
	if n := t.note(); n != "" {
		s.WriteString(n + "\n")
	}
	return s.String()
}

// HTML returns the same.
func (t *Table) HTML() string {
	var s strings.Builder
	s.WriteString(columns.HTML(t.rows(), numbers))
	if n := t.note(); n != "" {
		s.WriteString("<p>" + html.EscapeString(n) + "</p>")
	}
	return s.String()
}
