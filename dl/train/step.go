package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// Step is a batch on its way through a training or an evaluation, for the Step function of a [Trainer].
type Step struct {
	Batch    data.Batch
	Training bool // false: the batch is only measured, nothing is recorded for Backward

	output  *dl.Tensor
	reports []report
	loss    float64 // as told
	told    bool
}

// report is the mean of a value that a step function reports, over the samples of an epoch.
type report struct {
	name    string
	sum     float64
	samples int
}

// Output gives the Trainer's metrics what to compare with Batch.Y.
func (s *Step) Output(output *dl.Tensor) { s.output = output }

// Loss tells the history the loss of the batch, its mean over the samples, where a Step calls Backward and the optimizer
// itself and returns nil.
func (s *Step) Loss(mean float64) { s.loss, s.told = mean, true }

// Report puts a value into the history, beside the loss: the mean over the samples of the epoch.
func (s *Step) Report(name string, value float64) {
	n := s.Batch.Len()
	for i := range s.reports {
		if s.reports[i].name == name {
			s.reports[i].sum += value * float64(n)
			s.reports[i].samples += n
			return
		}
	}
	s.reports = append(s.reports, report{name, value * float64(n), n})
}

// step runs a model on one batch after another. The functions handed to dl are made once, and tensors live in the
// arena, so that a step allocates (almost) nothing.
type step struct {
	t           *Trainer
	model       nn.Forwarder // nil when the Trainer has a Step of its own
	parameters  []*dl.Tensor
	module      nn.Module
	penalised   bool           // the module has regularisers, and no Step of its own says what the loss is
	constrained bool           // the module has constraints
	headed      nn.Headed      // the model, when its loss is computed from logits; else nil
	meters      []metric.Meter // those of Metrics, in their order
	arena       *dl.Arena
	own         Step // for the Trainer's Step

	once    func() // one training step on the batch, in the arena
	measure func() // one forward pass on the batch, in the arena
	score   func() // the metrics of output, without gradients
	output  *dl.Tensor
	inArena func()
	run     func() // the current one of these
	last    float64
	lossy   bool // the step function gave a loss

	accumulate int // batches whose gradients are summed for a step of the optimizer
	pending    int // of these
	gradients  func() error
	err        error // of gradients

	ranks  Ranks     // nil: alone
	summed Gradients // over the ranks, nil: alone
	sharer Sharer    // the same, where each rank makes a part of the optimizer's step
	kept   bool      // the sharer knows what the optimizer remembers
	stop   bool      // after this batch
	stops  bool      // on some rank
	whole  int       // samples of the batch on all ranks
	part   float64   // of them that are this one's
	share  float64   // of the batch's loss that this one's has

	sum     float64 // of the losses of all samples since reset
	samples int
	counted int // samples with a loss
}

// newStep makes the step of a Trainer with a module, its own or that as it is in use.
func newStep(t *Trainer, m nn.Module, arena *dl.Arena) (step, error) {
	s := step{t: t, module: m, penalised: t.Step == nil && nn.Penalised(m), arena: arena, accumulate: 1,
		ranks: t.ranks()}
	for _, p := range m.Parameters() {
		s.constrained = s.constrained || p != nil && p.Constraint != nil
	}
	if t.Step == nil {
		f, ok := m.(nn.Forwarder)
		if !ok {
			return s, fmt.Errorf("train: %T has no method Forward(x *dl.Tensor) *dl.Tensor; give the Trainer a Step, "+
				"which says how the loss of a batch is computed", m)
		}
		s.model = f
		if h, ok := m.(nn.Headed); ok && t.Loss.FromLogits != nil && h.Head() == t.Loss.Head {
			s.headed = h
		}
	}
	for _, m := range t.Metrics {
		s.meters = append(s.meters, m.Start())
	}
	return s, nil
}

// bind makes the functions for dl. It is called when the step has its final place in memory.
func (s *step) bind() {
	s.once = func() {
		if s.model != nil { // no code of the user's comes between here and the optimizer's step
			gradient.Steady(s.own.Batch.X)
		}
		loss, output := s.forward()
		if loss != nil && s.penalised {
			if penalty := nn.Penalty(s.module); penalty != nil {
				loss = loss.Add(scaled(penalty, s.part))
			}
		}
		if loss == nil && s.ranks != nil && s.own.Batch.Len() > 0 {
			s.err = errors.New("ranks can share no Step that calls Backward itself: let it return the loss")
			return
		}
		if loss != nil || s.ranks != nil {
			if s.summed != nil && s.pending+1 >= s.accumulate {
				s.summed.Begin()
			}
			if loss != nil {
				scaled(loss, 1/float64(s.accumulate)).Backward()
			}
			if s.pending++; s.pending >= s.accumulate {
				if s.update(); s.err != nil {
					return
				}
			}
		}
		s.record(loss, output)
	}
	forward := func() { s.record(s.forward()) }
	s.score = func() { s.addTo(s.meters, s.output) }
	s.measure = func() { dl.NoGrad(forward) }
	s.inArena = func() { s.arena.Run(s.run) }
}

