package train

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl/metric"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// History holds the measured values of every epoch of a training. Names are in the order reported: "loss", then the
// metrics, then the same of the validation data with "val_" before them, then "learning_rate", "seconds" and
// "samples_per_second". Values[name][i] belongs to epoch Epochs[i]; it is [NotMeasured] where nothing was measured.
type History struct {
	Epochs     []int // epoch numbers, from 1
	Names      []string
	Values     map[string][]float64
	Directions map[string]metric.Direction `since:"2"` // of the metrics that say which values are better
}

// notMeasured is one of the many values that are not a number, and not the one that arithmetic makes.
const notMeasured = 0x7FF8_0000_0000_4E41

// NotMeasured is what a history holds where nothing was measured: a NaN that [Measured] tells from a measured one.
func NotMeasured() float64 { return math.Float64frombits(notMeasured) }

// Measured says whether a value of a history was measured, be the result a number or NaN.
func Measured(v float64) bool { return math.Float64bits(v) != notMeasured }

// Get returns the values of one name, epoch by epoch, or nil when there is no such name.
func (h *History) Get(name string) []float64 { return h.Values[name] }

// Last returns the value of the last epoch, NotMeasured when there is none.
func (h *History) Last(name string) float64 {
	values := h.Values[name]
	if len(values) == 0 {
		return NotMeasured()
	}
	return values[len(values)-1]
}

// Best returns the epoch with the best value, as the metric says which values are better: the smallest loss, for one.
// Epoch 0 with NaN means that there is none, or that the metric does not say. Of equal values the earliest epoch is
// returned.
func (h *History) Best(name string) (epoch int, value float64) {
	value = math.NaN()
	mode := h.mode(name)
	if mode == Auto {
		return 0, value
	}
	for i, v := range h.Values[name] {
		if i < len(h.Epochs) && isFinite(v) && (epoch == 0 || better(mode, v, value, 0)) {
			epoch, value = h.Epochs[i], v
		}
	}
	return epoch, value
}

// direct notes which values of a metric are better.
func (h *History) direct(name string, d metric.Direction) {
	if h.Directions == nil {
		h.Directions = map[string]metric.Direction{}
	}
	h.Directions[name] = d
}

// mode says which values of a name are better, Auto when nothing is known of that.
func (h *History) mode(name string) Mode {
	name = strings.TrimPrefix(name, "val_")
	if name == "loss" {
		return Min
	}
	d, ok := h.Directions[name]
	if !ok { // a history of before knows the names of the package's own metrics
		first, _, _ := strings.Cut(name, "_")
		switch strings.TrimRight(first, "0123456789") {
		case "accuracy", "top", "precision", "recall", "f":
			d = metric.LargerIsBetter
		}
	}
	switch d {
	case metric.LargerIsBetter:
		return Max
	case metric.SmallerIsBetter:
		return Min
	}
	return Auto
}

// better says whether a improves on b by more than least.
func better(mode Mode, a, b, least float64) bool {
	if mode == Min {
		return a < b-least
	}
	return a > b+least
}

// add appends an epoch with no values yet.
func (h *History) add(epoch int) {
	h.Epochs = append(h.Epochs, epoch)
	for name := range h.Values {
		h.Values[name] = append(h.Values[name], NotMeasured())
	}
}

// set stores a value of the last epoch.
func (h *History) set(name string, value float64) {
	values, known := h.Values[name]
	if !known {
		if h.Values == nil {
			h.Values = map[string][]float64{}
		}
		h.Names = append(h.Names, name)
		values = slices.Repeat([]float64{NotMeasured()}, len(h.Epochs))
	}
	values[len(values)-1] = value
	h.Values[name] = values
}

// A table of a long training shows its first and its last epochs.
const (
	firstRows = 10
	lastRows  = 30
)

// rows are the table of a history, a heading first.
func (h *History) rows() [][]string { return h.rowsOf(h.fewEpochs(firstRows, lastRows)) }

// fewEpochs are the places of the epochs that a table shows: the first and the last, and those in between that have to be
// shown; -1 stands for some that are left out. A single one is not worth leaving out.
func (h *History) fewEpochs(first, last int, also ...int) []int {
	n := len(h.Epochs)
	var places []int
	for i := range n {
		switch {
		case n-first-last <= 1 || i < first || i >= n-last || slices.Contains(also, i):
			places = append(places, i)
		case len(places) == 0 || places[len(places)-1] >= 0:
			places = append(places, -1)
		}
	}
	return places
}

// rowsOf is a table of some epochs, a heading first.
func (h *History) rowsOf(places []int) [][]string {
	rows := [][]string{append([]string{"epoch"}, h.Names...)}
	columns := make([][]string, len(h.Names))
	for j, name := range h.Names {
		var values []float64
		for _, i := range places {
			v := NotMeasured()
			if i >= 0 && i < len(h.Values[name]) {
				v = h.Values[name][i]
			}
			values = append(values, v)
		}
		columns[j] = column(name, values)
	}
	for k, i := range places {
		if i < 0 {
			left, after := len(h.Epochs), 0
			if k+1 < len(places) {
				left = places[k+1]
			}
			if k > 0 {
				after = places[k-1] + 1
			}
			rows = append(rows, slices.Insert(slices.Repeat([]string{"…"}, len(h.Names)), 0, number.Count(left-after)+" more"))
			continue
		}
		row := []string{strconv.Itoa(h.Epochs[i])}
		for _, texts := range columns {
			row = append(row, texts[k])
		}
		rows = append(rows, row)
	}
	return rows
}

// column writes the values of one name alike.
func column(name string, values []float64) []string {
	texts := number.Column(values)
	for i, v := range values {
		if isExtra(name) || !Measured(v) {
			texts[i] = format(name, v)
		}
	}
	return texts
}

// isExtra says of a name that it is no measure of the model.
func isExtra(name string) bool {
	return name == "learning_rate" || name == "seconds" || name == "samples_per_second"
}

// format shows a value with the digits that mean something for it.
func format(name string, v float64) string {
	switch {
	case !Measured(v):
		return "-"
	case name == "seconds":
		return number.Fixed(v, 1)
	case name == "samples_per_second":
		return number.Fixed(v, 0)
	case name == "learning_rate":
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return number.Measured(v)
}

// String shows the history as an aligned table with a line for each epoch; of a long training the first and the last.
func (h *History) String() string { return strings.Join(columns.Lines(h.rows(), nil), "\n") }
