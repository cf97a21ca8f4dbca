package scaling

import (
	"math"
	"slices"
	"time"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/train"
)

// echo is the first of two ranks, and the second one has whatever it has. It does what a rank of package dist does, but
// for sending, and takes the time.
type echo struct {
	now        func() time.Time
	parameters []*dl.Tensor
	ready      []time.Duration // sums of when each gradient was complete, from the beginning of Backward
	rows       []int           // of the factors of each gradient, 0: it has none
	shares     bool            // the optimizer's work
	passes     int
	begun      time.Time // Backward
	ended      time.Time // what was measured last

	outside, backward, update []time.Duration
	remove                    []func()
}

func (e *echo) Rank() int       { return 0 }
func (e *echo) Size() int       { return 2 }
func (e *echo) Name(int) string { return "a rank" }

func (e *echo) Gather(values []float64) [][]float64 {
	return [][]float64{slices.Clone(values), slices.Clone(values)}
}

func (e *echo) Gradients(parameters []*dl.Tensor) train.Gradients {
	e.parameters, e.ready, e.rows = parameters, make([]time.Duration, len(parameters)), make([]int, len(parameters))
	for i, p := range parameters {
		e.remove = append(e.remove, p.AfterGrad(func(p *dl.Tensor) {
			if e.shared(p) {
				_, _, e.rows[i] = gradient.Factors(p)
			}
			p.Grad()
			if e.measures() {
				e.ready[i] += e.now().Sub(e.begun)
			}
		}))
	}
	return e
}

// measures reports whether memory is set up.
func (e *echo) measures() bool { return e.passes > skipped }

// shared reports whether ranks share the optimizer's work for p.
func (e *echo) shared(p *dl.Tensor) bool {
	return e.shares && p.Size() >= BucketValues && p.DType() == dl.Float32
}

func (e *echo) Begin() {
	now := e.now()
	if e.passes++; e.measures() {
		e.outside = append(e.outside, now.Sub(e.ended))
	}
	e.begun = now
}

func (e *echo) Wait(stop bool) bool {
	e.ended = e.now()
	if e.measures() {
		e.backward = append(e.backward, e.ended.Sub(e.begun))
	}
	for _, p := range e.parameters {
		if grad := p.Grad(); grad != nil && e.shared(p) {
			gradient.Share(p, gradient.Part{Hi: p.Size() / 2, Values: grad.Float32s()[:p.Size()/2]})
		}
	}
	return stop
}

var _ train.Sharer = (*echo)(nil) // it measures what such ranks do

func (e *echo) Share(inPlace bool) { e.shares = true }

func (e *echo) Separate() {}

func (e *echo) Spread() {
	now := e.now()
	if e.measures() {
		e.update = append(e.update, now.Sub(e.ended))
	}
	e.ended = now
}

func (e *echo) Complete(_, _ *dl.Tensor) {}

func (e *echo) Keep(*dl.Tensor, []*dl.Tensor) {}

func (e *echo) Close() {
	for _, remove := range e.remove {
		remove()
	}
}

// tensors are the gradients in the order of sending, of a rank with so many samples. One that no pass completed is ready
// at the end.
func (e *echo) tensors(samples int) []Gradient {
	var whole time.Duration
	for _, b := range e.backward {
		whole += b
	}
	var all []Gradient
	for i, p := range slices.Backward(e.parameters) {
		ready := float64(e.ready[i]) / float64(whole)
		if ready == 0 {
			ready = 1
		}
		g := Gradient{Values: p.Size(), Ready: math.Round(1000*min(ready, 1)) / 1000, Shared: e.shared(p), Factors: e.rows[i] / samples}
		if g.Shared && p.Rank() == 2 {
			g.Width = p.Dim(1)
		}
		all = append(all, g)
	}
	return all
}
