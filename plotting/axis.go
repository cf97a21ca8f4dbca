package plotting

import (
	"math"
	"strconv"
	"strings"

	"modelbook/internal/number"
)

// axis maps values to their share of a panel's width or height: 0 at lo, 1 at hi.
type axis struct {
	lo, hi float64
	log    bool // equal ratios are equally far apart
	whole  bool // ticks stand at whole numbers only
}

// newAxis spreads an axis over finite values from lo to hi, with room of margin pixels at both ends, or none below 0
// where the axis begins there.
func newAxis(lo, hi, pixels, margin float64, log, whole, fromZero bool) axis {
	a := axis{lo: lo, hi: hi, log: log && lo >= leastLog, whole: whole}
	if a.log {
		pad := (math.Log10(hi) - math.Log10(lo)) * margin / pixels
		if hi/lo < 1+1e-12 {
			pad = 0.02
		}
		a.lo, a.hi = max(lo*math.Pow(10, -pad), leastLog/1e6), min(hi*math.Pow(10, pad), math.MaxFloat64)
		return a
	}
	if fromZero {
		a.lo, a.hi = min(lo, 0), max(hi, 0)
	}
	floor := a.lo
	a.widen()
	pad := a.hi/pixels*margin - a.lo/pixels*margin // the difference alone may exceed the range of numbers
	a.lo, a.hi = max(a.lo-pad, -math.MaxFloat64), min(a.hi+pad, math.MaxFloat64)
	if fromZero && floor == 0 {
		a.lo = 0
	}
	return a
}

// widen makes room about a range that is a single value, or so short that the values in it can hardly be told apart.
func (a *axis) widen() {
	big := max(math.Abs(a.lo), math.Abs(a.hi))
	if a.hi-a.lo > big*2e-13 && a.hi > a.lo {
		return
	}
	pad := big * 0.1
	switch {
	case a.whole && big < 1<<50:
		pad = 0.5
	case pad < 1e-290:
		pad = 0.5
	}
	a.lo, a.hi = max(a.lo-pad, -math.MaxFloat64), min(a.hi+pad, math.MaxFloat64)
}

// share is where v lies between the ends.
func (a axis) share(v float64) float64 {
	lo, hi := a.lo, a.hi
	if a.log {
		lo, hi, v = math.Log10(lo), math.Log10(hi), math.Log10(v)
	}
	if math.IsInf(hi-lo, 0) {
		lo, hi, v = lo/4, hi/4, v/4
	}
	return (v - lo) / (hi - lo)
}

// leastLog is the smallest value on a logarithmic axis: smaller ones have fewer digits than others.
const leastLog = 1e-300

// holds says whether a value can be shown on the axis.
func holds(log bool, v float64) bool { return finite(v) && (!log || v >= leastLog) }

// tickMarks are round values on an axis, with the texts that tell them apart. Where numbers are large and lie close
// together, offset is what has to be added to all texts.
type tickMarks struct {
	values []float64
	texts  []string
	offset string
}

// ticks are about n marks, four at least where the values between allow it.
func (a axis) ticks(n int) tickMarks {
	best := a.few(n)
	for m := n + 1; len(best.values) < min(n, 4) && m < 3*n; m++ {
		best = a.few(m)
	}
	return best
}

// few are about n marks.
func (a axis) few(n int) tickMarks {
	n = max(n, 2)
	if a.log {
		if values := a.powers(n); len(values) > 1 {
			t := tickMarks{values: values}
			for _, v := range values {
				text := plainTick(v)
				if v >= 1e6 {
					text = typeset(strconv.FormatFloat(v, 'g', 3, 64))
				}
				t.texts = append(t.texts, text)
			}
			return t
		}
	}
	step := roundStep(a.hi/float64(n) - a.lo/float64(n))
	// Numbers of a size have so many digits and no more: ticks closer than these would fall together.
	if finest := max(math.Abs(a.lo), math.Abs(a.hi)) * 0x1p-50; step < finest {
		step = roundStep(finest)
	}
	if a.whole {
		step = max(math.Ceil(step), 1)
	}
	if !(step >= 1e-290) || !(a.hi > a.lo) {
		return tickMarks{values: []float64{a.lo, a.hi}, texts: []string{plainTick(a.lo), plainTick(a.hi)}}
	}
	first, last := math.Ceil(a.lo/step-1e-9), math.Floor(a.hi/step+1e-9)
	var t tickMarks
	for i := range min(max(int(last-first)+1, 0), 4*n) {
		t.values = append(t.values, (first+float64(i))*step+0) // +0: no negative zero
	}
	t.texts, t.offset = tickTexts(t.values, step)
	return t
}

