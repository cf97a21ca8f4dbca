package privacy

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
)

// checkSamples measures the gradients of a few samples together and each by itself: where they differ, samples depend
// on each other, or do not lie on the first axis, and nothing would be protected.
func (r *run) checkSamples() error {
	l := data.Loader{Dataset: r.data, BatchSize: 3}
	var err error
	for _, b := range l.Batches() {
		nn.SetTraining(r.t.Model, false) // without dropout
		if fault := dl.Try(func() { err = r.compare(&b) }); fault != nil {
			err = fmt.Errorf("privacy: %w", fault)
		}
		break
	}
	if err == nil {
		err = l.Err()
	}
	return err
}

func (r *run) compare(b *data.Batch) error {
	together := r.norms(b)
	for i, norm := range together {
		one := some(b, i)
		alone := r.norms(&one)[0]
		if math.Abs(norm-alone) > 1e-3*max(norm, alone)+1e-6 {
			return fmt.Errorf("privacy: the gradient of sample %d has the norm %.6g by itself and %.6g beside others: samples depend on each "+
				"other in this model or loss, or are not on the first axis everywhere, so that no sample's gradient can be clipped", i+1, alone, norm)
		}
	}
	return nil
}

// some is one sample of a batch.
func some(b *data.Batch, i int) data.Batch {
	one := data.Batch{X: b.X.Narrow(0, i, 1)}
	if b.Y != nil {
		one.Y = b.Y.Narrow(0, i, 1)
	}
	for _, v := range b.More {
		one.More = append(one.More, data.Value{Field: v.Field, Tensor: v.Tensor.Narrow(0, i, 1)})
	}
	return one
}

// norms are those of the samples' gradients.
func (r *run) norms(b *data.Batch) []float64 {
	return normsOf(perSample(r.t.Loss, r.forward(b.X), b, r.headed != nil), r.parameters)
}

// Norms returns the norm of the gradient of each sample's loss, over all parameters of a module together, from
// values [N] that were computed from them. The gradients themselves are not kept: a norm follows from what an
// operation reads and from the gradient of its result (Lee and Kifer, 2021). The record of the values is used up.
// It panics with a *dl.ValueError where an operation with a parameter does not allow that.
func Norms(values *dl.Tensor, m nn.Module) []float64 {
	if values == nil {
		dl.PanicValue("privacy.Norms", "the values are nil")
	}
	return normsOf(values, nn.Trainable(m))
}

func normsOf(values *dl.Tensor, parameters []*dl.Tensor) []float64 {
	var norms []float64
	gradient.Samples(values, func(squares []float64) {
		for i, s := range squares {
			norms = append(norms, math.Sqrt(s))
			squares[i] = 0
		}
	})
	for _, p := range parameters {
		p.ZeroGrad()
	}
	return norms
}
