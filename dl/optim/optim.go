package optim

import (
	"fmt"

	"modelbook/dl"
)

// Optimizer changes parameters by their gradients. A struct literal such as &optim.Adam{LearningRate: 1e-3} is ready
// for use; what it remembers between steps (moments, the number of steps) is made by the first Step and belongs to
// the parameters given then.
type Optimizer interface {
	// Name is the optimizer's name as in its documentation, such as "Adam".
	Name() string
	// Step updates every parameter once from its Grad. Parameters without a gradient stay as they are.
	Step(parameters []*dl.Tensor)
	// Rate is the learning rate of the next step, SetRate changes the base rate that a schedule scales.
	Rate() float64
	SetRate(rate float64)
	// State returns what the optimizer remembers, to save it; SetState continues from it.
	State() State
	SetState(State) error
}

// State is what an optimizer remembers: all that is needed to go on exactly. Slots[name][i] belongs to parameter i.
type State struct {
	Optimizer string
	Step      int     // steps taken
	Rate      float64 // base learning rate
	Slots     map[string][]*dl.Tensor
}

// check says whether a state is one of the named optimizer with the named slots.
func (s State) check(optimizer string, slots ...string) error {
	if s.Optimizer != optimizer {
		return fmt.Errorf("optim: the state is of %q, not of %s: use the optimizer it was saved with", s.Optimizer, optimizer)
	}
	if s.Step < 0 {
		return fmt.Errorf("optim: the state of %s counts %d steps", optimizer, s.Step)
	}
	n := -1
	for _, name := range slots {
		slot, ok := s.Slots[name]
		if !ok && s.Step > 0 {
			return fmt.Errorf("optim: the state of %s lacks its %q", optimizer, name)
		}
		if n >= 0 && len(slot) != n {
			return fmt.Errorf("optim: the state of %s has %q for %d parameters, others for %d", optimizer, name, len(slot), n)
		}
		n = len(slot)
	}
	return nil
}
