package dl

import "fmt"

// RecurrentOptions are the details of [LSTM], [GRU] and [RNN].
type RecurrentOptions struct {
	Reverse bool // from the last step to the first
	// TimeMajor says that x is [T, N, D] and y [T, N, H], as with PyTorch's batch_first=False.
	TimeMajor bool
	Hidden    *Tensor // the state to begin with, [N, H]; nil: zeros
	Cell      *Tensor // LSTM: that of the cells, [N, H]; nil: zeros
	// Lengths are those of the sequences: steps behind them are padding, in which states stay as they
	// are and outputs are 0, as with PyTorch's packed sequences. Nil: all have T steps.
	Lengths []int
	Mask    *Tensor // Bool [N, T], false where a step is padding, in the place of Lengths

	RecurrentBias *Tensor // GRU: added to h U, [3*H]; nil: nothing
	ResetBefore   bool    // GRU: see there
	ReLU          bool    // RNN: in the place of tanh
}

// LSTM is a layer of long short-term memory cells (Hochreiter and Schmidhuber, 1997; with the forget gate of
// Gers et al., 2000) over sequences x [N, T, D], as one operation:
//
//	i, f, g, o = x_t w + h u + b;  c = σ(f)*c + σ(i)*tanh(g);  h = σ(o)*tanh(c)
//
// with w [D, 4*H], u [H, 4*H] and b [4*H] or nil. It returns the outputs y [N, T, H], which are the states h of
// all steps, and the last h and c, [N, H]. y is a view: the sequences of a step lie together in memory.
func LSTM(x, w, u, b *Tensor, o RecurrentOptions) (y, h, c *Tensor) {
	return recur("LSTM", lstmCell, x, w, u, b, o)
}

// GRU is a layer of gated recurrent units (Cho et al., 2014) over sequences x [N, T, D], as one operation:
//
//	r, z, n = x_t w + b, the first two with h u and RecurrentBias added
//	n = tanh(n + σ(r)*(h u + RecurrentBias));  h = (1-σ(z))*n + σ(z)*h
//
// with w [D, 3*H], u [H, 3*H] and b [3*H] or nil. That is PyTorch's form and Keras's with reset_after; with
// ResetBefore, the paper's form, n = tanh(n + (σ(r)*h) u) and there is no RecurrentBias. It returns the outputs y
// [N, T, H], a view, and the last state [N, H].
func GRU(x, w, u, b *Tensor, o RecurrentOptions) (y, h *Tensor) {
	kind := gruCell
	if o.ResetBefore {
		kind = gruBeforeCell
	}
	y, h, _ = recur("GRU", kind, x, w, u, b, o)
	return y, h
}

// RNN is a simple recurrent layer (Elman, 1990) over sequences x [N, T, D], as one operation: h = tanh(x_t w + h u
// + b), or max(..., 0) with ReLU, with w [D, H], u [H, H] and b [H] or nil. It returns the outputs y [N, T, H], a
// view, and the last state [N, H].
func RNN(x, w, u, b *Tensor, o RecurrentOptions) (y, h *Tensor) {
	kind := tanhCell
	if o.ReLU {
		kind = reluCell
	}
	y, h, _ = recur("RNN", kind, x, w, u, b, o)
	return y, h
}

// A cellKind is a cell of a recurrent layer. The numbers are those of package recurrent.
type cellKind uint8

const (
	tanhCell cellKind = iota
	reluCell
	lstmCell
	gruCell
	gruBeforeCell
)

// gates is the number of blocks of H that the sums of a cell have.
func (k cellKind) gates() int { return [...]int{1, 1, 4, 3, 3}[k] }

func recur(op string, kind cellKind, x, w, u, b *Tensor, o RecurrentOptions) (y, h, c *Tensor) {
	o.check(op, kind, x, w, u, b)
	axes := newShape(3)
	axes[0], axes[1], axes[2] = 1, 0, 2
	turned := func(t *Tensor) *Tensor {
		if o.TimeMajor {
			return t
		}
		return t.reframe(op, func(l layout) layout { return l.permute(axes) })
	}
	steps, batch := o.sizes(x)
	r := recurrence{kind: kind, reverse: o.Reverse, x: turned(x).Contiguous(), w: w.Contiguous(), u: u.Contiguous(), b: b.contiguous(),
		bias: o.RecurrentBias.contiguous(), first: o.Hidden.contiguous(), firstCell: o.Cell.contiguous(), mask: o.mask(steps, batch)}
	out := r.run(op)
	before := r.blockBefore()
	y = turned(out.Slice(0, 1-before, 1-before+steps))
	h = out.Index(steps + 1)
	if kind == lstmCell {
		c = out.Index(steps + 2)
	}
	return y, h, c
}

