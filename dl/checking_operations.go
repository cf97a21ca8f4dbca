//go:build checked

package dl

import "modelbook/dl/internal/gradient"

type tensors = []*Tensor

func (c *checking) host(s *storage) any { return c.real.host(s) }

func (c *checking) hasNaN(t *Tensor) (found bool) {
	c.do(use{op: "hasNaN", reads: tensors{t}, strided: true}, func() { found = c.real.hasNaN(t) })
	return found
}

func (c *checking) get(s *storage, at int) float64 {
	c.inside("an element", s, at, at+1)
	return c.real.get(s, at)
}

func (c *checking) put(s *storage, at int, v float64) {
	c.inside("an element", s, at, at+1)
	c.real.put(s, at, v)
}

func (c *checking) bits(s *storage, at int) uint64 {
	c.inside("an element", s, at, at+1)
	return c.real.bits(s, at)
}

func (c *checking) setBits(s *storage, at int, bits uint64) {
	c.inside("an element", s, at, at+1)
	c.real.setBits(s, at, bits)
}

// tensor is a tensor of the elements of a region.
func (r region) tensor() *Tensor {
	t := over(r.dtype, nil, nil)
	t.storage, t.loan = r.storage, r.storage.loan.Load()
	t.setShape(r.shape)
	if t.offset = r.offset; !r.dense() {
		t.strides = r.strides
	}
	return t
}

func (c *checking) move(to, from region, add bool) {
	u := use{op: "a copy", writes: tensors{to.tensor()}, reads: tensors{from.tensor()}, views: true}
	if !to.shape.Equal(from.shape) || to.dtype != from.dtype {
		c.fault(u.op, "%v of shape %v to %v of shape %v", from.dtype, from.shape, to.dtype, to.shape)
	}
	c.do(u, func() { c.real.move(to, from, add) })
}

func (c *checking) copy(x, y *Tensor) {
	c.do(use{op: "a copy", writes: tensors{y}, reads: tensors{x}}, func() { c.real.copy(x, y) })
}

func (c *checking) convert(x, y *Tensor) {
	c.do(use{op: "To", writes: tensors{y}, reads: tensors{x}}, func() { c.real.convert(x, y) })
}

func (c *checking) clear(t *Tensor) {
	c.do(use{op: "zeros", writes: tensors{t}}, func() { c.real.clear(t) })
}

// rows checks positions of rows of n elements.
func (c *checking) rows(op string, t *Tensor, at []int, n int) {
	for _, r := range at {
		if r < 0 || (r+1)*n > t.size {
			c.fault(op, "row %d of %d elements in shape %v", r, n, t.shape)
		}
	}
}

func (c *checking) take(x, y *Tensor, at []int, n int) {
	c.rows("Rows", x, at, n)
	c.do(use{op: "Rows", writes: tensors{y}, reads: tensors{x}}, func() { c.real.take(x, y, at, n) })
}

func (c *checking) putBack(x, y *Tensor, at []int, n int) {
	c.rows("Rows, backwards,", y, at, n)
	c.do(use{op: "Rows, backwards,", writes: tensors{y}, reads: tensors{x}}, func() { c.real.putBack(x, y, at, n) })
}

func (c *checking) scatter(x, y *Tensor, at []int, n int) {
	c.rows("Rows, backwards,", y, at, n)
	c.do(use{op: "Rows, backwards,", writes: tensors{y}, reads: tensors{x}}, func() { c.real.scatter(x, y, at, n) })
}

func (c *checking) unary(u unary) {
	c.do(use{op: u.rule.op, writes: tensors{u.y}, reads: tensors{u.x}, strided: u.x.dtype.IsFloat(), inPlace: true}, func() { c.real.unary(u) })
}

func (c *checking) unaryGrad(u unary, dy, dx *Tensor) {
	reads := tensors{dy}
	switch u.rule.reads {
	case readsX:
		reads = append(reads, u.x)
	case readsY:
		reads = append(reads, u.y)
	}
	c.do(use{op: u.rule.op + ", backwards,", writes: tensors{dx}, reads: reads, strided: true, inPlace: true}, func() { c.real.unaryGrad(u, dy, dx) })
}

