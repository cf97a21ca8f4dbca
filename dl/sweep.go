package dl

import (
	"cmp"
	"slices"
	"sync"
)

// A sweep is one Backward or Grad under way: the records behind a result, the
// newest first, and where gradients go. Those of results are added up in their
// nodes, those of leaves in their Grad. A leaf has a slot in the sweep instead
// if Grad asks for its gradient, or if a hook wants to see it first.
type sweep struct {
	number  uint64
	records []record
	list    []*Tensor // operands of the record in hand
	lent    *storage  // of the gradient that the caller gave, if the sweep reads it
	retain  bool      // the records are kept for another sweep
	only    bool      // only what has a slot is asked for
	stop    []*Tensor // what is behind these is not looked at
	slots   []slot
	index   map[*Tensor]int // in slots
	// partials are gradients of which slices are known so far.
	partials []partial
	// samples is the number of samples whose gradients are measured, else 0, parameters that those of leaves are asked
	// for, and only these: see samples.go.
	samples    int
	parameters bool
	weighings  []weighing
}

// A slot holds the gradient of a leaf, or, for Grad, of any tensor.
type slot struct {
	t, grad *Tensor
	uses    int // records that may still add to the gradient
}

// free sweeps are kept for the next ones.
var freeSweeps = sync.Pool{New: func() any { return &sweep{index: map[*Tensor]int{}} }}

func newSweep() *sweep {
	b := freeSweeps.Get().(*sweep)
	b.number = sweeps.Add(1)
	return b
}

func (b *sweep) release() {
	clear(b.records)
	clear(b.list[:cap(b.list)])
	clear(b.slots)
	clear(b.index)
	clear(b.partials)
	clear(b.weighings)
	*b = sweep{records: b.records[:0], list: b.list[:0], slots: b.slots[:0], index: b.index, partials: b.partials[:0], weighings: b.weighings[:0]}
	freeSweeps.Put(b)
}

// slot returns the number of the slot of t, which it makes if there is none.
func (b *sweep) slot(t *Tensor) int {
	i, ok := b.index[t]
	if !ok {
		i = len(b.slots)
		b.slots = append(b.slots, slot{t: t})
		b.index[t] = i
	}
	return i
}

// collect finds the records behind t, down to the leaves and to the tensors in
// stop.
func (b *sweep) collect(t *Tensor) {
	b.visit(t)
	for i := 0; i < len(b.records); i++ {
		b.list = b.records[i].operands(b.list[:0])
		for _, in := range b.list {
			b.visit(in)
		}
	}
	slices.SortFunc(b.records, func(x, y record) int { return cmp.Compare(y.head().seq, x.head().seq) })
	for _, r := range slices.Backward(b.records) {
		h := r.head()
		_, asked := b.index[h.out]
		h.shown = h.shown || asked
		h.deeper = !b.only
		if b.only {
			b.list = r.operands(b.list[:0])
			_, hidden := r.(interface{ hidden() })
			h.deeper = hidden || slices.ContainsFunc(b.list, b.wants)
		}
		h.wanted = h.deeper || asked
	}
}

// visit notes the record of t, once.
func (b *sweep) visit(t *Tensor) {
	if t == nil {
		return
	}
	if t.check(); !t.requires || slices.Contains(b.stop, t) {
		return
	}
	if t.from == nil {
		if !b.only && t.hooked() {
			b.slots[b.slot(t)].uses++
		}
		return
	}
	if t.from == spentRecord {
		panic(&ValueError{Op: "Backward", Caller: caller(),
			Detail: "the record of how a tensor of shape " + t.shape.String() + " was computed was used by an earlier Backward; compute it again, or use RetainGraph"})
	}
	if h := t.from.head(); h.seen != b.number {
		h.seen, h.grad, h.norm, h.masked, h.summed, h.shown = b.number, nil, nil, false, false, t.hooked()
		b.records = append(b.records, t.from)
	}
}

// wants reports whether the gradient of x, an operand, is asked for.
func (b *sweep) wants(x *Tensor) bool {
	if x == nil || !x.requires {
		return false
	}
	if b.samples > 0 {
		return (x.from == nil) == b.parameters
	}
	if x.from != nil {
		if h := x.from.head(); h.seen == b.number {
			return h.wanted
		}
	}
	if !b.only {
		return true
	}
	_, ok := b.index[x]
	return ok
}

// buffer returns the gradient of x for a function to write to. fresh tells
// that its elements are undefined and must be overwritten; otherwise the
// function adds to them.
func (b *sweep) buffer(x *Tensor) (g *Tensor, fresh bool) {
	b.close(x)
	if x.from != nil {
		h := x.from.head()
		h.masked, h.summed = false, false
		b.throughNorm(h)
		switch {
		case h.grad == nil:
			h.grad = result(x.dtype.gradient(), x.shape)
			b.keep(h.grad)
			return h.grad, true
		case h.grad.storage == b.lent:
			own := result(h.grad.dtype, x.shape)
			device.copy(h.grad, own)
			h.grad = own
			b.keep(own)
		}
		return h.grad, false
	}
	if s := b.held(x); s != nil {
		switch {
		case s.grad != nil:
			return s.grad, false
		case b.only: // the caller of Grad keeps it
			s.grad = empty(x.dtype.gradient(), x.shape)
		default:
			s.grad = result(x.dtype.gradient(), x.shape)
			b.keep(s.grad)
		}
		return s.grad, true
	}
	x.settle()
	switch {
	case x.grad == nil: // it outlives the arena
		x.grad = empty(x.dtype.gradient(), x.shape)
		return x.grad, true
	case x.stale:
		x.stale = false
		return x.grad, true
	}
	return x.grad, false
}

