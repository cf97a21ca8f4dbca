package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// Trainer teaches a model to make a loss small. It goes on where it is: calling Fit again continues the training with
// the weights, the optimizer's memory and the History as they are.
//
// When the model ends in the activation that belongs to the loss (Softmax for the cross-entropies, Sigmoid for the
// binary one), the loss is computed from the logits, which is faster and loses no digits.
type Trainer struct {
	Model     nn.Module
	Loss      nn.Loss
	Optimizer optim.Optimizer
	Metrics   []metric.Metric
	Seed      uint64 // of shuffling and dropout

	// History is what all Fits measured. Set it to nil to count epochs from 1 again.
	History *History

	rand  *dl.Rand
	arena *dl.Arena
}

// Options say how to fit.
type Options struct {
	Epochs          int          // to add to those already done; 0: 1
	BatchSize       int          // 0: 32
	ValidationSplit float64      // share of the data to hold out: the last samples, before any shuffling, as Keras does
	Validation      data.Dataset // or the data to validate with
	NoShuffle       bool         // take the samples in the dataset's order
	Callbacks       []Callback
}

// Fit trains for some epochs and returns the history, that of earlier Fits included. Cancelling ctx ends it between
// two batches: then it returns the history of the finished epochs and ctx.Err(), and the model keeps its weights.
func (t *Trainer) Fit(ctx context.Context, d data.Dataset, o Options) (*History, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	training, validation, err := o.parts(d)
	if err != nil {
		return nil, err
	}
	t.prepare()
	f := newFit(t, training, validation, o)
	for _, c := range o.Callbacks {
		observer, err := c.Start(&f.run)
		if err != nil {
			f.end(err)
			return t.History, fmt.Errorf("train: callback %T: %w", c, err)
		}
		f.observers = append(f.observers, observer)
	}
	return t.History, f.end(f.epochs(ctx))
}

// String says what is trained, how, and how far.
func (t *Trainer) String() string {
	if err := t.check(); err != nil {
		return err.Error()
	}
	n, done := 0, 0
	for _, p := range t.Model.Parameters() {
		n += p.Value.Size()
	}
	if t.History != nil {
		done = t.epoch()
	}
	return fmt.Sprintf("Trainer: %d parameters, loss %s, %s at rate %.3g, %d epochs done",
		n, t.Loss.Name, t.Optimizer.Name(), t.Optimizer.Rate(), done)
}

// State is what a Trainer remembers beside its fields: where its random source is, nil before the first Fit. With the
// optimizer's State and the parameters it is all that is needed to go on exactly; Save writes them all.
func (t *Trainer) State() []byte {
	if t.rand == nil {
		return nil
	}
	return t.rand.State()
}

// SetState continues from a State.
func (t *Trainer) SetState(state []byte) error {
	if state == nil {
		t.rand = nil
		return nil
	}
	r := dl.NewRand(t.Seed)
	if err := r.SetState(state); err != nil {
		return err
	}
	t.rand = r
	return nil
}

// check says what a Trainer lacks.
func (t *Trainer) check() error {
	switch {
	case t.Model == nil:
		return errors.New("train: the Trainer has no Model")
	case t.Loss.Of == nil:
		return errors.New("train: the Trainer has no Loss, such as nn.SparseCrossEntropy")
	case t.Optimizer == nil:
		return errors.New("train: the Trainer has no Optimizer, such as &optim.Adam{}")
	}
	return nil
}

// prepare makes what lasts from one Fit to the next.
func (t *Trainer) prepare() {
	if t.History == nil {
		t.History = &History{}
	}
	if t.rand == nil {
		t.rand = dl.NewRand(t.Seed)
	}
	if t.arena == nil {
		t.arena = dl.NewArena()
	}
}

// parts are the datasets to train and to validate with, the latter may be nil.
func (o Options) parts(d data.Dataset) (training, validation data.Dataset, err error) {
	training, validation = d, o.Validation
	switch {
	case d == nil || d.Len() == 0:
		return nil, nil, errors.New("train: no data to train with")
	case !(o.ValidationSplit >= 0 && o.ValidationSplit < 1):
		return nil, nil, fmt.Errorf("train: a ValidationSplit of %v is not a share from 0 to below 1", o.ValidationSplit)
	case o.ValidationSplit > 0 && o.Validation != nil:
		return nil, nil, errors.New("train: give ValidationSplit or Validation, not both")
	case o.Epochs < 0 || o.BatchSize < 0:
		return nil, nil, fmt.Errorf("train: Epochs %d and BatchSize %d must not be negative", o.Epochs, o.BatchSize)
	case o.ValidationSplit > 0:
		training, validation = data.Split(d, o.ValidationSplit)
		if training.Len() == 0 {
			return nil, nil, fmt.Errorf("train: a ValidationSplit of %v leaves none of %d samples to train with", o.ValidationSplit, d.Len())
		}
	}
	if validation != nil && validation.Len() == 0 {
		return nil, nil, errors.New("train: no data to validate with")
	}
	if training.Spec().YType == data.NoTarget {
		return nil, nil, errors.New("train: the data has no targets")
	}
	return training, validation, nil
}