// sizes are the numbers of steps and of sequences.
func (o *RecurrentOptions) sizes(x *Tensor) (steps, batch int) {
	if o.TimeMajor {
		return x.shape[0], x.shape[1]
	}
	return x.shape[1], x.shape[0]
}

func (o *RecurrentOptions) check(op string, kind cellKind, x, w, u, b *Tensor) {
	sameFloats(op, x, w)
	sameFloats(op, x, u)
	if len(x.shape) != 3 || len(w.shape) != 2 || len(u.shape) != 2 || x.shape[2] != w.shape[0] {
		shapePanic(op, fmt.Sprintf("x [N, T, D], w [D, %d*H] and u [H, %[1]d*H] are needed", kind.gates()), x, w, u)
	}
	t, n := o.sizes(x)
	h := u.shape[0]
	wide := kind.gates() * h
	if w.shape[1] != wide || u.shape[1] != wide {
		shapePanic(op, fmt.Sprintf("w and u need %d*H columns, H the rows of u", kind.gates()), x, w, u)
	}
	for _, p := range [2]*Tensor{b, o.RecurrentBias} {
		if p == nil {
			continue
		}
		sameFloats(op, x, p)
		if len(p.shape) != 1 || p.shape[0] != wide {
			shapePanic(op, "a bias needs an element for each column of w", w, p)
		}
	}
	if o.RecurrentBias != nil && kind != gruCell {
		shapePanic(op, "there is a RecurrentBias in a GRU without ResetBefore only", o.RecurrentBias)
	}
	if o.Cell != nil && kind != lstmCell {
		shapePanic(op, "there is a Cell in an LSTM only", o.Cell)
	}
	for _, s := range [2]*Tensor{o.Hidden, o.Cell} {
		if s == nil {
			continue
		}
		sameFloats(op, x, s)
		if len(s.shape) != 2 || s.shape[0] != n || s.shape[1] != h {
			shapePanic(op, fmt.Sprintf("the state must be [N, H], [%d %d]", n, h), s)
		}
	}
	if o.Mask != nil {
		if o.Mask.DType() != Bool {
			dtypePanic(op, "the Mask is of bools, false where a step is padding; use To(dl.Bool)", o.Mask)
		}
		if o.Lengths != nil || len(o.Mask.shape) != 2 || o.Mask.shape[0] != n || o.Mask.shape[1] != t {
			shapePanic(op, "a Mask of [N, T], or Lengths, are needed", x, o.Mask)
		}
	}
	if o.Lengths != nil && len(o.Lengths) != n {
		shapePanic(op, fmt.Sprintf("there are %d Lengths for %d sequences", len(o.Lengths), n), x)
	}
	for i, l := range o.Lengths {
		if l < 0 || l > t {
			shapePanic(op, fmt.Sprintf("the length of sequence %d is %d, not from 0 to %d", i, l, t), x)
		}
	}
}

// mask returns the mask as the steps read it, [T, N], or nil.
func (o *RecurrentOptions) mask(steps, batch int) *Tensor {
	if o.Lengths == nil && o.Mask == nil {
		return nil
	}
	m := result(Bool, shapeOf(steps, batch))
	for n := range batch {
		for t := range steps {
			counts := 0.0
			if o.Lengths != nil && t < o.Lengths[n] || o.Mask != nil && o.Mask.at(n*steps+t) != 0 {
				counts = 1
			}
			m.set(t*batch+n, counts)
		}
	}
	return m
}

// A recurrence is a layer in one direction, over sequences x [T, N, D]: what a step reads lies together. Its
// result holds one block [N, H] after the other: the state before the first step and the outputs, T+1 blocks
// (with reverse, the outputs and the state), the last state, and that of the cells. bias, mask, first (the state to
// begin with) and firstCell may be nil.
type recurrence struct {
	kind                  cellKind
	reverse               bool
	x, w, u, b            *Tensor
	bias                  *Tensor
	first, firstCell      *Tensor
	mask                  *Tensor // [T, N]
	out                   *Tensor
	gates, cells, extra   *Tensor // see package recurrent; nil where the cell has none
	hidden                *Tensor // the states, [T+1, N, H]: out itself without a mask
	steps, batch, h, wide int
}

// blockBefore is the place of the state before the first step among the T+1 states: 0, or 1 for the last.
func (r *recurrence) blockBefore() int {
	if r.reverse {
		return 1
	}
	return 0
}

