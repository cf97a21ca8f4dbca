package plotting

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"modelbook/dl/train"
	"modelbook/internal/number"
)

// Curves draws how a training went: a panel for the loss and one for each metric, with the training and the validation
// values of every epoch, and one for the learning rate if that changed. The best epoch, of the validation where there
// is one, is ringed and named. [Smoothing] draws slow lines over the values. A loss that falls to a fiftieth has a logarithmic axis, as [LogY] gives all of them.
func Curves(history *train.History, opts ...CurvesOption) *Figure {
	return curves(history, collect(opts), story{})
}

// story is what is known of a training that is under way, or was just over, beyond its history.
type story struct {
	last   int       // the number of the last epoch planned
	begun  int       // the first epoch of this Fit, where others went before it
	ended  string    // why the training ended, if it did before its time
	losses []float64 // of the batches, while no epoch is over
	stride int       // steps from one of these to the next
}

const (
	panelGap    = 28.0
	panelHeight = 290.0
	leastPanel  = 190.0 // width and height of a panel in which something can be read
)

func curves(history *train.History, o options, s story) *Figure {
	if history == nil {
		history = &train.History{}
	}
	panels := curvePanels(history, o, s)
	columns := cmp.Or(o.columns, min(len(panels), 2))
	usual := 880.0
	if columns == 1 {
		usual = 520
	}
	width, _ := o.size.or(usual, 0)
	columns = min(columns, len(panels), max(int((width-30+panelGap)/(leastPanel+panelGap)), 1))
	rows := (len(panels) + columns - 1) / columns
	head := style{size: textSize}
	end := head.wrapped(s.ended, width-30, 4)
	above := 26 + 24 + 16*float64(len(end)) + 6*float64(min(len(end), 1))
	gaps := panelGap * float64(rows-1)
	_, height := o.size.or(0, math.Ceil(above+float64(rows)*panelHeight+gaps-24))
	height = max(height, above+float64(rows)*leastPanel+gaps)
	return &Figure{width: width, height: height, theme: o.theme, text: curvesText(history, o.title, s.ended), draw: func(pen *pen) {
		area := box{16, 14, width - 30, height - 26}
		if entries := curveNames(panels, o.theme); len(entries) > 0 {
			w := legendWidth(entries)
			drawLegend(pen, entries, box{area.right() - w, area.y + 1, w, 0})
		}
		title := style{size: titleSize + 1, bold: true, color: pen.theme.Ink}
		pen.text(title, area.x, area.y+13, title.fitted(o.title, area.w-190))
		area.y, area.h = area.y+24, area.h-24
		head.color = pen.theme.Ink
		for _, line := range end {
			pen.text(head, area.x, area.y+10, line)
			area.y, area.h = area.y+16, area.h-16
		}
		area.y, area.h = area.y+6*float64(min(len(end), 1)), area.h-6*float64(min(len(end), 1))
		w := (area.w - panelGap*float64(columns-1)) / float64(columns)
		h := (area.h - gaps) / float64(rows)
		for i, p := range panels {
			p.draw(pen, box{area.x + float64(i%columns)*(w+panelGap), area.y + float64(i/columns)*(h+panelGap), w, h})
		}
	}}
}

// curveNames are the entries of the one legend of all panels.
func curveNames(panels []*panel, t Theme) []entry {
	var list []entry
	for _, p := range panels {
		for _, e := range p.entries(t) {
			if !slices.ContainsFunc(list, func(known entry) bool { return known.name == e.name }) {
				list = append(list, e)
			}
		}
	}
	return list
}

// heading writes a figure's title, if it has one, and returns the area below it.
func (p *pen) heading(title string, area box) box {
	if title == "" {
		return area
	}
	s := style{size: titleSize + 1, bold: true, color: p.theme.Ink}
	p.text(s, area.x, area.y+13, s.fitted(title, area.w))
	area.y, area.h = area.y+24, area.h-24
	return area
}

// What a history also holds that is no measure of the model.
var notMeasures = []string{"learning_rate", "seconds", "images_per_second", "samples_per_second"}

