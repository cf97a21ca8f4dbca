// Package lbfgs finds the parameters with the smallest loss on a whole data set by the limited-memory method of Broyden,
// Fletcher, Goldfarb and Shanno with gonum's optimize, as PyTorch's LBFGS with strong Wolfe conditions does. It is for
// losses that are the same every time, without batches and dropout, of few parameters; then it needs far fewer steps than
// the optimizers of package optim. It is a package of its own so that others do not link gonum's optimize.
package lbfgs

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"

	"modelbook/dl"
)

// Options say when to stop.
type Options struct {
	Iterations int     // at most; 0: 100
	History    int     // steps from which the curvature is known; 0: 100, as in PyTorch
	Gradient   float64 // stop when no gradient is larger; 0: 1e-7, as in PyTorch's tolerance_grad
	Change     float64 // stop when five steps change the loss by less; 0: 1e-9, as PyTorch's tolerance_change
}

// Result says how it went.
type Result struct {
	Loss       float64
	Gradient   float64 // the largest absolute value
	Iterations int
	Losses     int    // how often the loss was computed
	Stopped    string // why it ended, such as "GradientThreshold"
}

// Minimize changes parameters, tensors of float32 or float64 that require gradients, until the loss does not become
// smaller. loss computes it from the parameters as they are at the time, without Backward. In float64 it finds about twice
// as many digits.
//
// Where the loss is no number a step is too long. An error is returned, with the parameters as they were, for a loss that
// is none at the start; when ctx ends, with its error, and when steps are too small for the loss to change, without one,
// the parameters are the best ones so far.
func Minimize(ctx context.Context, parameters []*dl.Tensor, loss func() *dl.Tensor, o Options) (Result, error) {
	switch {
	case ctx == nil:
		return Result{}, errors.New("lbfgs: the context is nil: give context.Background(), or one that can be cancelled")
	case loss == nil:
		return Result{}, errors.New("lbfgs: the function that computes the loss is nil")
	case o.Iterations < 0 || o.Iterations > most || o.History < 0 || o.History > mostHistory:
		return Result{}, fmt.Errorf("lbfgs: %d Iterations with a History of %d steps are impossible: there are up to %d and %d, and 0 means 100", o.Iterations, o.History, most, mostHistory)
	case !(o.Gradient >= 0) || !(o.Change >= 0):
		return Result{}, fmt.Errorf("lbfgs: Gradient is %v and Change %v; both are above 0, or 0 for the default", o.Gradient, o.Change)
	}
	p, err := newProblem(parameters, loss)
	if err != nil {
		return Result{}, err
	}
	p.ctx = ctx
	start := p.read()
	p.evaluate(start)
	if p.fault != nil {
		return Result{}, p.fault
	}
	if math.IsInf(p.loss, 0) {
		p.write(start)
		return Result{}, errors.New("lbfgs: the loss is infinite or no number at the start")
	}
	orElse := func(v, byDefault float64) float64 {
		if v == 0 {
			return byDefault
		}
		return v
	}
	found, err := optimize.Minimize(optimize.Problem{Func: p.value, Grad: p.gradient, Status: p.status}, start, &optimize.Settings{
		GradientThreshold: orElse(o.Gradient, 1e-7),
		MajorIterations:   int(orElse(float64(o.Iterations), 100)),
		FuncEvaluations:   25 * int(orElse(float64(o.Iterations), 100)), // a line search that finds nothing ends
		Converger:         &optimize.FunctionConverge{Absolute: orElse(o.Change, 1e-9), Iterations: 5},
	}, &optimize.LBFGS{Linesearcher: &optimize.Bisection{CurvatureFactor: 0.9}, Store: int(orElse(float64(o.History), 100)), GradStopThreshold: math.NaN()})
	p.write(p.best)
	p.evaluate(p.best)
	r := Result{Loss: p.loss, Gradient: largest(p.grad), Losses: p.losses - 1}
	if found != nil {
		r.Iterations, r.Stopped = found.MajorIterations, found.Status.String()
	}
	for _, t := range parameters {
		t.ZeroGrad()
	}
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case p.fault != nil:
		return r, p.fault
	case err != nil: // the line search found no smaller loss: the digits of the loss are used up
		r.Stopped = err.Error()
	}
	return r, nil
}

const (
	most        = 1 << 30 // iterations
	mostHistory = 10_000  // each takes the memory of two copies of the parameters
)

func largest(values []float64) (most float64) {
	for _, v := range values {
		most = max(most, math.Abs(v))
	}
	return most
}

// problem is a loss as gonum asks for it: of all parameters in one slice.
type problem struct {
	ctx        context.Context
	parameters []*dl.Tensor
	closure    func() *dl.Tensor

	at     []float64 // where loss and grad were computed
	loss   float64
	grad   []float64
	losses int
	best   []float64 // where the loss was smallest
	least  float64
	fault  error // of the loss
}

func newProblem(parameters []*dl.Tensor, loss func() *dl.Tensor) (*problem, error) {
	size := 0
	for i, t := range parameters {
		if t == nil || t.DType() != dl.Float32 && t.DType() != dl.Float64 || !t.RequiresGrad() {
			return nil, fmt.Errorf("lbfgs: parameter %d is not a tensor of float32 or float64 that requires a gradient", i)
		}
		size += t.Size()
	}
	if size == 0 {
		return nil, errors.New("lbfgs: there are no parameters")
	}
	return &problem{parameters: parameters, closure: loss, grad: make([]float64, size), least: math.Inf(1)}, nil
}

// read are the values of the parameters.
func (p *problem) read() (x []float64) {
	for _, t := range p.parameters {
		x = append(x, dl.Values[float64](t)...)
	}
	return x
}

func (p *problem) write(x []float64) {
	for _, t := range p.parameters {
		t.CopyFrom(dl.Of(x[:t.Size()], t.Shape()...).To(t.DType()))
		x = x[t.Size():]
	}
}

// evaluate computes the loss and its gradient at x, unless they are known.
func (p *problem) evaluate(x []float64) {
	if p.at != nil && equal(p.at, x) || p.fault != nil {
		return
	}
	p.at = append(p.at[:0], x...)
	p.write(x)
	p.losses++
	p.fault = dl.Try(func() {
		for _, t := range p.parameters {
			t.ZeroGrad()
		}
		loss := p.closure()
		p.loss = loss.Item()
		loss.Backward()
		at := 0
		for _, t := range p.parameters {
			part := p.grad[at : at+t.Size()]
			at += t.Size()
			if g := t.Grad(); g != nil {
				copy(part, dl.Values[float64](g))
			} else {
				clear(part)
			}
		}
	})
	if p.fault != nil || math.IsNaN(p.loss) { // the line search goes back from there
		p.loss = math.Inf(1)
		clear(p.grad)
	}
	if p.loss < p.least {
		p.least = p.loss
		p.best = append(p.best[:0], x...)
	}
}

func equal(a, b []float64) bool {
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}

func (p *problem) value(x []float64) float64 {
	p.evaluate(x)
	return p.loss
}

func (p *problem) gradient(grad, x []float64) {
	p.evaluate(x)
	copy(grad, p.grad)
}

// status ends it when the context does, or the loss panicked.
func (p *problem) status() (optimize.Status, error) {
	if err := p.ctx.Err(); err != nil {
		return optimize.Failure, err
	}
	if p.fault != nil {
		return optimize.Failure, p.fault
	}
	return optimize.NotTerminated, nil
}