func (c *checking) pair(p pair) {
	c.do(use{op: p.rule.op, writes: tensors{p.y}, reads: tensors{p.a, p.b}, strided: true}, func() { c.real.pair(p) })
}

func (c *checking) pairGrad(p pair, second bool, dy, dx *Tensor) {
	reads := tensors{dy}
	if p.rule != &addRule && p.rule != &subRule {
		reads = append(reads, p.b)
		if p.rule != &divRule || second {
			reads = append(reads, p.a)
		}
	}
	c.do(use{op: p.rule.op + ", backwards,", writes: tensors{dx}, reads: reads, strided: true}, func() { c.real.pairGrad(p, second, dy, dx) })
}

func (c *checking) compare(o ordering, a, b, y *Tensor) {
	c.do(use{op: "a comparison", writes: tensors{y}, reads: tensors{a, b}, strided: true}, func() { c.real.compare(o, a, b, y) })
}

func (c *checking) choose(cond, a, b, y *Tensor) {
	c.do(use{op: "Where", writes: tensors{y}, reads: tensors{cond, a, b}, strided: true}, func() { c.real.choose(cond, a, b, y) })
}

func (c *checking) add(x, sum *Tensor) {
	c.do(use{op: "a sum of gradients", writes: tensors{sum}, reads: tensors{x, sum}, inPlace: true}, func() { c.real.add(x, sum) })
}

func (c *checking) dropout(x, y *Tensor, rate float64, key uint64) {
	c.do(use{op: "Dropout", writes: tensors{y}, reads: tensors{x}, inPlace: true}, func() { c.real.dropout(x, y, rate, key) })
}

func (c *checking) sum(r reduction) {
	c.do(use{op: "Sum", writes: tensors{r.y}, reads: tensors{r.x}, strided: true}, func() { c.real.sum(r) })
}

func (c *checking) sumGrad(r reduction, dy, dx *Tensor) {
	c.do(use{op: "Sum, backwards,", writes: tensors{dx}, reads: tensors{dy}}, func() { c.real.sumGrad(r, dy, dx) })
}

func (c *checking) sumTo(x, y *Tensor) {
	c.do(use{op: "Sum", writes: tensors{y}, reads: tensors{x}, strided: true}, func() { c.real.sumTo(x, y) })
}

func (c *checking) extreme(r reduction, where []int) {
	c.do(use{op: "an extreme", writes: tensors{r.y}, reads: tensors{r.x}, strided: true}, func() { c.real.extreme(r, where) })
	c.rows("an extreme", r.x, where, 1)
}

func (c *checking) argExtreme(r reduction) {
	c.do(use{op: "ArgMax", writes: tensors{r.y}, reads: tensors{r.x}, strided: true}, func() { c.real.argExtreme(r) })
}

func (c *checking) scan(s scan) {
	c.do(use{op: "a scan", writes: tensors{s.y}, reads: tensors{s.x}}, func() { c.real.scan(s) })
}

func (c *checking) runningExtreme(s scan, sign float64) {
	c.do(use{op: "a running extreme", writes: tensors{s.y}, reads: tensors{s.x}}, func() { c.real.runningExtreme(s, sign) })
}

func (c *checking) scanGrad(s scan, dy, dx *Tensor) {
	c.do(use{op: "a scan, backwards,", writes: tensors{dx}, reads: tensors{s.x, s.y, dy}}, func() { c.real.scanGrad(s, dy, dx) })
}

func (c *checking) order(s sorting) {
	c.do(use{op: "Sort", writes: tensors{s.y, s.places}, reads: tensors{s.x}}, func() { c.real.order(s) })
	c.rows("Sort", s.x, s.where, 1)
}

func (c *checking) affine(a affine) {
	c.do(use{op: "Affine", writes: tensors{a.before, a.y}, reads: tensors{a.x, a.w, a.b, a.added}}, func() { c.real.affine(a) })
}

func (c *checking) activationGrad(dy, t *Tensor, act Fusion) {
	c.do(use{op: "an activation, backwards,", writes: tensors{dy}, reads: tensors{dy, t}, inPlace: true}, func() { c.real.activationGrad(dy, t, act) })
}

