package plotting

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl/train"
)

// Curves draws how a training went: a panel for the loss and one for each metric, with the training and the validation
// values of every epoch. The best epoch, of the validation where there is one, is ringed and named.
func Curves(history *train.History, opts ...Option) *Figure {
	o := collect(opts)
	panels := curvePanels(history)
	columns := o.columns
	if columns == 0 {
		columns = min(len(panels), 2)
	}
	rows := (len(panels) + columns - 1) / columns
	const gap = 28
	usual := 880.0
	if columns == 1 {
		usual = 520
	}
	width, height := o.size.or(usual, float64(rows)*290+float64(rows-1)*gap)
	if o.title != "" {
		height += 24
	}
	return &Figure{width: width, height: height, theme: o.theme, text: curvesText(history), draw: func(pen *pen) {
		area := box{16, 14, width - 30, height - 26}
		area = pen.heading(o.title, area)
		w := (area.w - gap*float64(columns-1)) / float64(columns)
		h := (area.h - gap*float64(rows-1)) / float64(rows)
		for i, p := range panels {
			p.draw(pen, box{area.x + float64(i%columns)*(w+gap), area.y + float64(i/columns)*(h+gap), w, h})
		}
	}}
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
var notDrawn = []string{"learning_rate", "seconds", "images_per_second", "samples_per_second"}

// measures are the names of a history that get a panel: the loss, then the metrics as reported; validation values
// belong to the panel of what they validate.
func measures(h *train.History) []string {
	names := []string{"loss"}
	if h != nil {
		for _, name := range h.Names {
			if name = strings.TrimPrefix(name, "val_"); !slices.Contains(notDrawn, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func curvePanels(h *train.History) []*panel {
	var panels []*panel
	for _, name := range measures(h) {
		p := &panel{title: spoken(name), xlabel: "epoch", whole: true, legend: true}
		panels = append(panels, p)
		if h == nil {
			continue
		}
		epochs := make([]float64, len(h.Epochs))
		for i, e := range h.Epochs {
			epochs[i] = float64(e)
		}
		for _, line := range []struct{ words, name string }{{"training", name}, {"validation", "val_" + name}} {
			if values := h.Get(line.name); slices.ContainsFunc(values, finite) {
				p.lines = append(p.lines, Series{Name: line.words, X: epochs, Y: slices.Clone(values)})
			}
		}
		if best, ok := bestOf(h, name); ok {
			p.mark = &point{float64(best.epoch), best.value}
			p.note = fmt.Sprintf("best %s, epoch %d", significant(best.value), best.epoch)
		}
	}
	return panels
}

type best struct {
	name  string
	epoch int
	value float64
}

// bestOf is the best epoch of the validation values of a measure, or, where there are none, of the training's.
func bestOf(h *train.History, name string) (best, bool) {
	for _, name := range []string{"val_" + name, name} {
		if epoch, value := h.Best(name); epoch > 0 && finite(value) {
			return best{name, epoch, value}, true
		}
	}
	return best{}, false
}

// spoken writes a name as words.
func spoken(name string) string { return strings.ReplaceAll(name, "_", " ") }

// significant writes a measured value with the digits that mean something.
func significant(v float64) string {
	switch a := math.Abs(v); {
	case !finite(v):
		return fmt.Sprint(v)
	case a >= 1000 || a > 0 && a < 0.001:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// curvesText says what curves show: the last values and the best.
func curvesText(h *train.History) string {
	if h == nil || len(h.Epochs) == 0 {
		return "curves: no epoch yet"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "curves of %d epochs", len(h.Epochs))
	if len(h.Epochs) == 1 {
		b.Reset()
		b.WriteString("curves of 1 epoch")
	}
	for _, name := range measures(h) {
		for _, name := range []string{name, "val_" + name} {
			values := h.Get(name)
			if len(values) == 0 || !finite(values[len(values)-1]) {
				continue
			}
			fmt.Fprintf(&b, "\n  %-14s %s", name, significant(values[len(values)-1]))
			if epoch, value := h.Best(name); epoch > 0 {
				fmt.Fprintf(&b, " (best %s, epoch %d)", significant(value), epoch)
			}
		}
	}
	return b.String()
}
