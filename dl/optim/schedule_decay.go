package optim

import (
	"math"

	"modelbook/dl"
)

// MultiStep multiplies the rate by Gamma at each of the steps At, as PyTorch's MultiStepLR does.
type MultiStep struct {
	At    []int   // rising
	Gamma float64 // 0: 0.1, as in PyTorch
}

// Factor is the share of the rate in a step: see [Schedule].
func (m MultiStep) Factor(step int) float64 {
	checks("optim.MultiStep").notNegative("Gamma", m.Gamma)
	passed := 0
	for _, at := range m.At {
		if step >= at {
			passed++
		}
	}
	return math.Pow(or(m.Gamma, 0.1), float64(passed))
}

// Piecewise has the factor Factors[i] up to step Until[i], which is included, and the last one from there on, as Keras's
// PiecewiseConstantDecay.
type Piecewise struct {
	Until   []int     // rising
	Factors []float64 // one more than Until
}

// Factor is the share of the rate in a step: see [Schedule].
func (p Piecewise) Factor(step int) float64 {
	if len(p.Factors) != len(p.Until)+1 {
		dl.PanicValue("optim.Piecewise", "%d steps in Until need %d Factors, not %d", len(p.Until), len(p.Until)+1, len(p.Factors))
	}
	for _, factor := range p.Factors {
		checks("optim.Piecewise").notNegative("one of Factors", factor)
	}
	for i, until := range p.Until {
		if step <= until {
			return p.Factors[i]
		}
	}
	return p.Factors[len(p.Until)]
}

// InverseTime divides the rate by 1 + Rate*step/Every, as Keras's InverseTimeDecay does; with Staircase it changes only
// at whole multiples of Every. PyTorch's Adagrad calls Rate lr_decay, where Every is 1.
type InverseTime struct {
	Every     int
	Rate      float64
	Staircase bool
}

// Factor is the share of the rate in a step: see [Schedule].
func (i InverseTime) Factor(step int) float64 {
	t := float64(step) / float64(positive("optim.InverseTime", "Every", i.Every))
	if i.Staircase {
		t = math.Floor(t)
	}
	checks("optim.InverseTime").notNegative("Rate", i.Rate)
	return 1 / (1 + i.Rate*t)
}

// Polynomial lowers the rate from 1 to Floor over Steps steps along a power of the time that is left, and then stays
// there, as PyTorch's PolynomialLR and Keras's PolynomialDecay. With Cycle it begins again, over twice, three times as
// many steps, as in Keras.
type Polynomial struct {
	Steps int
	Power float64 // 0: 1, a straight line
	Floor float64
	Cycle bool
}

// Factor is the share of the rate in a step: see [Schedule].
func (p Polynomial) Factor(step int) float64 {
	checks("optim.Polynomial").notNegative("Power", p.Power)
	checks("optim.Polynomial").finite("Floor", p.Floor)
	steps := float64(positive("optim.Polynomial", "Steps", p.Steps))
	if p.Cycle && step > 0 {
		steps *= math.Ceil(float64(step) / steps)
	}
	left := 1 - min(float64(step), steps)/steps
	power := p.Power
	if power == 0 {
		power = 1
	}
	return (1-p.Floor)*math.Pow(left, power) + p.Floor
}

// Linear goes linearly from the factor From to the factor To over Steps steps and then stays there, as PyTorch's LinearLR.
type Linear struct {
	From, To float64
	Steps    int
}

// Factor is the share of the rate in a step: see [Schedule].
func (l Linear) Factor(step int) float64 {
	checks("optim.Linear").notNegative("From", l.From)
	checks("optim.Linear").notNegative("To", l.To)
	steps := positive("optim.Linear", "Steps", l.Steps)
	return l.From + (l.To-l.From)*float64(min(step, steps))/float64(steps)
}

// Constant multiplies the rate by By for Steps steps, as PyTorch's ConstantLR; with no Steps for ever.
type Constant struct {
	By    float64
	Steps int
}

// Factor is the share of the rate in a step: see [Schedule].
func (c Constant) Factor(step int) float64 {
	checks("optim.Constant").notNegative("By", c.By)
	if c.Steps < 0 {
		dl.PanicValue("optim.Constant", "Steps is %d; give the number of steps, or 0 for ever", c.Steps)
	}
	if c.Steps > 0 && step >= c.Steps {
		return 1
	}
	return c.By
}

// InverseRoot raises the rate linearly to 1 over WarmUp steps and lowers it with the root of the steps from there on, as in
// "Attention Is All You Need" (Vaswani et al., 2017): sqrt(WarmUp/step).
type InverseRoot struct{ WarmUp int }

// Factor is the share of the rate in a step: see [Schedule].
func (i InverseRoot) Factor(step int) float64 {
	t, warm := float64(step+1), float64(positive("optim.InverseRoot", "WarmUp", i.WarmUp))
	return min(t/warm, math.Sqrt(warm/t))
}
