package optim

import "math"

// Schedule scales the learning rate as training goes on: Factor gives the factor for a step, from 0. It is asked
// before every step.
type Schedule interface{ Factor(step int) float64 }

// Func is a schedule of your own.
type Func func(step int) float64

func (f Func) Factor(step int) float64 { return f(step) }

// Step multiplies the rate by Gamma after every Every steps, as PyTorch's StepLR does.
type Step struct {
	Every int
	Gamma float64
}

func (s Step) Factor(step int) float64 { return math.Pow(s.Gamma, float64(step/max(s.Every, 1))) }

// Exponential multiplies the rate by Gamma over every Every steps, a little in each, as Keras's ExponentialDecay does.
type Exponential struct {
	Every int
	Gamma float64
}

func (e Exponential) Factor(step int) float64 {
	return math.Pow(e.Gamma, float64(step)/float64(max(e.Every, 1)))
}

// Cosine lowers the rate along half a cosine from 1 to Floor over Steps steps and then stays there.
type Cosine struct {
	Steps int
	Floor float64
}

func (c Cosine) Factor(step int) float64 {
	t := min(float64(step)/float64(max(c.Steps, 1)), 1)
	return c.Floor + (1-c.Floor)*(1+math.Cos(math.Pi*t))/2
}

// WarmUp raises the rate evenly from 1/Steps to 1 over Steps steps and goes on with Then (nil: constant), whose steps
// are counted from there.
type WarmUp struct {
	Steps int
	Then  Schedule
}

func (w WarmUp) Factor(step int) float64 {
	if step < w.Steps {
		return float64(step+1) / float64(w.Steps)
	}
	return factor(w.Then, step-w.Steps)
}

// factor is that of a schedule that may be absent.
func factor(s Schedule, step int) float64 {
	if s == nil {
		return 1
	}
	return s.Factor(step)
}
