package privacy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// DPSGD trains with differential privacy (Abadi and others, 2016), with any optimizer: Opacus's make_private,
// TensorFlow Privacy's DPKerasSGDOptimizer. A step takes each sample with the same probability, by itself (Poisson
// sampling), clips the gradient of each to a norm, adds Gaussian noise to their sum, and divides by the expected
// number of samples. The gradients of single samples are never kept: see [Norms].
//
// It is for models made of layers with gradients by sample (Dense, Conv1D, Conv2D, Embedding, LSTM, GRU, SimpleRNN,
// LayerNorm, GroupNorm, RMSNorm and all without parameters), each used once, and losses with a value for each
// sample. Others are refused, BatchNorm among them, as is a model whose samples turn out to depend on each other.
//
// Large batches, of several hundred samples or more, and more epochs than without privacy make the most of a budget.
type DPSGD struct {
	Clip    float64 // the largest norm of a sample's gradient; 0: 1
	Noise   float64 // the deviation of the noise divided by Clip; 0: what Epsilon allows
	Epsilon float64 // the budget of all steps: training ends before it is overdrawn. 0: no end
	Delta   float64 // the probability that the promise fails; needed. Far below 1 divided by the number of samples

	// InsecureSeed makes noise and samples repeatable. It is for tests alone: who knows it can take the noise away
	// again. 0: a seed of the system's cryptographic source for AES-256 in counter mode.
	InsecureSeed uint64

	accountant Accountant
	source     *source
}

// Fit is the Trainer's Fit with privacy: see [train.Trainer.Fit]. Options.BatchSize is the expected number of
// samples in a batch. The history has "epsilon" after each epoch, that of all Fits of this DPSGD together, and
// "clipped", the share of the samples whose gradient was longer than Clip. A checkpoint of the Trainer knows the
// steps that were taken, so that a new DPSGD goes on counting.
//
// With a Noise of 0 the smallest is used that lets all epochs of this Fit stay within Epsilon. With both, training
// stops when the next step would overdraw the budget.
func (p *DPSGD) Fit(ctx context.Context, t *train.Trainer, d data.Dataset, o train.Options) (h *train.History, err error) {
	if t == nil {
		return nil, errors.New("privacy: the Trainer is nil")
	}
	if t.Model == nil || t.Optimizer == nil || t.Step == nil && !t.Loss.Defined() || d == nil {
		return t.Fit(ctx, d, o) // says what is missing
	}
	var r *run
	if fault := dl.Try(func() { r, err = p.begin(t, d, &o) }); fault != nil {
		err = fmt.Errorf("privacy: %w", fault)
	}
	if err != nil {
		return t.History, err
	}
	t.Step = r.step
	defer func() { t.Step = nil }()
	o.Callbacks = append([]train.Callback{budget{r}}, o.Callbacks...)
	return t.Fit(ctx, r.data, o)
}

// Accountant is that of the steps so far.
func (p *DPSGD) Accountant() *Accountant { return &p.accountant }

// Spent is the epsilon of the steps so far, for Delta.
func (p *DPSGD) Spent() float64 { return p.accountant.Epsilon(p.Delta) }

// String says what was spent.
func (p *DPSGD) String() string {
	steps := 0
	for _, s := range p.accountant.history {
		steps += s.Count
	}
	if checkDelta(p.Delta) != nil {
		return fmt.Sprintf("DPSGD: %d steps", steps)
	}
	return fmt.Sprintf("DPSGD: %d steps, epsilon %.3g for delta %.3g", steps, p.Spent(), p.Delta)
}

// run is one call of Fit.
type run struct {
	p           *DPSGD
	t           *train.Trainer
	data        data.Dataset
	model       nn.Forwarder
	headed      nn.Headed // the model, when its loss is computed from logits; else nil
	parameters  []*dl.Tensor
	clip        float64
	size        float64 // expected, of a batch
	each        Steps   // one step
	constrained bool

	// Of the batch in hand, with functions that are made once.
	clipped int // samples
	output  *dl.Tensor
	pieces  []piece
	weigh   func(squares []float64)
	head    func()
}

