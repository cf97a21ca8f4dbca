package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbook/internal/number"
)

// bar is one value of a bar chart.
type bar struct {
	name   string
	value  float64
	text   string // the value as it is written
	strong bool
}

const mostBars = 200

// Bars draws a horizontal bar for each value with its name before it, for example the probabilities of the classes of
// one picture. [Highlight] marks one, [Sorted] puts the largest first, [Labels] names the values' axis by its X. Names
// beyond the values are ignored; values without a name show their number. Of more than 200 the first are drawn.
func Bars(names []string, values any, opts ...BarsOption) *Figure {
	o := collect(opts)
	v := numbers("plotting.Bars", values)
	texts := number.Beside(v)
	bars := make([]bar, len(v))
	for i := range bars {
		bars[i] = bar{name: strconv.Itoa(i), value: v[i], text: typeset(texts[i]), strong: o.highlight[i]}
		if i < len(names) {
			bars[i].name = names[i]
		}
	}
	if o.sorted {
		slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	}
	var words strings.Builder
	words.WriteString(titled(o.title) + number.Plural(len(v), "bar", "bars"))
	note := ""
	if len(bars) > mostBars {
		bars = bars[:mostBars]
		note = fmt.Sprintf("the first %d of %s", mostBars, number.Count(len(v)))
		words.WriteString(", " + note)
	}
	words.WriteString(textBars(bars))
	usual := 460.0
	if w := barNames(bars, math.Inf(1)) + barTexts(bars)*1.2 + 250; w > usual {
		usual = min(w, 700)
	}
	height := 28 + 22*float64(max(len(bars), 1))
	for _, line := range []string{o.labels.X, note} {
		if line != "" {
			height += 20
		}
	}
	width, height := o.size.or(usual, height)
	if o.title != "" {
		height += 24
	}
	return &Figure{width: width, height: height, theme: o.theme, text: words.String(), draw: func(p *pen) {
		soft := style{size: textSize, color: p.theme.Soft}
		area := p.heading(o.title, box{16, 14, width - 32, height - 28})
		if note != "" {
			p.text(soft, area.x, area.y+12, note)
			area.y, area.h = area.y+20, area.h-20
		}
		if o.labels.X != "" {
			soft.align = center
			p.text(soft, area.x+area.w/2, area.bottom()+2, soft.fitted(o.labels.X, area.w))
			area.h -= 20
		}
		drawBars(p, area, bars, len(o.highlight) > 0)
	}}
}

// barNames is the width that the names of bars take, barTexts that of their numbers.
func barNames(bars []bar, most float64) float64 {
	s, w := style{size: textSize}, 0.0
	for _, b := range bars {
		s.bold = b.strong
		w = max(w, s.width(s.fitted(b.name, most)))
	}
	return w
}

func barTexts(bars []bar) float64 {
	s, w := style{size: textSize}, 0.0
	for _, b := range bars {
		s.bold = b.strong
		w = max(w, s.width(b.text))
	}
	return w
}

func drawBars(p *pen, area box, bars []bar, marked bool) {
	ink, soft := style{size: textSize, color: p.theme.Ink}, style{size: textSize, color: p.theme.Soft}
	if len(bars) == 0 {
		p.text(soft, area.x, area.y+18, "no values")
		return
	}
	low, high := 0.0, 0.0
	for _, b := range bars {
		if finite(b.value) {
			low, high = min(low, b.value), max(high, b.value)
		}
	}
	if low == high {
		high = 1
	}
	figures := barTexts(bars)
	gutter := barNames(bars, min(max(area.w-figures-120, area.w/3), area.w/2))
	x0, x1 := area.x+gutter+10, area.right()-figures-8
	if low < 0 {
		x0 += figures + 8 // the figures of negative bars stand on their left
	}
	x1 = max(x1, x0+10)
	values := axis{lo: low, hi: high}
	at := func(v float64) float64 { return x0 + values.share(v)*(x1-x0) }
	row := area.h / float64(len(bars))
	zero := at(0)
	for i, b := range bars {
		y := area.y + float64(i)*row
		base := y + row/2 + 4
		name := ink
		name.align, name.bold = right, b.strong
		p.text(name, area.x+gutter, base, name.fitted(b.name, gutter))
		c := p.theme.series(0)
		if marked && !b.strong {
			c = mix(p.theme.Card, c, 0.55)
		}
		end := zero
		if finite(b.value) {
			end = at(b.value)
			p.rect(c, box{min(zero, end), y + row*0.15, max(math.Abs(end-zero), 0.5), row * 0.7})
		}
		figure := soft
		figure.bold = b.strong
		if b.value < 0 && finite(b.value) {
			figure.align = right
			p.text(figure, end-6, base, b.text)
		} else {
			p.text(figure, end+6, base, b.text)
		}
	}
	p.line(p.theme.Soft, 1, point{zero, area.y}, point{zero, area.bottom()})
}

// textBars draws bars with characters, a line each: for a terminal.
func textBars(bars []bar) string {
	const long = 24
	widest, names, texts := 0.0, 0, 0
	for _, b := range bars {
		if finite(b.value) {
			widest = max(widest, math.Abs(b.value))
		}
		names, texts = max(names, len([]rune(shortName(b.name)))), max(texts, len([]rune(b.text)))
	}
	var words strings.Builder
	for _, b := range bars {
		fmt.Fprintf(&words, "\n  %-*s  %*s", names, shortName(b.name), texts, b.text)
		if finite(b.value) && widest > 0 {
			words.WriteString(strings.TrimRight("  "+blocks(math.Abs(b.value)/widest*long), " "))
		}
	}
	return words.String()
}

// blocks are a bar of so many characters, in steps of an eighth.
func blocks(length float64) string {
	eighths := int(math.Round(length * 8))
	if eighths%8 == 0 {
		return strings.Repeat("█", eighths/8)
	}
	return strings.Repeat("█", eighths/8) + string([]rune("▏▎▍▌▋▊▉")[eighths%8-1])
}

// shortName is a name as it stands in a text: one line, cut in its middle where it is long.
func shortName(name string) string {
	const most = 28
	runes := []rune(oneLine(name))
	if len(runes) > most {
		runes = append(append(slices.Clone(runes[:most/2]), '…'), runes[len(runes)-most/2+1:]...)
	}
	return string(runes)
}
