package plotting

import (
	"fmt"
	"math"
	"slices"

	"modelbook/internal/number"
)

// Histogram draws how often values fall into intervals of equal width: a slice of numbers or a *dl.Tensor. Whole
// numbers get bars of whole widths, few different ones a bar each. [Bins] sets the number of bars, [Density] makes their
// areas add up to 1, [KDE] draws a smooth density over them (not on a logarithmic axis). What is not a finite number is left out, as are a few values very far from all others; the figure
// says so.
func Histogram(values any, opts ...HistogramOption) *Figure {
	o := collect(opts)
	all := numbers("plotting.Histogram", values)
	kept := slices.DeleteFunc(slices.Clone(all), func(v float64) bool { return !holds(o.logX, v) })
	slices.Sort(kept)
	note := number.Plural(len(kept), "value", "values")
	if len(kept) > 0 {
		mean, deviation := moments(kept)
		note += fmt.Sprintf(", mean %s, standard deviation %s", measured(mean), measured(deviation))
	}
	if left := len(all) - len(kept); left > 0 {
		why := "not finite"
		if o.logX {
			why = "not finite or not above 0"
		}
		note += fmt.Sprintf("; %s %s left out", number.Count(left), why)
	}
	low, high := 0, len(kept)
	if !o.logX {
		low, high = central(kept)
	}
	if low > 0 {
		note += fmt.Sprintf("; %s below %s not drawn, down to %s", number.Count(low), measured(kept[low]), measured(kept[0]))
	}
	if beyond := len(kept) - high; beyond > 0 {
		note += fmt.Sprintf("; %s above %s not drawn, up to %s", number.Count(beyond), measured(kept[high-1]), measured(kept[len(kept)-1]))
	}
	h := newBins(kept[low:high], o.bins, o.logX)
	note += h.crowded(!o.logX && low == 0 && high > 0 && kept[0] > 0)
	p := &panel{title: o.title, note: note, xlabel: o.labels.X, ylabel: o.labels.Y, fromZero: true, bars: true,
		counted: h.whole, logX: o.logX, logY: o.logY, empty: "no values"}
	if p.ylabel == "" {
		p.ylabel = map[bool]string{false: "count", true: "density"}[o.density]
	}
	p.lines = h.outlines(o.density, len(kept))
	if o.kde && len(h.counts) > 0 && !o.logX {
		p.lines = append(p.lines, h.overlaid(newDensity(kept[low:high], o.bandwidth), o.density, len(kept)))
		p.plain = true
	}
	width, height := o.size.or(560, 320)
	return &Figure{width: width, height: height, theme: o.theme, text: titled(o.title) + "histogram of " + note + h.words(),
		draw: func(pen *pen) { p.draw(pen, box{16, 14, width - 30, height - 26}) }}
}

// central is the part of sorted values that a histogram shows: all of them, unless a few lie so far away that the
// others would share one bar.
func central(sorted []float64) (low, high int) {
	n := len(sorted)
	if n < 5 {
		return 0, n
	}
	a, b := sorted[n/100], sorted[n-1-max(n/100, 1)]
	spread := b - a
	if !(spread > 0) || sorted[n-1]/25-sorted[0]/25 < spread {
		return 0, n
	}
	low, _ = slices.BinarySearch(sorted, a-spread)
	high, _ = slices.BinarySearch(sorted, b+spread)
	if n-(high-low) > max(n/50, 1) {
		return 0, n
	}
	return low, high
}

// bins are the counts of intervals between edges, the last one closed.
type bins struct {
	edges  []float64
	counts []int
	whole  bool // a bin for each whole number, in its middle
}

const (
	mostBins = 80
	fewWhole = 40 // different whole numbers that get a bar each
)

// newBins chooses intervals for sorted values: n of them, or, where n is 0, as many as the rule of Freedman and
// Diaconis says, which follows the spread of the middle half.
func newBins(sorted []float64, n int, log bool) bins {
	if len(sorted) == 0 {
		return bins{}
	}
	if log {
		exponents := make([]float64, len(sorted))
		for i, v := range sorted {
			exponents[i] = math.Log10(v)
		}
		b := intervals(exponents, n, false)
		if len(b.counts) == 1 {
			b.edges = []float64{exponents[0] - 0.02, exponents[0] + 0.02}
		}
		for i, e := range b.edges {
			b.edges[i] = min(max(math.Pow(10, e), leastLog), math.MaxFloat64)
		}
		return b
	}
	return intervals(sorted, n, number.Whole(sorted) && max(math.Abs(sorted[0]), math.Abs(sorted[len(sorted)-1])) < 1<<50)
}

