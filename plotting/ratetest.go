package plotting

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl/train"
	"modelbook/internal/number"
)

// LearningRates draws what a Trainer's FindRate has measured: the loss over the learning rate, smoothed, with the losses
// of the batches behind it, and the suggested rate ringed. Losses that rise far above where they began, when the rate was
// too large, would flatten all others: they are not drawn, and the figure says up to where they rose.
func LearningRates(curve *train.RateCurve, opts ...FigureOption) *Figure {
	o := collect(opts)
	p := &panel{title: o.title, xlabel: "learning rate", ylabel: "loss", logX: true, plain: true, empty: "no rate was tried"}
	text := titled(o.title) + "learning rates"
	if curve == nil || len(curve.Rates) == 0 {
		return p.figure(o, 600, 360, text+": no rate was tried")
	}
	n := min(len(curve.Rates), len(curve.Losses))
	rates, losses := slices.Clone(curve.Rates[:n]), slices.Clone(curve.Losses[:n])
	ceiling := lossCeiling(losses)
	cut := cutAbove(losses, ceiling)
	p.lines = []Series{{X: rates, Y: losses}}
	if len(curve.Measured) >= n {
		raw := slices.Clone(curve.Measured[:n])
		cutAbove(raw, ceiling)
		p.faint = []faint{{Series{X: rates, Y: raw}, 0}}
	}
	suggested := curve.Suggestion()
	p.note = fmt.Sprintf("suggested %s; steepest at %s, a tenth of the minimum's is %s", measured(suggested), measured(curve.Steepest()), measured(curve.Minimum()))
	if i := slices.Index(rates, suggested); i >= 0 && finite(losses[i]) {
		p.mark = &point{suggested, losses[i]}
	}
	words := curve.String()
	if cut > 0 {
		left := number.Plural(cut, "larger loss", "larger losses") + " not drawn, up to " + largestOf(curve.Losses[:n])
		p.note, words = sentence(p.note, left), sentence(words, left)
	}
	return p.figure(o, 600, 360, text+": "+words+p.braille())
}

// lossCeiling is the largest loss that is drawn: as far above the losses before the least one as these are above that.
func lossCeiling(losses []float64) float64 {
	least := -1
	for i, v := range losses {
		if finite(v) && (least < 0 || v < losses[least]) {
			least = i
		}
	}
	if least < 0 {
		return math.Inf(1)
	}
	// The losses before it without their few largest, which the first batches may have.
	var before []float64
	for _, v := range losses[:least+1] {
		if finite(v) {
			before = append(before, v)
		}
	}
	slices.Sort(before)
	top := before[len(before)-1-len(before)/20]
	room := top - losses[least]
	if !(room > 0) {
		room = math.Abs(losses[least])/2 + 1e-3
	}
	return top + 0.5*room
}

// cutAbove takes the values above a ceiling out, and returns how many there were.
func cutAbove(values []float64, ceiling float64) int {
	n := 0
	for i, v := range values {
		if v > ceiling || v != v {
			n++
			values[i] = math.NaN()
		}
	}
	return n
}

func largestOf(values []float64) string {
	most := math.Inf(-1)
	for _, v := range values {
		if v != v {
			return "no number"
		}
		most = max(most, v)
	}
	return measured(most)
}
