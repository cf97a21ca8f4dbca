package dl

import (
	"slices"

	"modelbook/dl/internal/gradient"
)

// extra is what few tensors have.
type extra struct {
	name  string
	see   []*hook        // before a gradient is used or added
	after []*hook        // after it was added to a leaf's
	part  *gradient.Part // all of the gradient that there is, where ranks share the optimizer's work
}

type hook struct {
	see   func(g *Tensor) *Tensor
	after func(t *Tensor)
}

func (t *Tensor) more() *extra {
	t.check()
	if t.extra == nil {
		t.extra = &extra{}
	}
	return t.extra
}

// SetName gives t a name for error messages, as that of a parameter, and
// returns t.
func (t *Tensor) SetName(name string) *Tensor {
	t.more().name = name
	return t
}

// Name returns the name that SetName gave, or "".
func (t *Tensor) Name() string {
	t.check()
	if t.extra == nil {
		return ""
	}
	return t.extra.name
}

// hooked reports whether hooks wait for the gradient of t.
func (t *Tensor) hooked() bool { return t.extra != nil && len(t.extra.see)+len(t.extra.after) > 0 }

// OnGrad calls f in each Backward, and in Grad of what is computed from t, when
// the gradient of t is complete: that of this sweep, not what Grad holds from
// earlier ones. If f returns a tensor, of the same shape, that takes the place
// of the gradient; it must not change the one it gets. The function returned
// removes f. t may be a leaf or a result.
func (t *Tensor) OnGrad(f func(g *Tensor) *Tensor) (remove func()) {
	t.check()
	given("OnGrad", "the function", f != nil)
	h := &hook{see: f}
	x := t.more()
	x.see = append(x.see, h)
	return func() { x.see = without(x.see, h) }
}

// AfterGrad calls f in each Backward when the gradient of t, a leaf, has been
// added to t.Grad() for the last time: nothing in the rest of the Backward uses
// t. It is the place to send a gradient to another machine, or to clip it and
// step, while the other gradients are still computed. The function returned
// removes f.
func (t *Tensor) AfterGrad(f func(t *Tensor)) (remove func()) {
	t.check()
	given("AfterGrad", "the function", f != nil)
	if t.from != nil {
		panic(&ValueError{Op: "AfterGrad", Detail: "the tensor was computed from others and keeps no gradient; use OnGrad", Caller: caller()})
	}
	h := &hook{after: f}
	x := t.more()
	x.after = append(x.after, h)
	return func() { x.after = without(x.after, h) }
}

// without returns another list: one that is being called may be removed.
func without(hooks []*hook, h *hook) []*hook {
	return slices.DeleteFunc(slices.Clone(hooks), func(x *hook) bool { return x == h })
}

// seen calls the hooks with the gradient of t and returns what takes its place.
func (t *Tensor) seen(g *Tensor) *Tensor {
	if t.extra == nil {
		return g
	}
	for _, h := range t.extra.see {
		n := h.see(g)
		if n == nil {
			continue
		}
		if !n.shape.Equal(t.shape) {
			shapePanic("OnGrad", "a hook must return a gradient of the tensor's shape", t, n)
		}
		if n.dtype != t.dtype.gradient() {
			dtypePanic("OnGrad", "a hook must return a gradient of the tensor's dtype", t, n)
		}
		g = n
	}
	return g
}

// show hands the gradient of a result to those who asked for it, and returns
// one that the backward function may overwrite.
func (b *sweep) show(t, dy *Tensor) *Tensor {
	g := t.seen(dy)
	if i, ok := b.index[t]; ok {
		b.slots[i].grad = empty(t.dtype.gradient(), t.shape)
		g.into(b.slots[i].grad)
	}
	if t.extra != nil && len(t.extra.see) > 0 {
		own := result(t.dtype.gradient(), t.shape) // hooks may keep theirs
		g.into(own)
		return own
	}
	return g
}

// done notes that a record was run that read t. After the last one the hooks
// of a leaf are called.
func (b *sweep) done(t *Tensor) {
	if t == nil {
		return
	}
	i, ok := b.index[t]
	if !ok || t.from != nil {
		return
	}
	s := &b.slots[i]
	if s.uses--; s.uses > 0 {
		return
	}
	b.close(t)
	delete(b.index, t)
	if t.extra != nil && len(t.extra.see) > 0 {
		if s.grad == nil {
			return
		}
		b.add(t, t.seen(s.grad))
	} else if !b.begun(t) {
		return
	}
	for _, h := range t.extra.after {
		h.after(t)
	}
}

// held returns the slot that holds the gradient of a leaf, or nil where it goes
// to the leaf's Grad.
func (b *sweep) held(x *Tensor) *slot {
	if len(b.index) == 0 {
		return nil
	}
	i, ok := b.index[x]
	if !ok || !b.only && len(x.extra.see) == 0 {
		return nil
	}
	return &b.slots[i]
}
