package dl

import (
	"slices"

	"modelbook/dl/internal/gradient"
)

// The gradients of single samples are measured, and added up with a weight for each, from what Backward holds anyway:
// the operand of an operation and the gradient of its result (Lee and Kifer, 2021; Li and others, 2021). For a matrix
// product of one row a sample the square of the norm of x^T dy is that of x times that of dy; for others the products of
// one sample after the other are made in memory that is used again, or the products x x^T and dy dy^T, which is called
// ghost clipping, where these are smaller. When all squares are known, the gradients of the results, which were kept,
// are multiplied by the weights, and the gradients of the parameters are computed from them as ever (book-keeping, Bu
// and others, 2022): there is no second way back.

// A sampled record is that of an operation whose operands that are parameters have gradients which can be measured
// sample by sample. Samples follow each other on the first axis of the result.
type sampled interface {
	record
	// measure carries dy, the gradient of the result, to the operands that are results themselves, and adds the squares
	// of the norms of the parameters' gradients to those of the samples. It returns the gradient that carry needs.
	measure(b *sweep, dy, squares *Tensor) *Tensor
	// carry adds the gradients of the parameters for what measure returned, in which the samples are weighted by now.
	carry(b *sweep, dy *Tensor)
}

// A weighing is a record between measure and carry.
type weighing struct {
	r  sampled
	dy *Tensor
}

func init() {
	gradient.Samples = func(values any, weigh func(squares []float64)) { values.(*Tensor).backwardSamples(weigh) }
}

const samplesOp = "gradients of samples"

// backwardSamples is Backward of the sum of t, [N], with weights: see [gradient.Samples].
func (t *Tensor) backwardSamples(weigh func(squares []float64)) {
	t.check()
	if len(t.shape) != 1 || t.dtype != Float32 || t.from == nil || t.size == 0 {
		shapePanic(samplesOp, "a value for each sample is needed, [N] of float32, that is computed from parameters", t)
	}
	b := newSweep()
	defer b.release()
	b.samples, b.retain = t.shape[0], true
	b.collect(t)
	b.checkSamples()
	squares := result(Float64, shapeOf(b.samples))
	squares.clear()
	ones := result(Float32, t.shape)
	ones.fill(1)
	t.from.head().grad = ones
	defer b.closeAll()
	for _, r := range b.records {
		h := r.head()
		b.close(h.out)
		g := h.grad
		h.grad = nil
		if g == nil {
			continue
		}
		if h.shown {
			g = b.show(h.out, g)
		}
		h.checkKept()
		if !b.hasParameters(r) {
			r.backward(b, g)
			continue
		}
		s := r.(sampled)
		b.weighings = append(b.weighings, weighing{s, s.measure(b, g, squares)})
	}
	weigh(raw[float64](squares, samplesOp))
	b.parameters = true
	for _, w := range b.weighings {
		if r, ok := w.r.(*recurrentRecord); ok {
			r.weigh(squares)
		} else {
			device.weighSamples(w.dy, squares, false)
		}
		w.r.carry(b, w.dy)
	}
	for _, r := range b.records {
		r.head().drop()
		r.head().out.from = spentRecord
	}
}

// isParameter reports whether x is a leaf that has a gradient.
func (t *Tensor) isParameter() bool { return t != nil && t.requires && t.from == nil }

// hasParameters reports whether a record's operation reads parameters.
func (b *sweep) hasParameters(r record) bool {
	b.list = r.operands(b.list[:0])
	return slices.ContainsFunc(b.list, (*Tensor).isParameter)
}

