package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/dl/train"
	"modelbook/internal/number"
)

// TrainingRun is a training that is compared with others: what a Fit returned, or train.LoadHistory read.
type TrainingRun struct {
	Name    string
	History *train.History
}

// CompareRuns draws several trainings over one another: a panel for the loss and one for each metric that one of them
// has, with a line for each training: of the validation values where it has them, or else of those of the training. The
// best value of all is ringed and named. [Smoothing] makes noisy lines readable; a loss that falls to a fiftieth has a
// logarithmic axis, as [LogY] gives all of them.
func CompareRuns(runs []TrainingRun, opts ...CurvesOption) *Figure {
	o := collect(opts)
	var names []string
	for i, r := range runs {
		if r.History == nil {
			runs = slices.Clone(runs)
			runs[i].History = &train.History{}
		}
		for _, name := range measures(runs[i].History) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var panels []*panel
	var words strings.Builder
	fmt.Fprintf(&words, "%s%s compared", titled(o.title), number.Plural(len(runs), "training", "trainings"))
	for _, name := range names {
		p, text := runsPanel(runs, name, o)
		panels = append(panels, p)
		words.WriteString(text)
	}
	if len(panels) == 0 {
		panels = []*panel{{empty: "no training yet"}}
	}
	columns := cmp.Or(o.columns, min(len(panels), 2))
	usual := 880.0
	if columns == 1 {
		usual = 520
	}
	width, _ := o.size.or(usual, 0)
	columns = min(columns, len(panels), max(int((width-30+panelGap)/(leastPanel+panelGap)), 1))
	rows := float64((len(panels) + columns - 1) / columns)
	entries := curveNames(panels, o.theme)
	above := 26 + legendHeight(entries, width-30) + 8
	if o.title != "" {
		above += 24
	}
	_, height := o.size.or(0, math.Ceil(above+rows*panelHeight+panelGap*(rows-1)))
	height = max(height, above+rows*leastPanel+panelGap*(rows-1))
	return &Figure{width: width, height: height, theme: o.theme, text: words.String(), draw: func(pen *pen) {
		area := pen.heading(o.title, box{16, 14, width - 30, height - 26})
		taken := drawLegend(pen, entries, box{area.x, area.y, area.w, 0}) + 8
		area.y, area.h = area.y+taken, area.h-taken
		w := (area.w - panelGap*float64(columns-1)) / float64(columns)
		h := (area.h - panelGap*(rows-1)) / rows
		for i, p := range panels {
			p.draw(pen, box{area.x + float64(i%columns)*(w+panelGap), area.y + float64(i/columns)*(h+panelGap), w, h})
		}
	}}
}

// runsPanel is the panel of one measure, and what it says.
func runsPanel(runs []TrainingRun, name string, o options) (*panel, string) {
	p := &panel{title: spoken(name), xlabel: "epoch", counted: true, logX: o.logX, logY: o.logY, empty: "no finite value"}
	var text strings.Builder
	text.WriteString("\n  " + name)
	var winner best
	var who string
	for i, r := range runs {
		h := r.History
		values := h.Get("val_" + name)
		if !slices.ContainsFunc(values, finite) {
			values = h.Get(name)
		}
		if len(values) == 0 {
			continue
		}
		epochs := make([]float64, len(values))
		for j := range epochs {
			epochs[j] = float64(j + 1)
			if j < len(h.Epochs) {
				epochs[j] = float64(h.Epochs[j])
			}
		}
		label := oneLine(r.Name)
		if label == "" {
			label = fmt.Sprintf("run %d", i)
		}
		p.lines = append(p.lines, Series{Name: label, X: epochs, Y: slices.Clone(values)})
		p.colors = append(p.colors, o.theme.series(i))
		b, ok := bestOf(h, name)
		if !ok {
			fmt.Fprintf(&text, "\n    %s: no finite value", label)
			continue
		}
		fmt.Fprintf(&text, "\n    %s: best %s, epoch %d  %s", label, measured(b.value), b.epoch, sparkline(values, 40))
		if who == "" || better(h, name, b.value, winner.value) {
			winner, who = b, label
		}
	}
	if who != "" {
		p.mark = &point{float64(winner.epoch), winner.value}
		p.note = fmt.Sprintf("best %s, %s, epoch %d", measured(winner.value), who, winner.epoch)
	}
	if strings.HasSuffix(name, "loss") || strings.HasSuffix(name, "error") || name == "mse" || name == "mae" {
		p.logY = p.logY || p.fallsFar()
	}
	if p.logY {
		p.ylabel = "logarithmic"
	}
	p.smooth(o.smoothing)
	return p, text.String()
}

// better says whether a is a better value than b, as a history knows for its measures.
func better(h *train.History, name string, a, b float64) bool {
	two := &train.History{Epochs: []int{1, 2}, Names: []string{name}, Values: map[string][]float64{name: {b, a}}, Directions: h.Directions}
	epoch, _ := two.Best(name)
	return epoch == 2
}
