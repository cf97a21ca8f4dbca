package train

import (
	"fmt"
	"math"
	"strings"

	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// EarlyStopping ends a training when a value has not improved for Patience epochs.
type EarlyStopping struct {
	Monitor     string  // name in the history; "": "val_loss"
	Patience    int     // epochs without improvement that are allowed; 0: 1
	MinDelta    float64 // what counts as an improvement must be larger than this
	RestoreBest bool    // leave the model with the weights of the best epoch
}

func (e EarlyStopping) Start(run *Run) (Observer, error) {
	if e.Patience < 0 || e.MinDelta < 0 {
		return nil, fmt.Errorf("Patience %d and MinDelta %v must not be negative", e.Patience, e.MinDelta)
	}
	o := &earlyStopping{patience: max(e.Patience, 1), watch: watch{name: e.Monitor, least: e.MinDelta}}
	if e.RestoreBest {
		o.weights = &snapshot{}
	}
	return o, nil
}

type earlyStopping struct {
	Observe
	watch
	patience int
	weights  *snapshot
}

func (o *earlyStopping) Epoch(run *Run) error {
	improved, err := o.improved(run)
	if err != nil {
		return err
	}
	if improved && o.weights != nil {
		o.weights.take(run.Model)
	}
	if o.since >= o.patience {
		run.Stop(fmt.Sprintf("%s has not improved since epoch %d (%s)", o.name, o.epoch, format(o.name, o.best)))
	}
	return nil
}

func (o *earlyStopping) End(run *Run) error {
	if o.weights != nil && o.epoch > 0 {
		o.weights.put(run.Model)
	}
	return nil
}

// watch follows a value of the history.
type watch struct {
	name  string // "": "val_loss"
	least float64
	best  float64
	epoch int // of the best value; 0: none yet
	since int // epochs since
}

// improved looks at the last epoch.
func (w *watch) improved(run *Run) (bool, error) {
	if w.name == "" {
		w.name = "val_loss"
	}
	value := run.History.Last(w.name)
	if run.History.Get(w.name) == nil {
		return false, fmt.Errorf("train: nothing is measured as %q; there are %s (validation needs Options.ValidationSplit or Validation)",
			w.name, strings.Join(run.History.Names, ", "))
	}
	if w.epoch == 0 && !math.IsNaN(value) || better(w.name, value, w.best, w.least) {
		w.best, w.epoch, w.since = value, run.Epoch, 0
		return true, nil
	}
	w.since++
	return false, nil
}

// snapshot is a copy of a model's parameters.
type snapshot struct{ values [][]float32 }

func (s *snapshot) take(m nn.Module) {
	for i, p := range m.Parameters() {
		if i == len(s.values) {
			s.values = append(s.values, make([]float32, p.Value.Size()))
		}
		copy(s.values[i], p.Value.Float32s())
	}
}

func (s *snapshot) put(m nn.Module) {
	for i, p := range m.Parameters() {
		copy(p.Value.Float32s(), s.values[i])
		p.Value.Changed()
	}
}

// ReduceOnPlateau lowers the learning rate when a value has not improved for Patience epochs.
type ReduceOnPlateau struct {
	Monitor  string  // name in the history; "": "val_loss"
	Factor   float64 // of the new rate to the old one; 0: 0.1
	Patience int     // epochs without improvement that are allowed; 0: 10, as in Keras
	MinDelta float64 // what counts as an improvement must be larger than this
	MinRate  float64 // the rate is not lowered below this
}

func (r ReduceOnPlateau) Start(run *Run) (Observer, error) {
	if r.Factor == 0 {
		r.Factor = 0.1
	}
	if r.Patience == 0 {
		r.Patience = 10
	}
	if !(r.Factor > 0 && r.Factor < 1) || r.Patience < 0 {
		return nil, fmt.Errorf("Factor %v must lie between 0 and 1, Patience %d above 0", r.Factor, r.Patience)
	}
	return &plateau{ReduceOnPlateau: r, watch: watch{name: r.Monitor, least: r.MinDelta}}, nil
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
	if o.since >= o.Patience {
		o.since = 0
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

func (f RateByEpoch) Start(run *Run) (Observer, error) {
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
