package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"modelbook/dl/optim"
)

// EarlyStopping ends a training when a value has not improved for Patience epochs. It remembers the best value, and
// with RestoreBest its weights, from one Fit to the next.
type EarlyStopping struct {
	Monitor     string  // name in the history; "": "val_loss"
	Patience    int     // epochs without improvement that are allowed; 0: 1
	MinDelta    float64 // what counts as an improvement must be larger than this
	RestoreBest bool    // leave the model with the weights of the best epoch
	Mode        Mode    `since:"2"` // which values are better; Auto: as the metric says
}

// Start begins to follow a Fit: see [Callback].
func (e EarlyStopping) Start(run *Run) (Observer, error) {
	if err := underWay(run); err != nil {
		return nil, err
	}
	if err := e.Mode.check(); err != nil {
		return nil, err
	}
	if e.Patience < 0 || !(e.MinDelta >= 0) || math.IsInf(e.MinDelta, 0) {
		return nil, fmt.Errorf("Patience %d and MinDelta %v must be finite, and not negative", e.Patience, e.MinDelta)
	}
	o := &earlyStopping{patience: max(e.Patience, 1), watch: watch{Name: e.Monitor, least: e.MinDelta, mode: e.Mode}}
	if e.RestoreBest {
		monitor := e.Monitor
		if monitor == "" {
			monitor = "val_loss"
		}
		o.weights = run.Trainer.memory.weights(monitor)
	}
	return o, nil
}

type earlyStopping struct {
	Observe
	watch
	patience int
	weights  *snapshot
}

func (o *earlyStopping) Recall(run *Run, note json.RawMessage) error {
	err := o.watch.Recall(run, note)
	if o.Since >= o.patience { // it has stopped a Fit, and the user goes on
		o.Since = 0
	}
	if o.weights != nil && o.weights.values == nil { // they were not kept, so that they can not be restored
		o.watch.Epoch = 0
	}
	return err
}

func (o *earlyStopping) Epoch(run *Run) error {
	improved, err := o.improved(run)
	if err != nil {
		return err
	}
	if improved && o.weights != nil {
		o.weights.take(run.Model)
	}
	if o.Since >= o.patience {
		run.Stop(fmt.Sprintf("%s has not improved since epoch %d (%s)", o.Name, o.watch.Epoch, format(o.Name, o.Best)))
	}
	return nil
}

func (o *earlyStopping) End(run *Run) error {
	if o.weights != nil && o.watch.Epoch > 0 {
		return o.weights.put(run.Model)
	}
	return nil
}

func list(names []string) string { return strings.Join(names, ", ") }

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// ReduceOnPlateau lowers the learning rate when a value has not improved for Patience epochs. It remembers the best
// value and the epochs since from one Fit to the next. PyTorch's ReduceLROnPlateau allows one epoch more with the same
// Patience.
type ReduceOnPlateau struct {
	Monitor  string  // name in the history; "": "val_loss"
	Factor   float64 // of the new rate to the old one; 0: 0.1
	Patience int     // epochs without improvement that are allowed; 0: 10, as in Keras
	MinDelta float64 // what counts as an improvement must be larger than this
	MinRate  float64 // the rate is not lowered below this
	Mode     Mode    `since:"2"` // which values are better; Auto: as the metric says
	Cooldown int     `since:"3"` // epochs after a reduction in which the next one does not come nearer
}

// Start begins to follow a Fit: see [Callback].
func (r ReduceOnPlateau) Start(run *Run) (Observer, error) {
	if r.Factor == 0 {
		r.Factor = 0.1
	}
	if r.Patience == 0 {
		r.Patience = 10
	}
	if !(r.Factor > 0 && r.Factor < 1) || r.Patience < 0 || r.Cooldown < 0 {
		return nil, fmt.Errorf("Factor %v must lie between 0 and 1, Patience %d above 0, Cooldown %d not below it", r.Factor, r.Patience, r.Cooldown)
	}
	if !(r.MinDelta >= 0) || !(r.MinRate >= 0) || math.IsInf(r.MinDelta+r.MinRate, 0) {
		return nil, fmt.Errorf("MinDelta %v and MinRate %v must be finite, and not negative", r.MinDelta, r.MinRate)
	}
	if err := r.Mode.check(); err != nil {
		return nil, err
	}
	if err := underWay(run); err != nil {
		return nil, err
	}
	return &plateau{ReduceOnPlateau: r, watch: watch{Name: r.Monitor, least: r.MinDelta, mode: r.Mode}}, nil
}

type plateau struct {
	Observe
	ReduceOnPlateau
	watch
}

func (o *plateau) Epoch(run *Run) error {
	if _, err := o.improved(run); err != nil {
		return err
	}
	if o.Cool > 0 {
		o.Cool--
		o.Since = 0
	}
	if o.Since >= o.Patience {
		o.Since, o.Cool = 0, o.Cooldown
		scaleRate(run.Trainer.Optimizer, o.Factor, o.MinRate)
	}
	return nil
}

// scaleRate changes an optimizer's base rate.
func scaleRate(o optim.Optimizer, factor, least float64) {
	if rate := o.State().Rate; rate > least {
		o.SetRate(max(rate*factor, least))
	}
}

// RateByEpoch sets the learning rate before every epoch: to what it returns for the epoch's number, from 1. For a
// schedule by steps see the Schedule of the optimizers.
type RateByEpoch func(epoch int) float64

// Start begins to follow a Fit: see [Callback].
func (f RateByEpoch) Start(run *Run) (Observer, error) {
	if f == nil {
		return nil, errors.New("the function that gives the rates is nil")
	}
	if err := underWay(run); err != nil {
		return nil, err
	}
	if isNil(run.Trainer.Optimizer) {
		return nil, lacking("Optimizer", run.Trainer.Optimizer, "&optim.Adam{}")
	}
	run.Trainer.Optimizer.SetRate(f(run.First))
	return &rateByEpoch{f: f}, nil
}

type rateByEpoch struct {
	Observe
	f RateByEpoch
}

func (o *rateByEpoch) Epoch(run *Run) error {
	if run.Epoch < run.Last {
		run.Trainer.Optimizer.SetRate(o.f(run.Epoch + 1))
	}
	return nil
}
