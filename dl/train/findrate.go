package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/optim"
	"modelbook/internal/number"
)

// RateRange says which learning rates [Trainer.FindRate] tries. The defaults are fastai's.
type RateRange struct {
	Low, High float64 // 0: 1e-7 and 10
	Steps     int     // batches, each with a rate of its own; 0: 100
	BatchSize int     // 0: 32
	Smoothing float64 // of the losses: how much of the smoothed one so far stays; 0: 0.98; negative: none
	Diverged  float64 // the test ends when the loss is so many times the least one; 0: 4
}

// RateCurve is the loss of a training whose learning rate rises from step to step.
type RateCurve struct {
	Rates    []float64
	Losses   []float64 // smoothed
	Measured []float64 // of the batch alone
	Diverged bool      // the test ended before its last rate because the loss rose, or was no number any more
}

// FindRate trains for some steps while the learning rate rises exponentially, a range test (Smith 2015, as fastai's
// lr_find does it), and returns the curve of the losses, whose Suggestion is a rate to train with. Afterwards the
// model's parameters and the optimizer's memory and rate are what they were.
//
// A schedule of the optimizer scales the rates that are tried: leave it out for the test.
func (t *Trainer) FindRate(ctx context.Context, d data.Dataset, r RateRange) (*RateCurve, error) {
	if err := givenContext(ctx); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	r, err := r.withDefaults()
	if err != nil {
		return nil, err
	}
	if !atomic.CompareAndSwapInt32(&t.fitting, 0, 1) {
		return nil, errors.New("train: this Trainer is fitting: find the rate before, or with another one")
	}
	defer atomic.StoreInt32(&t.fitting, 0)
	restore, err := t.restorer()
	if err != nil {
		return nil, err
	}
	rising := &rateTest{RateRange: r, curve: &RateCurve{}}
	test := &Trainer{Model: t.Model, Loss: t.Loss, Optimizer: t.Optimizer, Step: t.Step, Seed: t.Seed}
	_, err = test.Fit(ctx, d, Options{Epochs: r.Steps, BatchSize: r.BatchSize, Callbacks: []Callback{rising}})
	if e := restore(); e != nil {
		return nil, e
	}
	if err != nil && ctx.Err() == nil && rising.ended() {
		err = nil // the weights are spoiled, or the loss is infinite: that is what the test looks for
	}
	if err != nil {
		return nil, err
	}
	return rising.curve, nil
}

const mostSteps = 100_000 // of a range test

func (r RateRange) withDefaults() (RateRange, error) {
	or := func(v *float64, byDefault float64) {
		if *v == 0 {
			*v = byDefault
		}
	}
	or(&r.Low, 1e-7)
	or(&r.High, 10)
	or(&r.Smoothing, 0.98)
	or(&r.Diverged, 4)
	if r.Steps == 0 {
		r.Steps = 100
	}
	switch {
	case !(r.Low > 0 && r.Low < r.High) || math.IsInf(r.High, 0):
		return r, fmt.Errorf("train: the rates to try rise from Low %v to High %v: both are positive, and the first is the smaller", r.Low, r.High)
	case r.Steps < 2 || r.Steps > mostSteps:
		return r, fmt.Errorf("train: a range test of %d steps; it needs some, up to %d", r.Steps, mostSteps)
	case !(r.Smoothing < 1) || !(r.Diverged > 1):
		return r, fmt.Errorf("train: Smoothing %v is to be below 1, Diverged %v above", r.Smoothing, r.Diverged)
	}
	r.Smoothing = max(r.Smoothing, 0)
	return r, nil
}

// restorer returns a function that makes the model and the optimizer what they are now.
func (t *Trainer) restorer() (restore func() error, err error) {
	if t.owners != nil {
		t.claim()
	}
	var weights snapshot
	weights.take(t.Model)
	state := t.Optimizer.State()
	slots := map[string][]*dl.Tensor{}
	for name, tensors := range state.Slots {
		for _, slot := range tensors {
			if slot != nil {
				slot = slot.Clone()
			}
			slots[name] = append(slots[name], slot)
		}
	}
	state.Slots = slots
	var owners []*dl.Tensor
	keeper, keeps := t.Optimizer.(optim.Keeper)
	if keeps {
		owners = keeper.Owners()
	}
	return func() error {
		if err := weights.put(t.Model); err != nil {
			return err
		}
		if err := t.Optimizer.SetState(state); err != nil {
			return err
		}
		t.Optimizer.SetRate(state.Rate)
		if len(owners) > 0 {
			return keeper.SetOwners(owners)
		}
		return nil
	}, nil
}

