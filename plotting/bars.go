package plotting

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Bars draws a horizontal bar for each value with its name before it, for example the probabilities of the classes of
// one picture. [Highlight] marks one. Names beyond the values are ignored; values without a name show their number.
func Bars(names []string, values any, opts ...Option) *Figure {
	o := collect(opts)
	v := numbers("plotting.Bars", values)
	const most = 200
	shown := v[:min(len(v), most)]
	row := 22.0
	width, height := o.size.or(460, 28+row*float64(max(len(shown), 1)))
	if o.title != "" {
		height += 24
	}
	texts := make([]string, len(shown))
	for i := range texts {
		texts[i] = strconv.Itoa(i)
		if i < len(names) {
			texts[i] = names[i]
		}
	}
	var words strings.Builder
	fmt.Fprintf(&words, "%s%d bars", titled(o.title), len(v))
	for i, text := range texts {
		fmt.Fprintf(&words, "\n  %-12s %s", text, significant(shown[i]))
	}
	return &Figure{width: width, height: height, theme: o.theme, text: words.String(), draw: func(p *pen) {
		area := p.heading(o.title, box{16, 14, width - 32, height - 28})
		drawBars(p, area, texts, shown, o.highlight)
	}}
}

func drawBars(p *pen, area box, names []string, values []float64, highlight map[int]bool) {
	ink, soft := style{size: textSize, color: p.theme.Ink}, style{size: textSize, color: p.theme.Soft}
	if len(values) == 0 {
		p.text(soft, area.x, area.y+18, "no values")
		return
	}
	low, high, gutter, figures := 0.0, 0.0, 0.0, 0.0
	for i, v := range values {
		gutter = max(gutter, ink.width(ink.fitted(names[i], area.w/3)))
		figures = max(figures, soft.width(significant(v)))
		if finite(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low == high {
		high = 1
	}
	x0, x1 := area.x+gutter+10, area.right()-figures-8
	if low < 0 {
		x0 += figures + 8 // the figures of negative bars stand on their left
	}
	at := func(v float64) float64 { return x0 + (v-low)/(high-low)*(x1-x0) }
	row := area.h / float64(len(values))
	zero := at(0)
	for i, v := range values {
		y := area.y + float64(i)*row
		base := y + row/2 + 4
		name := ink
		name.align, name.bold = right, highlight[i]
		p.text(name, area.x+gutter, base, name.fitted(names[i], max(area.w/3, gutter)))
		c := mix(p.theme.Card, p.theme.series(0), 0.55)
		if highlight[i] || len(highlight) == 0 {
			c = p.theme.series(0)
		}
		end := zero
		if finite(v) {
			end = at(v)
			p.rect(c, box{min(zero, end), y + row*0.15, max(math.Abs(end-zero), 0.5), row * 0.7})
		}
		figure := soft
		figure.bold = highlight[i]
		if v < 0 {
			figure.align = right
			p.text(figure, end-6, base, significant(v))
		} else {
			p.text(figure, end+6, base, significant(v))
		}
	}
	p.line(p.theme.Soft, 1, point{zero, area.y}, point{zero, area.bottom()})
}

// Histogram draws how often values fall into intervals of equal width: a slice of numbers or a *dl.Tensor. Few
// different whole numbers get a bar each. What is not a finite number is left out, and the figure says so.
func Histogram(values any, opts ...Option) *Figure {
	o := collect(opts)
	all := numbers("plotting.Histogram", values)
	kept := slices.DeleteFunc(slices.Clone(all), func(v float64) bool { return !finite(v) })
	h := newBins(kept)
	width, height := o.size.or(560, 320)
	note := fmt.Sprintf("%s values", grouped(strconv.Itoa(len(kept))))
	if len(kept) > 0 {
		mean, deviation := moments(kept)
		note += fmt.Sprintf(", mean %s, standard deviation %s", significant(mean), significant(deviation))
	}
	if left := len(all) - len(kept); left > 0 {
		note += fmt.Sprintf("; %d not finite left out", left)
	}
	p := &histogram{panel: panel{title: o.title, note: note, xlabel: o.labels.X, ylabel: o.labels.Y, fromZero: true}, bins: h}
	return &Figure{width: width, height: height, theme: o.theme, text: titled(o.title) + "histogram of " + note,
		draw: func(pen *pen) { p.draw(pen, box{16, 14, width - 30, height - 26}) }}
}

// bins are the counts of intervals [lo + i*step, lo + (i+1)*step), the last one closed.
type bins struct {
	lo, step float64
	counts   []int
	whole    bool // a bin for each whole number, in its middle
}

const mostBins = 80

// newBins chooses intervals by the rule of Freedman and Diaconis, which follows the spread of the middle half.
func newBins(values []float64) bins {
	if len(values) == 0 {
		return bins{}
	}
	sorted := slices.Sorted(slices.Values(values))
	lo, hi := sorted[0], sorted[len(sorted)-1]
	whole := hi-lo <= 40 && !slices.ContainsFunc(values, func(v float64) bool { return v != math.Trunc(v) })
	b := bins{lo: lo - 0.5, step: 1, whole: true}
	n := int(hi-lo) + 1
	if !whole {
		quartile := func(q float64) float64 { return sorted[int(q*float64(len(sorted)-1))] }
		b = bins{lo: lo}
		b.step = 2 * (quartile(0.75) - quartile(0.25)) / math.Cbrt(float64(len(values)))
		switch span := hi - lo; {
		case span == 0:
			n, b.lo, b.step = 1, lo-0.5, 1
		case !(b.step > 0) || span/b.step > mostBins:
			n = mostBins
		default:
			n = max(int(math.Ceil(span/b.step)), 5)
		}
		if hi > lo {
			b.step = (hi - lo) / float64(n)
		}
	}
	b.counts = make([]int, n)
	for _, v := range values {
		b.counts[min(max(int((v-b.lo)/b.step), 0), n-1)]++
	}
	return b
}

func moments(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, math.Sqrt(deviation)
}

// histogram is a panel whose series are the bins' outlines.
type histogram struct {
	panel
	bins
}

func (h *histogram) draw(pen *pen, b box) {
	h.panel.whole = h.bins.whole
	if len(h.counts) > 0 {
		s := Series{}
		for i, count := range h.counts {
			x := h.lo + float64(i)*h.step
			s.X = append(s.X, x, x+h.step)
			s.Y = append(s.Y, float64(count), float64(count))
		}
		h.lines = []Series{s}
		h.panel.bars = true
	}
	h.panel.draw(pen, b)
}
