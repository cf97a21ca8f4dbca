//go:build checked

package dl

func (c *checking) solve(a, b, x *Tensor) (bad int) {
	c.do(use{op: "Solve", writes: tensors{x}, reads: tensors{a, b}}, func() { bad = c.real.solve(a, b, x) })
	return bad
}

func (c *checking) solveTriangle(a, b, x *Tensor, upper bool) (bad int) {
	c.do(use{op: "Solve", writes: tensors{x}, reads: tensors{a, b}}, func() { bad = c.real.solveTriangle(a, b, x, upper) })
	return bad
}

func (c *checking) determinants(a, sign, logAbs *Tensor) {
	c.do(use{op: "Det", writes: tensors{sign, logAbs}, reads: tensors{a}}, func() { c.real.determinants(a, sign, logAbs) })
}

func (c *checking) cholesky(a, l *Tensor) (bad int) {
	c.do(use{op: "Cholesky", writes: tensors{l}, reads: tensors{a}}, func() { bad = c.real.cholesky(a, l) })
	return bad
}

func (c *checking) qr(a, q, r *Tensor) {
	c.do(use{op: "QR", writes: tensors{q, r}, reads: tensors{a}}, func() { c.real.qr(a, q, r) })
}

func (c *checking) eigh(a, w, v *Tensor) (bad int) {
	c.do(use{op: "Eigh", writes: tensors{w, v}, reads: tensors{a}}, func() { bad = c.real.eigh(a, w, v) })
	return bad
}

func (c *checking) svd(a, u, s, vt *Tensor) (bad int) {
	c.do(use{op: "SVD", writes: tensors{u, s, vt}, reads: tensors{a}}, func() { bad = c.real.svd(a, u, s, vt) })
	return bad
}
