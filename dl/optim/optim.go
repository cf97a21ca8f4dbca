package optim

import (
	"fmt"

	"modelbook/dl"
)

// Optimizer changes parameters by their gradients. A struct literal such as &optim.Adam{LearningRate: 1e-3} is ready
// for use; what it remembers between steps (moments, the number of steps) is made by the first Step and belongs to
// the parameters given then: one that is left out for a while finds its memory as it was, and one that is new begins
// with none, as does a new model.
type Optimizer interface {
	// Name is the optimizer's name as in its documentation, such as "Adam".
	Name() string
	// Step updates every parameter once from its Grad, however often it is given. Parameters without a gradient stay
	// as they are.
	Step(parameters []*dl.Tensor)
	// Rate is the learning rate of the next step, SetRate changes the base rate that a schedule scales.
	Rate() float64
	SetRate(rate float64)
	// State returns what the optimizer remembers, to save it; SetState continues from it.
	State() State
	SetState(State) error
}

// Keeper is an optimizer that tells whose memory is whose, as all of this package are, so that a file can keep it by
// the parameters' names.
type Keeper interface {
	Optimizer
	// Owners are the parameters that State is about, in its order. It is nil for a State that was set and that no
	// Step and no SetOwners has related to parameters yet.
	Owners() []*dl.Tensor
	// SetOwners says which parameters the State that was set last is about, in its order.
	SetOwners(parameters []*dl.Tensor) error
}

// State is what an optimizer remembers: all that is needed to resume exactly. Slots[name][i] belongs to parameter i; it
// is nil where the parameter has no such slot.
type State struct {
	Optimizer string
	Step      int     // steps taken
	Rate      float64 // base learning rate
	Slots     map[string][]*dl.Tensor
	Steps     []int   `since:"2"` // for each parameter: in how many steps it had a gradient; nil: in all
	Given     []int   `since:"2"` // for each parameter: in how many steps it took part; nil: in all
	Groups    [][]int `since:"2"` // for each group: the numbers of its parameters
	// Names are those of the parameters that have one, see dl.Tensor.SetName: by
	// them a first Step after SetState finds whose memory is whose, also when the
	// state was taken before any step and tells of the parameters of groups only.
	Names []string `since:"3"`
}

// check says whether a state is one of the named optimizer with the named slots, and returns the number of its
// parameters.
func (s State) check(optimizer string, slots ...string) (n int, err error) {
	if s.Optimizer != optimizer {
		return 0, fmt.Errorf("optim: the state is of %q, not of %s: use the optimizer it was saved with", s.Optimizer, optimizer)
	}
	if s.Step < 0 {
		return 0, fmt.Errorf("optim: the state of %s counts %d steps", optimizer, s.Step)
	}
	n = -1
	for name, slot := range s.Slots {
		if n >= 0 && len(slot) != n {
			return 0, fmt.Errorf("optim: the state of %s has %q for %d parameters, others for %d", optimizer, name, len(slot), n)
		}
		n = len(slot)
	}
	for _, name := range slots {
		if len(s.Slots[name]) == 0 && s.Step > 0 {
			return 0, fmt.Errorf("optim: the state of %s lacks its %q", optimizer, name)
		}
	}
	for _, counts := range [][]int{s.Steps, s.Given} {
		if counts == nil {
			continue
		}
		if n >= 0 && len(counts) != n {
			return 0, fmt.Errorf("optim: the state of %s counts the steps of %d parameters, its slots are for %d", optimizer, len(counts), n)
		}
		n = len(counts)
		for i, c := range counts {
			if c < 0 {
				return 0, fmt.Errorf("optim: the state of %s counts %d steps of parameter %d", optimizer, c, i)
			}
		}
	}
	if s.Names != nil && len(s.Names) != max(n, 0) {
		return 0, fmt.Errorf("optim: the state of %s has names for %d parameters, it is of %d", optimizer, len(s.Names), max(n, 0))
	}
	for g, members := range s.Groups {
		for _, i := range members {
			if i < 0 || i >= n {
				return 0, fmt.Errorf("optim: the state of %s has parameter %d in group %d, of %d parameters", optimizer, i, g, max(n, 0))
			}
		}
	}
	return max(n, 0), nil
}

// base is a learning rate that may have been set to 0, which in a literal means the default.
type base struct{ zero bool }

func (b *base) rate(field, byDefault float64) float64 {
	if field == 0 && !b.zero {
		return byDefault
	}
	return field
}

func (b *base) set(field *float64, rate float64) { *field, b.zero = rate, rate == 0 }

// or is v, the default when v is zero, and zero when v is negative.
func or(v, byDefault float64) float64 {
	switch {
	case v == 0:
		return byDefault
	case v < 0:
		return 0
	}
	return v
}
