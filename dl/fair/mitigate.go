package fair

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Reweigh returns a weight for each person, by which the outcome does not depend on the group in the weighted data: what would
// be expected if it did not, over what is found, P(group) P(outcome) / P(group, outcome) (Kamiran and Calders, 2012). Their
// mean is 1. They are for data.WithWeights.
func Reweigh(groups []string, outcomes []bool) ([]float64, error) {
	if len(groups) == 0 || len(groups) != len(outcomes) {
		return nil, fmt.Errorf("fair.Reweigh: there are %d groups and %d outcomes; each person has one of each", len(groups), len(outcomes))
	}
	type cell struct {
		group   string
		outcome bool
	}
	ofGroup, ofOutcome, ofBoth := map[string]float64{}, map[bool]float64{}, map[cell]float64{}
	for i, g := range groups {
		ofGroup[g]++
		ofOutcome[outcomes[i]]++
		ofBoth[cell{g, outcomes[i]}]++
	}
	n, weights := float64(len(groups)), make([]float64, len(groups))
	for i, g := range groups {
		weights[i] = ofGroup[g] * ofOutcome[outcomes[i]] / (n * ofBoth[cell{g, outcomes[i]}])
	}
	return weights, nil
}

// Penalty is a loss for a model with one output, a logit or a probability [N, 1], and targets [N, 2]: the outcome, 0 or 1, and
// the number of the group. It adds weight times the mean square of the differences between the groups' mean probabilities and
// that of everybody: demographic parity, in a form that has a gradient. With onlyTrue the means are those of people whose
// outcome is true: equal opportunity. Groups that are not in a batch do not count, so batches should be large.
func Penalty(loss nn.Loss, weight float64, onlyTrue bool) nn.Loss {
	if loss.Of == nil || !(weight >= 0) || math.IsInf(weight, 1) {
		dl.PanicValue("fair.Penalty", "the weight is %v, and loss.Of is nil: %v; a weight of 0 or more and a loss are needed", weight, loss.Of == nil)
	}
	p := nn.Loss{Name: loss.Name + "_fair", Head: loss.Head}
	p.Of = func(output, target *dl.Tensor) *dl.Tensor {
		outcome, group := parts("fair.Penalty", output, target)
		return loss.Of(output, outcome).Add(gap(output, outcome, group, onlyTrue).MulScalar(weight))
	}
	if loss.FromLogits != nil {
		p.FromLogits = func(logits, target *dl.Tensor) *dl.Tensor {
			outcome, group := parts("fair.Penalty", logits, target)
			return loss.FromLogits(logits, outcome).Add(gap(logits.Sigmoid(), outcome, group, onlyTrue).MulScalar(weight))
		}
	}
	return p
}

// parts are the two columns of targets.
func parts(op string, output, target *dl.Tensor) (outcome, group *dl.Tensor) {
	if output.Rank() != 2 || output.Dim(1) != 1 || target.Rank() != 2 || target.Dim(1) != 2 || target.Dim(0) != output.Dim(0) {
		dl.PanicShape(op, "outputs are [N, 1] and targets [N, 2]: the outcome, and the number of the group", output, target)
	}
	target = target.To(output.DType())
	return target.Slice(1, 0, 1), target.Slice(1, 1, 2)
}

// gap is the mean square of the differences between the means of groups and of all.
func gap(probability, outcome, group *dl.Tensor, onlyTrue bool) *dl.Tensor {
	var numbers []float64
	var masks []*dl.Tensor
	for _, g := range dl.Values[float64](group.To(dl.Float64)) {
		if slices.Contains(numbers, g) {
			continue
		}
		numbers = append(numbers, g)
		of := group.Eq(dl.Full(g, 1).To(group.DType())).To(probability.DType())
		if onlyTrue {
			of = of.Mul(outcome)
		}
		if of.Sum().Item() > 0 {
			masks = append(masks, of)
		}
	}
	if len(masks) < 2 {
		return probability.Sum().MulScalar(0)
	}
	all := masks[0]
	for _, m := range masks[1:] {
		all = all.Add(m)
	}
	mean := func(m *dl.Tensor) *dl.Tensor { return probability.Mul(m).Sum().Div(m.Sum()) }
	whole, sum := mean(all), dl.Scalar(0).To(probability.DType())
	for _, m := range masks {
		sum = sum.Add(mean(m).Sub(whole).Square())
	}
	return sum.MulScalar(1 / float64(len(masks)))
}