// scaled is a loss times a factor.
func scaled(loss *dl.Tensor, by float64) *dl.Tensor {
	if by == 1 {
		return loss
	}
	return loss.MulScalar(by)
}

// update lets the optimizer use the gradients.
func (s *step) update() {
	s.pending = 0
	if s.summed != nil {
		s.stops = s.summed.Wait(s.stop)
	}
	if s.gradients != nil {
		if s.err = s.gradients(); s.err != nil {
			return
		}
	}
	s.t.apart = s.sharer != nil
	s.t.Optimizer.Step(s.parameters)
	if s.sharer != nil {
		if s.sharer.Spread(); !s.kept { // the first step has made the slots
			s.kept = true
			s.t.slots(s.sharer.Keep)
		}
	}
	if s.constrained {
		nn.Constrain(s.module)
	}
	for _, p := range s.parameters {
		p.ZeroGrad()
	}
}

// finish uses gradients that wait for more batches at the end of an epoch.
func (s *step) finish() error {
	if s.pending == 0 {
		return nil
	}
	if err := dl.Try(s.update); err != nil {
		return err
	}
	return s.err
}

// reset begins a new pass.
func (s *step) reset() {
	s.sum, s.samples, s.counted, s.pending = 0, 0, 0, 0
	s.own.reports = s.own.reports[:0]
	s.stop, s.stops = false, false
	for _, m := range s.meters {
		m.Reset()
	}
	if s.once == nil {
		s.bind()
	}
}

// loss is the mean over the samples since reset.
func (s *step) loss() float64 {
	if s.counted == 0 {
		return math.NaN()
	}
	return s.sum / float64(s.counted)
}

// train learns from a batch.
func (s *step) train(b data.Batch) error {
	s.own.Training = true
	if err := s.do(b, s.once); err != nil {
		return err
	}
	if s.lossy && (math.IsNaN(s.last) || math.IsInf(s.last, 0)) {
		return s.t.spoiled(fmt.Sprintf("the loss became %v", s.last))
	}
	return nil
}

// spoiled is the error of a training that has gone wrong.
func (t *Trainer) spoiled(what string) error {
	rate := ""
	if t.Optimizer != nil {
		rate = fmt.Sprintf(" (%.3g)", t.Optimizer.Rate())
	}
	return fmt.Errorf("%s: the learning rate%s may be too high, or the data may hold such values; "+
		"the weights are spoiled: build the model anew or load a checkpoint", what, rate)
}

// test measures a batch.
func (s *step) test(b data.Batch) error {
	s.own.Training = false
	return s.do(b, s.measure)
}

func (s *step) do(b data.Batch, f func()) error {
	s.own.Batch, s.own.told, s.run, s.err = b, false, f, nil
	err := dl.Try(s.inArena)
	if err == nil {
		err = s.err
	}
	return err
}

// forward computes this rank's share of the loss of the batch and the model's outputs before its head, if that is left
// out. There is neither where the rank has no sample of the batch.
func (s *step) forward() (loss, output *dl.Tensor) {
	b := &s.own.Batch
	if s.ranks != nil && b.Len() == 0 {
		s.weigh(nil, false)
		return nil, nil
	}
	if s.t.Step != nil {
		s.own.output = nil
		s.weigh(nil, false)
		if loss = s.t.Step(&s.own); loss != nil {
			loss = scaled(loss, s.share)
		}
		return loss, s.own.output
	}
	if s.headed != nil {
		output = s.headed.Logits(b.X)
	} else {
		output = s.model.Forward(b.X)
	}
	x, logits := output, s.headed != nil
	if head := s.t.Loss.Head; !logits && s.t.Loss.FromLogits != nil && (head == nn.Softmax || head == nn.Sigmoid) {
		// A model of one's own that ends in the activation of the loss: as good as one that is known to.
		if behind, ok := gradient.Logits(output, head == nn.Sigmoid).(*dl.Tensor); ok {
			x, logits = behind, true
		}
	}
	s.weigh(x, logits)
	return scaled(s.t.Loss.Compute(x, b.Y, logits, lossWeight(b)), s.share), output
}

// lossWeight is how much each sample or place of a batch counts, nil when all count the same. A mask counts where it
// is one of the targets: a mask of a sequence that has one target is for the model alone.
func lossWeight(b *data.Batch) *dl.Tensor {
	weight, mask := b.Of(data.Weight), targetMask(b)
	switch {
	case mask == nil:
		return weight
	case weight == nil:
		return mask
	}
	if weight.Rank() < mask.Rank() {
		shape := make([]int, mask.Rank())
		for i := range shape {
			shape[i] = 1
		}
		copy(shape, weight.Shape())
		weight = weight.Reshape(shape...)
	}
	return weight.To(mask.DType()).Mul(mask)
}

