package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// EMA keeps an exponential moving average of the weights, which often does better than the weights themselves: after
// each step of the optimizer average = Decay*average + (1-Decay)*weights (PyTorch's AveragedModel with
// get_ema_multi_avg_fn, Keras's use_ema). Statistics of layers such as BatchNorm's are averaged, too.
//
// After each epoch the model has the averages: they are what is validated, what other callbacks see and save, and what
// is left when Fit ends. Training itself goes on with its own weights, which a checkpoint keeps as well, so that it
// resumes exactly.
type EMA struct {
	Decay  float64 // 0: 0.999, as in PyTorch (Keras has 0.99)
	WarmUp bool    // begin with a smaller decay: at most (1+t)/(10+t) in step t, as TensorFlow with num_updates
	Every  int     // steps of the optimizer; 0: 1
}

// Start begins to follow a Fit: see [Callback].
func (e EMA) Start(run *Run) (Observer, error) {
	if e.Decay == 0 {
		e.Decay = 0.999
	}
	if !(e.Decay > 0 && e.Decay < 1) || e.Every < 0 {
		return nil, fmt.Errorf("Decay %v must lie between 0 and 1, Every %d must not be negative", e.Decay, e.Every)
	}
	if err := alone(run); err != nil {
		return nil, err
	}
	every := max(e.Every, 1)
	return &batchAverage{averages: averages{weights: run.Trainer.memory.weights("average ema"), share: func(n int) float64 {
		decay := e.Decay
		if e.WarmUp {
			decay = min(decay, float64(1+n)/float64(10+n))
		}
		return 1 - decay
	}}, every: every}, nil
}

// SWA keeps the plain average of the weights at the end of each epoch from Begin on (stochastic weight averaging, Izmailov
// et al., 2018; PyTorch's AveragedModel). Give the optimizer a rate that stays high, or a schedule with cycles. The model
// has the averages when EMA's would have them. Statistics of layers such as BatchNorm's are averaged, too, where PyTorch
// computes them anew by update_bn.
type SWA struct {
	Begin int // the first epoch that counts; 0: 1
	Every int // epochs; 0: 1
}

// Start begins to follow a Fit: see [Callback].
func (s SWA) Start(run *Run) (Observer, error) {
	if s.Begin < 0 || s.Every < 0 {
		return nil, fmt.Errorf("Begin %d and Every %d must not be negative", s.Begin, s.Every)
	}
	if err := alone(run); err != nil {
		return nil, err
	}
	return &epochAverage{averages: averages{weights: run.Trainer.memory.weights("average swa"), share: func(n int) float64 {
		return 1 / float64(n+1)
	}}, begin: max(s.Begin, 1), every: max(s.Every, 1)}, nil
}

// alone says whether no other averages are kept: the model can have one kind.
func alone(run *Run) error {
	if err := underWay(run); err != nil {
		return err
	}
	for _, o := range run.fit.observers {
		switch o.(type) {
		case *batchAverage, *epochAverage:
			return errors.New("a Fit has one EMA or SWA")
		}
	}
	return nil
}

// averages are averages of a model's weights. While Swapped is set the model has them, and weights has the model's own.
type averages struct {
	Observe
	Count   int  `json:"count"` // of weights in the averages
	Steps   int  `json:"steps"` // of the optimizer, or epochs
	Swapped bool `json:"swapped"`

	weights    *snapshot
	share      func(n int) float64 // of new weights, when n are in the averages
	parameters []nn.NamedParameter
	pass       optim.Averaging
}

// EpochStart gives the model its own weights back.
func (a *averages) EpochStart(run *Run) error {
	a.parameters = nn.NamedParameters(run.Model)
	if a.Swapped {
		return a.exchange(run)
	}
	return nil
}

// Trained gives the model the averages.
func (a *averages) Trained(run *Run) error {
	if a.Count == 0 || a.Swapped {
		return nil
	}
	return a.exchange(run)
}

// End does so after an epoch that was cut short.
func (a *averages) End(run *Run) error {
	if err := a.Trained(run); err != nil || run.fit == nil {
		return err
	}
	return run.fit.remember()
}

// add takes the model's weights into the averages.
func (a *averages) add(run *Run) {
	if a.Count == 0 {
		a.weights.take(run.Model)
		a.Count = 1
		return
	}
	share := a.share(a.Count)
	for _, p := range a.parameters {
		average := a.weights.values[p.Name]
		if average == nil || !average.Shape().Equal(p.Value.Shape()) || average.DType() != p.Value.DType() {
			a.weights.values[p.Name] = p.Value.Clone() // the model was changed meanwhile
			continue
		}
		a.pass.Add(average, p.Value, share)
	}
	a.Count++
}

func (a *averages) exchange(run *Run) error {
	weights := weightsOf(run.Model)
	if err := weights.Lock(context.Background()); err != nil {
		return err
	}
	defer weights.Unlock()
	for _, p := range a.parameters {
		average := a.weights.values[p.Name]
		if average == nil || !average.Shape().Equal(p.Value.Shape()) || average.DType() != p.Value.DType() {
			continue
		}
		own := p.Value.Clone()
		p.Value.CopyFrom(average)
		average.CopyFrom(own)
	}
	a.Swapped = !a.Swapped
	return nil
}

func (a *averages) Remember() (json.RawMessage, error) { return json.Marshal(a) }

// Recall goes on with the averages, if they were kept.
func (a *averages) Recall(run *Run, note json.RawMessage) error {
	if a.weights.values == nil {
		return nil
	}
	var was averages
	if err := json.Unmarshal(note, &was); err != nil {
		return err
	}
	if was.Count < 1 || was.Steps < 0 {
		return fmt.Errorf("train: the note of averages has the counts %d and %d", was.Count, was.Steps)
	}
	a.Count, a.Steps, a.Swapped = was.Count, was.Steps, was.Swapped
	return nil
}

type batchAverage struct {
	averages
	every int
}

func (a *batchAverage) Batch(run *Run) error {
	if run.fit.step.pending > 0 { // no step of the optimizer yet
		return nil
	}
	if a.Steps++; a.Steps%a.every == 0 {
		a.add(run)
	}
	return nil
}

type epochAverage struct {
	averages
	begin, every int
}

func (a *epochAverage) Trained(run *Run) error {
	if run.Epoch >= a.begin && !a.Swapped {
		if a.Steps%a.every == 0 {
			a.add(run)
		}
		a.Steps++
	}
	return a.averages.Trained(run)
}
