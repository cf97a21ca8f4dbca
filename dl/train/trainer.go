package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// Trainer trains a model to make a loss small. Calling Fit again continues the training with
// the weights, the optimizer's memory and the History as they are.
//
// When the model ends in the activation that belongs to the loss (Softmax for the cross-entropies, Sigmoid for the
// binary one), the loss is computed from the logits, which is faster and loses no digits.
type Trainer struct {
	Model     nn.Module // with Forward(x *dl.Tensor) *dl.Tensor, unless there is a Step
	Loss      nn.Loss
	Optimizer optim.Optimizer
	Metrics   []metric.Metric
	Seed      uint64 // of shuffling and dropout

	// History is what all Fits measured. Set it to nil to count epochs from 1 again.
	History *History

	// Step, if not nil, takes the place of Model's Forward and of Loss: it computes the loss of a batch, as Keras's
	// train_step, and everything else stays. The Trainer calls Backward and lets the Optimizer change Model's
	// parameters. A Step that does so itself returns nil; its loss it may tell with [Step.Loss].
	Step func(s *Step) *dl.Tensor `since:"2"`

	// Ranks, if not nil, are the programs that train this model together, as those of package dist. Fit then takes the
	// BatchSize of all of them together, and gives each a part of every batch; it and Evaluate are called on all ranks.
	Ranks Ranks `since:"4"`

	rand    *dl.Rand
	arena   *dl.Arena
	memory  *memory
	owners  []string // of the optimizer's memory, as a saved session knows them; nil: not known
	fitting int32    // 1 during Fit
	apart   bool     // of several Ranks, each has a part of the optimizer's memory
}

// Options say how to fit.
type Options struct {
	Epochs          int          // to add to those already done; 0: 1
	BatchSize       int          // 0: 32
	ValidationSplit float64      // share of the data to hold out: the last samples, before any shuffling, as Keras does
	Validation      data.Dataset // or the data to validate with
	NoShuffle       bool         // take the samples in the dataset's order
	Callbacks       []Callback
	Accumulate      int          `since:"2"` // batches whose gradients make one step of the optimizer; 0: 1
	StepsPerEpoch   int          `since:"2"` // batches after which an epoch ends; 0: when the data does
	Sampler         data.Sampler `since:"2"` // says which samples an epoch takes; nil: all of them
	Workers         int          `since:"2"` // goroutines that read batches; 0: 1
}

// A history counts up to so many epochs, and so many goroutines read batches.
const (
	mostEpochs  = 1 << 30
	mostWorkers = 1 << 12
)

// Fit trains for some epochs and returns the history, that of earlier Fits included. Cancelling ctx ends it between
// two batches: then it returns the history of the finished epochs and ctx.Err(), and the model keeps its weights.
func (t *Trainer) Fit(ctx context.Context, d data.Dataset, o Options) (h *History, err error) {
	if err := givenContext(ctx); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	training, validation, err := t.parts(d, o)
	if err != nil {
		return nil, err
	}
	if !atomic.CompareAndSwapInt32(&t.fitting, 0, 1) {
		return t.History, errors.New("train: this Trainer is fitting already; make another one")
	}
	defer atomic.StoreInt32(&t.fitting, 0)
	t.prepare()
	// Settings of layers, schedules and metrics are looked at here and there: what they panic with is an error of Fit.
	if fault := dl.Try(func() { err = t.fit(ctx, training, validation, o) }); fault != nil {
		err = fmt.Errorf("train: %w", fault)
	}
	return t.History, err
}

func (t *Trainer) fit(ctx context.Context, training, validation data.Dataset, o Options) error {
	f, err := newFit(t, training, validation, o)
	if err != nil {
		return err
	}
	f.ctx = ctx
	if r := t.ranks(); r != nil {
		if err := f.agree(r); err != nil {
			return err
		}
	}
	if err := f.start(o.Callbacks); err != nil {
		f.end(err)
		return err
	}
	var ended bool
	defer func() {
		if !ended { // a panic: observers are told that it is over
			f.end(errors.New("train: a step panicked"))
		}
	}()
	err = f.epochs(ctx)
	ended = true
	return f.end(err)
}

// String says what is trained, how, and how far.
func (t *Trainer) String() string {
	if err := t.check(); err != nil {
		return err.Error()
	}
	n, done := nn.Count(t.Model).Total, 0
	if t.History != nil {
		done = t.epoch()
	}
	loss := "loss " + t.Loss.Name
	if t.Step != nil {
		loss = "a step of its own"
	}
	return fmt.Sprintf("Trainer: %d parameters, %s, %s at rate %.3g, %d epochs done",
		n, loss, t.Optimizer.Name(), t.Optimizer.Rate(), done)
}