// fit is one call of Fit.
type fit struct {
	run       Run
	observers []Observer
	loader    data.Loader
	held      *evaluation // of the validation data, or nil
	step      step
	begin     time.Time
	first     bool // in the first epoch of this call, whose speed is all that is known
}

func newFit(t *Trainer, training, validation data.Dataset, o Options) *fit {
	f := &fit{begin: time.Now()}
	f.loader = data.Loader{Dataset: training, BatchSize: o.BatchSize, Shuffle: t.rand}
	if f.loader.BatchSize == 0 {
		f.loader.BatchSize = 32 // Keras's default
	}
	if o.NoShuffle {
		f.loader.Shuffle = nil
	}
	if validation != nil {
		f.held = newEvaluation(t, validation)
	}
	f.step = newStep(t)
	done := t.epoch()
	f.run = Run{Trainer: t, Model: t.Model, History: t.History, First: done + 1, Last: done + max(o.Epochs, 1),
		Steps: f.loader.Steps(), BatchSize: f.loader.BatchSize}
	f.run.Epochs = f.run.Last
	for _, m := range t.Metrics {
		f.run.Metrics = append(f.run.Metrics, metric.Value{Name: m.Name()})
	}
	return f
}

// epoch is the number of the last finished epoch.
func (t *Trainer) epoch() int {
	if n := len(t.History.Epochs); n > 0 {
		return t.History.Epochs[n-1]
	}
	return 0
}

// epochs trains until the last epoch, or until an observer stops it.
func (f *fit) epochs(ctx context.Context) error {
	t := f.run.Trainer
	nn.SetRand(t.Model, t.rand)
	defer nn.SetTraining(t.Model, false)
	for f.run.Epoch = f.run.First; f.run.Epoch <= f.run.Last && f.run.Stopped == ""; f.run.Epoch++ {
		if err := f.epoch(ctx); err != nil {
			return err
		}
	}
	f.run.Epoch = t.epoch()
	return nil
}

// epoch is one pass over the training data, and over the validation data after it.
func (f *fit) epoch(ctx context.Context) error {
	t := f.run.Trainer
	start := time.Now()
	rate := t.Optimizer.Rate()
	nn.SetTraining(t.Model, true)
	f.step.reset()
	for i, batch := range f.loader.Batches() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.step.train(batch); err != nil {
			return fmt.Errorf("train: epoch %d, step %d: %w", f.run.Epoch, i+1, err)
		}
		f.measure(i+1, time.Since(start))
		for _, o := range f.observers {
			if err := o.Batch(&f.run); err != nil {
				return err
			}
		}
	}
	if err := f.loader.Err(); err != nil {
		return fmt.Errorf("train: epoch %d: %w", f.run.Epoch, err)
	}
	speed := f.run.SamplesPerSecond

	var held Results
	if f.held != nil {
		nn.SetTraining(t.Model, false)
		var err error
		if held, err = f.held.run(ctx); err != nil {
			return err
		}
	}
	h := t.History
	h.add(f.run.Epoch)
	h.set("loss", f.run.Loss)
	for _, m := range f.run.Metrics {
		h.set(m.Name, m.Value)
	}
	for _, v := range held {
		h.set("val_"+v.Name, v.Value)
	}
	h.set("learning_rate", rate)
	h.set("seconds", time.Since(start).Seconds())
	h.set("samples_per_second", speed)
	f.measure(f.run.Steps, 0)
	for _, o := range f.observers {
		if err := o.Epoch(&f.run); err != nil {
			return err
		}
	}
	return nil
}

// measure brings the run's numbers up to date after a step; spent is the time of this epoch, 0 when it is over.
func (f *fit) measure(step int, spent time.Duration) {
	r := &f.run
	r.Step, r.Loss = step, f.step.loss()
	for i, m := range f.step.meters {
		r.Metrics[i].Value = m.Value()
	}
	if spent > 0 {
		r.SamplesPerSecond = float64(f.step.samples) / spent.Seconds()
	}
	r.Elapsed = time.Since(f.begin)
	done := (r.Epoch-r.First)*r.Steps + step
	all := (r.Last - r.First + 1) * r.Steps
	r.Remaining = time.Duration(float64(r.Elapsed) / float64(done) * float64(all-done))
}

// end tells the observers that the run is over and returns the first error.
func (f *fit) end(err error) error {
	f.run.Err = err
	for _, o := range f.observers {
		if e := o.End(&f.run); e != nil && err == nil {
			err = e
		}
	}
	return err
}