// checkSamples refuses what the gradients of single samples are not known of.
func (b *sweep) checkSamples() {
	var seen []*Tensor
	for _, r := range slices.Backward(b.records) {
		h := r.head()
		if _, ok := r.(interface{ hidden() }); ok {
			PanicValue(samplesOp, "%s hides the operations in it, whose gradients by single samples are needed", h.op)
		}
		if n, ok := r.(*batchNormRecord); ok && n.training {
			PanicValue(samplesOp, "BatchNorm makes each sample's output depend on all samples of the batch, so that a sample has no gradient "+
				"of its own; use GroupNorm or LayerNorm, or freeze it")
		}
		b.list = r.operands(b.list[:0])
		for _, x := range b.list {
			if !x.isParameter() {
				continue
			}
			name := x.Name()
			if name == "" {
				name = "of shape " + x.shape.String()
			}
			if _, ok := r.(sampled); !ok {
				PanicValue(samplesOp, "the parameter %s is used by the operation %s, whose gradients by single samples are not known: "+
					"they are of Affine, Conv1D, Conv2D, Embedding, LayerNorm, GroupNorm, RMSNorm, LSTM, GRU and RNN, and of "+
					"sums and products with a parameter that has no axis of samples", name, h.op)
			}
			if slices.Contains(seen, x) {
				PanicValue(samplesOp, "the parameter %s is used in two places; the norm of the sum of its gradients is not known", name)
			}
			if x.hooked() {
				PanicValue(samplesOp, "a hook waits for the gradient of the parameter %s, which is not computed as it expects", name)
			}
			if x.dtype != Float32 {
				dtypePanic(samplesOp, "the parameter "+name+" must be of float32", x)
			}
			seen = append(seen, x)
		}
	}
}

// perSample is how many of n rows a sample has.
func (b *sweep) perSample(op string, n int) int {
	if n%b.samples != 0 || n == 0 {
		PanicValue(samplesOp, "the operation %s has %d rows for %d samples: a parameter is used by itself, not for each sample", op, n, b.samples)
	}
	return n / b.samples
}

// noParameter refuses a parameter where samples should be.
func noParameter(op string, xs ...*Tensor) {
	for _, x := range xs {
		if x.isParameter() {
			PanicValue(samplesOp, "the first operand, or a state, of %s is a parameter itself, of shape %v; it should be samples", op, x.shape)
		}
	}
}

// rows is a view of some of the first axis, without gaps.
func (t *Tensor) rows(lo, hi int) *Tensor { return viewOf(t, t.layout().narrow(0, lo, hi)) }

// eachSample calls f with the rows of each sample, of count in all, and adds the squares of what f writes to the sums.
func (b *sweep) eachSample(op string, count int, squares *Tensor, sums []*Tensor, f func(lo, hi int)) {
	n := b.perSample(op, count)
	for i := range b.samples {
		f(i*n, (i+1)*n)
		for _, s := range sums {
			device.addSquares(s, squares, i)
		}
	}
}

// measure is that of Affine: see [sampled].
func (r *affineRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	noParameter(r.op, r.x, r.added)
	n := b.perSample(r.op, dy.shape[0])
	r.backward(b, dy) // leaves the gradient in front of the activation in dy
	k, m := r.w.shape[0], r.w.shape[1]
	if r.w.isParameter() {
		device.productSquares(sampleProduct{x: r.x.flatMatrix(false), dy: dy.flatMatrix(false), rows: n, k: k, m: m, count: b.samples, stepX: n * k, stepDY: n * m}, squares)
	}
	if r.b.isParameter() {
		device.sumSquares(sampleProduct{dy: dy.flatMatrix(false), rows: n, m: m, count: b.samples, stepDY: n * m}, squares)
	}
	return dy
}

func (r *affineRecord) carry(b *sweep, dy *Tensor) {
	if b.wants(r.w) {
		g, fresh := b.buffer(r.w)
		multiplyFlat(g, r.x, dy, true, false, !fresh)
	}
	b.sumRows(r.b, dy)
}

// measure is that of Conv1D and Conv2D: see [sampled].
func (r *convRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	noParameter(r.op, r.x)
	n := b.perSample(r.op, r.geo.N)
	g := convolutionGrad{windows: r.geo, x: r.x, w: r.w, dy: dy}
	if r.relu && !r.masked {
		g.y = r.out
	}
	if b.wants(r.x) || b.wants(r.w) || b.wants(r.b) {
		r.backward(b, dy)
	}
	if r.w.isParameter() {
		g.dw = result(Float32, r.w.shape) // its shape alone is read
	}
	if r.b.isParameter() {
		g.db = result(Float32, r.b.shape)
	}
	device.convolutionSquares(g, n, squares)
	return dy
}