// begin looks at what is given and changes the options.
func (p *DPSGD) begin(t *train.Trainer, d data.Dataset, o *train.Options) (*run, error) {
	r := &run{p: p, t: t, data: d, clip: cmp.Or(p.Clip, 1)}
	if err := p.check(t, d, o); err != nil {
		return nil, err
	}
	if o.ValidationSplit > 0 && o.ValidationSplit < 1 && o.Validation == nil {
		r.data, o.Validation = data.Split(d, o.ValidationSplit)
		o.ValidationSplit = 0
	}
	var ok bool
	if r.model, ok = t.Model.(nn.Forwarder); !ok {
		return nil, fmt.Errorf("privacy: %T has no method Forward(x *dl.Tensor) *dl.Tensor", t.Model)
	}
	if h, ok := t.Model.(nn.Headed); ok && t.Loss.FromLogits != nil && h.Head() == t.Loss.Head {
		r.headed = h
	}
	r.parameters = nn.Trainable(t.Model)
	if len(r.parameters) == 0 {
		return nil, errors.New("privacy: there is nothing to train: all parameters are frozen, or there are none")
	}
	for _, q := range t.Model.Parameters() {
		r.constrained = r.constrained || q != nil && q.Constraint != nil
	}
	n, size := r.data.Len(), cmp.Or(o.BatchSize, 32)
	if n == 0 {
		return nil, errors.New("privacy: no data to train with")
	}
	if size > n {
		return nil, fmt.Errorf("privacy: a BatchSize of %d is more than the %d samples", size, n)
	}
	steps := (n + size - 1) / size
	r.size, r.each = float64(size), Steps{Rate: float64(size) / float64(n), Noise: p.Noise, Count: 1}
	if p.Noise == 0 {
		perEpoch := steps
		if o.StepsPerEpoch > 0 {
			perEpoch = min(steps, o.StepsPerEpoch)
		}
		if len(p.accountant.history) > 0 {
			return nil, errors.New("privacy: a part of the budget is spent already, so the noise cannot be found; give Noise")
		}
		noise, err := Noise(r.each.Rate, perEpoch*max(o.Epochs, 1), p.Epsilon, p.Delta)
		if err != nil {
			return nil, err
		}
		r.each.Noise, p.Noise = noise, noise
	}
	if p.source == nil {
		var err error
		if p.source, err = newSource(p.InsecureSeed); err != nil {
			return nil, err
		}
	}
	o.Sampler = poisson{rate: r.each.Rate, steps: steps, source: p.source}
	r.weigh = r.clipAll
	r.head = func() { r.output = r.headed.Head().Apply(r.output) }
	return r, r.checkSamples()
}

// check says what does not go together with privacy.
func (p *DPSGD) check(t *train.Trainer, d data.Dataset, o *train.Options) error {
	if err := checkDelta(p.Delta); err != nil {
		return fmt.Errorf("privacy: %w", err)
	}
	switch {
	case !(p.Clip >= 0) || math.IsInf(p.Clip, 0):
		return fmt.Errorf("privacy: Clip is %v; it is the largest norm of a sample's gradient, such as 1", p.Clip)
	case !(p.Noise >= 0) || math.IsInf(p.Noise, 0):
		return fmt.Errorf("privacy: Noise is %v; it is the deviation of the noise divided by Clip, such as 1.1", p.Noise)
	case !(p.Epsilon >= 0) || math.IsInf(p.Epsilon, 0):
		return fmt.Errorf("privacy: Epsilon is %v; it is a positive number, such as 3", p.Epsilon)
	case p.Noise == 0 && p.Epsilon == 0:
		return errors.New("privacy: give Noise, such as 1.1, or Epsilon, the budget by which it is chosen, such as 3")
	case t.Step != nil:
		return errors.New("privacy: the Trainer has a Step of its own, whose gradients by sample are not known; give a Model with Forward and a Loss")
	case !t.Loss.Weighable():
		return fmt.Errorf("privacy: the loss %q gives one number for a batch; it needs a value for each sample, PerSample", t.Loss.Name)
	case o.Sampler != nil:
		return errors.New("privacy: Options.Sampler must be nil: which samples a step takes is drawn as the accountant assumes it")
	case o.NoShuffle:
		return errors.New("privacy: NoShuffle is not possible: which samples a step takes is drawn as the accountant assumes it")
	case o.Accumulate > 1:
		return errors.New("privacy: Accumulate is not possible: make BatchSize larger")
	case d.Len() < 0:
		return errors.New("privacy: a stream has no known number of samples, from which the probability of each follows")
	case d.Spec().YType == data.NoTarget:
		return errors.New("privacy: the data has no targets")
	case nn.MixesSamples(t.Model):
		return errors.New("privacy: the model has a layer that mixes samples: a BatchNorm, with which each output depends on all samples of its batch and whose " +
			"statistics reveal the data (use nn.GroupNorm or nn.LayerNorm), a Stateful recurrent layer, or an embedding with a MaxNorm")
	case nn.Penalised(t.Model):
		return errors.New("privacy: the model has regularisers, whose gradients belong to no sample; use the optimizer's WeightDecay")
	}
	return nil
}
