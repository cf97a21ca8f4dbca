package optim

import (
	"fmt"
	"slices"
	"weak"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
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
}

type slot struct {
	name   string
	tensor *dl.Tensor
}

// slot returns a slot of parameter p, making it when it is missing. It is ordinary memory even when a step runs in an
// arena, because it outlives the step.
func (e *entry) slot(name string, p *dl.Tensor) *dl.Tensor {
	for i := range e.slots {
		if e.slots[i].name == name {
			return e.slots[i].tensor
		}
	}
	t := dl.New(p.DType(), p.Shape()...)
	e.slots = append(e.slots, slot{name, t})
	return t
}

// begin finds the memory of the parameters of a step, in current, each once.
func (m *memory) begin(op string, parameters []*dl.Tensor, groups []Group) {
	m.calls++
	m.current, m.tensors = m.current[:0], m.tensors[:0]
	if m.loaded != nil {
		m.claim(op, parameters, groups)
	}
	m.step = 0
	for i, p := range parameters {
		if p == nil || !p.DType().IsFloat() {
			dl.PanicValue(op, "parameter %d is not a tensor of float32 or float64", i)
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
		for _, p := range groups[g].Parameters {
			if e := m.index[weak.Make(p)]; e != nil && e.call == m.calls {
				e.group = &groups[g]
			} else if p.RequiresGrad() {
				dl.PanicValue(op, "a parameter %v of group %d is not among the parameters of the step", p.Shape(), g)
			}
		}
	}
}

// claim gives the memory of a State to the parameters of the first step after it:
// to those of the same names, or else in their order. A state that was taken
// before any step is about the parameters of groups, whose order is another.
func (m *memory) claim(op string, parameters []*dl.Tensor, groups []Group) {
	parameters = distinct(parameters)
	if named := m.named(parameters); named != nil {
		parameters = named
	} else if m.step == 0 {
		if slices.ContainsFunc(groups, func(g Group) bool { return g.Parameters == nil }) {
			dl.PanicValue(op, "the state was taken before the first step, and its parameters have no names by which the groups could find theirs: "+
				"set the Parameters of the Groups, or call SetOwners")
		}
		*m = memory{base: m.base, calls: m.calls} // there is nothing to remember
		return
	}
	if err := m.give(parameters, groups); err != nil {
		dl.PanicValue(op, "%v; give Step the parameters that the state was saved with, or make a new optimizer", err)
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

// A rule is the step of an optimizer for one parameter. set tells what is new for the parameter: its rate, its decay
// and the number of its step. Values are changed with the named slots, at most three.
type rule interface {
	slots() []string
	set(rate, decay float64, step int)
	float32s(p, g []float32, s [3][]float32)
	float64s(p, g []float64, s [3][]float64)
}

// update passes once over the values of every parameter that has a gradient, float32 on all threads.
func (m *memory) update(r rule, rate, decay float64) {
	names := r.slots()
	for i, e := range m.current {
		p := m.tensors[i]
		mine, own := rate, decay
		if e.group != nil {
			if e.group.RateFactor != 0 {
				mine *= e.group.RateFactor
			}
			if e.group.WeightDecay != 0 {
				own = max(e.group.WeightDecay, 0)
			}
		}
		e.given++
		r.set(mine, own, e.steps+1)
		if p.DType() == dl.Float64 {
			if double(r, names, e, p) {
				e.steps++
			}
			continue
		}
		m.pass = pass{rule: r, p: p.Float32s()}
		for k, name := range names {
			m.pass.s[k] = e.slot(name, p).Float32s()
		}
		if gradient.Visit(p, &m.pass) {
			p.Changed()
			e.steps++
		}
	}
	m.step++
	m.pass = pass{}
	clear(m.tensors) // a parameter that is no more is not kept alive
}

// double updates a float64 parameter and reports whether it has a gradient.
func double(r rule, names []string, e *entry, p *dl.Tensor) bool {
	g := p.Grad()
	if g == nil {
		return false
	}
	var s [3][]float64
	for k, name := range names {
		s[k] = e.slot(name, p).Float64s()
	}
	r.float64s(p.Float64s(), g.Float64s(), s)
	p.Changed()
	return true
}

// pass is the loop over one parameter's values.
type pass struct {
	rule rule
	p    []float32
	s    [3][]float32
}

func (w *pass) Visit(lo, hi int, g []float32) { w.rule.float32s(w.p[lo:hi], g, w.part(lo, hi)) }

func (w *pass) Uses(lo, hi int) [3][]float32 {
	s := w.part(lo, hi)
	return [3][]float32{w.p[lo:hi], s[0], s[1]}
}

func (w *pass) part(lo, hi int) (s [3][]float32) {
	for k, values := range w.s {
		if values != nil {
			s[k] = values[lo:hi]
		}
	}
	return s
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
func (m *memory) give(parameters []*dl.Tensor, groups []Group) error {
	if len(parameters) != len(m.loaded) {
		return fmt.Errorf("optim: the state is of %d parameters, not of %d", len(m.loaded), len(parameters))
	}
	for i, e := range m.loaded {
		for _, slot := range e.slots {
			if p := parameters[i]; !slot.tensor.Shape().Equal(p.Shape()) || slot.tensor.DType() != p.DType() {
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