// run computes the result.
func (r *recurrence) run(op string) *Tensor {
	d := r.x.dtype
	r.steps, r.batch, r.h = r.x.shape[0], r.x.shape[1], r.u.shape[0]
	r.wide = r.kind.gates() * r.h
	r.gates = result(d, shapeOf(r.steps, r.batch, r.wide))
	flat := view(r.gates, shapeOf(r.steps*r.batch, r.wide))
	device.affine(affine{x: view(r.x, shapeOf(r.steps*r.batch, r.x.shape[2])), w: r.w, b: r.b, before: flat, y: flat})
	blocks := r.steps + 2
	if r.kind == lstmCell {
		blocks++
		r.cells = result(d, shapeOf(r.steps+1, r.batch, r.h))
	}
	if r.kind.gates() == 3 {
		r.extra = result(d, shapeOf(r.steps, r.batch, r.h))
	}
	r.out = result(d, shapeOf(blocks, r.batch, r.h))
	r.hidden = r.out
	if r.mask != nil {
		r.hidden = result(d, shapeOf(r.steps+1, r.batch, r.h))
	}
	device.recur(*r, result(d, shapeOf(r.batch, 2*r.h)))
	if recording(r.x, r.w, r.u, r.b, r.bias, r.first, r.firstCell) {
		k := recurrentKind.new()
		k.recurrence = *r
		k.keep(r.x, r.w, r.u, r.out)
		attach(r.out, op, k)
	}
	return r.out
}

// recurrentRecord is the record of LSTM, GRU and RNN.
type recurrentRecord struct {
	node
	recurrence
	dgates, dextra *Tensor // between measure and carry: see samples.go
	lastOnly       bool    // the gradient of the outputs is zero, and undefined
}

var recurrentKind = newKind[recurrentRecord]()

func (r *recurrentRecord) operands(list []*Tensor) []*Tensor {
	return append(list, r.x, r.w, r.u, r.b, r.bias, r.first, r.firstCell)
}

// A recurrenceGrad is about the gradients of a recurrence: dy is that of its result. It writes dh and dc, those of
// the states before the first step, undefined unless toFirst is set, and dgates and dextra, of gates and extra, which
// these may be themselves.
type recurrenceGrad struct {
	recurrence
	dy, dh, dc, dgates, dextra *Tensor
	toFirst                    bool
	lastOnly                   bool // the gradients of the outputs are zero, and undefined in dy
}

func (r *recurrentRecord) backward(b *sweep, dy *Tensor) { r.spread(b, r.back(b, dy)) }

// back takes the steps back and adds to the gradients of the states before the first one.
func (r *recurrentRecord) back(b *sweep, dy *Tensor) recurrenceGrad {
	s := r.recurrence
	d, state := s.x.dtype, shapeOf(s.batch, s.h)
	g := recurrenceGrad{recurrence: s, dy: dy, dgates: s.gates, dextra: s.extra, dh: result(d, state), toFirst: b.wants(s.first) || b.wants(s.firstCell), lastOnly: r.lastOnly}
	r.lastOnly = false
	if b.retain { // for another Backward
		g.dgates = result(d, s.gates.shape)
		if s.kind == gruCell {
			g.dextra = result(d, s.extra.shape)
		}
	}
	if s.kind == lstmCell {
		g.dc = result(d, state)
	}
	device.recurGrad(g, result(d, shapeOf(s.batch, 2*s.h)), result(d, state))
	if s.first != nil {
		b.add(s.first, g.dh)
	}
	if s.firstCell != nil {
		b.add(s.firstCell, g.dc)
	}
	return g
}

// spread adds to the gradients of the input and of the parameters.
func (r *recurrentRecord) spread(b *sweep, g recurrenceGrad) {
	s := r.recurrence
	rows := s.steps * s.batch
	sums := view(g.dgates, shapeOf(rows, s.wide))
	if b.wants(s.x) {
		to, fresh := b.within(s.x)
		multiplyFlat(view(to, shapeOf(rows, s.x.shape[2])), sums, s.w, false, true, !fresh)
	}
	p := sharedProducts{dy: sums}
	if b.wants(s.w) {
		to, fresh := b.buffer(s.w)
		p.each[0] = product{c: to.flatMatrix(false), a: view(s.x, shapeOf(rows, s.x.shape[2])).flatMatrix(true), b: sums.flatMatrix(false),
			m: to.shape[0], n: s.wide, k: rows, add: !fresh}
	}
	if b.wants(s.u) {
		to, fresh := b.buffer(s.u)
		p.each[1] = g.weights(to, !fresh)
	}
	if b.wants(s.b) {
		p.sums = b.target(s.b)
	}
	device.multiplyShared(p)
	if p.sums != nil {
		b.add(s.b, p.sums)
	}
	if b.wants(s.bias) {
		to := b.target(s.bias)
		part := func(t *Tensor, axis, lo, hi int) *Tensor { return viewOf(t, t.layout().narrow(axis, lo, hi)) }
		device.sumTo(part(sums, 1, 0, 2*s.h), part(to, 0, 0, 2*s.h))
		device.sumTo(view(g.dextra, shapeOf(rows, s.h)), part(to, 0, 2*s.h, 3*s.h))
		b.add(s.bias, to)
	}
}