// powers are the powers of ten on a logarithmic axis, or, where these are few, twice and five times them too.
func (a axis) powers(n int) []float64 {
	first, last := int(math.Ceil(math.Log10(a.lo)-1e-9)), int(math.Floor(math.Log10(a.hi)+1e-9))
	var values []float64
	if last-first >= 2 {
		every := (last-first)/n + 1
		for d := first; d <= last; d++ {
			if d%every == 0 {
				values = append(values, math.Pow10(d))
			}
		}
		return values
	}
	for d := first - 1; d <= last; d++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow10(d); v >= a.lo && v <= a.hi {
				values = append(values, v)
			}
		}
	}
	return values
}

// roundStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that is not below x.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= x*(1-1e-9) {
			if m == 2.5 && power == 1 {
				continue // 2.5 between whole numbers reads badly
			}
			return min(m*power, 1e308)
		}
	}
	return min(10*power, 1e308)
}

// tickTexts writes ticks with the decimals that their step needs, all alike: plain numbers, or, where these are long,
// all with one power of ten. What would take more than seven digits is written from a common offset.
func tickTexts(values []float64, step float64) (texts []string, offset string) {
	if len(values) == 0 {
		return nil, ""
	}
	big := 0.0
	for _, v := range values {
		big = max(big, math.Abs(v))
	}
	exponent := int(math.Floor(math.Log10(max(big, step)) + 1e-9))
	if exponent-int(math.Floor(math.Log10(step))) >= 7 {
		unit := math.Pow10(int(math.Floor(math.Log10(values[len(values)-1]-values[0]+step))) + 1)
		if base := math.Floor(values[0]/unit) * unit; base != 0 {
			rests := make([]float64, len(values))
			for i, v := range values {
				rests[i] = math.Round((v-base)/step) * step // without the last digits that v has not
			}
			texts, _ = tickTexts(rests, step)
			for i := range texts {
				texts[i] = "+" + texts[i]
			}
			if a := math.Abs(base); a >= 1e15 && a < 1e21 {
				return texts, typeset(number.Fixed(base, 0))
			}
			return texts, plainTick(base)
		}
	}
	for _, v := range values {
		switch {
		case big < 1e9 && big >= 1e-4 || big == 0:
			texts = append(texts, typeset(number.Fixed(v, placesOf(step))))
		case v == 0:
			texts = append(texts, "0")
		default:
			power := math.Pow10(exponent)
			texts = append(texts, typeset(number.Fixed(v/power, placesOf(step/power))+"e"+strconv.Itoa(exponent)))
		}
	}
	return texts, ""
}

// offsetWords says that all ticks are added to an offset.
func offsetWords(offset string) string {
	if offset == "" {
		return ""
	}
	return offset + " +"
}

// plainTick writes one number with all its digits.
func plainTick(v float64) string {
	if a := math.Abs(v); v == 0 || a >= 1e-4 && a < 1e15 {
		return typeset(number.Grouped(strconv.FormatFloat(v, 'f', -1, 64)))
	}
	return typeset(strconv.FormatFloat(v, 'g', 6, 64))
}

// placesOf is how many digits after the point a round step needs.
func placesOf(step float64) int {
	for d := range 20 {
		scaled := step * math.Pow10(d)
		if whole := math.Round(scaled); whole >= 1 && math.Abs(scaled-whole) < 1e-6*scaled {
			return d
		}
	}
	return 20
}

// signs are a number's as they are set in print: a minus as wide as a plus, and no zeros before an exponent.
var signs = strings.NewReplacer("e-0", "e−", "e+0", "e", "e+", "e", "-", "−")

func typeset(s string) string { return signs.Replace(s) }

// measured writes a measured value as figures show it.
func measured(v float64) string { return typeset(number.Measured(v)) }

// ends writes the ends of a range, so that they are told apart.
func ends(lo, hi float64) (string, string) {
	a, b := measured(lo), measured(hi)
	if both := []float64{lo, hi}; number.Whole(both) && max(math.Abs(lo), math.Abs(hi)) < 1e15 || a == b && lo != hi {
		return plainTick(lo), plainTick(hi)
	}
	return a, b
}