func (r *convRecord) carry(b *sweep, dy *Tensor) { r.backward(b, dy) }

// measure is that of Embedding: see [sampled].
func (r *embeddingRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	device.embeddingSquares(dy, r.tokens, b.perSample(r.op, r.tokens.size), squares)
	return dy
}

func (r *embeddingRecord) carry(b *sweep, dy *Tensor) {
	g, fresh := b.buffer(r.table)
	if fresh {
		g.clear()
	}
	device.embedGrad(dy, r.tokens, g)
}

// measure is that of LayerNorm: see [sampled].
func (r *layerNormRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	noParameter(r.op, r.x)
	r.backward(b, dy)
	rows, c := r.moments.shape[0], r.gamma.size
	x, d := view(r.x, shapeOf(rows, c)), view(dy, shapeOf(rows, c))
	g := layerNormGrad{gamma: r.gamma, dgamma: scratchOf(r.gamma), dbeta: scratchOf(r.beta)}
	b.eachSample(r.op, rows, squares, present(g.dgamma, g.dbeta), func(lo, hi int) {
		g.x, g.moments, g.dy = x.rows(lo, hi), r.moments.rows(lo, hi), d.rows(lo, hi)
		device.layerNormGrad(g)
	})
	return dy
}

func (r *layerNormRecord) carry(b *sweep, dy *Tensor) { r.backward(b, dy) }

// measure is that of RMSNorm: see [sampled].
func (r *rmsNormRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	noParameter(r.op, r.x)
	r.backward(b, dy)
	rows, c := r.scales.size, r.gamma.size
	x, d, scales := view(r.x, shapeOf(rows, c)), view(dy, shapeOf(rows, c)), view(r.scales, shapeOf(rows))
	g := rmsNormGrad{gamma: r.gamma, dgamma: scratchOf(r.gamma)}
	b.eachSample(r.op, rows, squares, present(g.dgamma), func(lo, hi int) {
		g.x, g.scales, g.dy = x.rows(lo, hi), scales.rows(lo, hi), d.rows(lo, hi)
		device.rmsNormGrad(g)
	})
	return dy
}

func (r *rmsNormRecord) carry(b *sweep, dy *Tensor) { r.backward(b, dy) }

// measure is that of GroupNorm: see [sampled].
func (r *groupNormRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	noParameter(r.op, r.x)
	r.backward(b, dy)
	g := groupNormGrad{groupNorm: groupNorm{gamma: r.gamma, groups: r.groups}, sums: result(Float64, shapeOf(2, r.x.shape[len(r.x.shape)-1]))}
	var sums []*Tensor
	for i, p := range [2]*Tensor{r.gamma, r.beta} {
		if p.isParameter() {
			sums = append(sums, g.sums.rows(i, i+1))
		}
	}
	b.eachSample(r.op, r.x.shape[0], squares, sums, func(lo, hi int) {
		g.x, g.moments, g.dy = r.x.rows(lo, hi), r.moments.rows(lo, hi), dy.rows(lo, hi)
		device.groupNormGrad(g)
	})
	return dy
}

func (r *groupNormRecord) carry(b *sweep, dy *Tensor) { r.backward(b, dy) }

// scratchOf is memory for the gradient of a parameter, nil for what is none.
func scratchOf(x *Tensor) *Tensor {
	if !x.isParameter() {
		return nil
	}
	return result(x.dtype, x.shape)
}

// present leaves out those that are nil.
func present(ts ...*Tensor) []*Tensor {
	return slices.DeleteFunc(ts, func(t *Tensor) bool { return t == nil })
}

