package optim

import (
	"fmt"

	"modelbook/dl"
)

// memory is what every optimizer remembers: the steps taken, and some tensors ("slots") for each parameter.
type memory struct {
	step  int
	names []string
	slots [][]*dl.Tensor // slots[i][j]: the slot names[i] of parameter j
	pass  pass
}

// begin counts a step and makes the slots that are missing. Slots are ordinary memory even when a step runs in an
// arena, because they outlive it.
func (m *memory) begin(parameters []*dl.Tensor, names ...string) {
	if m.slots == nil {
		m.names, m.slots = names, make([][]*dl.Tensor, len(names))
	}
	for i := range m.slots {
		for j := len(m.slots[i]); j < len(parameters); j++ {
			p := parameters[j]
			m.slots[i] = append(m.slots[i], dl.Wrap(make([]float32, p.Size()), p.Shape()...))
		}
		for j, p := range parameters {
			if m.slots[i][j].Size() != p.Size() {
				panic(fmt.Sprintf("optim: parameter %d has %d values, but its %q in the optimizer's state has %d: "+
					"an optimizer belongs to the parameters of its first step", j, p.Size(), m.names[i], m.slots[i][j].Size()))
			}
		}
	}
	m.step++
}

// slot is the values of a slot for a parameter, nil when the optimizer has no such slot.
func (m *memory) slot(i, parameter int) []float32 {
	if i >= len(m.slots) {
		return nil
	}
	return m.slots[i][parameter].Float32s()
}

// A rule changes values p by their gradient g, and the first two slots with them, which are nil when the optimizer
// has fewer.
type rule interface{ apply(p, g, s, t []float32) }

// update passes once over the values of every parameter that has a gradient, on all threads.
func (m *memory) update(parameters []*dl.Tensor, r rule) {
	for i, parameter := range parameters {
		if parameter.DType() != dl.Float32 && parameter.Grad() == nil {
			continue
		}
		m.pass = pass{rule: r, p: parameter.Float32s(), s: m.slot(0, i), t: m.slot(1, i)}
		parameter.VisitGrad(&m.pass)
	}
	m.pass = pass{}
}

// pass is the loop over one parameter's values.
type pass struct {
	rule    rule
	p, s, t []float32
}

func (w *pass) Visit(lo, hi int, g []float32) {
	w.rule.apply(w.p[lo:hi], g, part(w.s, lo, hi), part(w.t, lo, hi))
}

func (w *pass) Uses(lo, hi int) [3][]float32 {
	return [3][]float32{w.p[lo:hi], part(w.s, lo, hi), part(w.t, lo, hi)}
}

func part(slot []float32, lo, hi int) []float32 {
	if slot == nil {
		return nil
	}
	return slot[lo:hi]
}

// state is the memory under its names.
func (m *memory) state(optimizer string, rate float64) State {
	s := State{Optimizer: optimizer, Step: m.step, Rate: rate, Slots: map[string][]*dl.Tensor{}}
	for i, name := range m.names {
		s.Slots[name] = m.slots[i]
	}
	return s
}

// restore replaces the memory by a copy of a state.
func (m *memory) restore(s State, optimizer string, names ...string) error {
	if err := s.check(optimizer, names...); err != nil {
		return err
	}
	*m = memory{step: s.Step}
	if s.Step == 0 {
		return nil
	}
	m.names, m.slots = names, make([][]*dl.Tensor, len(names))
	for i, name := range names {
		for _, t := range s.Slots[name] {
			m.slots[i] = append(m.slots[i], t.Clone())
		}
	}
	return nil
}

// or is v, or the default when v is zero.
func or(v, byDefault float64) float64 {
	if v == 0 {
		return byDefault
	}
	return v
}