func (c *checking) visit(grad *Tensor, v gradient.Visitor) {
	c.do(use{op: "an optimizer", reads: tensors{grad}}, func() { c.real.visit(grad, v) })
}

func (c *checking) visitProduct(x, dy *Tensor, v gradient.Visitor) {
	c.do(use{op: "an optimizer", reads: tensors{x, dy}}, func() { c.real.visitProduct(x, dy, v) })
}

// tensor is a tensor of the elements of a matrix.
func (m matrix) tensor(rows, cols int) *Tensor {
	l := layout{Shape{rows, cols}, Shape{m.stride, 1}, m.at}
	if m.turned {
		l.strides = Shape{1, m.stride}
	}
	return region{m.storage, l}.tensor()
}

func (c *checking) multiply(p product) {
	y := p.c.tensor(p.m, p.n)
	u := use{op: "a product", writes: tensors{y}, reads: tensors{p.a.tensor(p.m, p.k), p.b.tensor(p.k, p.n)}, strided: true}
	if p.add {
		u.reads, u.inPlace = append(u.reads, y), true
	}
	if p.c.turned || p.c.stride < p.n {
		c.fault(u.op, "rows of %d elements are to lie %d apart", p.n, p.c.stride)
	}
	u.views = p.c.stride != p.n // a part of the columns of a result
	c.do(u, func() { c.real.multiply(p) })
}

func (c *checking) multiplyShared(p sharedProducts) {
	u := use{op: "products of one gradient", writes: tensors{p.sums}, reads: tensors{p.dy}, strided: true, inPlace: true, views: true}
	for _, e := range p.each {
		if e.m == 0 {
			continue
		}
		y := e.c.tensor(e.m, e.n)
		if e.b.storage != p.dy.storage || e.b.stride != p.dy.shape[1] || e.b.turned || !e.a.turned || e.c.turned {
			c.fault(u.op, "a product of %d rows is of another one", e.m)
		}
		u.writes, u.reads = append(u.writes, y), append(u.reads, e.a.tensor(e.m, e.k), e.b.tensor(e.k, e.n))
		if e.add {
			u.reads = append(u.reads, y)
		}
	}
	c.do(u, func() { c.real.multiplyShared(p) })
}

func (c *checking) batch(b batch) {
	if b.stepC < b.m*b.n {
		c.fault("a batch of products", "results of %d elements are to lie %d apart", b.m*b.n, b.stepC)
	}
	for i := range b.count {
		c.multiply(b.at(i))
	}
}

func (c *checking) convolve(v convolution) {
	c.do(use{op: "Conv2D", writes: tensors{v.y}, reads: tensors{v.x, v.w, v.b}}, func() { c.real.convolve(v) })
}

func (c *checking) convolveGrad(v convolutionGrad) {
	u := use{op: "Conv2D, backwards,", writes: tensors{v.dx, v.dw, v.db}, reads: tensors{v.x, v.w, v.dy, v.y}}
	if v.norm != nil {
		u.reads = append(u.reads, v.norm.x, v.norm.rows)
	}
	if v.before != nil {
		u.reads = append(u.reads, v.before.input.x) // of the rows there are those that do not depend on dy
	}
	c.do(u, func() { c.real.convolveGrad(v) })
}

func (c *checking) contract(g windows, part int, in [3]*Tensor) {
	c.do(use{op: "Conv2D, backwards,", writes: tensors{in[part]}, reads: tensors{in[(part+1)%3], in[(part+2)%3]}}, func() { c.real.contract(g, part, in) })
}

func (c *checking) maxPool(g windows, x, y, where *Tensor) {
	c.do(use{op: "MaxPool2D", writes: tensors{y, where}, reads: tensors{x}}, func() { c.real.maxPool(g, x, y, where) })
}

func (c *checking) maxPoolGrad(g windows, dy, y, where, dx *Tensor) {
	c.do(use{op: "MaxPool2D, backwards,", writes: tensors{dx}, reads: tensors{dy, y, where}}, func() { c.real.maxPoolGrad(g, dy, y, where, dx) })
}

