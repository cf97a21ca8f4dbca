package compress

import (
	"errors"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// Distillation trains a student with the probabilities of a teacher beside the labels (Hinton, Vinyals and Dean, 2015). The loss
// is
//
//	Share * Temperature^2 * KL(softmax(teacher/Temperature) || softmax(student/Temperature)) + (1-Share) * Loss(student, labels)
//
// of logits, each a mean over the samples.
type Distillation struct {
	Teacher     nn.Forwarder // a *nn.Model, whose last Softmax is left out, or anything whose outputs are logits [N, classes]
	Temperature float64      // 0: 4
	Share       float64      // of the teacher, up to 1; 0: 0.9
	Loss        nn.Loss      // of the labels, from logits; zero: nn.SparseCrossEntropy
}

// logits are the outputs before the last activation.
func logits(m nn.Forwarder, x *dl.Tensor) *dl.Tensor {
	if h, ok := m.(nn.Headed); ok {
		return h.Logits(x)
	}
	return m.Forward(x)
}

// Step returns what is to be the Step of a train.Trainer whose Model is the student. It reports the distance to the teacher, the
// divergence at the temperature, as "divergence". The teacher is put into inference mode and does not change.
func (d Distillation) Step(student nn.Forwarder) (func(s *train.Step) *dl.Tensor, error) {
	if d.Temperature == 0 {
		d.Temperature = 4
	}
	if d.Share == 0 {
		d.Share = 0.9
	}
	if !d.Loss.Defined() {
		d.Loss = nn.SparseCrossEntropy
	}
	switch {
	case d.Teacher == nil || student == nil:
		return nil, errors.New("compress.Distillation: there is no Teacher, or no student")
	case !(d.Temperature > 0 && d.Temperature < math.Inf(1)):
		return nil, fmt.Errorf("compress.Distillation: the Temperature is %v; it is above 0", d.Temperature)
	case !(d.Share > 0 && d.Share <= 1):
		return nil, fmt.Errorf("compress.Distillation: the Share is %v; it is above 0, up to 1", d.Share)
	case d.Loss.FromLogits == nil && d.Share < 1:
		return nil, fmt.Errorf("compress.Distillation: the loss %s cannot be computed from logits", d.Loss.Name)
	}
	if m, ok := d.Teacher.(nn.Module); ok {
		nn.SetTraining(m, false)
	}
	var known *dl.Tensor
	return func(s *train.Step) *dl.Tensor {
		out := logits(student, s.Batch.X)
		dl.NoGrad(func() { known = logits(d.Teacher, s.Batch.X) })
		if !known.Shape().Equal(out.Shape()) {
			dl.PanicShape("compress.Distillation", "the student has outputs of other shapes than the teacher", out, known)
		}
		s.Output(out)
		divergence := Divergence(out, known, d.Temperature)
		s.Report("divergence", divergence.Item())
		loss := divergence.MulScalar(d.Share * d.Temperature * d.Temperature)
		if d.Share < 1 {
			loss = loss.Add(d.Loss.FromLogits(out, s.Batch.Y).MulScalar(1 - d.Share))
		}
		return loss
	}, nil
}

// Divergence is KL(softmax(teacher/temperature) || softmax(student/temperature)) of logits [N, classes], the mean over samples:
// PyTorch's kl_div of log-probabilities with "batchmean".
func Divergence(student, teacher *dl.Tensor, temperature float64) *dl.Tensor {
	if student.Rank() != 2 || !student.Shape().Equal(teacher.Shape()) {
		dl.PanicShape("compress.Divergence", "both need logits [N, classes]", student, teacher)
	}
	log := teacher.MulScalar(1 / temperature).LogSoftmax(-1)
	return log.Exp().Mul(log.Sub(student.MulScalar(1 / temperature).LogSoftmax(-1))).Sum().MulScalar(1 / float64(max(1, student.Dim(0))))
}
