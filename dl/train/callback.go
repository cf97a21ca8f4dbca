package train

import (
	"time"

	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// Callback describes something that accompanies a training: a picture, a log, a rule that ends it. It is a plain value
// that may be used for several trainings; Start makes the observer of one.
type Callback interface {
	Start(run *Run) (Observer, error)
}

// Observer is told of every batch, of every epoch (when its values are in the history, validation included) and of
// the end. An error ends the training and is returned by Fit. End is called once, however the training ended; run.Err
// then says how. Embed [Observe] to implement only what is needed.
type Observer interface {
	Batch(run *Run) error
	Epoch(run *Run) error
	End(run *Run) error
}

// Observe is an observer that does nothing.
type Observe struct{}

func (Observe) Batch(*Run) error { return nil }
func (Observe) Epoch(*Run) error { return nil }
func (Observe) End(*Run) error   { return nil }

// Run is a training under way, as its observers see it. It is valid during their calls; values they keep they copy.
type Run struct {
	Trainer *Trainer
	Model   nn.Module
	History *History // epochs of earlier Fits included

	First, Last int // epoch numbers of this run, from 1
	Epoch       int // the current epoch's number
	Epochs      int // the number of the last epoch, as in "epoch 3/10"
	Step, Steps int // batches done in this epoch, and batches in an epoch
	BatchSize   int

	Loss             float64        // mean over the epoch so far
	Metrics          []metric.Value // over the epoch so far; the slice is reused
	SamplesPerSecond float64        // of this epoch's training so far
	Elapsed          time.Duration  // since Fit began
	Remaining        time.Duration  // estimate until the last epoch ends; 0 while unknown

	Stopped string // why the training was stopped before its last epoch, or ""
	Err     error  // in End: why the training failed or was cancelled, or nil
}

// Stop ends the training after the current epoch.
func (r *Run) Stop(reason string) {
	if r.Stopped == "" {
		r.Stopped = reason
	}
}
