package train

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// History holds the measured values of every epoch of a training. Names are in the order reported: "loss", then the
// metrics, then the same of the validation data with "val_" before them, then "learning_rate", "seconds" and
// "images_per_second". Values[name][i] belongs to epoch Epochs[i]; it is [NotMeasured] where nothing was measured.
type History struct {
	Epochs []int // epoch numbers, from 1
	Names  []string
	Values map[string][]float64
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

// Best returns the epoch with the best value: the smallest for names that end in "loss", "error", "mse" or "mae", the
// largest for all others. Epoch 0 with NaN means that there is none. Of equal values the earliest epoch is returned.
func (h *History) Best(name string) (epoch int, value float64) {
	value = math.NaN()
	for i, v := range h.Values[name] {
		if !math.IsNaN(v) && (epoch == 0 || better(name, v, value, 0)) {
			epoch, value = h.Epochs[i], v
		}
	}
	return epoch, value
}

// smallerIsBetter says which way a name improves.
func smallerIsBetter(name string) bool {
	for _, end := range []string{"loss", "error", "mse", "mae"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// better says whether a improves on b by more than least.
func better(name string, a, b, least float64) bool {
	if smallerIsBetter(name) {
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

// rows are the table of a history, a heading first.
func (h *History) rows() [][]string {
	rows := [][]string{append([]string{"epoch"}, h.Names...)}
	for i, epoch := range h.Epochs {
		row := []string{fmt.Sprint(epoch)}
		for _, name := range h.Names {
			row = append(row, format(name, h.Values[name][i]))
		}
		rows = append(rows, row)
	}
	return rows
}

// format shows a value with the digits that mean something for it.
func format(name string, v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case name == "seconds":
		return fmt.Sprintf("%.1f", v)
	case name == "images_per_second":
		return fmt.Sprintf("%.0f", v)
	case name == "learning_rate":
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.4f", v)
}

// String shows the history as an aligned table with a line for each epoch.
func (h *History) String() string { return textTable(h.rows()) }

// HTML shows the history as a table with a row for each epoch.
func (h *History) HTML() string { return htmlTable(h.rows()) }

// MimeBundle gives a notebook the table as HTML and as text.
func (h *History) MimeBundle() map[string]any {
	return map[string]any{"text/html": h.HTML(), "text/plain": h.String()}
}

// textTable aligns columns to the right.
func textTable(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for j, cell := range row {
			widths[j] = max(widths[j], len(cell))
		}
	}
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		for j, cell := range row {
			if j > 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(&b, "%*s", widths[j], cell)
		}
	}
	return b.String()
}

func htmlTable(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>")
	for i, row := range rows {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, cell := range row {
			fmt.Fprintf(&b, `<%s style="text-align: right">%s</%[1]s>`, tag, html.EscapeString(cell))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}
