package dl

// What a norm does to a gradient on its way back is left to the convolution in front of the norm, where nobody else asks for
// the gradient between the two: the convolution takes it a part at a time, and it is neither written to memory nor read
// again. Of a step with a norm behind each convolution that is a tenth of the time.

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
