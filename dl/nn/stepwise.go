package nn

import (
	"fmt"

	"modelbook/dl"
)

// keeping is what recurrent dropout multiplies the states by for inputs x [T, N, D], the same at all steps (Gal and
// Ghahramani, 2016): [N, width], or nil.
func (s *stack) keeping(c *chained, x *dl.Tensor) *dl.Tensor {
	if s.recurrentDropout == 0 || !c.training {
		return nil
	}
	return dl.Dropout(fullRows(x, x.Dim(1), s.width(), 1), s.recurrentDropout, c.random())
}

// stepwise computes one layer in one direction step by step from tensor operations: for what the fused cells of package
// dl do not know, states that are projected and states of which the products see a part only, keep. x is [T, N, D].
func (s *stack) stepwise(x *dl.Tensor, w RecurrentWeights, o dl.RecurrentOptions, keep *dl.Tensor) (y, h, c *dl.Tensor) {
	steps, n, units := x.Dim(0), x.Dim(1), s.units
	u := w.Recurrent.tensor(s.name)
	weight := w.Weight.tensor(s.name)
	if x.Dim(2) != weight.Dim(0) {
		dl.PanicShape(s.name+".Forward", "the last axis of x and the rows of the weights must be equal", x, weight)
	}
	all := dl.Affine(x.Reshape(steps*n, -1), weight, w.Bias.optional(), dl.NoFusion).Reshape(steps, n, -1) // of all steps at once
	counts := s.counting(o, n, steps, x)
	if h = o.Hidden; h == nil {
		h = fullRows(x, n, s.width(), 0)
	}
	if c = o.Cell; c == nil && s.kind == lstmCells {
		c = fullRows(x, n, units, 0)
	}
	gate := func(z *dl.Tensor, k int) *dl.Tensor { return z.Narrow(-1, k*units, units) }
	cell := func(a, h, c *dl.Tensor) (*dl.Tensor, *dl.Tensor) {
		seen := h
		if keep != nil {
			seen = h.Mul(keep)
		}
		switch {
		case s.kind == lstmCells:
			z := a.Add(seen.MatMul(u))
			c = gate(z, 1).Sigmoid().Mul(c).Add(gate(z, 0).Sigmoid().Mul(gate(z, 2).Tanh()))
			h = gate(z, 3).Sigmoid().Mul(c.Tanh())
			if w.Projection != nil {
				h = h.MatMul(w.Projection.tensor(s.name))
			}
			return h, c
		case s.kind == simpleCells && s.relu:
			return a.Add(seen.MatMul(u)).ReLU(), nil
		case s.kind == simpleCells:
			return a.Add(seen.MatMul(u)).Tanh(), nil
		}
		var reset, update, candidate *dl.Tensor
		if s.resetBefore {
			z := a.Narrow(-1, 0, 2*units).Add(seen.MatMul(u.Narrow(-1, 0, 2*units)))
			reset, update = gate(z, 0).Sigmoid(), gate(z, 1).Sigmoid()
			candidate = gate(a, 2).Add(reset.Mul(seen).MatMul(gate(u, 2))).Tanh()
		} else {
			z := dl.Affine(seen, u, w.RecurrentBias.optional(), dl.NoFusion)
			reset, update = gate(a, 0).Add(gate(z, 0)).Sigmoid(), gate(a, 1).Add(gate(z, 1)).Sigmoid()
			candidate = gate(a, 2).Add(reset.Mul(gate(z, 2))).Tanh()
		}
		return candidate.Add(update.Mul(h.Sub(candidate))), nil
	}
	outs := newTensorList(steps)
	defer outs.done()
	for i := range steps {
		t := i
		if o.Reverse {
			t = steps - 1 - i
		}
		newH, newC := cell(all.Index(t), h, c)
		outs.all[t] = newH
		if counts != nil { // padding: the state stays, the output is 0
			at := counts.Select(1, t).Unsqueeze(1)
			outs.all[t] = dl.Where(at, newH, fullLike(newH, 0))
			newH = dl.Where(at, newH, h)
			if c != nil {
				newC = dl.Where(at, newC, c)
			}
		}
		h, c = newH, newC
	}
	return dl.Stack(outs.all...), h, c
}

// counting are bools [N, T], true where a step counts, or nil where all do.
func (s *stack) counting(o dl.RecurrentOptions, n, steps int, x *dl.Tensor) *dl.Tensor {
	if o.Mask != nil {
		if o.Mask.DType() != dl.Bool {
			dl.PanicDType(s.name, "the Mask is of bools, false where a step is padding; use To(dl.Bool)", o.Mask)
		}
		if o.Lengths != nil || o.Mask.Rank() != 2 || o.Mask.Dim(0) != n || o.Mask.Dim(1) != steps {
			dl.PanicShape(s.name, "a Mask of [N, T], or Lengths, are needed", x, o.Mask)
		}
		return o.Mask
	}
	if o.Lengths == nil {
		return nil
	}
	if len(o.Lengths) != n {
		dl.PanicShape(s.name, fmt.Sprintf("there are %d Lengths for %d sequences", len(o.Lengths), n), x)
	}
	counts := make([]bool, n*steps)
	for i, l := range o.Lengths {
		if l < 0 || l > steps {
			dl.PanicShape(s.name, fmt.Sprintf("the length of sequence %d is %d, not from 0 to %d", i, l, steps), x)
		}
		for t := range l {
			counts[i*steps+t] = true
		}
	}
	return dl.Of(counts, n, steps)
}
