package train

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

// step runs a model on one batch after another. The functions handed to dl are made once, and tensors live in the
// arena, so that a step allocates (almost) nothing.
type step struct {
	t          *Trainer
	parameters []*dl.Tensor
	headed     nn.Headed // the model, when its loss is computed from logits; else nil
	meters     []metric.Meter

	batch   data.Batch
	once    func() // one training step on batch, in the arena
	measure func() // one forward pass on batch, in the arena
	score   func() // the metrics of output, without gradients
	output  *dl.Tensor
	inArena func()
	run     func() // the current one of these
	last    float64

	sum     float64 // of the losses of all samples since reset
	samples int
}

func newStep(t *Trainer) step {
	s := step{t: t, parameters: nn.Trainable(t.Model)}
	if h, ok := t.Model.(nn.Headed); ok && t.Loss.FromLogits != nil && h.Head() == t.Loss.Head {
		s.headed = h
	}
	for _, m := range t.Metrics {
		s.meters = append(s.meters, m.Start())
	}
	return s
}

// bind makes the functions for dl. It is called when the step has its final place in memory.
func (s *step) bind() {
	s.once = func() {
		loss, output := s.forward()
		loss.Backward()
		s.t.Optimizer.Step(s.parameters)
		for _, p := range s.parameters {
			p.ZeroGrad()
		}
		s.record(loss, output)
	}
	forward := func() { s.record(s.forward()) }
	s.score = func() {
		output := s.output
		if s.headed != nil {
			output = s.headed.Head().Apply(output)
		}
		for _, m := range s.meters {
			m.Add(output, s.batch.Y)
		}
	}
	s.measure = func() { dl.NoGrad(forward) }
	s.inArena = func() { s.t.arena.Run(s.run) }
}

// reset begins a new pass.
func (s *step) reset() {
	s.sum, s.samples = 0, 0
	for _, m := range s.meters {
		m.Reset()
	}
	if s.once == nil {
		s.bind()
	}
}

// loss is the mean over the samples since reset.
func (s *step) loss() float64 {
	if s.samples == 0 {
		return math.NaN()
	}
	return s.sum / float64(s.samples)
}

// train learns from a batch.
func (s *step) train(b data.Batch) error {
	if err := s.do(b, s.once); err != nil {
		return err
	}
	if math.IsNaN(s.last) || math.IsInf(s.last, 0) {
		return fmt.Errorf("the loss became %v: the learning rate (%.3g) may be too high, or the data may hold such values; "+
			"the weights are spoiled: build the model anew or load a checkpoint", s.last, s.t.Optimizer.Rate())
	}
	return nil
}

// test measures a batch.
func (s *step) test(b data.Batch) error { return s.do(b, s.measure) }

func (s *step) do(b data.Batch, f func()) error {
	s.batch, s.run = b, f
	return dl.Try(s.inArena)
}

// forward computes the loss of the batch and the model's outputs before its head, if that is left out.
func (s *step) forward() (loss, output *dl.Tensor) {
	if s.headed != nil {
		output = s.headed.Logits(s.batch.X)
		return s.t.Loss.FromLogits(output, s.batch.Y), output
	}
	output = s.t.Model.Forward(s.batch.X)
	return s.t.Loss.Of(output, s.batch.Y), output
}

// record adds a batch's loss and metrics to those of the pass.
func (s *step) record(loss, output *dl.Tensor) {
	s.last = loss.Item()
	n := s.batch.Len()
	s.sum += s.last * float64(n)
	s.samples += n
	if len(s.meters) == 0 {
		return
	}
	s.output = output
	dl.NoGrad(s.score)
	s.output = nil
}
