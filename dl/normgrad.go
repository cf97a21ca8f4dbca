package dl

// What a norm does to a gradient on its way back is left to the convolution in front of the norm, where nobody else asks for
// the gradient between the two: the convolution takes it a part at a time, and it is neither written to memory nor read
// again. Of a step with a norm behind each convolution that is a tenth of the time. And a convolution behind a norm takes the
// sums with which that begins its way back, of a gradient that is still near.

// leaveNorm makes dy, the gradient behind a norm, what the operation that made x, the norm's operand, gets, and reports
// whether it did: where that is a convolution, and dy nobody else's.
func (b *sweep) leaveNorm(x, dy *Tensor, n *normInput) bool {
	if b.samples > 0 || x.from == nil || dy.storage == b.lent || dy.dtype != Float32 || lookForAnomalies() {
		return false
	}
	b.close(x)
	r, ok := x.from.(*convRecord)
	if !ok || r.shown || r.seen != b.number || r.grad != nil {
		return false
	}
	r.grad, r.norm, r.masked = dy, n, false
	b.keep(dy)
	b.keep(n.rows)
	return true
}

// throughNorm takes the gradient of a result through the norm that was left to its operation: others add to it.
func (b *sweep) throughNorm(h *node) {
	if h.norm != nil {
		device.batchNormInput(h.norm, h.grad, h.grad)
		b.dropNorm(h)
	}
}

// dropNorm says that a norm was used.
func (b *sweep) dropNorm(h *node) {
	if h.norm != nil {
		b.drop(h.norm.rows)
		h.norm = nil
	}
}

// sumsBefore returns the sums that an operation is to take of dx, its gradient of x, as it writes that, for the norm that made
// x: nil if there is none, or if others add to that gradient, or look at it.
func (b *sweep) sumsBefore(x, dx *Tensor) *normSums {
	r, ok := x.from.(*batchNormRecord)
	if !ok || dx == nil || r.shown || r.grad != dx || dx.dtype != Float32 || b.samples > 0 {
		return nil
	}
	device.beginBatchNormGrad(r.gradient())
	r.sums = normSums{input: &r.input, sums: result(Float64, shapeOf(2, r.gamma.size))}
	r.summed, r.sumsIn = true, b.number
	b.keep(r.input.rows)
	b.keep(r.sums.sums)
	return &r.sums
}

// dropSums says that the sums were used.
func (b *sweep) dropSums(r *batchNormRecord) {
	if r.sumsIn == b.number {
		b.drop(r.sums.sums)
		b.drop(r.input.rows)
		r.sums, r.sumsIn = normSums{}, 0
	}
}
