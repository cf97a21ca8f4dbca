package rich

import (
	"fmt"
	"math"
	"strings"

	"modelbook/internal/number"
)

// Histogram counts values in bins of one width.
type Histogram struct {
	Counts []int
	Lo, Hi float64
	Whole  bool // all values are whole numbers
}

// Level writes the smallest or the largest value.
func (h Histogram) Level(v float64) string {
	if h.Whole && math.Abs(v) < 1e9 {
		return number.Fixed(v, 0)
	}
	return number.Measured(v)
}

// HistogramOf counts the finite values in at most so many bins; bins of whole numbers hold equally many of them, since
// others would make a comb. It has no bins where there is no finite value.
func HistogramOf(values []float64, bins int) Histogram {
	lo, hi, whole := math.Inf(1), math.Inf(-1), true
	for _, v := range values {
		if v-v == 0 {
			lo, hi, whole = min(lo, v), max(hi, v), whole && v == math.Trunc(v)
		}
	}
	if lo > hi {
		return Histogram{}
	}
	place := func(float64) int { return 0 }
	switch half := hi/2 - lo/2; { // the whole difference may be infinite
	case half == 0:
		bins = 1
	case whole && half < 1<<30:
		numbers := int(hi-lo) + 1
		each := (numbers + bins - 1) / bins
		bins = (numbers + each - 1) / each
		place = func(v float64) int { return int(v-lo) / each }
	default:
		place = func(v float64) int { return min(int((v/2-lo/2)/half*float64(bins)), bins-1) }
	}
	h := Histogram{Lo: lo, Hi: hi, Whole: whole, Counts: make([]int, bins)}
	for _, v := range values {
		if v-v == 0 {
			h.Counts[place(v)]++
		}
	}
	return h
}

func (h Histogram) most() (most int) {
	for _, n := range h.Counts {
		most = max(most, n)
	}
	return most
}

// SVG draws the bars between the smallest and the largest value.
func (h Histogram) SVG() string {
	const w, height, foot = 168.0, 40.0, 14.0
	most := h.most()
	if most == 0 {
		return ""
	}
	var d drawing
	step := w / float64(len(h.Counts))
	gap := min(1, step/5)
	for i, n := range h.Counts {
		if n > 0 {
			tall := max(float64(n)/float64(most)*height, 1)
			d.rect(float64(i)*step+gap/2, height-tall, step-gap, tall, Blue, "")
		}
	}
	d.path(fmt.Sprintf("M0 %s.5H%s", num(height), num(w)), thin)
	lo, hi := h.Level(h.Lo), h.Level(h.Hi)
	if h.Lo < 0 && h.Hi > 0 {
		x := w * (-h.Lo / 2) / (h.Hi/2 - h.Lo/2)
		d.path(fmt.Sprintf("M%s %sv5", num(x), num(height)), thin)
		if x > 64 && x < w-64 {
			d.text(x, height+foot, 10, "middle", "0")
		}
	}
	if len(h.Counts) == 1 {
		d.text(w/2, height+foot, 10, "middle", lo)
	} else {
		d.text(0, height+foot, 10, "start", lo)
		d.text(w, height+foot, 10, "end", hi)
	}
	return d.svg(w, height+foot+3, fmt.Sprintf("histogram from %s to %s", lo, hi))
}

// Text draws the bars as a row of blocks.
func (h Histogram) Text() string {
	counts := make([]float64, len(h.Counts))
	for i, n := range h.Counts {
		counts[i] = float64(n)
	}
	return blocks(counts, 0, float64(h.most()))
}

var heights = []rune(" ▁▂▃▄▅▆▇█")

// blocks draws values between two levels; what is above the lower one has a block.
func blocks(values []float64, lo, hi float64) string {
	if !(hi > lo) {
		return ""
	}
	line := make([]rune, len(values))
	for i, v := range values {
		line[i] = ' '
		if v > lo {
			line[i] = heights[min(max(int(math.Ceil((v-lo)/(hi-lo)*8)), 1), 8)]
		}
	}
	return strings.TrimRight(string(line), " ")
}

// Spark draws values, one after the other, as a row of at most width blocks. What is no finite number is a gap, and it is
// "" where there is nothing to compare.
func Spark(values []float64, width int) string {
	lo, hi := bounds(values)
	if !(hi > lo) {
		return ""
	}
	scale := scaleOf(lo, hi)
	n := min(len(values), width)
	line := make([]rune, n)
	for i := range line {
		line[i] = ' '
		for j := (i+1)*len(values)/n - 1; j >= i*len(values)/n; j-- { // the last of those that share a place
			if v := values[j]; v-v == 0 {
				line[i] = heights[1+min(int(scale(v)*8), 7)]
				break
			}
		}
	}
	return strings.TrimRight(string(line), " ")
}

// bounds are the smallest and the largest finite value, the first above the second where there is none.
func bounds(values []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v-v == 0 {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi
}

// scaleOf says where between two levels a value is, from 0 to 1: by logarithms where they are far apart.
func scaleOf(lo, hi float64) func(v float64) float64 {
	if lo >= 1e-300 && hi/50 >= lo {
		from, reach := math.Log(lo), math.Log(hi)-math.Log(lo)
		return func(v float64) float64 { return (math.Log(v) - from) / reach }
	}
	return func(v float64) float64 { return (v/2 - lo/2) / (hi/2 - lo/2) }
}
