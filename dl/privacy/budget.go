package privacy

import (
	"encoding/json"
	"fmt"
	"math"

	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// budget is the callback that writes epsilon into the history, stops the training in time, and remembers the steps.
type budget struct{ r *run }

func (b budget) Start(*train.Run) (train.Observer, error) {
	if b.overdrawn() {
		return nil, fmt.Errorf("the budget of epsilon %v is spent: %.3g", b.r.p.Epsilon, b.r.p.Spent())
	}
	return b, nil
}

// overdrawn says whether one more step would cost more than there is.
func (b budget) overdrawn() bool {
	p := b.r.p
	if p.Epsilon == 0 {
		return false
	}
	after := Accountant{history: p.accountant.History()}
	after.Add(b.r.each)
	return after.Epsilon(p.Delta) > p.Epsilon
}

// EpochStart asks for the parameters that are trained: callbacks may have frozen or freed some.
func (b budget) EpochStart(run *train.Run) error {
	b.r.parameters = nn.Trainable(run.Model)
	return nil
}

// Batch stops the training before the budget is overdrawn.
func (b budget) Batch(run *train.Run) error {
	if b.overdrawn() {
		run.StopNow(fmt.Sprintf("the privacy budget of epsilon %v is used up", b.r.p.Epsilon))
	}
	return nil
}

// Epoch writes what was spent into the history.
func (b budget) Epoch(run *train.Run) error {
	b.write(run)
	return nil
}

// End writes it when the last epoch was not finished.
func (b budget) End(run *train.Run) error {
	b.write(run)
	return nil
}

func (b budget) write(run *train.Run) {
	const name = "epsilon"
	h := run.History
	if n := len(h.Epochs); n == 0 || h.Epochs[n-1] < run.First {
		return
	}
	values, known := h.Values[name]
	if !known {
		h.Names = append(h.Names, name)
	}
	for len(values) < len(h.Epochs) {
		values = append(values, train.NotMeasured())
	}
	if last := len(values) - 1; !train.Measured(values[last]) {
		values[last] = b.r.p.Spent()
	}
	if h.Values == nil {
		h.Values = map[string][]float64{}
	}
	h.Values[name] = values
}

// Remember is what a checkpoint keeps: the steps.
func (b budget) Remember() (json.RawMessage, error) { return json.Marshal(b.r.p.accountant.history) }

// Recall takes the steps of a checkpoint, unless this DPSGD has counted some itself.
func (b budget) Recall(_ *train.Run, memory json.RawMessage) error {
	a := &b.r.p.accountant
	if len(a.history) > 0 {
		return nil
	}
	var history []Steps
	if err := json.Unmarshal(memory, &history); err != nil {
		return fmt.Errorf("what a checkpoint says of the steps: %w", err)
	}
	for i, s := range history {
		if !(s.Rate >= 0 && s.Rate <= 1) || !(s.Noise >= 0) || math.IsInf(s.Noise, 1) || s.Count < 0 {
			return fmt.Errorf("what a checkpoint says of the steps: kind %d is %+v", i+1, s)
		}
		a.Add(s)
	}
	return nil
}
