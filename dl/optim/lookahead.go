package optim

import (
	"maps"

	"modelbook/dl"
)

// Lookahead lets another optimizer explore, and follows it with slow weights (Zhang, Lucas, Hinton and Ba, 2019): after
// every Every steps of the optimizer
//
//	slow += Share*(p - slow);  p = slow
//
// which makes a training steadier and less sensitive to the rate. Its memory is one value for each weight beside what the
// optimizer remembers; rate, schedule, groups and clipping are the optimizer's. Neither Keras nor PyTorch has it; the
// defaults are the paper's (TensorFlow Addons has 6 steps).
type Lookahead struct {
	Optimizer Optimizer // that takes the steps; nil: &Adam{}
	Every     int       // 0: 5
	Share     float64   // 0: 0.5

	memory
	average Averaging
}

var slowOnly = []string{"slow"}

// lookaheadRule tells memory what a Lookahead itself remembers.
type lookaheadRule struct{}

func (lookaheadRule) slots() []string            { return slowOnly }
func (lookaheadRule) set(_, _ float64, _ *entry) {}

// of is the optimizer that takes the steps.
func (o *Lookahead) of() Optimizer {
	if o.Optimizer == nil {
		o.Optimizer = &Adam{}
	}
	return o.Optimizer
}

// Name is the name of the optimizer with that of the one that takes the steps, such as "Lookahead(Adam)".
func (o *Lookahead) Name() string { return "Lookahead(" + o.of().Name() + ")" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Lookahead) Step(parameters []*dl.Tensor) {
	every, share := o.Every, or(o.Share, 0.5)
	if every == 0 {
		every = 5
	}
	if every < 0 || !(share > 0 && share <= 1) {
		dl.PanicValue("optim.Lookahead", "Every is %d and Share %v; Every must be above 0, Share above 0 and at most 1", o.Every, o.Share)
	}
	m := &o.memory
	m.begin("Lookahead", parameters, nil, lookaheadRule{})
	for i, e := range m.current {
		if len(e.slots) == 0 {
			e.slot(lookaheadRule{}, "slow", m.tensors[i]).CopyFrom(m.tensors[i])
		}
	}
	o.of().Step(parameters)
	for i, e := range m.current {
		e.given++
		e.steps++
		if e.given%every == 0 {
			slow, p := e.slots[0].tensor, m.tensors[i]
			o.average.Add(slow, p, share)
			if p.DType() == dl.Float64 {
				copy(p.Float64s(), slow.Float64s())
			} else {
				copy(p.Float32s(), slow.Float32s())
			}
			p.Changed()
		}
	}
	m.step++
	clear(m.tensors) // a parameter that is no more is not kept alive
}

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Lookahead) Rate() float64 { return o.of().Rate() }

// SetRate changes the base rate: see [Optimizer].
func (o *Lookahead) SetRate(rate float64) { o.of().SetRate(rate) }

// State is what the optimizer that takes the steps remembers, and the slow weights, as "slow": see [Optimizer].
func (o *Lookahead) State() State {
	s, own := o.of().State(), o.memory.state("", 0, nil, slowOnly...)
	s.Optimizer = o.Name()
	slow, places := own.Slots["slow"], o.places()
	n := max(len(s.Steps), len(places))
	for _, slot := range s.Slots {
		n = max(n, len(slot))
	}
	slots := maps.Clone(s.Slots)
	if slots == nil {
		slots = map[string][]*dl.Tensor{}
	}
	slots["slow"] = make([]*dl.Tensor, n)
	for i := range n {
		if places == nil && i < len(slow) {
			slots["slow"][i] = slow[i]
		} else if i < len(places) && places[i] >= 0 {
			slots["slow"][i] = slow[places[i]]
		}
	}
	s.Slots = slots
	return s
}

// places says for each parameter of the other optimizer's State which one it is in this one's, -1 if none; nil if they
// have the same order.
func (o *Lookahead) places() []int {
	keeper, ok := o.of().(Keeper)
	if !ok {
		return nil
	}
	owners, mine := keeper.Owners(), o.memory.whose(nil)
	if owners == nil || mine == nil {
		return nil
	}
	number := map[*dl.Tensor]int{}
	for i, p := range mine {
		number[p] = i
	}
	places := make([]int, len(owners))
	for i, p := range owners {
		places[i] = -1
		if k, ok := number[p]; ok {
			places[i] = k
		}
	}
	return places
}

// SetState continues from a State: see [Optimizer].
func (o *Lookahead) SetState(s State) error {
	if _, err := s.check(o.Name(), slowOnly...); err != nil {
		return err
	}
	theirs, own := s, s
	theirs.Optimizer, theirs.Slots = o.of().Name(), maps.Clone(s.Slots)
	delete(theirs.Slots, "slow")
	if err := o.of().SetState(theirs); err != nil {
		return err
	}
	own.Slots, own.Steps, own.Groups = map[string][]*dl.Tensor{}, s.Given, nil
	if slow := s.Slots["slow"]; slow != nil {
		own.Slots["slow"] = slow
	}
	return o.memory.restore(own, o.Name())
}

// Owners are the parameters that State is about: see [Keeper].
func (o *Lookahead) Owners() []*dl.Tensor {
	if keeper, ok := o.of().(Keeper); ok {
		return keeper.Owners()
	}
	return o.memory.whose(nil)
}

// SetOwners says whose the State is: see [Keeper].
func (o *Lookahead) SetOwners(parameters []*dl.Tensor) error {
	if keeper, ok := o.of().(Keeper); ok {
		if err := keeper.SetOwners(parameters); err != nil {
			return err
		}
	}
	if len(o.memory.loaded) == 0 {
		return nil
	}
	return o.memory.give(parameters, nil, lookaheadRule{})
}
