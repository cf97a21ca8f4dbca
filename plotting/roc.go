package plotting

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/dl/metric"
)

// ROC draws receiver operating characteristics: the true positive rate (the share of the positive samples that is found)
// over the false positive rate (that of the negative ones that is found with them), for every threshold, with the area
// under each curve. Of two classes each model has a curve. Of more, one model has a curve for each class against all
// others, of at most ten, with their macro average (the mean of the curves) and micro average (of all classes' scores
// together); several models have their macro averages. The dotted line is chance. The numbers are those of metric.ROCAUC.
func ROC(models []Scored, opts ...FigureOption) *Figure {
	o := collect(opts)
	all := readScored("plotting.ROC", models)
	c := &rates{options: o, what: "ROC", short: "area"}
	curveOf := func(b *question) (x, y []float64, area float64) {
		curve := metric.ROCAUC{}.Curve(b.tensors())
		return curve.FalsePositive, curve.TruePositive, curve.AUC()
	}
	c.collect(all, curveOf, meanCurve)
	p := c.panel("false positive rate", "true positive rate")
	p.note = sentence(leftOutOf(all), p.note)
	p.under = func(pen *pen, at func(x, y float64) point, area box) {
		pen.dashed(pen.theme.Soft, 1, []float64{2, 3}, at(0, 0), at(1, 1))
	}
	return c.figure(p)
}

// rates are curves of two shares.
type rates struct {
	options
	what, short string
	lines       []Series
	words       []string
	notes       []string
}

// collect finds the curves of models; mean is that of several, nil where there is only a mean of their areas.
func (c *rates) collect(models []*scored, curve func(*question) (x, y []float64, area float64), mean func([]Series) (x, y []float64)) {
	for i, m := range models {
		name := m.name
		if name == "" && len(models) > 1 {
			name = fmt.Sprintf("model %d", i)
		}
		if m.c == 1 {
			c.add(name, m.of(1), curve)
			continue
		}
		var areas []float64
		var curves []Series
		for class := range m.c {
			b := m.of(class)
			if why := b.undecided(); why != "" {
				if len(models) == 1 && m.c <= mostClasses {
					c.notes = append(c.notes, "class "+m.class(class)+" "+why)
				}
				continue
			}
			x, y, area := curve(b)
			areas, curves = append(areas, area), append(curves, Series{Name: m.class(class), X: x, Y: y})
		}
		if len(curves) == 0 {
			c.notes = append(c.notes, strings.TrimSpace(name+" has no class with positive and negative samples"))
			continue
		}
		if len(models) == 1 && m.c <= mostClasses {
			for k, s := range curves {
				c.line(s.Name, s.X, s.Y, areas[k], false)
			}
		}
		if len(models) > 1 && mean == nil { // the curve of all scores together stands for the model
			c.add(name+", micro average", m.pooled(), curve)
			continue
		}
		average := 0.0
		for _, area := range areas {
			average += area / float64(len(areas))
		}
		label := strings.TrimPrefix(name+", macro average", ", ")
		if mean != nil {
			x, y := mean(curves)
			c.line(label, x, y, average, true)
		} else {
			c.notes = append(c.notes, fmt.Sprintf("%s %s", label, measured(average)))
		}
		if len(models) == 1 {
			x, y, area := curve(m.pooled())
			c.line("micro average", x, y, area, true)
		}
	}
}

// add adds the curve of one question, or says why there is none.
func (c *rates) add(name string, b *question, curve func(*question) (x, y []float64, area float64)) {
	if why := b.undecided(); why != "" {
		if name == "" {
			name = "the model"
		}
		c.notes = append(c.notes, name+" "+why)
		return
	}
	x, y, area := curve(b)
	c.line(name, x, y, area, false)
}

func (c *rates) line(name string, x, y []float64, area float64, dashed bool) {
	label := strings.TrimSpace(fmt.Sprintf("%s  %s %s", name, c.short, measured(area)))
	c.lines = append(c.lines, Series{Name: label, X: x, Y: y, Dashed: dashed})
	c.words = append(c.words, label)
}

func (c *rates) panel(x, y string) *panel {
	return &panel{title: c.title, note: sentence(c.notes...), xlabel: x, ylabel: y, lines: c.lines, plain: true,
		reach: [2]float64{0, 1}, reachY: [2]float64{0, 1}, legend: len(c.lines) > 0, empty: "no curve"}
}

func (c *rates) figure(p *panel) *Figure {
	text := titled(c.title) + c.what
	if len(c.words) > 0 {
		text += ": " + strings.Join(c.words, ", ")
	}
	if p.note != "" {
		text += "; " + p.note
	}
	return p.figure(c.options, 480, 460, text+p.braille())
}

// meanCurve is the mean of rising curves at each x. Where one jumps the mean jumps, too, so that the area under it is
// the mean of their areas.
func meanCurve(curves []Series) (x, y []float64) {
	for _, c := range curves {
		x = append(x, c.X...)
	}
	slices.Sort(x)
	grid := slices.Compact(x)
	x = nil
	at := make([]int, len(curves)) // the first point of each curve that is not before the grid's
	for _, g := range grid {
		low, high := 0.0, 0.0
		for k, c := range curves {
			i := at[k]
			for i < len(c.X) && c.X[i] < g {
				i++
			}
			at[k] = i
			var a, b float64
			switch {
			case i == len(c.X):
				a = c.Y[i-1]
				b = a
			case c.X[i] == g:
				a = c.Y[i]
				for b = a; i < len(c.X) && c.X[i] == g; i++ {
					b = c.Y[i]
				}
			case i == 0:
				a, b = c.Y[0], c.Y[0]
			default:
				t := (g - c.X[i-1]) / (c.X[i] - c.X[i-1])
				a = c.Y[i-1] + t*(c.Y[i]-c.Y[i-1])
				b = a
			}
			low, high = low+a/float64(len(curves)), high+b/float64(len(curves))
		}
		x, y = append(x, g), append(y, low)
		if high != low {
			x, y = append(x, g), append(y, high)
		}
	}
	return x, y
}

// figure makes a figure of one panel, with room for its legend and its note beside the usual height of the axes.
func (p *panel) figure(o options, width, height float64, text string) *Figure {
	if o.size.Width > 0 {
		width, _ = o.size.or(width, height)
	}
	if p.legend {
		height += max(legendHeight(p.entries(o.theme), width-28)-legendRow, 0)
	}
	if p.note != "" {
		height += 16 * float64(len((style{size: textSize}).wrapped(p.note, width-42, 3)))
	}
	width, height = o.size.or(width, height)
	return &Figure{width: width, height: height, theme: o.theme, text: text,
		draw: func(pen *pen) { p.draw(pen, box{16, 14, width - 30, height - 26}) }}
}
