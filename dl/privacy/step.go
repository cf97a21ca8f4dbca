package privacy

import (
	"math"
	"math/rand/v2"
	"sync"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// step is the Trainer's Step.
func (r *run) step(s *train.Step) *dl.Tensor {
	b := &s.Batch
	if !s.Training {
		x := r.forward(b.X)
		s.Output(r.outputOf(x))
		if b.Of(data.Mask) != nil {
			return perSample(r.t.Loss, x, b, r.headed != nil).Mean()
		}
		return r.t.Loss.Compute(x, b.Y, r.headed != nil, b.Of(data.Weight))
	}
	if n := b.Len(); n > 0 { // no sample may have been drawn
		x := r.forward(b.X)
		values := perSample(r.t.Loss, x, b, r.headed != nil)
		mean := values.Detach().Mean().Item()
		s.Output(r.outputOf(x))
		s.Loss(mean)
		gradient.Samples(values, r.weigh)
		s.Report("clipped", float64(r.clipped)/float64(n))
	}
	r.p.accountant.Add(r.each)
	r.hide()
	r.t.Optimizer.Step(r.parameters)
	if r.constrained {
		nn.Constrain(r.t.Model)
	}
	for _, p := range r.parameters {
		p.ZeroGrad()
	}
	return nil
}

// forward computes what the loss takes.
func (r *run) forward(x *dl.Tensor) *dl.Tensor {
	if r.headed != nil {
		return r.headed.Logits(x)
	}
	return r.model.Forward(x)
}

// outputOf is what metrics take.
func (r *run) outputOf(x *dl.Tensor) *dl.Tensor {
	if r.output = x; r.headed != nil {
		dl.NoGrad(r.head)
	}
	return r.output
}

// perSample is the loss of each sample, [N]: the mean over the places of a sequence that count, times the sample's
// weight.
func perSample(l nn.Loss, x *dl.Tensor, b *data.Batch, logits bool) *dl.Tensor {
	values := l.Values(x, b.Y, logits)
	n := b.Len()
	if values.Rank() == 0 || values.Dim(0) != n {
		dl.PanicShape("privacy.DPSGD", "the loss "+l.Name+" must have a value for each sample, [N] or [N, ...]", values)
	}
	if values.Rank() > 1 {
		values = values.Reshape(n, values.Size()/n)
		if mask := b.Of(data.Mask); mask != nil && mask.Size() == values.Size() {
			m := mask.To(dl.Float32).Reshape(n, values.Dim(1))
			values = values.Mul(m).Sum(1).Div(m.Sum(1).Maximum(dl.Of([]float32{1})))
		} else {
			values = values.Mean(1)
		}
	}
	if w := b.Of(data.Weight); w != nil {
		if w.Size() != n {
			dl.PanicShape("privacy.DPSGD", "weights are one for each sample", w)
		}
		values = values.Mul(w.To(dl.Float32).Reshape(n))
	}
	return values
}

// clipAll makes of the squares of the samples' norms the factors by which their gradients are multiplied.
func (r *run) clipAll(squares []float64) {
	r.clipped = 0
	for i, s := range squares {
		norm := math.Sqrt(s)
		switch {
		case math.IsNaN(norm) || math.IsInf(norm, 0):
			dl.PanicValue("privacy.DPSGD", "the gradient of a sample has the norm %v: no factor brings it to %v", norm, r.clip)
		case norm > r.clip:
			squares[i] = r.clip / norm
			r.clipped++
		default:
			squares[i] = 1
		}
	}
}

// hide adds noise to the sums of the gradients, and divides them by the expected number of samples, which does not tell
// how many there were.
func (r *run) hide() {
	r.pieces = r.pieces[:0]
	for _, p := range r.parameters {
		g := p.Grad()
		if g == nil { // no sample has reached it: that must not show
			p.MulScalar(0).Sum().Backward()
			g = p.Grad()
		}
		for values := g.Float32s(); len(values) > 0; {
			n := min(len(values), pieceSize)
			r.pieces = append(r.pieces, piece{values[:n], r.p.source.seed()})
			values = values[n:]
		}
		g.Changed()
	}
	deviation, share := r.each.Noise*r.clip, 1/r.size
	work := func(first, step int) {
		for i := first; i < len(r.pieces); i += step {
			r.pieces[i].hide(deviation, share)
		}
	}
	threads := min(dl.Threads(), len(r.pieces))
	var wait sync.WaitGroup
	for t := 1; t < threads; t++ {
		wait.Go(func() { work(t, threads) })
	}
	work(0, max(threads, 1))
	wait.Wait()
	clear(r.pieces) // the seeds are nobody's
}

// pieceSize is how many elements get their noise from one seed, so that threads share them and the noise does not
// depend on how many there are.
const pieceSize = 1 << 14

// piece is a part of a gradient, and the seed of its noise.
type piece struct {
	values []float32
	seed   [32]byte
}

func (p *piece) hide(deviation, share float64) {
	noise := rand.New(newKeystream(p.seed))
	for i, v := range p.values {
		p.values[i] = float32((float64(v) + deviation*noise.NormFloat64()) * share)
	}
}