// measures are the names of a history that get a panel: the loss, then the metrics as reported; validation values
// belong to the panel of what they validate.
func measures(h *train.History) []string {
	names := []string{"loss"}
	for _, name := range h.Names {
		if name = strings.TrimPrefix(name, "val_"); !slices.Contains(notMeasures, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func curvePanels(h *train.History, o options, s story) []*panel {
	epochs := make([]float64, len(h.Epochs))
	for i, e := range h.Epochs {
		epochs[i] = float64(e)
	}
	frame := func(title string) *panel {
		p := &panel{title: title, xlabel: "epoch", counted: true, logX: o.logX, logY: o.logY, empty: "no values yet"}
		if s.last > 1 {
			p.reach = [2]float64{1, float64(s.last)}
		}
		if s.begun > 1 && len(h.Epochs) > 0 {
			p.seams = []seam{{x: float64(s.begun) - 0.5, words: "next Fit"}}
		}
		return p
	}
	var panels []*panel
	for _, name := range measures(h) {
		p := frame(spoken(name))
		panels = append(panels, p)
		var notes []string
		if best, ok := bestOf(h, name); ok {
			p.mark = &point{float64(best.epoch), best.value}
			notes = append(notes, fmt.Sprintf("best %s, epoch %d", measured(best.value), best.epoch))
		}
		for i, line := range []struct{ words, name string }{{"training", name}, {"validation", "val_" + name}} {
			values := h.Get(line.name)
			if slices.ContainsFunc(values, finite) {
				p.lines = append(p.lines, Series{Name: line.words, X: epochs, Y: slices.Clone(values)})
				p.colors = append(p.colors, o.theme.series(i))
			}
			if words := notNumbers(h, line.name); words != "" {
				notes = append(notes, line.words+" is "+words)
				p.empty = "no finite value"
			}
		}
		if name == "loss" && len(p.lines) == 0 && len(s.losses) > 0 {
			steps := make([]float64, len(s.losses))
			for i := range steps {
				steps[i] = float64(1 + i*max(s.stride, 1))
			}
			p.lines, p.colors = []Series{{Y: s.losses, X: steps}}, []color.RGBA{o.theme.series(0)}
			p.xlabel, p.reach, notes = "step", [2]float64{}, []string{"mean of the first epoch so far"}
		}
		if strings.HasSuffix(name, "loss") || strings.HasSuffix(name, "error") || name == "mse" || name == "mae" {
			p.logY = p.logY || p.fallsFar()
		}
		if p.logY {
			p.ylabel = "logarithmic"
			notes = append(notes, p.leftOutOfLog())
		}
		p.note = sentence(notes...)
		p.smooth(o.smoothing)
	}
	if rates := h.Get("learning_rate"); changes(rates) {
		p := frame("learning rate")
		p.lines, p.colors = []Series{{X: epochs, Y: slices.Clone(rates)}}, []color.RGBA{o.theme.series(2)}
		p.logY = p.logY || p.fallsFar()
		panels = append(panels, p)
	}
	return panels
}

// fallsFar says whether all values of a panel are positive and the largest is so many times the smallest that on an
// axis of equal steps most of them would lie on its floor.
func (p *panel) fallsFar() bool {
	least, most := math.Inf(1), math.Inf(-1)
	for _, s := range p.lines {
		for _, y := range s.Y {
			if finite(y) {
				least, most = min(least, y), max(most, y)
			}
		}
	}
	return least > 0 && most/50 >= least
}

func (p *panel) leftOutOfLog() string {
	n := 0
	for _, s := range p.lines {
		for _, y := range s.Y {
			if finite(y) && y <= 0 {
				n++
			}
		}
	}
	if n == 0 {
		return ""
	}
	return number.Plural(n, "value is", "values are") + " not above 0"
}

// changes says whether there are different values.
func changes(values []float64) bool {
	first := math.NaN()
	for _, v := range values {
		if finite(v) {
			if v != first && first == first {
				return true
			}
			first = v
		}
	}
	return false
}

// notNumbers says in which epochs a value was measured and is no finite number.
func notNumbers(h *train.History, name string) string {
	bad, nans, first := 0, 0, 0
	values := h.Get(name)
	for i, v := range values {
		if finite(v) || !train.Measured(v) || i >= len(h.Epochs) {
			continue
		}
		if bad++; bad == 1 {
			first = h.Epochs[i]
		}
		if v != v {
			nans++
		}
	}
	what := "not a number"
	if nans == 0 {
		what = "infinite"
	}
	switch {
	case bad == 0:
		return ""
	case bad == 1:
		return fmt.Sprintf("%s in epoch %d", what, first)
	case bad == len(values)-slices.Index(h.Epochs, first):
		return fmt.Sprintf("%s from epoch %d", what, first)
	}
	return fmt.Sprintf("%s in %d epochs, first in epoch %d", what, bad, first)
}

type best struct {
	epoch int
	value float64
}

// bestOf is the best epoch of the validation values of a measure, or, where there are none, of the training's.
func bestOf(h *train.History, name string) (best, bool) {
	for _, name := range []string{"val_" + name, name} {
		if epoch, value := h.Best(name); epoch > 0 && finite(value) {
			return best{epoch, value}, true
		}
	}
	return best{}, false
}

// spoken writes a name as words.
func spoken(name string) string { return strings.ReplaceAll(name, "_", " ") }

// curvesText says what curves show: the last values and the best, and each curve drawn with characters.
func curvesText(h *train.History, title, ended string) string {
	var b strings.Builder
	b.WriteString(titled(title))
	if len(h.Epochs) == 0 {
		b.WriteString(sentence("curves: no epoch yet", ended))
		return b.String()
	}
	b.WriteString(sentence("curves of "+number.Plural(len(h.Epochs), "epoch", "epochs"), ended))
	for _, name := range measures(h) {
		for _, name := range []string{name, "val_" + name} {
			values := h.Get(name)
			if len(values) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\n  %-14s %s", name, measured(values[len(values)-1]))
			if epoch, value := h.Best(name); epoch > 0 {
				fmt.Fprintf(&b, " (best %s, epoch %d)", measured(value), epoch)
			}
			if words := notNumbers(h, name); words != "" {
				b.WriteString("; " + words)
			}
			if spark := sparkline(values, 40); spark != "" {
				b.WriteString("  " + spark)
			}
		}
	}
	return b.String()
}
