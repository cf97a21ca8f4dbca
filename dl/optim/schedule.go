package optim

import (
	"math"

	"modelbook/dl"
)

// Schedule scales the learning rate as training goes on: Factor is what the optimizer's rate is multiplied by in a step,
// counted from 0. It is asked before every step.
type Schedule interface{ Factor(step int) float64 }

// Func is a schedule of your own.
type Func func(step int) float64

// Factor is the share of the rate in a step: see [Schedule].
func (f Func) Factor(step int) float64 {
	if f == nil {
		dl.PanicValue("optim.Func", "the function is nil")
	}
	return f(step)
}

// Step multiplies the rate by Gamma after every Every steps, as PyTorch's StepLR does.
type Step struct {
	Every int
	Gamma float64 // 0: 0.1, as in PyTorch
}

// Factor is the share of the rate in a step: see [Schedule].
func (s Step) Factor(step int) float64 {
	checks("optim.Step").notNegative("Gamma", s.Gamma)
	return math.Pow(or(s.Gamma, 0.1), float64(step/positive("optim.Step", "Every", s.Every)))
}

// positive is a number of steps, which a schedule cannot do without.
func positive(op, field string, steps int) int {
	if steps < 1 {
		dl.PanicValue(op, "%s is %d; give the number of steps", field, steps)
	}
	return steps
}

// Exponential multiplies the rate by Gamma over every Every steps, a little in each, as Keras's ExponentialDecay does.
type Exponential struct {
	Every int
	Gamma float64 // above 0
}

// Factor is the share of the rate in a step: see [Schedule].
func (e Exponential) Factor(step int) float64 {
	if !(e.Gamma > 0) || math.IsInf(e.Gamma, 1) {
		dl.PanicValue("optim.Exponential", "Gamma is %v; it is what the rate is multiplied by, such as 0.5", e.Gamma)
	}
	return math.Pow(e.Gamma, float64(step)/float64(positive("optim.Exponential", "Every", e.Every)))
}

// Cosine lowers the rate along half a cosine from 1 to Floor over Steps steps and then stays there.
type Cosine struct {
	Steps int
	Floor float64
}

// Factor is the share of the rate in a step: see [Schedule].
func (c Cosine) Factor(step int) float64 {
	checks("optim.Cosine").finite("Floor", c.Floor)
	t := min(float64(step)/float64(positive("optim.Cosine", "Steps", c.Steps)), 1)
	return c.Floor + (1-c.Floor)*(1+math.Cos(math.Pi*t))/2
}

// factor is that of a schedule that may be absent.
func factor(s Schedule, step int) float64 {
	if s == nil {
		return 1
	}
	return s.Factor(step)
}
