package optim

import "modelbook/dl"

// WarmUp raises the rate linearly from 1/Steps to 1 over Steps steps and goes on with Then (nil: constant), whose steps
// are counted from there.
type WarmUp struct {
	Steps int
	Then  Schedule
}

// Factor is the share of the rate in a step: see [Schedule].
func (w WarmUp) Factor(step int) float64 {
	if w.Steps < 0 {
		dl.PanicValue("optim.WarmUp", "Steps is %d; give the number of steps, or 0 for none", w.Steps)
	}
	if step < w.Steps {
		return float64(step+1) / float64(w.Steps)
	}
	return factor(w.Then, step-w.Steps)
}

// Sequence is one schedule after another, each counted from where it begins, as PyTorch's SequentialLR: Schedules[i]
// ends before step Ends[i], the last one never.
type Sequence struct {
	Schedules []Schedule
	Ends      []int // rising, one fewer than Schedules
}

// Factor is the share of the rate in a step: see [Schedule].
func (s Sequence) Factor(step int) float64 {
	if len(s.Schedules) == 0 || len(s.Ends) != len(s.Schedules)-1 {
		dl.PanicValue("optim.Sequence", "%d Schedules need %d Ends, not %d", len(s.Schedules), max(len(s.Schedules)-1, 0), len(s.Ends))
	}
	begin := 0
	for i, end := range s.Ends {
		if end <= begin {
			dl.PanicValue("optim.Sequence", "Ends %v are to rise from above 0", s.Ends)
		}
		if step < end {
			return factor(s.Schedules[i], step-begin)
		}
		begin = end
	}
	return factor(s.Schedules[len(s.Ends)], step-begin)
}

// Chained multiplies the factors of schedules that all run from the first step, as PyTorch's ChainedScheduler.
type Chained []Schedule

// Factor is the share of the rate in a step: see [Schedule].
func (c Chained) Factor(step int) float64 {
	product := 1.0
	for _, s := range c {
		product *= factor(s, step)
	}
	return product
}

// ByEpoch lets a schedule count epochs of StepsPerEpoch steps in place of steps, as PyTorch's schedulers do where they
// are stepped once an epoch.
type ByEpoch struct {
	StepsPerEpoch int
	Of            Schedule
}

// Factor is the share of the rate in a step: see [Schedule].
func (e ByEpoch) Factor(step int) float64 {
	return factor(e.Of, step/positive("optim.ByEpoch", "StepsPerEpoch", e.StepsPerEpoch))
}
