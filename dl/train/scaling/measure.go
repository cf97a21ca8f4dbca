package scaling

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"modelbook/dl/data"
	"modelbook/dl/train"
)

// Measure measures the [Profile] of a training on this machine, by short trainings: alone, and as a rank of two whose other
// does nothing, so that no MPI is needed.
type Measure struct {
	Trainer func() (*train.Trainer, error) // a new one, of a new model
	Data    data.Dataset
	Batches []int // samples of a node in a step, two or more numbers of them: the range in which the profile is right
	Steps   int   // of each training; 0: 8
	Turns   int   // how often each is measured, in turns: the fastest step counts; 0: 3

	now func() time.Time // nil: time.Now
}

// Profile measures, under a name of the model. Times that do not grow with the samples are an error: the machine had
// something else to do, or the numbers of samples are too close.
func (m Measure) Profile(ctx context.Context, name string) (*Profile, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	p := &Profile{Name: name, Sample: "sample"}
	if m.now == nil {
		m.now = time.Now
	}
	n := len(m.Batches)
	alone, forward, backward, update := fastest(n), fastest(n), fastest(n), fastest(1)
	for range cmp.Or(m.Turns, 3) {
		for i, batch := range m.Batches {
			a, err := m.fit(ctx, batch, nil)
			if err != nil {
				return nil, err
			}
			e := &echo{now: m.now}
			if _, err := m.fit(ctx, 2*batch, e); err != nil {
				return nil, err
			}
			alone[i] = min(alone[i], a)
			forward[i], backward[i] = min(forward[i], slices.Min(e.outside)), min(backward[i], slices.Min(e.backward))
			if i == n-1 {
				p.Tensors = e.tensors(batch)
			}
			if len(e.update) > 0 {
				update[0] = min(update[0], slices.Min(e.update))
				p.Update = 2 * update[0] // each of two makes a half
			}
		}
	}
	p.Alone, p.Forward, p.Backward = FitCost(m.Batches, alone), FitCost(m.Batches, forward), FitCost(m.Batches, backward)
	if err := p.wrong(); err != nil {
		return nil, fmt.Errorf("scaling: steps of %v samples took %v, Backward in a rank %v, no longer with more: %w; "+
			"measure again with more Steps or Turns, when the machine does nothing else", m.Batches, alone, backward, err)
	}
	return p, nil
}

func fastest(n int) []time.Duration { return slices.Repeat([]time.Duration{math.MaxInt64}, n) }

func (m Measure) check() error {
	if m.Trainer == nil || m.Data == nil {
		return fmt.Errorf("scaling: a Measure needs a Trainer and Data")
	}
	if m.Steps < 0 || m.Turns < 0 {
		return fmt.Errorf("scaling: Steps %d and Turns %d must not be negative", m.Steps, m.Turns)
	}
	if len(m.Batches) < 2 || !slices.IsSorted(m.Batches) || m.Batches[0] < 1 || m.Batches[0] == m.Batches[len(m.Batches)-1] {
		return fmt.Errorf("scaling: Batches are %v: give two sizes or more, the smaller ones first", m.Batches)
	}
	return nil
}

// skipped is how many steps come before those that are measured: memory is set up in them.
const skipped = 2

// fit trains for a few steps and returns how long the fastest took.
func (m Measure) fit(ctx context.Context, batch int, ranks train.Ranks) (time.Duration, error) {
	steps := cmp.Or(m.Steps, 8)
	t, err := m.Trainer()
	if err != nil {
		return 0, err
	}
	t.Ranks = ranks
	need := (steps + skipped) * batch
	if n := m.Data.Len(); n >= 0 && n < need {
		return 0, fmt.Errorf("scaling: %d steps of %d samples need %d samples, and the data have %d", steps+skipped, batch, need, n)
	}
	c := &clock{now: m.now}
	_, err = t.Fit(ctx, m.Data, train.Options{BatchSize: batch, Epochs: 1, StepsPerEpoch: steps + skipped,
		NoShuffle: true, Callbacks: []train.Callback{c}})
	if err != nil {
		return 0, err
	}
	return slices.Min(c.steps), nil
}

// clock is a callback that takes the time from batch to batch.
type clock struct {
	train.Observe
	now   func() time.Time
	last  time.Time
	seen  int
	steps []time.Duration
}

func (c *clock) Start(*train.Run) (train.Observer, error) { return c, nil }

func (c *clock) Batch(*train.Run) error {
	now := c.now()
	if c.seen++; c.seen > skipped {
		c.steps = append(c.steps, now.Sub(c.last))
	}
	c.last = now
	return nil
}
