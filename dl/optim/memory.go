package optim

import (
	"fmt"
	"math"
	"slices"
	"weak"

	"modelbook/dl"
)

// memory is what every optimizer remembers of its parameters. It belongs to them, not to their places in a list, and
// keeps none of them alive.
type memory struct {
	base
	entries []*entry // in the order in which the parameters came
	index   map[weak.Pointer[dl.Tensor]]*entry
	loaded  []*entry // of a State, whose parameters are not known yet
	groups  [][]int  // of a State: the numbers of each group's parameters
	calls   int
	step    int // that the last parameters have taken, for Rate
	current []*entry
	tensors []*dl.Tensor // of current
	clipped []*dl.Tensor // some of them
	pass    pass
}

// entry is the memory of one parameter.
type entry struct {
	owner weak.Pointer[dl.Tensor]
	name  string // of the parameter, when a State told it
	slots []slot
	steps int    // in which it had a gradient
	given int    // in which it took part
	call  int    // the last one
	group *Group // of that call, or nil

	product float64 // of NAdam's momentum over as many steps as factors says
	factors int
}

type slot struct {
	name   string
	tensor *dl.Tensor
}

// slot returns a slot of parameter p, making it when it is missing. It is ordinary memory even when a step runs in an
// arena, because it outlives the step.
func (e *entry) slot(r rule, name string, p *dl.Tensor) *dl.Tensor {
	for i := range e.slots {
		if e.slots[i].name == name {
			return e.slots[i].tensor
		}
	}
	shape := p.Shape()
	if f, ok := r.(shaper); ok {
		shape = f.shape(name, shape)
	}
	t := dl.New(p.DType(), shape...)
	if f, ok := r.(starter); ok {
		if v := f.start(name); v != 0 {
			t.Fill(v)
		}
	}
	e.slots = append(e.slots, slot{name, t})
	return t
}

// begin finds the memory of the parameters of a step, in current, each once.
func (m *memory) begin(name string, parameters []*dl.Tensor, groups []Group, r rule) {
	m.calls++
	m.current, m.tensors = m.current[:0], m.tensors[:0]
	if m.loaded != nil {
		m.claim(name, parameters, groups, r)
	}
	m.step = 0
	for i, p := range parameters {
		if p == nil || !p.DType().IsFloat() {
			dl.PanicValue("optim."+name, "parameter %d is not a tensor of float32 or float64", i)
		}
		e := m.of(p)
		if e.call == m.calls {
			continue // the same tensor twice: one parameter
		}
		if e.call == 0 && m.entries[len(m.entries)-1] != e { // known from its group alone: entries are in the order of steps
			m.entries = append(slices.DeleteFunc(m.entries, func(o *entry) bool { return o == e }), e)
		}
		e.call, e.group = m.calls, nil
		m.step = max(m.step, e.given)
		m.current, m.tensors = append(m.current, e), append(m.tensors, p)
	}
	for g := range groups {
		if f := groups[g].RateFactor; !(f >= 0) || math.IsInf(f, 1) {
			dl.PanicValue("optim."+name, "the RateFactor of group %d is %v; it is a number, and not negative", g, f)
		}
		if decay := groups[g].WeightDecay; !isFinite(decay) {
			dl.PanicValue("optim."+name, "the WeightDecay of group %d is %v; it is a finite number", g, decay)
		}
		groups[g].Clip.check()
		for _, p := range groups[g].Parameters {
			if e := m.index[weak.Make(p)]; e != nil && e.call == m.calls {
				if e.group != nil && e.group != &groups[g] {
					dl.PanicValue("optim."+name, "a parameter %v%s is in group %d and in one before; each belongs to one group at most", p.Shape(), called(p), g)
				}
				e.group = &groups[g]
			} else if p.RequiresGrad() {
				dl.PanicValue("optim."+name, "a parameter %v of group %d is not among the parameters of the step", p.Shape(), g)
			}
		}
	}
}

// called is a parameter's name, for messages.
func called(p *dl.Tensor) string {
	if p.Name() == "" {
		return ""
	}
	return " named " + p.Name()
}

// claim gives the memory of a State to the parameters of the first step after it:
// to those of the same names, or else in their order. A state that was taken
// before any step is about the parameters of groups, whose order is another.
func (m *memory) claim(name string, parameters []*dl.Tensor, groups []Group, r rule) {
	parameters = distinct(parameters)
	if named := m.named(parameters); named != nil {
		parameters = named
	} else if m.step == 0 {
		if slices.ContainsFunc(groups, func(g Group) bool { return g.Parameters == nil }) {
			dl.PanicValue("optim."+name, "the state was taken before the first step, and its parameters have no names by which the groups could find theirs: "+
				"set the Parameters of the Groups, or call SetOwners")
		}
		*m = memory{base: m.base, calls: m.calls} // there is nothing to remember
		return
	}
	if err := m.give(parameters, groups, r); err != nil {
		dl.PanicValue("optim."+name, "%v; give Step the parameters that the state was saved with, or make a new optimizer", err)
	}
}

