package dl

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"modelbook/dl/internal/conv"
)

// A node records one operation: what it read, what it made, and the function
// that carries the gradient of its result back to its operands. Functions are
// top-level, and what they need stands in the node, so that recording an
// operation allocates nothing in an arena.
type node struct {
	seq  uint64 // order of creation
	seen uint64 // the Backward that visited it
	back func(n *node)
	in   [3]*Tensor
	more []*Tensor // operands beyond three
	out  *Tensor
	op   string  // its name
	kept [5]kept // what back reads

	// What the backward functions keep.
	saved [3]*Tensor
	ints  [3]int
	f     [2]float64
	shape Shape
	geo   conv.Geometry
	index []int
	rule  *rule
	pair  *pairRule
	flag  bool
	relu  bool // one is fused into the operation
	// masked tells that the gradient of out is already that in front of the ReLU.
	masked bool
}

var (
	sequence  atomic.Uint64
	backwards atomic.Uint64
)

// RequireGrad makes t a leaf whose gradient Backward computes, and returns t.
func (t *Tensor) RequireGrad() *Tensor {
	if !t.dtype.IsFloat() {
		dtypePanic("RequireGrad", "only float32 and float64 have gradients", t)
	}
	t.requires = true
	return t
}

// RequiresGrad reports whether gradients flow to t.
func (t *Tensor) RequiresGrad() bool { return t.requires }

// Grad returns the gradient that Backward accumulated, nil before.
func (t *Tensor) Grad() *Tensor {
	t.settle()
	if t.stale {
		return nil
	}
	return t.grad
}

// ZeroGrad forgets the gradient. Its memory is used again by the next Backward.
func (t *Tensor) ZeroGrad() { t.stale, t.due = t.grad != nil, deferred{} }

// record notes how out was made, when any operand requires a gradient, and
// returns the node, or nil when there is nothing to record.
func record(out *Tensor, back func(*node), in ...*Tensor) *node {
	if !recording(in...) {
		return nil
	}
	n := newNode()
	n.seq, n.back, n.out = sequence.Add(1), back, out
	if copy(n.in[:], in) < len(in) {
		n.more = append([]*Tensor(nil), in[len(n.in):]...)
	}
	out.requires, out.from = true, n
	return n
}

// recording reports whether the gradient of an operation on these operands may
// be asked for.
func recording(in ...*Tensor) bool {
	if !slices.ContainsFunc(in, func(t *Tensor) bool { return t != nil && t.requires }) {
		return false
	}
	s := currentScope()
	return s == nil || s.noGrad == 0
}

// buffer returns the gradient of t for a function to write to. fresh tells
// that its elements are undefined and must be overwritten; otherwise the
// function adds to them.
func (t *Tensor) buffer() (g *Tensor, fresh bool) {
	if t.from != nil {
		t.from.masked = false
	}
	t.settle()
	switch {
	case t.grad == nil:
		if t.from == nil { // a leaf: its gradient outlives the arena
			t.grad = empty(t.dtype, t.shape)
		} else {
			t.grad = result(t.dtype, t.shape)
		}
		return t.grad, true
	case t.stale:
		t.stale = false
		return t.grad, true
	}
	return t.grad, false
}

// target returns a tensor for a function to overwrite with a gradient of t and
// to pass to accumulate: the buffer itself where that is fresh.
func (t *Tensor) target() *Tensor {
	if t.requires && (t.grad == nil || t.stale) && t.due.x == nil {
		g, _ := t.buffer()
		return g
	}
	return result(t.dtype, t.shape)
}

// accumulate adds g, which has t's shape, to the gradient of t, unless it is
// t's target.
func (t *Tensor) accumulate(g *Tensor) {
	if t == nil || !t.requires || g == t.grad {
		return
	}
	buf, fresh := t.buffer()
	switch {
	case fresh && t.dtype == Float32:
		copyInto(buf.f32(), g.f32())
	case fresh:
		g.into(buf)
	case t.dtype == Float32:
		addInto(buf.f32(), g.f32())
	default:
		sum := buf.f64()
		for i, v := range g.f64() {
			sum[i] += v
		}
	}
}

// queues are the work lists of Backward, kept for the next one.
var queues sync.Pool

// Backward computes the gradient of t, which must have one element, with
// respect to every leaf that requires one, adds it to their Grad, and forgets
// the record.
func (t *Tensor) Backward() {
	t.checkBackward()
	queue, _ := queues.Get().(*[]*node)
	if queue == nil {
		queue = new([]*node)
	}
	nodes := t.history((*queue)[:0])
	t.seed()
	for _, n := range nodes {
		n.run(t)
	}
	clear(nodes)
	*queue = nodes[:0]
	queues.Put(queue)
}