func (c *checking) maxPoolPlaces(g windows, where *Tensor, at []int) {
	c.do(use{op: "MaxPool2D", reads: tensors{where}}, func() { c.real.maxPoolPlaces(g, where, at) })
}

func (c *checking) averagePool(g windows, x, y *Tensor, whole bool) {
	c.do(use{op: "AvgPool2D", writes: tensors{y}, reads: tensors{x}}, func() { c.real.averagePool(g, x, y, whole) })
}

func (c *checking) averagePoolGrad(g windows, dy, dx *Tensor, whole bool) {
	c.do(use{op: "AvgPool2D, backwards,", writes: tensors{dx}, reads: tensors{dy}}, func() { c.real.averagePoolGrad(g, dy, dx, whole) })
}

func (c *checking) mix(m mixture, x, y *Tensor, back bool) {
	if x.size > 0 {
		c.rows("a mixture", map[bool]*Tensor{false: x, true: y}[back], m.at, m.inner)
	}
	c.do(use{op: "a mixture", writes: tensors{y}, reads: tensors{x}}, func() { c.real.mix(m, x, y, back) })
}

func (c *checking) batchNorm(b batchNorm) {
	u := use{op: "BatchNorm", writes: tensors{b.y, b.mean, b.scale}, reads: tensors{b.x, b.gamma, b.beta}, strided: true}
	u.reads = append(u.reads, b.running[:]...)
	c.do(u, func() { c.real.batchNorm(b) })
}

func (c *checking) batchNormGrad(b batchNormGrad) {
	c.do(use{op: "BatchNorm, backwards,", writes: tensors{b.dx, b.dgamma, b.dbeta}, reads: tensors{b.x, b.gamma, b.beta, b.mean, b.scale, b.dy}}, func() { c.real.batchNormGrad(b) })
}

func (c *checking) beginBatchNormGrad(b batchNormGrad) {
	c.do(use{op: "BatchNorm, backwards,", reads: tensors{b.gamma, b.beta, b.mean, b.scale}}, func() { c.real.beginBatchNormGrad(b) })
}

func (c *checking) batchNormInput(n *normInput, dy, dx *Tensor) {
	u := use{op: "BatchNorm, backwards,", writes: tensors{dx}, reads: tensors{n.x, n.rows, dy}, inPlace: dy == dx}
	c.do(u, func() { c.real.batchNormInput(n, dy, dx) })
}

func (c *checking) layerNorm(l layerNorm) {
	c.do(use{op: "LayerNorm", writes: tensors{l.y, l.moments}, reads: tensors{l.x, l.gamma, l.beta}}, func() { c.real.layerNorm(l) })
}

func (c *checking) layerNormGrad(l layerNormGrad) {
	u := use{op: "LayerNorm, backwards,", writes: tensors{l.dx, l.dgamma, l.dbeta}, reads: tensors{l.x, l.gamma, l.moments, l.dy}}
	if l.add {
		u.reads, u.inPlace = append(u.reads, l.dx), true
	}
	c.do(u, func() { c.real.layerNormGrad(l) })
}

func (c *checking) groupNorm(l groupNorm) {
	c.do(use{op: "GroupNorm", writes: tensors{l.y, l.moments}, reads: tensors{l.x, l.gamma, l.beta}}, func() { c.real.groupNorm(l) })
}

func (c *checking) groupNormGrad(l groupNormGrad) {
	c.do(use{op: "GroupNorm, backwards,", writes: tensors{l.dx, l.sums}, reads: tensors{l.x, l.gamma, l.moments, l.dy}}, func() { c.real.groupNormGrad(l) })
}

func (c *checking) rmsNorm(l rmsNorm) {
	c.do(use{op: "RMSNorm", writes: tensors{l.y, l.scales}, reads: tensors{l.x, l.gamma}}, func() { c.real.rmsNorm(l) })
}

func (c *checking) rmsNormGrad(l rmsNormGrad) {
	u := use{op: "RMSNorm, backwards,", writes: tensors{l.dx, l.dgamma}, reads: tensors{l.x, l.gamma, l.scales, l.dy}}
	if l.add {
		u.reads, u.inPlace = append(u.reads, l.dx), true
	}
	c.do(u, func() { c.real.rmsNormGrad(l) })
}

