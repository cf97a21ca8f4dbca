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

// slot is the values of a slot for a parameter.
func (m *memory) slot(i, parameter int) []float32 { return m.slots[i][parameter].Float32s() }

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
