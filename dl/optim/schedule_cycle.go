package optim

import (
	"math"

	"modelbook/dl"
)

// CosineRestarts lowers the rate along half a cosine to Floor and begins again, after First steps at first (Loshchilov
// and Hutter, 2017). It is PyTorch's CosineAnnealingWarmRestarts, and with Longer 2, its default, Keras's
// CosineDecayRestarts.
type CosineRestarts struct {
	First  int
	Longer float64 // how many times longer each part is than the one before; 0: 1, as in PyTorch
	Shrink float64 // how high each part begins beside the one before; 0: 1
	Floor  float64
}

// Factor is the share of the rate in a step: see [Schedule].
func (c CosineRestarts) Factor(step int) float64 {
	length, longer, height := float64(positive("optim.CosineRestarts", "First", c.First)), or(c.Longer, 1), 1.0
	if !(longer >= 1) || math.IsInf(longer, 1) {
		dl.PanicValue("optim.CosineRestarts", "Longer is %v; it is a finite number, and not below 1", c.Longer)
	}
	checks("optim.CosineRestarts").notNegative("Shrink", c.Shrink)
	checks("optim.CosineRestarts").finite("Floor", c.Floor)
	t := float64(step)
	if longer == 1 {
		height = math.Pow(or(c.Shrink, 1), math.Floor(t/length))
		t = math.Mod(t, length)
	}
	for t >= length {
		t -= length
		length *= longer
		height *= or(c.Shrink, 1)
	}
	return (1-c.Floor)*height*(1+math.Cos(math.Pi*t/length))/2 + c.Floor
}

// OneCycle raises the rate from 1/Div to 1 and lowers it far below where it began, within Steps steps (Smith and Topin,
// 2018), as PyTorch's OneCycleLR does; the optimizer's rate is max_lr. It leaves the momentum as it is.
type OneCycle struct {
	Steps      int
	Rise       float64 // share of the steps in which the rate rises; 0: 0.3; negative: none
	Div        float64 // how much lower than the highest rate the first one is; 0: 25
	FinalDiv   float64 // how much lower than the first rate the last one is; 0: 1e4
	Linear     bool    // in straight lines, not along a cosine
	ThreePhase bool    // fall to the first rate as long as it rose, and then to the last
}

// Factor is the share of the rate in a step: see [Schedule].
func (o OneCycle) Factor(step int) float64 {
	steps := positive("optim.OneCycle", "Steps", o.Steps)
	checks("optim.OneCycle").atMost1("Rise", o.Rise)
	checks("optim.OneCycle").notNegative("Div", o.Div)
	checks("optim.OneCycle").notNegative("FinalDiv", o.FinalDiv)
	rise := or(o.Rise, 0.3)
	first := 1 / or(o.Div, 25)
	last := first / or(o.FinalDiv, 1e4)
	t, end, up := float64(min(step, steps-1)), float64(steps-1), rise*float64(steps)-1
	switch {
	case t <= up:
		return o.between(first, 1, t/up)
	case !o.ThreePhase:
		return o.between(1, last, (t-up)/(end-up))
	}
	if down := 2*rise*float64(steps) - 2; t <= down {
		return o.between(1, first, (t-up)/(down-up))
	} else {
		return o.between(first, last, (t-down)/(end-down))
	}
}

func (o OneCycle) between(a, b, share float64) float64 {
	if o.Linear {
		return a + (b-a)*share
	}
	return b + (a-b)/2*(1+math.Cos(math.Pi*share))
}

// Cyclic lets the rate rise linearly from Floor to 1 and fall back again and again (Smith, 2017), as PyTorch's CyclicLR
// does; the optimizer's rate is max_lr, and Floor is base_lr/max_lr.
type Cyclic struct {
	Up, Down int // steps; Down 0: Up
	Floor    float64
	Gamma    float64 // the height of step t is multiplied by Gamma^t: "exp_range"; 0: 1
	Halve    bool    // the height halves from cycle to cycle: "triangular2"
}

// Factor is the share of the rate in a step: see [Schedule].
func (c Cyclic) Factor(step int) float64 {
	up := positive("optim.Cyclic", "Up", c.Up)
	down := c.Down
	if down == 0 {
		down = up
	}
	checks("optim.Cyclic").finite("Floor", c.Floor)
	checks("optim.Cyclic").notNegative("Gamma", c.Gamma)
	length := up + positive("optim.Cyclic", "Down", down)
	t := step % length
	height := float64(t) / float64(up)
	if t > up {
		height = float64(length-t) / float64(down)
	}
	if c.Halve {
		height /= math.Pow(2, float64(step/length))
	}
	return c.Floor + (1-c.Floor)*height*math.Pow(or(c.Gamma, 1), float64(step))
}