// begun reports whether something was added to the gradient of x before.
func (b *sweep) begun(x *Tensor) bool {
	if x.from != nil {
		return x.from.head().grad != nil
	}
	if s := b.held(x); s != nil {
		return s.grad != nil
	}
	return x.due.x != nil || x.grad != nil && !x.stale
}

// target returns a tensor for a function to overwrite with a gradient of x and
// to pass to add: the buffer itself where that is fresh.
func (b *sweep) target(x *Tensor) *Tensor {
	if b.wants(x) && !b.begun(x) {
		g, _ := b.buffer(x)
		return g
	}
	return result(x.dtype.gradient(), x.shape)
}

// add adds g, which has the shape of x, to the gradient of x, unless it is x's
// target.
func (b *sweep) add(x, g *Tensor) {
	if !b.wants(x) || b.begun(x) && b.current(x) == g {
		return
	}
	buf, fresh := b.buffer(x)
	switch {
	case fresh && buf.dtype == g.dtype:
		device.copy(g, buf)
	case fresh:
		g.into(buf)
	default:
		device.add(g, buf)
	}
}

// current is the gradient of x so far.
func (b *sweep) current(x *Tensor) *Tensor {
	if x.from != nil {
		return x.from.head().grad
	}
	if s := b.held(x); s != nil {
		return s.grad
	}
	return x.grad
}

// addAs adds a gradient of another float type.
func (b *sweep) addAs(x, g *Tensor) {
	if x.dtype.gradient() != g.dtype && b.wants(x) {
		c := result(x.dtype.gradient(), x.shape)
		g.into(c)
		g = c
	}
	b.add(x, g)
}

// hand is add for a g that nobody else holds: a result that has no gradient yet
// takes it as its own, without a copy. A function hands on its dy, or a part of
// it, at most once.
func (b *sweep) hand(x, g *Tensor) {
	if x.from != nil && b.wants(x) && !b.begun(x) && g.storage != b.lent {
		x.from.head().grad = g
		b.keep(g)
		return
	}
	b.add(x, g)
}

// keep says that a gradient is still to be used, drop that it was: see [Arena.pass]. What the caller gave is the caller's.
func (b *sweep) keep(g *Tensor) {
	if g.storage != b.lent {
		g.storage.gradients++
	}
}

func (b *sweep) drop(g *Tensor) {
	if g.storage != b.lent {
		g.storage.gradients--
	}
}

// fuseReLU is for an operation that can apply the gradient of a ReLU more
// cheaply than the one below, into which that is fused, as MaxPool2D can on its
// fewer elements. Right before it writes g, the target of x, it asks whether it
// is to do so: not if others add to the gradient of x, or look at it.
func (b *sweep) fuseReLU(x, g *Tensor) bool {
	if x.from == nil {
		return false
	}
	h := x.from.head()
	if !h.relu || h.shown || h.grad != g {
		return false
	}
	h.masked = true
	return true
}

// run carries gradients from t, whose own is dy, to the leaves.
func (b *sweep) run(t, dy *Tensor) {
	if t.from == nil {
		b.add(t, dy)
		b.done(t)
	} else {
		t.from.head().grad = dy
		b.keep(dy)
	}
	arena := currentArena()
	if arena.note(true) {
		arena = nil // a Backward inside another one, which takes back
	}
	if arena != nil {
		defer arena.noted()
	}
	defer b.closeAll()
	anomalies, watcher := lookForAnomalies(), observing()
	watcher.begin()
	for _, r := range b.records {
		h := r.head()
		b.leave(r)
		g := h.grad
		h.grad = nil
		if g != nil && h.shown {
			noting := currentArena().note(false)
			g = b.show(h.out, g) // what hooks saw they may keep until the Run ends
			currentArena().note(noting)
			b.keep(g)
		}
		if g != nil && h.deeper {
			h.checkKept()
			watcher.starts(r)
			r.backward(b, g)
			watcher.backward()
			if anomalies {
				b.closeAll()
				b.checkBackward(r)
			}
		}
		if len(b.slots) > 0 && !b.only {
			noting := currentArena().note(false)
			b.list = r.operands(b.list[:0])
			for _, in := range b.list {
				b.done(in)
			}
			currentArena().note(noting)
		}
		if g != nil {
			b.drop(g)
		}
		b.dropNorm(h)
		if arena != nil {
			arena.pass()
		}
		if !b.retain {
			h.drop()
			h.out.from = spentRecord
		}
	}
}