// weights returns what writes the gradient of the recurrent weights, or adds to it: the states before each step times the
// gradients of what they contributed. It does that of the last gate of a GRU, which is another product.
func (g *recurrenceGrad) weights(to *Tensor, add bool) product {
	h, rows := g.h, g.steps*g.batch
	states := matrix{g.hidden.storage, g.hidden.offset + g.blockBefore()*g.batch*h, h, true}
	sums := matrix{g.dgates.storage, g.dgates.offset, g.wide, false}
	du := matrix{to.storage, to.offset, g.wide, false}
	p := product{c: du, a: states, b: sums, m: h, n: g.wide, k: rows, add: add}
	if g.kind.gates() == 3 {
		p.n = 2 * h
		last := product{c: du.to(du.at + 2*h), a: states, b: matrix{g.dextra.storage, g.dextra.offset, h, false}, m: h, n: h, k: rows, add: add}
		if g.kind == gruBeforeCell {
			last.a, last.b = matrix{g.extra.storage, g.extra.offset, h, true}, sums.to(sums.at+2*h)
		}
		device.multiply(g.inner(last))
	}
	return g.inner(p)
}

// inner leaves the first step out, where the state is zero.
func (g *recurrenceGrad) inner(p product) product {
	if g.first != nil || g.steps < 2 {
		return p
	}
	p.k -= g.batch
	if !g.reverse {
		p.a.at, p.b.at = p.a.at+g.batch*p.a.stride, p.b.at+g.batch*p.b.stride
	}
	return p
}

// compose is the layer made of other operations.
func (r *recurrentRecord) compose() *Tensor {
	n, h := r.batch, r.h
	zero := New(r.x.dtype, n, h)
	state := func(t *Tensor) *Tensor {
		if t == nil {
			return zero
		}
		return t
	}
	hidden, cell := state(r.first), state(r.firstCell)
	outs := make([]*Tensor, r.steps)
	first := hidden
	for i := range r.steps {
		t := i
		if r.reverse {
			t = r.steps - 1 - i
		}
		sums := r.x.Index(t).MatMul(r.w)
		if r.b != nil {
			sums = sums.Add(r.b)
		}
		newHidden, newCell := r.composeStep(sums, hidden, cell)
		outs[t] = newHidden
		if r.mask != nil {
			counts := r.mask.Index(t).Unsqueeze(1)
			outs[t] = Where(counts, newHidden, zero)
			newHidden, newCell = Where(counts, newHidden, hidden), Where(counts, newCell, cell)
		}
		hidden, cell = newHidden, newCell
	}
	blocks := append([]*Tensor{first}, outs...)
	if r.reverse {
		blocks = append(outs, first)
	}
	blocks = append(blocks, hidden)
	if r.kind == lstmCell {
		blocks = append(blocks, cell)
	}
	return Stack(blocks...)
}

func (r *recurrentRecord) composeStep(sums, hidden, cell *Tensor) (h, c *Tensor) {
	n := r.h
	gate := func(t *Tensor, i int) *Tensor { return t.Slice(1, i*n, (i+1)*n) }
	if r.kind == gruBeforeCell {
		both := sums.Slice(1, 0, 2*n).Add(hidden.MatMul(r.u.Slice(1, 0, 2*n))).Sigmoid()
		next := gate(sums, 2).Add(gate(both, 0).Mul(hidden).MatMul(gate(r.u, 2))).Tanh()
		return next.Add(gate(both, 1).Mul(hidden.Sub(next))), cell
	}
	own := hidden.MatMul(r.u)
	if r.bias != nil {
		own = own.Add(r.bias)
	}
	switch r.kind {
	case gruCell:
		reset, z := gate(sums, 0).Add(gate(own, 0)).Sigmoid(), gate(sums, 1).Add(gate(own, 1)).Sigmoid()
		next := gate(sums, 2).Add(reset.Mul(gate(own, 2))).Tanh()
		return next.Add(z.Mul(hidden.Sub(next))), cell
	case lstmCell:
		sums = sums.Add(own)
		c = gate(sums, 1).Sigmoid().Mul(cell).Add(gate(sums, 0).Sigmoid().Mul(gate(sums, 2).Tanh()))
		return gate(sums, 3).Sigmoid().Mul(c.Tanh()), c
	case reluCell:
		return sums.Add(own).ReLU(), cell
	}
	return sums.Add(own).Tanh(), cell
}
