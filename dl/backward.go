package dl

// BackwardOptions are the details of [Tensor.BackwardWith].
type BackwardOptions struct {
	// Gradient is the gradient of the tensor, of its shape and dtype. Without
	// one it is 1, and the tensor must have one element.
	Gradient *Tensor
	// RetainGraph keeps the record of how the tensor was computed, for another
	// Backward or Grad.
	RetainGraph bool
}

// RequireGrad makes t a leaf whose gradient Backward leaves in its Grad, and
// returns t. On a result it changes nothing: Grad and OnGrad give the gradients
// of results.
func (t *Tensor) RequireGrad() *Tensor {
	t.check()
	if !t.dtype.IsFloat() {
		dtypePanic("RequireGrad", "only floats have gradients", t)
	}
	t.requires = true
	return t
}

// RequiresGrad reports whether gradients flow to t.
func (t *Tensor) RequiresGrad() bool {
	t.check()
	return t.requires
}

// Grad returns the gradient that Backward accumulated, nil before.
func (t *Tensor) Grad() *Tensor {
	t.check()
	t.settle()
	if t.stale {
		return nil
	}
	return t.grad
}

// ZeroGrad forgets the gradient. Its memory is used again by the next Backward.
func (t *Tensor) ZeroGrad() {
	t.check()
	t.stale, t.due = t.grad != nil, deferred{}
	if t.extra != nil {
		t.extra.part = nil
	}
}

// Backward computes the gradient of t, which must have one element, with
// respect to every leaf that requires one, adds it to their Grad, and forgets
// the record.
func (t *Tensor) Backward() { t.BackwardWith(BackwardOptions{}) }

// BackwardWith is Backward of a tensor of any shape, whose gradient is given,
// or one that keeps the record. What is added to the leaves is the product of
// the gradient and the Jacobian.
func (t *Tensor) BackwardWith(o BackwardOptions) {
	t.checkGradient("Backward", o.Gradient)
	b := newSweep()
	b.retain = o.RetainGraph
	b.collect(t)
	dy := b.seed(t, o.Gradient)
	switch t.stale = false; {
	case t.from == nil:
	case o.Gradient != nil: // t keeps its gradient, too
		t.grad = o.Gradient.Detach()
	default:
		t.grad = t.seed(nil)
	}
	b.run(t, dy)
	b.release()
}

// checkGradient panics unless t has a gradient, which may be given.
func (t *Tensor) checkGradient(op string, given *Tensor) {
	t.check()
	if given != nil {
		given.check()
	}
	switch {
	case !t.requires:
		shapePanic(op, "nothing that it was computed from requires a gradient", t)
	case given == nil && t.Size() != 1:
		shapePanic(op, "only a tensor with one element has a gradient; reduce it first, with Mean or Sum, or give the gradient", t)
	case given == nil:
	case !given.shape.Equal(t.shape):
		shapePanic(op, "the gradient must have the shape of the tensor", t, given)
	case given.dtype != t.dtype.gradient():
		dtypePanic(op, "the gradient must have the dtype of the tensor", t, given)
	}
}

// A reader is a record whose backward only reads its dy, or hands it on.
type reader interface{ reads() }

// seed returns the gradient with which the sweep begins at t. One that was
// given is the caller's: it is copied unless it will only be read.
func (b *sweep) seed(t, given *Tensor) *Tensor {
	if _, reads := t.from.(reader); reads && given != nil && given.strides == nil && !t.hooked() {
		b.lent = given.storage
		return given
	}
	return t.seed(given)
}

// seed returns the gradient of t itself, in memory of its own: 1 unless given.
func (t *Tensor) seed(given *Tensor) *Tensor {
	g := result(t.dtype.gradient(), t.shape)
	if given != nil {
		given.into(g)
	} else {
		g.set(0, 1)
	}
	return g
}
