package dl

import "slices"

// Checkpoint returns f(xs...) and keeps none of the results in between:
// Backward computes them again, so that a deep model needs less memory and
// more time. The second time Dropout drops the same elements, other random
// numbers are the same, too, and BatchNorm does not count the batch again in its
// running statistics. f must depend on nothing that changes until Backward, and
// leave nothing behind.
func Checkpoint(f func(xs ...*Tensor) *Tensor, xs ...*Tensor) *Tensor {
	given("Checkpoint", "the function", f != nil)
	s := enter()
	defer s.leave()
	p := &replay{parent: s.replay}
	var out *Tensor
	s.aside(p, true, func(outside func(func())) {
		y := f(xs...)
		outside(func() {
			if s.arena == nil {
				out = viewOf(y, y.layout()) // y may be an operand
				return
			}
			out = result(y.dtype, y.shape)
			y.into(out)
		})
	})
	if out.dtype.IsFloat() && (p.needed || recording(xs...)) && s.noGrad == 0 {
		r := checkpointKind.new()
		r.f, r.xs, r.replay = f, slices.Clone(xs), p
		attach(out, "Checkpoint", r)
	}
	return out
}

// checkpointRecord is the record of Checkpoint.
type checkpointRecord struct {
	node
	f      func(xs ...*Tensor) *Tensor
	xs     []*Tensor
	replay *replay
}

var checkpointKind = newKind[checkpointRecord]()

func (r *checkpointRecord) operands(list []*Tensor) []*Tensor { return append(list, r.xs...) }

// hidden says that gradients also go to tensors that are no operands: those
// that the function uses.
func (r *checkpointRecord) hidden() {}

func (r *checkpointRecord) backward(b *sweep, dy *Tensor) {
	ins := make([]*Tensor, len(r.xs))
	for i, x := range r.xs {
		ins[i] = viewOf(x, x.layout()) // a leaf for the sweep within
		if b.wants(x) {
			ins[i].requires, ins[i].stale, ins[i].grad = true, true, result(x.dtype.gradient(), x.shape)
		}
	}
	s := enter()
	defer s.leave()
	s.aside(r.replay.again(s.replay), false, func(outside func(func())) {
		y := r.f(ins...)
		if !y.requires {
			return
		}
		in := newSweep()
		if in.only = b.only; b.only {
			for _, t := range append(ins, b.leaves()...) {
				in.slot(t)
			}
		}
		in.collect(y)
		in.run(y, dy)
		outside(func() {
			for i, x := range r.xs {
				if ins[i].requires && in.begun(ins[i]) {
					b.add(x, in.current(ins[i]))
				}
			}
			if b.only {
				for _, t := range b.leaves() {
					if g := in.current(t); g != nil {
						b.add(t, g)
					}
				}
			}
		})
		in.release()
	})
}

// leaves are those with a slot.
func (b *sweep) leaves() (ts []*Tensor) {
	for _, s := range b.slots {
		if s.t.from == nil {
			ts = append(ts, s.t)
		}
	}
	return ts
}

// A replay is what must be the same when a Checkpoint is computed again.
type replay struct {
	parent *replay // of the Checkpoint around it
	repeat bool
	needed bool // a tensor that requires a gradient was used
	rands  []savedRand
}

// A savedRand is where a random source was when it was used first.
type savedRand struct {
	r     *Rand
	state []byte
	copy  *Rand // the second time, from the same state
}

// again returns the replay for another computation.
func (p *replay) again(parent *replay) *replay {
	q := &replay{parent: parent, repeat: true}
	for _, s := range p.rands {
		c := NewRand(0)
		if err := c.SetState(s.state); err != nil {
			panic(err) // State wrote it
		}
		q.rands = append(q.rands, savedRand{r: s.r, copy: c})
	}
	return q
}

// rand returns the source to use for r.
func (p *replay) rand(r *Rand) *Rand {
	if p == nil {
		return r
	}
	for _, s := range p.rands {
		switch {
		case s.r == r && p.repeat:
			return s.copy
		case s.r == r:
			return p.parent.rand(r)
		}
	}
	used := p.parent.rand(r)
	if !p.repeat {
		p.rands = append(p.rands, savedRand{r: r, state: used.State()})
	}
	return used
}

// current returns the source that this goroutine uses for r.
func (r *Rand) current() *Rand {
	if r == nil || r.r == nil {
		PanicValue("Rand", "the source is nil or zero: make it with NewRand, or take DefaultRand")
	}
	if s := currentScope(); s != nil {
		return s.replay.rand(r)
	}
	return r
}

// recomputing reports whether results are computed again, so that what was
// counted must not be counted twice.
func recomputing() bool {
	s := currentScope()
	if s == nil {
		return false
	}
	for p := s.replay; p != nil; p = p.parent {
		if p.repeat {
			return true
		}
	}
	return false
}

// aside calls f with memory that is taken back afterwards, if the goroutine is
// in an Arena's Run. What is to stay is made in outside.
func (s *scope) aside(p *replay, noGrad bool, f func(outside func(func()))) {
	arena, before, depth := s.arena, s.replay, s.noGrad
	restore := func() { s.arena, s.replay, s.noGrad = arena, before, depth }
	defer restore()
	var inner *Arena
	if arena != nil {
		if arena.inner == nil {
			arena.inner = NewArena()
		}
		inner = arena.inner
	}
	s.replay = p
	if s.noGrad = 0; noGrad {
		s.noGrad = 1
	}
	if inner != nil {
		s.arena = inner
		defer inner.takeBack()
		defer inner.settle()
	}
	f(func(g func()) {
		s.arena = arena
		g()
		s.arena = inner
	})
}
