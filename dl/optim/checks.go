package optim

import (
	"math"

	"modelbook/dl"
)

// checks are those of the numbers of an optimizer or a schedule, by its name. They panic with a *dl.ValueError that names
// the field, as the constructors of PyTorch's optimizers do, before a step changes anything: a NaN that passes shows only
// when all weights are NaN.
type checks string

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// finite refuses what is no finite number.
func (c checks) finite(field string, v float64) {
	if !isFinite(v) {
		dl.PanicValue(string(c), "%s is %v; it is a finite number", field, v)
	}
}

// notNegative refuses numbers below 0, too.
func (c checks) notNegative(field string, v float64) {
	if !(v >= 0) || math.IsInf(v, 1) {
		dl.PanicValue(string(c), "%s is %v; it is a finite number, and not negative", field, v)
	}
}

// below1 refuses shares of a running mean that never takes in anything new; a negative share stands for 0.
func (c checks) below1(field string, v float64) {
	if !isFinite(v) || v >= 1 {
		dl.PanicValue(string(c), "%s is %v; it is a finite number below 1", field, v)
	}
}

// atMost1 refuses shares above 1; a negative share stands for 0.
func (c checks) atMost1(field string, v float64) {
	if !isFinite(v) || v > 1 {
		dl.PanicValue(string(c), "%s is %v; it is a finite number, and not above 1", field, v)
	}
}

// share refuses what is not from 0 to 1.
func (c checks) share(field string, v float64) {
	if !(v >= 0 && v <= 1) {
		dl.PanicValue(string(c), "%s is %v; it lies from 0 to 1", field, v)
	}
}

// check refuses bounds that are none. That of +Inf bounds nothing.
func (c Clip) check() {
	for _, bound := range [...]struct {
		field string
		most  float64
	}{{"Norm", c.Norm}, {"Value", c.Value}, {"ParameterNorm", c.ParameterNorm}} {
		if !(bound.most >= 0) {
			dl.PanicValue("optim.Clip", "%s is %v; it is the largest value that is left, or 0 for no bound", bound.field, bound.most)
		}
	}
}