func (c *checking) attend(a attended) {
	c.do(use{op: "Attention", writes: tensors{a.y, a.sums}, reads: tensors{a.q, a.k, a.v, a.mask}, strided: true}, func() { c.real.attend(a) })
}

func (c *checking) attendGrad(a attended, dy *Tensor, d [3]*Tensor, dmask *Tensor) {
	c.do(use{op: "Attention, backwards,", writes: append(tensors{dmask}, d[:]...), reads: tensors{a.q, a.k, a.v, a.mask, a.y, a.sums, dy}, strided: true},
		func() { c.real.attendGrad(a, dy, d, dmask) })
}

func (c *checking) recur(r recurrence, work *Tensor) {
	writes := tensors{r.out, r.gates, r.cells, r.extra}
	if r.hidden != r.out {
		writes = append(writes, r.hidden)
	}
	c.do(use{op: "the steps of a recurrent layer", writes: writes, reads: tensors{r.u, r.bias, r.first, r.firstCell, r.mask}}, func() { c.real.recur(r, work) })
}

func (c *checking) recurGrad(g recurrenceGrad, work, shared *Tensor) {
	writes, reads := tensors{g.dh, g.dc, g.dgates, g.dextra}, tensors{g.u, g.hidden, g.cells, g.mask, g.dy}
	if g.lastOnly {
		reads[4] = viewOf(g.dy, g.dy.layout().narrow(0, g.steps+1, g.dy.shape[0]))
	}
	if g.dgates != g.gates {
		reads = append(reads, g.gates)
	}
	if g.dextra != g.extra {
		reads = append(reads, g.extra)
	}
	c.do(use{op: "the steps of a recurrent layer, backwards,", writes: writes, reads: reads}, func() { c.real.recurGrad(g, work, shared) })
}

func (c *checking) rotate(r rotation) {
	c.do(use{op: "Rotary", writes: tensors{r.y}, reads: tensors{r.x, r.frequencies}, strided: true}, func() { c.real.rotate(r) })
}

func (c *checking) softmax(s softmax) {
	c.do(use{op: "Softmax", writes: tensors{s.y}, reads: tensors{s.x}}, func() { c.real.softmax(s) })
}

func (c *checking) softmaxGrad(s softmax, dy, dx *Tensor) {
	c.do(use{op: "Softmax, backwards,", writes: tensors{dx}, reads: tensors{s.y, dy}}, func() { c.real.softmaxGrad(s, dy, dx) })
}

func (c *checking) outside(t *Tensor, n int) (at int) {
	c.do(use{op: "labels", reads: tensors{t}, strided: true}, func() { at = c.real.outside(t, n) })
	return at
}

func (c *checking) oneHot(t, y *Tensor) {
	c.do(use{op: "OneHot", writes: tensors{y}, reads: tensors{t}, strided: true}, func() { c.real.oneHot(t, y) })
}

func (c *checking) embed(table, tokens, y *Tensor) {
	c.do(use{op: "Embedding", writes: tensors{y}, reads: tensors{table, tokens}}, func() { c.real.embed(table, tokens, y) })
}

func (c *checking) embedGrad(dy, tokens, dtable *Tensor) {
	c.do(use{op: "Embedding, backwards,", writes: tensors{dtable}, reads: tensors{dy, tokens, dtable}, inPlace: true}, func() { c.real.embedGrad(dy, tokens, dtable) })
}

func (c *checking) pointwise(l loss) {
	c.do(use{op: l.rule.op, writes: tensors{l.grad, l.y}, reads: tensors{l.x, l.target}}, func() { c.real.pointwise(l) })
}

func (c *checking) sparseCrossEntropy(l loss) {
	c.do(use{op: "SparseCrossEntropy", writes: tensors{l.grad, l.y}, reads: tensors{l.x, l.target}, inPlace: true}, func() { c.real.sparseCrossEntropy(l) })
}

func (c *checking) crossEntropy(l loss) {
	c.do(use{op: "CrossEntropy", writes: tensors{l.grad, l.y}, reads: tensors{l.x, l.target}}, func() { c.real.crossEntropy(l) })
}