func (t *Tensor) checkBackward() {
	if t.Size() != 1 {
		shapePanic("Backward", "only a tensor with one element has a gradient; reduce it first, with Mean or Sum", t)
	}
	if !t.requires {
		shapePanic("Backward", "nothing that it was computed from requires a gradient", t)
	}
}

// history appends the nodes that t was computed by, the newest first.
func (t *Tensor) history(nodes []*node) []*node {
	pass := backwards.Add(1)
	add := func(t *Tensor) {
		if t == nil || !t.requires {
			return
		}
		t.check()
		if t.from != nil && t.from.seen != pass {
			t.from.seen = pass
			nodes = append(nodes, t.from)
		}
	}
	add(t)
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		if n.back == nil {
			shapePanic("Backward", "the record was used by an earlier Backward; compute the result again", t)
		}
		n.checkKept()
		for _, in := range n.in {
			add(in)
		}
		for _, in := range n.more {
			add(in)
		}
	}
	slices.SortFunc(nodes, func(a, b *node) int { return cmp.Compare(b.seq, a.seq) })
	return nodes
}

// seed adds 1 to the gradient of t: the derivative of t itself.
func (t *Tensor) seed() {
	g, fresh := t.buffer()
	if fresh {
		g.zero()
	}
	g.set(0, g.at(0)+1)
}

// run carries the gradient of the result to the operands and forgets the
// record. Only the root of the Backward keeps its gradient.
func (n *node) run(root *Tensor) {
	n.back(n)
	n.dropKept()
	if n.out != root {
		n.out.grad = nil
	}
	*n = node{seq: n.seq, seen: n.seen}
}

// Grad returns the gradients of y, which must have one element, with respect
// to xs: leaves or results on the way to y. Like Backward it uses up the
// record, but it changes no tensor's Grad. A gradient that does not depend on
// y is zero.
func Grad(y *Tensor, xs ...*Tensor) []*Tensor {
	y.checkBackward()
	nodes := y.history(nil)
	type leaf struct {
		t               *Tensor
		grad            *Tensor
		stale, requires bool
		due             deferred
	}
	var aside []leaf
	defer func() { // the last first: what was put aside twice was whole the first time
		for _, l := range slices.Backward(aside) {
			l.t.grad, l.t.stale, l.t.requires, l.t.due = l.grad, l.stale, l.requires, l.due
		}
	}()
	put := func(t *Tensor) {
		if t == nil || t.from != nil && t != y {
			return
		}
		aside = append(aside, leaf{t, t.grad, t.stale, t.requires, t.due})
		t.grad, t.stale, t.due = nil, false, deferred{}
		t.requires = t.requires && (t == y || slices.Contains(xs, t))
	}
	put(y)
	for _, n := range nodes {
		for _, in := range n.in {
			put(in)
		}
		for _, in := range n.more {
			put(in)
		}
	}
	y.seed()
	out := make([]*Tensor, len(xs))
	for _, n := range nodes {
		for i, x := range xs {
			if x == n.out { // complete now; run may write over it
				out[i] = x.grad.Clone()
			}
		}
		n.run(y)
	}
	for i, x := range xs {
		switch {
		case out[i] != nil:
		case x.from == nil && slices.ContainsFunc(aside, func(l leaf) bool { return l.t == x }) && x.Grad() != nil:
			out[i] = x.grad
		default:
			out[i] = New(x.dtype, x.shape...)
		}
	}
	return out
}

// CheckGradients compares the gradient of f(xs...), which must have one
// element, with central differences, and returns an error that names the
// first element where they disagree. Float64 inputs are checked to 1e-6,
// float32 inputs to 1e-2, relative to the size of the gradient.
func CheckGradients(f func(xs ...*Tensor) *Tensor, xs ...*Tensor) error {
	for _, x := range xs {
		x.RequireGrad()
	}
	grads := Grad(f(xs...), xs...)
	for k, x := range xs {
		h, tolerance := 1e-5, 1e-6
		if x.dtype == Float32 {
			h, tolerance = 1e-2, 1e-2
		}
		for i := range x.Size() {
			v := x.at(i)
			var y [2]float64
			NoGrad(func() {
				x.set(i, v+h)
				y[0] = f(xs...).Item()
				x.set(i, v-h)
				y[1] = f(xs...).Item()
				x.set(i, v)
			})
			want, got := (y[0]-y[1])/(2*h), grads[k].at(i)
			if d := got - want; isNaN(d) || max(d, -d) > tolerance*(1+max(want, -want)) {
				return fmt.Errorf("gradient of input %d, element %d: %g, numerically %g", k, i, got, want)
			}
		}
	}
	return nil
}
