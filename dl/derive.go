package dl

import "slices"

// runRecorded is run made of recorded operations: the gradients are results,
// which can be differentiated again. It returns those of all tensors on the
// way.
func (b *sweep) runRecorded(t, dy *Tensor) map[*Tensor]*Tensor {
	found := map[*Tensor]*Tensor{t: dy}
	for _, r := range b.records {
		h := r.head()
		g := found[h.out]
		if g == nil {
			continue
		}
		if h.out.extra != nil {
			g = h.out.seen(g)
			found[h.out] = g
		}
		if !h.deeper {
			continue
		}
		h.checkKept()
		grads := derivatives(r, g)
		for i, x := range r.operands(nil) {
			if !b.wants(x) || grads[i] == nil {
				continue
			}
			if sum := found[x]; sum != nil {
				grads[i] = sum.Add(grads[i])
			}
			found[x] = grads[i]
		}
	}
	return found
}

// derivatives returns the gradient of each operand of r, or nil for none, as
// recorded operations.
func derivatives(r record, dy *Tensor) []*Tensor {
	switch d := r.(type) {
	case derivable:
		return d.gradients(dy)
	case composed:
		return partials(d.compose(), dy, r.operands(nil))
	}
	panic(&ValueError{Op: r.head().op, Caller: caller(),
		Detail: "its gradient cannot be differentiated again (CreateGraph)"})
}

// partials returns the gradients of y with respect to xs, as far as y is made
// of them directly: not through what they were computed from themselves.
func partials(y, dy *Tensor, xs []*Tensor) []*Tensor {
	grads := make([]*Tensor, len(xs))
	if !y.requires {
		return grads
	}
	b := newSweep()
	defer b.release()
	b.only, b.retain = true, true
	b.stop = xs
	for _, x := range xs {
		if x != nil && x.requires {
			b.slot(x)
		}
	}
	b.collect(y)
	found := b.runRecorded(y, dy)
	for i, x := range xs {
		if x != nil && !slices.Contains(xs[:i], x) { // one that stands there twice has the sum
			grads[i] = found[x]
		}
	}
	return grads
}
