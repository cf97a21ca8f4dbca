package privacy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
)

// Membership is how well an attacker tells the samples that a model was trained with from others of the same kind,
// by the loss of each alone (Yeom and others, 2018): a sample with a small loss is taken for one of the training.
// What the attack does not find another may: it shows a leak, not that there is none.
type Membership struct {
	// AUC is the probability that a sample of the training has a smaller loss than another one: 0.5 is chance.
	AUC float64
	// Advantage is the largest difference between the share of the training's samples that a threshold takes for such
	// and the share of the others: 0 is chance.
	Advantage float64
	// FoundAt1Percent is the share of the training's samples that are found while 1 % of the others are taken for
	// such (Carlini and others, 2022): 0.01 is chance. It needs some hundred others to mean something.
	FoundAt1Percent float64

	Members, Others []float64 // the losses
}

// Attack measures membership by the losses of a model's samples: those of data that it was trained with, and
// others. Half of the data held back from the training, and as many samples of the training, will do.
func Attack(ctx context.Context, m nn.Forwarder, loss nn.Loss, members, others data.Dataset) (*Membership, error) {
	a, err := Losses(ctx, m, loss, members)
	if err != nil {
		return nil, err
	}
	b, err := Losses(ctx, m, loss, others)
	if err != nil {
		return nil, err
	}
	return AttackLosses(a, b)
}

// AttackLosses is Attack with losses that are known. A loss of NaN, or none at all, is an error.
func AttackLosses(members, others []float64) (*Membership, error) {
	if len(members) == 0 || len(others) == 0 {
		return nil, fmt.Errorf("privacy: %d losses of the training's samples and %d of others: both are needed", len(members), len(others))
	}
	type scored struct {
		loss   float64
		member bool
	}
	var all []scored
	for i, losses := range [2][]float64{members, others} {
		for k, l := range losses {
			if math.IsNaN(l) {
				return nil, fmt.Errorf("privacy: the loss of sample %d is not a number", k)
			}
			all = append(all, scored{l, i == 0})
		}
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Compare(a.loss, b.loss) })
	r := &Membership{Members: slices.Clone(members), Others: slices.Clone(others)}
	found, wrong := 0.0, 0.0 // shares so far
	for i := 0; i < len(all); {
		in, out, loss := 0.0, 0.0, all[i].loss
		for ; i < len(all) && all[i].loss == loss; i++ { // equal losses are on one side of a threshold
			if all[i].member {
				in++
			} else {
				out++
			}
		}
		in, out = in/float64(len(members)), out/float64(len(others))
		r.AUC += out * (found + in/2)
		found, wrong = found+in, wrong+out
		r.Advantage = max(r.Advantage, found-wrong)
		if wrong <= 0.01+1e-12 {
			r.FoundAt1Percent = found
		}
	}
	return r, nil
}

// Losses is the loss of each sample, by the model as it is in use.
func Losses(ctx context.Context, m nn.Forwarder, loss nn.Loss, d data.Dataset) ([]float64, error) {
	if ctx == nil || m == nil || d == nil {
		return nil, errors.New("privacy: a context, a model and data are needed")
	}
	if !loss.Weighable() {
		return nil, fmt.Errorf("privacy: the loss %q has no value for each sample", loss.Name)
	}
	use, done := nn.InUse(m)
	defer done()
	var losses []float64
	arena := dl.NewArena()
	l := data.Loader{Dataset: d, BatchSize: 128}
	for _, b := range l.Batches() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch := func() {
			x := use.(nn.Forwarder).Forward(b.X)
			logits := false
			if head := loss.Head; loss.FromLogits != nil && (head == nn.Softmax || head == nn.Sigmoid) {
				if behind, ok := gradient.Logits(x, head == nn.Sigmoid).(*dl.Tensor); ok { // keeps the digits of small losses
					x, logits = behind, true
				}
			}
			losses = append(losses, dl.Values[float64](perSample(loss, x, &b, logits))...)
		}
		if err := dl.Try(func() { arena.Run(batch) }); err != nil {
			return nil, fmt.Errorf("privacy: %w", err)
		}
	}
	return losses, l.Err()
}

// String is one line.
func (m *Membership) String() string {
	return fmt.Sprintf("membership by loss: AUC %.3f, advantage %.3f, %.1f %% found at 1 %% false alarms (%d and %d samples)",
		m.AUC, m.Advantage, 100*m.FoundAt1Percent, len(m.Members), len(m.Others))
}

// Scores are what plotting.ROC draws, plotting.Scored{Name: "plain", Scores: scores, Labels: labels}: for each
// sample the negative loss, and 1 for those of the training, 0 for others.
func (m *Membership) Scores() (scores, labels *dl.Tensor) {
	n := len(m.Members) + len(m.Others)
	s, l := make([]float32, 0, n), make([]int32, n)
	for i, losses := range [2][]float64{m.Members, m.Others} {
		for _, v := range losses {
			if i == 0 {
				l[len(s)] = 1
			}
			s = append(s, float32(-v))
		}
	}
	return dl.Of(s), dl.Of(l)
}

// MostAdvantage bounds the Advantage of any attack on what keeps epsilon and delta: (e^epsilon - 1 + 2
// delta)/(e^epsilon + 1) (Kairouz, Oh and Viswanath, 2015; Humphries and others, 2023).
func MostAdvantage(epsilon, delta float64) float64 {
	if !(epsilon >= 0) || !(delta >= 0 && delta <= 1) {
		dl.PanicValue("privacy.MostAdvantage", "epsilon %v is not below 0, and delta %v a probability", epsilon, delta)
	}
	if epsilon > 700 {
		return 1
	}
	e := math.Exp(epsilon)
	return min((e-1+2*delta)/(e+1), 1)
}