// check says what a Trainer lacks.
func (t *Trainer) check() error {
	if err := t.checkModel(); err != nil {
		return err
	}
	switch {
	case t.Step == nil && !t.Loss.Defined():
		return errors.New("train: the Trainer has no Loss, such as nn.SparseCrossEntropy")
	case isNil(t.Optimizer):
		return lacking("Optimizer", t.Optimizer, "&optim.Adam{}")
	}
	return t.checkMetrics()
}

// notReserved says that a metric has a name which the history needs.
func notReserved(name string, used map[string]bool) error {
	if used[name] || strings.HasPrefix(name, "val_") {
		return fmt.Errorf("train: a metric cannot be called %q: the history has something else of that name", name)
	}
	return nil
}

// prepare makes what lasts from one Fit to the next.
func (t *Trainer) prepare() {
	if t.History == nil {
		t.History = &History{}
	}
	if t.memory == nil || len(t.History.Epochs) == 0 {
		t.memory = &memory{}
	}
	if t.rand == nil {
		t.rand = dl.NewRand(t.Seed)
	}
	if t.arena == nil {
		t.arena = dl.NewArena()
	}
	t.claim()
}

// claim tells the optimizer of a loaded session which parameters its memory belongs to.
func (t *Trainer) claim() {
	keeper, ok := t.Optimizer.(optim.Keeper)
	if owners := t.owners; ok && owners != nil && keeper.Owners() == nil {
		byName := map[string]*dl.Tensor{}
		for _, n := range nn.NamedParameters(t.Model) {
			byName[n.Name] = n.Value
		}
		var tensors []*dl.Tensor
		for _, name := range owners {
			tensors = append(tensors, byName[name])
		}
		if !slices.Contains(tensors, nil) {
			if err := keeper.SetOwners(tensors); err != nil {
				dl.PanicValue("train.Trainer", "%v", err)
			}
		}
	}
	t.owners = nil
}

// parts are the datasets to train and to validate with, the latter may be nil.
func (t *Trainer) parts(d data.Dataset, o Options) (training, validation data.Dataset, err error) {
	training, validation = d, o.Validation
	switch {
	case isNil(d) || d.Len() == 0:
		return nil, nil, errors.New("train: no data to train with")
	case o.Validation != nil && isNil(o.Validation):
		return nil, nil, fmt.Errorf("train: Options.Validation is a nil %T", o.Validation)
	case !(o.ValidationSplit >= 0 && o.ValidationSplit < 1):
		return nil, nil, fmt.Errorf("train: a ValidationSplit of %v is not a share from 0 to below 1", o.ValidationSplit)
	case o.ValidationSplit > 0 && o.Validation != nil:
		return nil, nil, errors.New("train: give ValidationSplit or Validation, not both")
	case o.ValidationSplit > 0 && d.Len() < 0:
		return nil, nil, errors.New("train: a stream cannot be split; give Validation")
	case o.Epochs < 0 || o.BatchSize < 0 || o.Accumulate < 0 || o.StepsPerEpoch < 0 || o.Workers < 0:
		return nil, nil, fmt.Errorf("train: Epochs %d, BatchSize %d, Accumulate %d, StepsPerEpoch %d and Workers %d must not be negative",
			o.Epochs, o.BatchSize, o.Accumulate, o.StepsPerEpoch, o.Workers)
	case o.Epochs > mostEpochs || o.Workers > mostWorkers:
		return nil, nil, fmt.Errorf("train: %d Epochs with %d Workers are too many; there are up to %d and %d", o.Epochs, o.Workers, mostEpochs, mostWorkers)
	case o.ValidationSplit > 0:
		training, validation = data.Split(d, o.ValidationSplit)
		if training.Len() == 0 {
			return nil, nil, fmt.Errorf("train: a ValidationSplit of %v leaves none of %d samples to train with", o.ValidationSplit, d.Len())
		}
	}
	if validation != nil && validation.Len() == 0 {
		return nil, nil, errors.New("train: no data to validate with")
	}
	if t.Step == nil && training.Spec().YType == data.NoTarget {
		return nil, nil, errors.New("train: the data has no targets")
	}
	return training, validation, nil
}

// epoch is the number of the last finished epoch.
func (t *Trainer) epoch() int {
	if n := len(t.History.Epochs); n > 0 {
		return t.History.Epochs[n-1]
	}
	return 0
}
