package plotting

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"modelbook/dl/nn"
	"modelbook/internal/number"
)

// Norms draws, for each parameter of a model, the length (the L2 norm) of its weights and, after a Backward, of its
// gradient, in a row each on a logarithmic axis: where gradients vanish or explode, layers stand apart from the others.
// Of more than 60 parameters those of a layer are taken together. A norm of 0, and one that is no finite number, is
// written out, as is the ratio of the two.
func Norms(model nn.Module, opts ...FigureOption) *Figure {
	o := collect(opts)
	f := &norms{options: o, rows: normsOf(model)}
	f.note = f.faults()
	names := 0.0
	for _, r := range f.rows {
		names = max(names, (style{size: textSize}).width((style{size: textSize}).fittedMiddle(r.name, 190)))
	}
	f.gutter = names + 12
	width, height := o.size.or(620, 92+20*float64(max(len(f.rows), 1))+24*float64(min(len(o.title), 1))+18*float64(min(len(f.note), 1)))
	width = max(width, f.gutter+300)
	return &Figure{width: width, height: height, theme: o.theme, text: f.words(), draw: func(pen *pen) { f.draw(pen, width, height) }}
}

const mostNorms = 60

type norms struct {
	options
	rows   []normRow
	note   string
	gutter float64
}

// normRow are the norms of a parameter, or of a layer's parameters.
type normRow struct {
	name             string
	weight, gradient float64 // NaN where there is no gradient
	known            bool    // whether there is a gradient
}

func normsOf(model nn.Module) []normRow {
	if model == nil {
		return nil
	}
	named := nn.NamedParameters(model)
	layered := len(named) > mostNorms
	var rows []normRow
	at := map[string]int{}
	for _, p := range named {
		if !p.Value.DType().IsFloat() {
			continue
		}
		name := p.Name
		if i := strings.LastIndexByte(name, '.'); layered && i > 0 {
			name = name[:i]
		}
		k, seen := at[name]
		if !seen {
			k = len(rows)
			at[name] = k
			rows = append(rows, normRow{name: name})
		}
		r := &rows[k]
		r.weight = math.Hypot(r.weight, euclid(numbers("plotting.Norms", p.Value)))
		if g := p.Value.Grad(); g != nil {
			r.gradient, r.known = math.Hypot(r.gradient, euclid(numbers("plotting.Norms", g))), true
		}
	}
	return rows
}

// euclid is the length of a vector, computed in parts of the largest value, whose square may be no number.
func euclid(values []float64) float64 {
	unit, sum := 0.0, 0.0
	for _, v := range values {
		if v != v {
			return math.NaN()
		}
		unit = max(unit, math.Abs(v))
	}
	if unit == 0 || math.IsInf(unit, 1) {
		return unit
	}
	for _, v := range values {
		sum += v / unit * v / unit
	}
	return unit * math.Sqrt(sum)
}

// faults says which gradients are zero or no numbers.
func (f *norms) faults() string {
	var bad, zero []string
	known := false
	for _, r := range f.rows {
		known = known || r.known
		switch {
		case !finite(r.weight) || r.known && !finite(r.gradient):
			bad = append(bad, r.name)
		case r.known && r.gradient == 0:
			zero = append(zero, r.name)
		}
	}
	list := func(names []string, what string) string {
		if len(names) == 0 {
			return ""
		}
		words := strings.Join(names[:min(len(names), 3)], ", ")
		if len(names) > 3 {
			words += fmt.Sprintf(" and %d more", len(names)-3)
		}
		return what + ": " + words
	}
	note := sentence(list(bad, "no finite number"), list(zero, "gradient 0"))
	if !known && len(f.rows) > 0 {
		note = sentence(note, "no gradients: call Backward before")
	}
	return note
}

func (f *norms) axis() (axis, bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, r := range f.rows {
		for _, v := range []float64{r.weight, r.gradient} {
			if holds(true, v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo > hi {
		return axis{}, false
	}
	return newAxis(lo, hi, 300, 14, true, false, false), true
}

func (f *norms) draw(pen *pen, width, height float64) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	area := pen.heading(f.title, box{16, 14, width - 32, height - 28})
	if f.note != "" {
		pen.text(soft, area.x, area.y+10, soft.fitted(f.note, area.w))
		area.y, area.h = area.y+18, area.h-18
	}
	if len(f.rows) == 0 {
		pen.text(soft, area.x, area.y+16, "no parameters")
		return
	}
	legend := (&panel{lines: []Series{{Name: "weights", Points: true}, {Name: "gradient", Points: true}}}).entries(t)
	area.y += drawLegend(pen, legend, area) + 4
	axis, drawn := f.axis()
	ratios := style{size: textSize}.width("gradient/weights")
	plot := box{area.x + f.gutter, area.y, area.w - f.gutter - ratios - 16, height - 42 - area.y}
	at := func(v float64) float64 { return plot.x + axis.share(v)*plot.w }
	if drawn {
		soft.align = center
		marks := (&panel{}).xTicks(axis, plot.w, soft)
		for i, v := range marks.values {
			pen.line(t.Grid, 1, point{at(v), plot.y}, point{at(v), plot.bottom()})
			pen.text(soft, at(v), plot.bottom()+16, marks.texts[i])
		}
	}
	soft.align = right
	pen.text(soft, area.right(), plot.bottom()+16, "gradient/weights")
	row := plot.h / float64(len(f.rows))
	for i, r := range f.rows {
		y := plot.y + (float64(i)+0.5)*row
		name := style{size: textSize, color: t.Ink, align: right}
		pen.text(name, plot.x-10, y+4, name.fittedMiddle(r.name, f.gutter-12))
		if holds(true, r.weight) && holds(true, r.gradient) {
			pen.line(t.Soft, 1.2, point{at(r.weight), y}, point{at(r.gradient), y})
		}
		if holds(true, r.weight) {
			mark(pen, t.series(0), 0, point{at(r.weight), y}, 4)
		}
		if holds(true, r.gradient) {
			mark(pen, t.series(1), 1, point{at(r.gradient), y}, 4)
		}
		pen.text(soft, area.right(), y+4, r.ratio())
	}
	pen.line(t.Soft, 1, point{plot.x, plot.bottom()}, point{plot.right(), plot.bottom()})
}

// ratio is the gradient's norm by that of the weights, in words.
func (r normRow) ratio() string {
	switch {
	case !finite(r.weight):
		return "weights " + notFinite(r.weight)
	case !r.known:
		return "–"
	case !finite(r.gradient):
		return "gradient " + notFinite(r.gradient)
	case r.gradient == 0:
		return "gradient 0"
	case r.weight == 0:
		return "weights 0"
	}
	return typeset(strconv.FormatFloat(r.gradient/r.weight, 'g', 2, 64))
}

func notFinite(v float64) string {
	if v != v {
		return "NaN"
	}
	return "infinite"
}

func (f *norms) words() string {
	var b strings.Builder
	b.WriteString(titled(f.title) + "norms of the weights and gradients of " + number.Plural(len(f.rows), "parameter", "parameters"))
	if f.note != "" {
		b.WriteString("; " + f.note)
	}
	names := 0
	for _, r := range f.rows {
		names = max(names, len([]rune(shortName(r.name))))
	}
	for _, r := range f.rows {
		gradient := "–"
		if r.known {
			gradient = measured(r.gradient)
		}
		fmt.Fprintf(&b, "\n  %-*s  weights %10s  gradient %10s  %s", names, shortName(r.name), measured(r.weight), gradient, r.ratio())
	}
	return b.String()
}
