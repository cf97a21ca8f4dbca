package dl

import "fmt"

// linearLossRows is how many rows of logits there are at a time, unless the
// caller says.
const linearLossRows = 512

// LinearCrossEntropy returns SparseCrossEntropy(x.MatMul(w.T()), labels), a
// scalar, and never holds the logits of more than some rows, or 512 where rows is
// 0: x [N, D], w [classes, D] of the same float type, labels [N] of an integer
// dtype. Gradients of x and w are computed at once, while the logits are there,
// and so are no logits computed twice; that of w takes the memory of another w.
// It is for heads with many classes, as those of language models are
// (Wijmans and others, "Cut Your Losses in Large-Vocabulary Language Models",
// 2024, and Liger Kernel's fused_linear_cross_entropy).
func LinearCrossEntropy(x, w, labels *Tensor, rows int) *Tensor {
	const op = "LinearCrossEntropy"
	checkAll(x, w, labels)
	sameFloats(op, x, w)
	switch {
	case len(x.shape) != 2 || len(w.shape) != 2 || len(labels.shape) != 1 || x.shape[1] != w.shape[1] || x.shape[0] != labels.shape[0]:
		shapePanic(op, "x [N, D], w [classes, D] and labels [N] are needed", x, w, labels)
	case labels.dtype.IsFloat() || labels.dtype == Bool:
		dtypePanic(op, "labels are integers; use To(dl.Int32)", labels)
	case rows < 0:
		PanicValue(op, "rows is %d; it is a number of rows, or 0 for %d", rows, linearLossRows)
	}
	if rows == 0 {
		rows = linearLossRows
	}
	whole := labels.Contiguous()
	n, classes := x.shape[0], w.shape[0]
	if row := device.outside(whole, classes); row >= 0 {
		shapePanic(op, fmt.Sprintf("label %v of row %d is not in 0..%d", whole.at(row), row, classes-1), x, w, labels)
	}
	var dx, dw *Tensor // nil where nobody asks
	var sum float64
	s := enter()
	defer s.leave()
	recorded := recording(x, w)
	s.aside(&replay{parent: s.replay}, true, func(outside func(func())) {
		xs, ws := x.Contiguous(), w.Contiguous()
		outside(func() {
			if recorded && x.requires {
				dx = result(x.dtype, x.shape)
			}
			if recorded && w.requires {
				dw = result(w.dtype, w.shape)
				if n == 0 {
					dw.clear()
				}
			}
		})
		logits := result(x.dtype, shapeOf(min(rows, n), classes))
		mean := result(x.dtype, newShape(0))
		for lo := 0; lo < n; lo += rows {
			hi := min(lo+rows, n)
			share := float64(hi-lo) / float64(n)
			part, at := xs.Slice(0, lo, hi), logits.Slice(0, 0, hi-lo)
			multiplyFlat(at, part, ws, false, true, false)
			// The gradient of the logits takes their place.
			device.sparseCrossEntropy(loss{x: at, target: whole.Slice(0, lo, hi), grad: at, y: mean})
			sum += share * mean.at(0)
			if dx != nil {
				d := dx.Slice(0, lo, hi)
				multiplyFlat(d, at, ws, false, false, false)
				d.scale(share)
			}
			if dw != nil {
				multiplyFlat(dw, at, part.MulScalar(share), true, false, lo > 0)
			}
		}
	})
	y := result(x.dtype, newShape(0))
	put(y, 0, sum)
	if recorded {
		r := linearLossKind.new()
		r.x, r.w, r.labels, r.dx, r.dw = x, w, whole, dx, dw
		attach(y, op, r)
	}
	return y
}

// linearLossRecord is the record of LinearCrossEntropy.
type linearLossRecord struct {
	node
	x, w, labels *Tensor
	dx, dw       *Tensor // nil where nobody asks
}

var linearLossKind = newKind[linearLossRecord]()

func (r *linearLossRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x, r.w) }

func (r *linearLossRecord) backward(b *sweep, dy *Tensor) {
	for _, of := range [2]struct{ x, g *Tensor }{{r.x, r.dx}, {r.w, r.dw}} {
		g, scale := of.g, dy.at(0)
		if g == nil || !b.wants(of.x) {
			continue
		}
		if b.retain { // the next sweep needs it, too
			g = result(g.dtype, g.shape)
			of.g.into(g)
		}
		if scale != 1 {
			g.scale(scale)
		}
		b.hand(of.x, g)
	}
}

func (r *linearLossRecord) gradients(dy *Tensor) []*Tensor {
	d := r.x.MatMul(r.w.T()).Softmax(-1).Sub(r.labels.OneHot(r.w.shape[0]).To(r.x.dtype)).Mul(dy.MulScalar(1 / float64(max(1, r.labels.size))))
	return []*Tensor{d.MatMul(r.w), d.T().MatMul(r.x)}
}