func (c *checking) sortRows(tokens *Tensor, sorted, starts []int) (n int) {
	c.do(use{op: "Embedding, backwards,", reads: tensors{tokens}}, func() { n = c.real.sortRows(tokens, sorted, starts) })
	return n
}

func (c *checking) sumRows(dy *Tensor, sorted, starts []int, tokens, rows, sums *Tensor) {
	c.do(use{op: "Embedding, backwards,", writes: tensors{rows, sums}, reads: tensors{dy, tokens}}, func() {
		c.real.sumRows(dy, sorted, starts, tokens, rows, sums)
	})
}

func (c *checking) visitRows(rows, dy *Tensor, v gradient.Visitor) {
	c.do(use{op: "a step", reads: tensors{rows, dy}}, func() { c.real.visitRows(rows, dy, v) })
}

func (c *checking) measure(m measure, r reduction) {
	c.do(use{op: "a measure", writes: tensors{r.y}, reads: tensors{r.x}}, func() { c.real.measure(m, r) })
}

func (c *checking) multiplyQuantized(p quantizedProduct) {
	c.do(use{op: "QuantizedLinear", writes: tensors{p.y}, reads: tensors{p.x, p.b}}, func() { c.real.multiplyQuantized(p) })
}

func (c *checking) dequantize(w *QuantizedMatrix, y *Tensor) {
	c.do(use{op: "Dequantize", writes: tensors{y}}, func() { c.real.dequantize(w, y) })
}

func (c *checking) packFilters(w, b *Tensor, scale float64, zero int) (packed any) {
	c.do(use{op: "QuantizeFilters", reads: tensors{w, b}}, func() { packed = c.real.packFilters(w, b, scale, zero) })
	return packed
}

func (c *checking) convolveQuantized(q quantizedConvolution) {
	c.do(use{op: "QuantizedConv2D", writes: tensors{q.y, q.bytes}, reads: tensors{q.x}}, func() { c.real.convolveQuantized(q) })
}

// all checks that the rows of samples lie in their memory.
func (c *checking) all(op string, m matrix, rows, columns, count, step int) {
	if m.storage != nil {
		c.inside(op, m.storage, m.at, m.at+(count-1)*step+(rows-1)*m.stride+columns)
	}
}

func (c *checking) productSquares(p sampleProduct, squares *Tensor) {
	const op = "squares of products"
	c.all(op, p.x, p.rows, p.k, p.count, p.stepX)
	c.all(op, p.dy, p.rows, p.m, p.count, p.stepDY)
	c.do(use{op: op, writes: tensors{squares}, reads: tensors{squares}, inPlace: true}, func() { c.real.productSquares(p, squares) })
}

func (c *checking) sumSquares(p sampleProduct, squares *Tensor) {
	const op = "squares of sums"
	c.all(op, p.dy, p.rows, p.m, p.count, p.stepDY)
	c.do(use{op: op, writes: tensors{squares}, reads: tensors{squares}, inPlace: true}, func() { c.real.sumSquares(p, squares) })
}

func (c *checking) convolutionSquares(g convolutionGrad, n int, squares *Tensor) {
	c.do(use{op: "squares of convolutions", writes: tensors{squares, g.dy}, reads: tensors{squares, g.x, g.w, g.dy, g.y}, inPlace: true}, func() { c.real.convolutionSquares(g, n, squares) })
}

func (c *checking) embeddingSquares(dy, tokens *Tensor, n int, squares *Tensor) {
	c.do(use{op: "squares of Embedding", writes: tensors{squares}, reads: tensors{squares, dy, tokens}, inPlace: true}, func() { c.real.embeddingSquares(dy, tokens, n, squares) })
}

func (c *checking) addSquares(t, squares *Tensor, i int) {
	c.do(use{op: "a sum of squares", writes: tensors{squares}, reads: tensors{squares, t}, inPlace: true}, func() { c.real.addSquares(t, squares, i) })
}

func (c *checking) weighSamples(t, weights *Tensor, turned bool) {
	c.do(use{op: "weights of samples", writes: tensors{t}, reads: tensors{t, weights}, inPlace: true}, func() { c.real.weighSamples(t, weights, turned) })
}
