package lm

import (
	"fmt"

	"modelbook/dl"
)

// Ignored as a target says that the position does not count, as in PyTorch and transformers; so do other numbers below 0.
const Ignored = -100

// LossOptions say how [Loss] computes.
type LossOptions struct {
	// Lengths are the numbers of tokens of each sample, where those behind are padding: see [CallOptions]. Padding on the
	// right needs none, where its targets are [Ignored]: no token sees what comes behind it.
	Lengths []int
	// Rows is how many positions' logits are there at a time, 400 kB each with GPT-2's vocabulary; 0: 512
	// (see [dl.LinearCrossEntropy]). A head that is no plain matrix, as one with an adapter or of few bits, computes all
	// with 0, and with Rows multiplies a second time in Backward.
	Rows int
}

// Loss is the mean cross-entropy, in nats, of the tokens that should come next: tokens [N, T], targets [N, T] of an integer
// type, of which targets[i, j] is what follows tokens[i, j] (as data.NextTokens and data.Answers give them; transformers
// takes labels that are the tokens themselves, and shifts them). Targets below 0, such as [Ignored], do not count, and
// logits are computed only where one does. It is the loss of a train.Trainer's Step:
//
//	Step: func(s *train.Step) *dl.Tensor { return lm.Loss(m, s.Batch.X, s.Batch.Y, lm.LossOptions{}) }
func Loss(m Decoder, tokens, targets *dl.Tensor, o LossOptions) *dl.Tensor {
	const op = "lm.Loss"
	given(op, "the model", m != nil)
	given(op, "the tensor of targets", targets != nil)
	checkTokens(op, tokens, CallOptions{Lengths: o.Lengths}, m.Context(), 0, 0)
	switch {
	case !targets.Shape().Equal(tokens.Shape()):
		dl.PanicShape(op, "tokens and targets must have the same shape [N, T]: targets[i, j] is what follows tokens[i, j]", tokens, targets)
	case targets.DType().IsFloat() || targets.DType() == dl.Bool:
		dl.PanicDType(op, "targets are tokens, of an integer type", targets)
	case o.Rows < 0:
		dl.PanicValue(op, "Rows is %d; it is a number of positions, or 0 for all", o.Rows)
	}
	labels, rows := counted(targets)
	if labels.Size() == 0 {
		dl.PanicShape(op, "no target counts: all are below 0", targets)
	}
	for i, label := range labels.Int32s() {
		if int(label) >= m.Vocabulary() {
			dl.PanicShape(op, fmt.Sprintf("target %d of those that count is %d; the vocabulary has 0 to %d", i, label, m.Vocabulary()-1), targets)
		}
	}
	x := m.Hidden(tokens, CallOptions{Lengths: o.Lengths})
	x = x.Reshape(x.Dim(0)*x.Dim(1), x.Dim(2))
	if rows != nil {
		x = x.Rows(rows)
	}
	if w := plainHead(m.head()); w != nil {
		return dl.LinearCrossEntropy(x, w, labels, o.Rows)
	}
	n := labels.Size()
	if o.Rows == 0 || n <= o.Rows {
		return dl.SparseCrossEntropy(m.head().Forward(x), labels)
	}
	var sum *dl.Tensor
	for lo := 0; lo < n; lo += o.Rows {
		hi := min(lo+o.Rows, n)
		part := labels.Slice(0, lo, hi)
		share := float64(hi-lo) / float64(n)
		loss := dl.Checkpoint(func(xs ...*dl.Tensor) *dl.Tensor {
			return dl.SparseCrossEntropy(m.head().Forward(xs[0]), part).MulScalar(share)
		}, x.Slice(0, lo, hi))
		if sum == nil {
			sum = loss
		} else {
			sum = sum.Add(loss)
		}
	}
	return sum
}

// plainHead is the matrix [vocabulary, channels] of a head that is nothing else, or nil.
func plainHead(head Projection) *dl.Tensor {
	if l, ok := head.(*Linear); ok && l.Bias == nil && !l.InFirst {
		return full(l.Weight.Value)
	}
	return nil
}

// counted are the targets that count, int32 [n], and the places where they stand, nil for all.
func counted(targets *dl.Tensor) (labels *dl.Tensor, rows []int) {
	flat := targets.Contiguous().Reshape(-1)
	if flat.DType() != dl.Int32 {
		flat = flat.To(dl.Int32)
	}
	values := flat.Int32s()
	n := 0
	for _, v := range values {
		if v >= 0 {
			n++
		}
	}
	if n == len(values) {
		return flat, nil
	}
	kept := make([]int32, 0, n)
	rows = make([]int, 0, n)
	for i, v := range values {
		if v >= 0 {
			kept, rows = append(kept, v), append(rows, i)
		}
	}
	return dl.Of(kept, n), rows
}