// named returns the parameters that have the names of the loaded State, in its
// order, or nil where names do not tell.
func (m *memory) named(parameters []*dl.Tensor) []*dl.Tensor {
	found := make([]*dl.Tensor, len(m.loaded))
	for i, e := range m.loaded {
		for _, p := range parameters {
			switch {
			case p == nil || e.name == "" || p.Name() != e.name:
			case found[i] != nil:
				return nil
			default:
				found[i] = p
			}
		}
		if found[i] == nil || slices.Contains(found[:i], found[i]) {
			return nil
		}
	}
	return found
}

// distinct leaves out what came before.
func distinct(parameters []*dl.Tensor) []*dl.Tensor {
	var all []*dl.Tensor
	for _, p := range parameters {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// of is the memory of a parameter, new when there is none.
func (m *memory) of(p *dl.Tensor) *entry {
	key := weak.Make(p)
	if e := m.index[key]; e != nil {
		return e
	}
	m.forget()
	e := &entry{owner: key}
	m.entries = append(m.entries, e)
	m.index[key] = e
	return e
}

// forget drops the memory of parameters that are no more.
func (m *memory) forget() {
	if m.index == nil {
		m.index = map[weak.Pointer[dl.Tensor]]*entry{}
	}
	m.entries = slices.DeleteFunc(m.entries, func(e *entry) bool {
		gone := e.owner.Value() == nil
		if gone {
			delete(m.index, e.owner)
		}
		return gone
	})
}

// kept are the entries that State tells of.
func (m *memory) kept() []*entry {
	if m.loaded != nil {
		return m.loaded
	}
	m.forget()
	return m.entries
}

// state is the memory under its names.
func (m *memory) state(optimizer string, rate float64, groups []Group, names ...string) State {
	m.join(groups)
	s := State{Optimizer: optimizer, Rate: rate, Slots: map[string][]*dl.Tensor{}}
	kept := m.kept()
	s.Groups = m.members(groups)
	for _, name := range names {
		s.Slots[name] = make([]*dl.Tensor, len(kept))
	}
	for i, e := range kept {
		s.Step = max(s.Step, e.given)
		s.Steps, s.Given = append(s.Steps, e.steps), append(s.Given, e.given)
		name := e.name
		if p := e.owner.Value(); p != nil {
			name = p.Name()
		}
		s.Names = append(s.Names, name)
		for _, slot := range e.slots {
			if s.Slots[slot.name] == nil {
				s.Slots[slot.name] = make([]*dl.Tensor, len(kept))
			}
			s.Slots[slot.name][i] = slot.tensor
		}
	}
	return s
}

// restore replaces the memory by a copy of a state.
func (m *memory) restore(s State, optimizer string, names ...string) error {
	n, err := s.check(optimizer, names...)
	if err != nil {
		return err
	}
	*m = memory{base: m.base, step: s.Step, groups: s.Groups}
	if n == 0 {
		return nil
	}
	m.loaded = make([]*entry, n)
	for i := range m.loaded {
		e := &entry{steps: s.Step, given: s.Step}
		if s.Steps != nil {
			e.steps = s.Steps[i]
		}
		if s.Given != nil {
			e.given = s.Given[i]
		}
		if s.Names != nil {
			e.name = s.Names[i]
		}
		for name, tensors := range s.Slots {
			if tensors[i] != nil {
				e.slots = append(e.slots, slot{name, tensors[i].Clone()})
			}
		}
		m.loaded[i] = e
	}
	return nil
}

// whose are the parameters that State is about: see [Keeper].
func (m *memory) whose(groups []Group) []*dl.Tensor {
	m.join(groups)
	if m.loaded != nil {
		return nil
	}
	owners := []*dl.Tensor{}
	for _, e := range m.kept() {
		owners = append(owners, e.owner.Value())
	}
	return owners
}

// give says which parameters the State that was set last is about: see [Keeper].
func (m *memory) give(parameters []*dl.Tensor, groups []Group, r rule) error {
	if len(parameters) != len(m.loaded) {
		return fmt.Errorf("optim: the state is of %d parameters, not of %d", len(m.loaded), len(parameters))
	}
	for i, e := range m.loaded {
		for _, slot := range e.slots {
			p, shape := parameters[i], parameters[i].Shape()
			if f, ok := r.(shaper); ok {
				shape = f.shape(slot.name, shape)
			}
			if !slot.tensor.Shape().Equal(shape) || slot.tensor.DType() != p.DType() {
				return fmt.Errorf("optim: parameter %d is %v of %v, its %q in the state %v of %v",
					i, p.Shape(), p.DType(), slot.name, slot.tensor.Shape(), slot.tensor.DType())
			}
		}
	}
	m.entries, m.loaded = m.loaded, nil
	m.index = map[weak.Pointer[dl.Tensor]]*entry{}
	for i, e := range m.entries {
		e.owner = weak.Make(parameters[i])
		m.index[e.owner] = e
	}
	m.regroup(groups)
	return nil
}