// measure is that of sums, products and so on with a parameter: see [sampled].
func (n *pairRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	x, second := n.a, false
	if !x.isParameter() {
		x, second = n.b, true
	} else {
		noParameter(n.op, n.b)
	}
	if rank := len(dy.shape); rank == 0 || len(x.shape) == rank && x.shape[0] != 1 {
		PanicValue(samplesOp, "a parameter of shape %v is an operand of %s, whose result of shape %v has no axis of samples that it has not",
			x.shape, n.op, dy.shape)
	}
	kept := result(dy.dtype, dy.shape) // backward may hand dy on
	device.copy(dy, kept)
	n.backward(b, dy)
	g := n.partOf(second, kept)
	sum := result(x.dtype, x.shape)
	b.eachSample(n.op, dy.shape[0], squares, []*Tensor{sum}, func(lo, hi int) { device.sumTo(g.rows(lo, hi), sum) })
	return kept
}

// partOf is the gradient of an operand before it is summed up to its shape.
func (n *pairRecord) partOf(second bool, dy *Tensor) *Tensor {
	if n.rule == &addRule || n.rule == &subRule {
		return dy // the sign does not matter
	}
	g := result(dy.dtype, dy.shape)
	device.pairGrad(pair{rule: n.rule, a: n.a, b: n.b, y: n.out}, second, dy, g)
	return g
}

func (n *pairRecord) carry(b *sweep, dy *Tensor) { n.backward(b, dy) }

// measure is that of LSTM, GRU and RNN: see [sampled].
func (r *recurrentRecord) measure(b *sweep, dy, squares *Tensor) *Tensor {
	noParameter(r.op, r.x, r.first, r.firstCell)
	if b.samples != r.batch {
		PanicValue(samplesOp, "%s has %d sequences for %d samples", r.op, r.batch, b.samples)
	}
	g := r.back(b, dy)
	r.dgates, r.dextra = g.dgates, g.dextra
	r.spread(b, g)
	d, h := r.x.shape[2], r.h
	// The rows of a sample lie one in each step.
	p := sampleProduct{dy: matrix{g.dgates.storage, g.dgates.offset, r.batch * r.wide, false}, rows: r.steps, m: r.wide, count: r.batch, stepDY: r.wide}
	if r.b.isParameter() {
		device.sumSquares(p, squares)
	}
	if r.w.isParameter() {
		w := p
		w.x, w.k, w.stepX = matrix{r.x.storage, r.x.offset, r.batch * d, false}, d, d
		device.productSquares(w, squares)
	}
	if !r.u.isParameter() && !r.bias.isParameter() {
		return g.dgates
	}
	states := matrix{g.hidden.storage, g.hidden.offset + g.blockBefore()*g.batch*h, r.batch * h, false}
	p.x, p.k, p.stepX = states, h, h
	last := p
	if r.kind.gates() == 3 {
		p.m, last.m = 2*h, h
		last.dy, last.stepDY = matrix{g.dextra.storage, g.dextra.offset, r.batch * h, false}, h
		if r.bias.isParameter() {
			device.sumSquares(p, squares)
			device.sumSquares(last, squares)
		}
		if r.kind == gruBeforeCell {
			last.x = matrix{g.extra.storage, g.extra.offset, r.batch * h, false}
			last.dy, last.stepDY = p.dy.to(p.dy.at+2*h), r.wide
		}
		if r.u.isParameter() {
			device.productSquares(last, squares)
		}
	}
	if r.u.isParameter() {
		device.productSquares(p, squares)
	}
	return g.dgates
}

// weigh multiplies the gradients that measure has left by the weights of the samples, which lie on the second axis.
func (r *recurrentRecord) weigh(weights *Tensor) {
	device.weighSamples(r.dgates, weights, true)
	if r.kind == gruCell {
		device.weighSamples(r.dextra, weights, true)
	}
}

func (r *recurrentRecord) carry(b *sweep, _ *Tensor) {
	r.spread(b, recurrenceGrad{recurrence: r.recurrence, dgates: r.dgates, dextra: r.dextra})
}