// targetMask is the mask of a batch if it is one of the targets.
func targetMask(b *data.Batch) *dl.Tensor {
	mask := b.Of(data.Mask)
	if mask == nil || b.Y == nil || b.Y.Rank() < mask.Rank() || !b.Y.Shape()[:mask.Rank()].Equal(mask.Shape()) {
		return nil
	}
	return mask.To(dl.Float32)
}

// record adds a batch's loss and metrics to those of the pass.
func (s *step) record(loss, output *dl.Tensor) {
	n := s.own.Batch.Len()
	s.samples += n
	if s.lossy = loss != nil || s.own.told; s.lossy {
		if s.last = s.own.loss * s.share; loss != nil {
			s.last = loss.Item()
		}
		if s.t.Step == nil && s.t.Loss.Options.Reduction == nn.Sum {
			s.sum += s.last
		} else {
			s.sum += s.last * float64(s.whole)
		}
		s.counted += n
	}
	if len(s.meters) == 0 || output == nil {
		return
	}
	s.output = output
	dl.NoGrad(s.score)
	s.output = nil
}

// addTo measures outputs. A meter of a user's own may keep its tensors, which the next step would otherwise use again.
func (s *step) addTo(meters []metric.Meter, output *dl.Tensor) {
	if s.headed != nil {
		output = s.headed.Head().Apply(output)
	}
	output, target, weight, _ := s.t.counted(output, &s.own.Batch)
	if output == nil {
		return
	}
	for i, m := range meters {
		output, target := output, target
		if _, ok := m.(metric.Borrower); !ok {
			if output = output.Clone(); target != nil {
				target = target.Clone()
			}
		}
		if _, ok := s.t.Metrics[i].(metric.Weighted); ok && weight != nil {
			m.(metric.Weigher).AddWeighted(output, target, weight)
		} else {
			m.Add(output, target)
		}
	}
}

// counted are the outputs, targets and weights (or nil) of a batch that count: of sequences those places that a mask
// leaves, and of class numbers those that the loss does not ignore. Where that is not all, they are rows, places are
// where these lie, of how many for each sample, and output is nil if there is none.
func (t *Trainer) counted(output *dl.Tensor, b *data.Batch) (o, target, weight *dl.Tensor, at places) {
	target, weight = b.Y, b.Of(data.Weight)
	mask := targetMask(b)
	if mask != nil && output.Rank() <= mask.Rank() {
		mask = nil
	}
	if target != nil && t.Step == nil && len(t.Loss.Options.Ignore) > 0 && !target.DType().IsFloat() && target.Rank() > 0 &&
		(target.Rank() == output.Rank()-1 || target.Shape().Equal(output.Shape())) {
		learned := make([]float32, target.Size())
		for i, class := range target.To(dl.Int64).Contiguous().Int64s() {
			if !slices.Contains(t.Loss.Options.Ignore, int(class)) {
				learned[i] = 1
			}
		}
		all := dl.Wrap(learned, target.Shape()...)
		switch {
		case mask != nil:
			for mask.Rank() < all.Rank() {
				mask = mask.Unsqueeze(-1)
			}
			mask = all.Mul(mask)
		case slices.Contains(learned, 0):
			mask = all
		}
	}
	if mask == nil {
		return output, target, weight, places{}
	}
	at.each = mask.Size() / max(mask.Dim(0), 1)
	for i, v := range mask.Contiguous().Float32s() {
		if v != 0 {
			at.rows = append(at.rows, i)
		}
	}
	if len(at.rows) == 0 {
		return nil, nil, nil, at
	}
	o, target, weight = unmasked(output, target, weight, mask, at.rows)
	return o, target, weight, at
}

// places are which of the places of a batch, so many for each sample, rows are of; the zero value says that all are.
type places struct {
	rows []int
	each int
}

// of is the sample that row i of so many is of, and its place in that sample.
func (p places) of(i, rows, samples int) (sample, place int) {
	if p.each == 0 {
		p.each = max(rows/max(samples, 1), 1)
	} else {
		i = p.rows[i]
	}
	return i / p.each, i % p.each
}

// unmasked are the places of sequences that a mask leaves: outputs [n, ...], targets [n, ...] and weights [n] or nil.
func unmasked(output, target, weight, mask *dl.Tensor, rows []int) (o, t, w *dl.Tensor) {
	places := func(t *dl.Tensor) *dl.Tensor {
		shape := append([]int{mask.Size()}, t.Shape()[mask.Rank():]...)
		return t.Reshape(shape...).Rows(rows)
	}
	if weight != nil {
		for weight.Rank() < mask.Rank() { // a weight for each sequence counts for all its places
			weight = weight.Unsqueeze(-1)
		}
		weight = places(weight.Expand(mask.Shape()...))
	}
	return places(output), places(target), weight
}