// intervals are of equal widths; whole ones where the values are whole numbers.
func intervals(sorted []float64, n int, whole bool) bins {
	lo, hi := sorted[0], sorted[len(sorted)-1]
	big := max(math.Abs(lo), math.Abs(hi))
	quartile := func(q float64) float64 { return sorted[int(q*float64(len(sorted)-1))] }
	step := 2 * (quartile(0.75) - quartile(0.25)) / math.Cbrt(float64(len(sorted)))
	switch {
	case whole:
		width := max(math.Round(step), math.Ceil((hi-lo+1)/mostBins), 1)
		if hi-lo <= fewWhole {
			width = 1
		}
		if n > 0 {
			width = max(math.Ceil((hi-lo+1)/float64(n)), 1)
		}
		n = int(math.Ceil((hi - lo + 1) / width))
		lo -= 0.5
		hi = lo + width*float64(n)
		whole = width == 1
	case hi-lo <= big*2e-13 || hi-lo < 1e-300:
		// One value, as far as can be told: one bar.
		pad := max(big*0.02, 1e-3*min(big*1e300, 1))
		if pad == 0 {
			pad = 0.02
		}
		n, lo, hi = 1, max(lo-pad, -math.MaxFloat64), min(hi+pad, math.MaxFloat64)
	case n == 0 && (!finite(step) || !(step > 0) || hi/step-lo/step > mostBins):
		n = mostBins
	case n == 0:
		n = max(int(math.Ceil((hi-lo)/step)), 5)
	}
	b := bins{counts: make([]int, n), whole: whole}
	for i := range n {
		// In halves, since the whole width may exceed the range of numbers.
		b.edges = append(b.edges, 2*(lo/2+(hi/2/float64(n)-lo/2/float64(n))*float64(i)))
	}
	b.edges = append(b.edges, hi)
	reach := axis{lo: lo, hi: hi}
	for _, v := range sorted {
		b.counts[min(max(int(reach.share(v)*float64(n)), 0), n-1)]++
	}
	return b
}

// crowded says that one bar has nearly all values, and that a logarithmic axis, if it can be had, spreads them.
func (b bins) crowded(log bool) string {
	const bars, share = 10, 0.75
	if len(b.counts) < bars {
		return ""
	}
	total := 0
	for _, count := range b.counts {
		total += count
	}
	most := float64(slices.Max(b.counts)) / float64(total)
	if most < share {
		return ""
	}
	words := fmt.Sprintf("; %s %% lie in one bar", number.Percent(most))
	if log {
		words += ": LogX spreads them"
	}
	return words
}

// outlines are the upper edges of the bars. Of a density the areas add up to the share of the values that is drawn.
func (b bins) outlines(density bool, total int) []Series {
	var s Series
	for i, count := range b.counts {
		y := float64(count)
		if width := b.edges[i+1] - b.edges[i]; density && width > 0 {
			y /= float64(total) * width
		}
		s.X = append(s.X, b.edges[i], b.edges[i+1])
		s.Y = append(s.Y, y, y)
	}
	return []Series{s}
}

// overlaid is the curve of a density as high as the bars.
func (b bins) overlaid(d estimate, share bool, total int) Series {
	s := d.curve(2)
	for i := range s.Y {
		s.Y[i] *= float64(len(d.values)) / float64(total)
		if !share { // counts are shares times the number of values times the width of a bar
			s.Y[i] *= float64(total) * (b.edges[1] - b.edges[0])
		}
	}
	return s
}

// words draws the bars with characters, from the lowest to the highest value.
func (b bins) words() string {
	if len(b.counts) < 2 {
		return ""
	}
	most := slices.Max(b.counts)
	heights := []rune(" ▁▂▃▄▅▆▇█")
	line := make([]rune, len(b.counts))
	for i, count := range b.counts {
		line[i] = heights[int(math.Ceil(float64(count)/float64(most)*8))]
	}
	from, to := ends(b.edges[0], b.edges[len(b.edges)-1])
	return fmt.Sprintf("\n  %s %s %s", from, string(line), to)
}

// moments are computed in parts of the largest value, whose square may be no number.
func moments(values []float64) (mean, deviation float64) {
	unit := 0.0
	for _, v := range values {
		unit = max(unit, math.Abs(v))
	}
	if unit == 0 {
		return 0, 0
	}
	n := float64(len(values))
	for _, v := range values {
		mean += v / unit / n
	}
	for _, v := range values {
		deviation += (v/unit - mean) * (v/unit - mean) / n
	}
	return mean * unit, math.Sqrt(deviation) * unit
}
