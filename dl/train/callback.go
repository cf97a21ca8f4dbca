package train

import (
	"encoding/json"
	"time"

	"modelbook/dl"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// Callback describes something that accompanies a training: a figure, a log, a rule that ends it. It is a plain value
// that may be used for several trainings; Start makes the observer of one.
type Callback interface {
	Start(run *Run) (Observer, error)
}

// Observer is told of every batch, of every epoch (when its values are in the history, validation included) and of
// the end. An error ends the training and is returned by Fit. End is called once, however the training ended; run.Err
// then says how. Embed [Observe] to implement only what is needed. More is told to observers that ask for it: see
// [EpochStarter], [BatchStarter], [GradientObserver], [TrainedObserver], [ValidationObserver] and [Rememberer].
type Observer interface {
	Batch(run *Run) error
	Epoch(run *Run) error
	End(run *Run) error
}

// EpochStarter is an observer that is told before an epoch.
type EpochStarter interface{ EpochStart(run *Run) error }

// BatchStarter is an observer that is told before a batch, run.Batch.
type BatchStarter interface{ BatchStart(run *Run) error }

// GradientObserver is an observer that is told between Backward and the optimizer's step: the parameters of run.Model
// have their gradients, which it may read and change. A gradient costs memory that a training would not need.
type GradientObserver interface{ Gradients(run *Run) error }

// TrainedObserver is an observer that is told when the batches of an epoch are done, before the validation.
type TrainedObserver interface{ Trained(run *Run) error }

// ValidationObserver is an observer that is told of the validation's results before they are in the history.
type ValidationObserver interface {
	Validated(run *Run, results Results) error
}

// Rememberer is an observer whose memory lasts from one Fit of a Trainer to the next, and is kept in checkpoints. Recall
// is called before the first epoch with what Remember returned last.
type Rememberer interface {
	Remember() (json.RawMessage, error)
	Recall(run *Run, memory json.RawMessage) error
}

// Observe is an observer that does nothing.
type Observe struct{}

// Batch does nothing.
func (Observe) Batch(*Run) error { return nil }

// Epoch does nothing.
func (Observe) Epoch(*Run) error { return nil }

// End does nothing.
func (Observe) End(*Run) error { return nil }

// Run is a training under way, as its observers see it. It is valid during their calls; values they keep they copy.
type Run struct {
	Trainer *Trainer
	Model   nn.Module
	History *History // epochs of earlier Fits included

	First, Last int // epoch numbers of this run, from 1
	Epoch       int // the current epoch's number
	Epochs      int // the number of the last epoch, as in "epoch 3/10"
	Step, Steps int // batches done in this epoch, and batches in an epoch (0: not known, the data is a stream)
	BatchSize   int

	Loss             float64        // mean over the epoch so far
	Metrics          []metric.Value // over the epoch so far; the slice is reused
	SamplesPerSecond float64        // of this epoch's training so far
	Elapsed          time.Duration  // since Fit began
	Remaining        time.Duration  // estimate until the last epoch ends; 0 while unknown

	Stopped string // why the training was stopped before its last epoch, or ""
	Err     error  // in End: why the training failed or was cancelled, or nil

	now bool // stop after the current batch
	fit *fit
}

// Stop ends the training after the current epoch.
func (r *Run) Stop(reason string) {
	if r.Stopped == "" {
		r.Stopped = reason
	}
}

// StopNow ends the training after the current batch. What was measured of the unfinished epoch is in the history,
// without validation; observers are not told that it ended.
func (r *Run) StopNow(reason string) {
	r.Stop(reason)
	r.now = true
}

// Parameters are the tensors that the training changes.
func (r *Run) Parameters() []*dl.Tensor {
	if r.fit == nil {
		return nn.Trainable(r.Model)
	}
	return r.fit.step.parameters
}
