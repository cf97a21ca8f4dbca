package tune

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/train"
)

// CrossValidation trains a model of its own on each fold of a dataset and measures it with the samples of the fold that
// it has not learned from: scikit-learn's cross_validate.
type CrossValidation struct {
	// Trainer makes the Trainer of a fold, with a new model. It is called in the order of the folds, one at a time.
	Trainer func(fold int) (*train.Trainer, error)
	// Folds divides the samples, nil: data.KFold{K: 5}. Of data that is sorted by class give it a Shuffle, or
	// data.StratifiedKFold; where samples belong together, data.GroupKFold.
	Folds data.Splitter
	// Options are those of each Fit. Validation is set to the samples to measure with, unless there is a
	// ValidationSplit, of the samples to learn from: for EarlyStopping, which would else choose what it is measured by.
	Options train.Options
	Workers int         // folds that are trained at a time; 0: 1
	Watch   func(Shown) // is told when something has changed, one call at a time; plotting.LiveTable shows it
}

// Shown is a table that changes while something runs: Done says that it will not any more.
type Shown = interface {
	String() string
	HTML() string
	Done() bool
}

// isNil says whether a dataset or a range is nil or a pointer that is.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return x == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// Run trains and measures all folds. When ctx ends, or a fold fails, it returns what there is with the error.
func (c CrossValidation) Run(ctx context.Context, d data.Dataset) (*Scores, error) {
	switch {
	case ctx == nil:
		return nil, errors.New("tune: the context is nil: give context.Background(), or one that can be cancelled")
	case c.Trainer == nil:
		return nil, errors.New("tune: CrossValidation needs a Trainer: a function that makes one, with a new model, for each fold")
	case isNil(d) || d.Len() < 2:
		return nil, errors.New("tune: cross-validation needs a dataset of two samples or more; a stream has no folds")
	case c.Options.Validation != nil:
		return nil, errors.New("tune: the folds are the validation data: leave Options.Validation out")
	case c.Options.Sampler != nil:
		return nil, errors.New("tune: a Sampler is about the samples of one dataset, and each fold has others: leave it out")
	case c.Workers < 0:
		return nil, fmt.Errorf("tune: %d folds cannot be trained at a time", c.Workers)
	}
	splitter := c.Folds
	if splitter == nil {
		splitter = data.KFold{}
	}
	var folds []data.Fold
	if err := dl.Try(func() { folds = splitter.Folds(d.Len()) }); err != nil {
		return nil, fmt.Errorf("tune: %w", err)
	}
	if len(folds) == 0 {
		return nil, errors.New("tune: Folds makes no folds of the dataset")
	}
	scores := &Scores{Folds: make([]Score, len(folds))}
	trainers := make([]*train.Trainer, len(folds))
	for i := range folds {
		t, err := c.Trainer(i)
		if err == nil && t == nil {
			err = errors.New("there is none")
		}
		if err != nil {
			return nil, fmt.Errorf("tune: the Trainer of fold %d: %w", i, err)
		}
		for j, other := range trainers[:i] {
			if other == t || other.Model != nil && other.Model == t.Model {
				return nil, fmt.Errorf("tune: folds %d and %d have the same model, which then knows the samples it is measured with: make a new one in Trainer", j, i)
			}
		}
		trainers[i] = t
	}
	var mu sync.Mutex
	change := func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
		if c.Watch != nil {
			c.Watch(scores.clone())
		}
	}
	err := inParallel(ctx, len(folds), c.Workers, func(ctx context.Context, i int) error {
		change(func() { scores.Folds[i].running = true })
		var history *train.History
		var results train.Results
		var err error
		if fault := dl.Try(func() {
			learn, test := folds[i].Of(d)
			o := c.Options
			if o.ValidationSplit == 0 && trainers[i].Step == nil {
				o.Validation = test
			}
			if history, err = trainers[i].Fit(ctx, learn, o); err == nil {
				results, err = trainers[i].Evaluate(ctx, test)
			}
		}); fault != nil {
			err = fault
		}
		change(func() {
			scores.Folds[i] = Score{History: history, Results: results, Err: err}
		})
		if err != nil {
			return fmt.Errorf("tune: fold %d: %w", i, err)
		}
		return nil
	})
	change(func() { scores.done = true })
	return scores, err
}

// inParallel calls f for 0 to n-1, in that order, on some goroutines. The first error ends it: no more calls begin, and
// the context of those that run ends.
func inParallel(ctx context.Context, n, workers int, f func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(max(workers, 1), n) {
		wg.Go(func() {
			for i := range next {
				if err := f(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