// rateTest is the callback that raises the rate.
type rateTest struct {
	Observe
	RateRange
	curve  *RateCurve
	smooth float64
	run    *Run
}

func (t *rateTest) Start(run *Run) (Observer, error) {
	t.run = run
	return t, nil
}

func (t *rateTest) BatchStart(run *Run) error {
	share := float64(len(t.curve.Measured)) / float64(t.Steps-1)
	run.Trainer.Optimizer.SetRate(t.Low * math.Pow(t.High/t.Low, share))
	t.curve.Rates = append(t.curve.Rates, run.Trainer.Optimizer.Rate())
	return nil
}

func (t *rateTest) Batch(run *Run) error {
	c, loss := t.curve, run.fit.step.last
	if !run.fit.step.lossy {
		return errors.New("train: the Step returns no loss, which a range test needs")
	}
	t.smooth = loss + (t.smooth-loss)*t.Smoothing
	c.Measured = append(c.Measured, loss)
	c.Losses = append(c.Losses, t.smooth/(1-math.Pow(t.Smoothing, float64(len(c.Measured)))))
	least := math.Inf(1)
	for _, v := range c.Losses {
		least = min(least, v)
	}
	// Losses below 0, as some steps have, are not compared by their quotient.
	if last := c.Losses[len(c.Losses)-1]; least > 0 && last > t.Diverged*least {
		c.Diverged = true
	}
	if c.Diverged || len(c.Measured) == t.Steps {
		run.StopNow("the range test is over")
	}
	return nil
}

// ended says whether an error of the training is the end of the test: the loss, or a weight, was no finite number.
func (t *rateTest) ended() bool {
	c := t.curve
	if c.Diverged || len(c.Measured) == t.Steps {
		return true
	}
	if len(c.Measured) == 0 || len(c.Rates) == len(c.Measured) || isFinite(t.run.fit.step.last) {
		return false
	}
	c.Rates, c.Diverged = c.Rates[:len(c.Measured)], true
	return true
}

// Suggestion is a rate to train with: Valley's.
func (c *RateCurve) Suggestion() float64 { return c.Valley() }

// inner are the steps that suggestions look at: not the first tenth, nor the last five.
func (c *RateCurve) inner() (rates, losses []float64) {
	n := min(len(c.Rates), len(c.Losses))
	lo, hi := n/10, n-5
	if hi-lo < 3 {
		lo, hi = 0, n
	}
	return c.Rates[lo:hi], c.Losses[lo:hi]
}

// Valley is a rate in the longest stretch in which the loss falls, two thirds of its length before its end: fastai's
// suggestion of that name. It is NaN of a curve without points, as the others are.
func (c *RateCurve) Valley() float64 {
	rates, losses := c.inner()
	if len(rates) == 0 {
		return math.NaN()
	}
	// The longest falling subsequence that ends at each step.
	lengths, end := make([]int, len(losses)), 0
	for i := range losses {
		lengths[i] = 1
		for j := range i {
			if losses[i] < losses[j] {
				lengths[i] = max(lengths[i], lengths[j]+1)
			}
		}
		if lengths[i] > lengths[end] {
			end = i
		}
	}
	start := end - lengths[end]
	section := float64(end-start) / 3
	return rates[min(max(start+int(section)+int(section/2), 0), len(rates)-1)]
}

// Steepest is the rate at which the loss falls most, by the logarithm of the rate.
func (c *RateCurve) Steepest() float64 {
	rates, losses := c.inner()
	best, at := math.Inf(1), math.NaN()
	for i := 1; i < len(rates); i++ {
		if g := (losses[i] - losses[i-1]) / (math.Log(rates[i]) - math.Log(rates[i-1])); g < best {
			best, at = g, rates[i-1]
		}
	}
	return at
}

// Minimum is a tenth of the rate with the least loss.
func (c *RateCurve) Minimum() float64 {
	rates, losses := c.inner()
	best, at := math.Inf(1), math.NaN()
	for i, v := range losses {
		if v < best {
			best, at = v, rates[i]/10
		}
	}
	return at
}

// String says what was tried and what is suggested.
func (c *RateCurve) String() string {
	if len(c.Rates) == 0 {
		return "no rate was tried"
	}
	end := ""
	if c.Diverged {
		end = ", where the loss diverged"
	}
	return fmt.Sprintf("%s from %.2g to %.2g%s; suggested: %.2g (steepest at %.2g, a tenth of the minimum's %.2g)",
		number.Plural(len(c.Rates), "rate", "rates"), c.Rates[0], c.Rates[len(c.Rates)-1], end, c.Suggestion(), c.Steepest(), c.Minimum())
}
