package quant

import (
	"context"
	"fmt"
	"iter"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
)

// Inputs are the inputs of the first n samples of a dataset, in batches of 32: what [Static] calibrates with.
func Inputs(d data.Dataset, n int) iter.Seq[*dl.Tensor] {
	return func(yield func(*dl.Tensor) bool) {
		l := data.Loader{Dataset: d}
		for _, b := range l.Batches() {
			if n <= 0 || !yield(b.X.Slice(0, 0, min(n, b.Len()))) {
				return
			}
			n -= b.Len()
		}
	}
}

// Accuracy measures a classifier of float32 and what [Static] made of it on a dataset whose targets are numbers of classes,
// and returns what it found side by side.
func Accuracy(ctx context.Context, m *nn.Model, q *Network, d data.Dataset) (Report, error) {
	r := Report{Measure: "accuracy"}
	for _, one := range []struct {
		weights string
		bytes   int64
		f       nn.Forwarder
	}{{"float32", parameterBytes(m), m}, {"int8", q.Bytes(), q}} {
		right, n := 0, 0
		l := data.Loader{Dataset: d, BatchSize: 128}
		for _, b := range l.Batches() {
			if err := ctx.Err(); err != nil {
				return Report{}, err
			}
			if b.Y == nil || b.Y.Rank() != 1 {
				return Report{}, fmt.Errorf("quant.Accuracy: targets must be numbers of classes")
			}
			if err := dl.Try(func() {
				dl.NoGrad(func() {
					classes := dl.Values[int64](one.f.Forward(b.X).ArgMax(-1))
					for i, c := range dl.Values[int64](b.Y.To(dl.Int64)) {
						n++
						if classes[i] == c {
							right++
						}
					}
				})
			}); err != nil {
				return Report{}, fmt.Errorf("quant.Accuracy: %w", err)
			}
		}
		if err := l.Err(); err != nil {
			return Report{}, fmt.Errorf("quant.Accuracy: %w", err)
		}
		if n == 0 {
			return Report{}, fmt.Errorf("quant.Accuracy: the dataset is empty")
		}
		r.Rows = append(r.Rows, Row{one.weights, one.bytes, float64(right) / float64(n)})
	}
	return r, nil
}
