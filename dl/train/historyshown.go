package train

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl/internal/rich"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// best are the places of the best epochs, by the names of the measures of which it is known which values are better.
func (h *History) best() map[string]int {
	places := map[string]int{}
	for _, name := range h.Names {
		if epoch, _ := h.Best(name); epoch > 0 && !isExtra(name) {
			places[name] = slices.Index(h.Epochs, epoch)
		}
	}
	return places
}

// judge is the name of the measure by which epochs are compared: the loss of the validation, or of the training.
func (h *History) judge() string {
	if _, ok := h.Values["val_loss"]; ok {
		return "val_loss"
	}
	return "loss"
}

// EpochTable is a table of the first and the last epochs, and of the best one between them, as HTML and as text. The best
// value of each measure is marked.
func (h *History) EpochTable(first, last int) (html, text string) {
	best := h.best()
	var also []int
	if i, ok := best[h.judge()]; ok {
		also = append(also, i)
	}
	places := h.fewEpochs(max(first, 0), max(last, 0), also...)
	rows := h.rowsOf(places)
	cells := make([][]rich.Cell, len(rows))
	plain := make([][]string, len(rows))
	for k, row := range rows {
		for j, s := range row {
			cell := rich.Cell{Text: rich.Clean(s, 40), Right: true, Head: k == 0}
			mark := " "
			if j > 0 && k > 0 && places[k-1] >= 0 {
				if i, ok := best[h.Names[j-1]]; ok && i == places[k-1] {
					cell.Strong, cell.Text, cell.Title, mark = true, cell.Text+" ★", "the best "+h.Names[j-1], "*"
				}
			}
			cells[k] = append(cells[k], cell)
			if _, marks := best[nameOr(h.Names, j-1)]; !marks {
				mark = ""
			}
			plain[k] = append(plain[k], rich.Clean(s, 40)+mark)
		}
	}
	return rich.Table(cells), strings.Join(columns.Lines(plain, nil), "\n")
}

func nameOr(names []string, i int) string {
	if i < 0 {
		return ""
	}
	return names[i]
}

// measures are the names of what was measured of training data or only of validation data, the loss first.
func (h *History) measures() []string {
	var names []string
	for _, name := range h.Names {
		plain := strings.TrimPrefix(name, "val_")
		if !isExtra(name) && !slices.Contains(names, plain) {
			names = append(names, plain)
		}
	}
	return names
}

// mostCurves is the number of measures that are drawn.
const mostCurves = 12

// HTML shows the history in a notebook: for each measure a small curve of the training and, dashed, of the validation,
// with the last and the best value, and below them the table of the epochs, in which the best are marked.
func (h *History) HTML() string {
	var charts []string
	best := h.best()
	for _, name := range h.measures()[:min(len(h.measures()), mostCurves)] {
		var curves []rich.Curve
		for _, full := range []string{name, "val_" + name} {
			if values := h.Values[full]; len(values) > 0 {
				c := rich.Curve{Name: full, Values: values, Best: -1}
				if i, ok := best[full]; ok {
					c.Best = i
				}
				curves = append(curves, c)
			}
		}
		if len(curves) == 0 {
			continue
		}
		if len(curves) == 2 { // the validation's counts
			curves[0].Best = -1
		}
		lines := []string{"<b>" + rich.Escape(rich.Clean(name, 40)) + "</b>", rich.Curves(curves...)}
		for k, c := range curves {
			lines = append(lines, h.said(c.Name, [...]string{rich.Blue, rich.Orange}[k]))
		}
		charts = append(charts, strings.Join(lines, "<br>"))
	}
	table, _ := h.EpochTable(firstRows, lastRows)
	return rich.Card(h.title(), rich.Row(charts...), table)
}

// title says how much there is.
func (h *History) title() string {
	title := "<b>" + number.Plural(len(h.Epochs), "epoch", "epochs") + "</b>"
	seconds, measured := 0.0, false
	for _, s := range h.Values["seconds"] {
		if isFinite(s) {
			seconds, measured = seconds+s, true
		}
	}
	if measured {
		title += " · " + number.Fixed(seconds, 1) + " s"
	}
	return title
}

// said tells the last and the best value of a measure, with the colour of its curve.
func (h *History) said(name, colour string) string {
	text := fmt.Sprintf(`<span style="color:%s">■</span> %s %s`, colour, rich.Escape(rich.Clean(name, 40)), format(name, h.Last(name)))
	if epoch, v := h.Best(name); epoch > 0 {
		text += fmt.Sprintf(", best %s in epoch %d", format(name, v), epoch)
	}
	return `<span style="font-size:12px">` + text + "</span>"
}

// plain is what a terminal shows: the table, and a row of blocks for each measure.
func (h *History) plain() string {
	_, table := h.EpochTable(firstRows, lastRows)
	var rows [][]string
	for _, name := range h.Names {
		spark := rich.Spark(h.Values[name], 40)
		if isExtra(name) || spark == "" {
			continue
		}
		row := []string{rich.Clean(name, 40), spark, format(name, h.Last(name)), ""}
		if epoch, v := h.Best(name); epoch > 0 {
			row[3] = "best " + format(name, v) + " in epoch " + strconv.Itoa(epoch)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return table
	}
	return table + "\n\n" + strings.Join(columns.Lines(rows, func(column int) bool { return column == 2 }), "\n")
}

// MimeBundle gives a notebook the curves and the table as HTML, and the table with rows of blocks as text.
func (h *History) MimeBundle() map[string]any {
	return map[string]any{"text/html": h.HTML(), "text/plain": h.plain()}
}
