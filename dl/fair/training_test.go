package fair

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// A model of people whose feature tells the group learns to select one group more often; with a penalty, or with the weights
// of Reweigh, it does so less, and pays with some accuracy.
func TestTrainingIsMadeFairer(t *testing.T) {
	const n = 1000
	r := dl.NewRand(5)
	noise, chance := r.Normals(0, 1, n).Float32s(), r.Uniforms(0, 1, n).Float32s()
	x, y := dl.Zeros(n, 2), dl.Zeros(n, 2)
	d := Decisions{}
	for i := range n {
		group := float32(i % 2)
		outcome := chance[i] < 0.3+0.4*group
		d.Groups, d.Outcomes = append(d.Groups, []string{"a", "b"}[i%2]), append(d.Outcomes, outcome)
		if outcome {
			y.Float32s()[2*i] = 1
		}
		y.Float32s()[2*i+1] = group
		x.Float32s()[2*i], x.Float32s()[2*i+1] = y.Float32s()[2*i]+noise[i], group
	}
	weights, err := Reweigh(d.Groups, d.Outcomes)
	if err != nil {
		t.Fatal(err)
	}
	trained := func(loss nn.Loss, set data.Dataset) *Report {
		dl.Seed(1)
		m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 1, Activation: nn.Sigmoid})
		if err != nil {
			t.Fatal(err)
		}
		trainer := &train.Trainer{Model: m, Loss: loss, Optimizer: &optim.Adam{LearningRate: 0.05}, Seed: 1}
		if _, err := trainer.Fit(t.Context(), set, train.Options{BatchSize: 200, Epochs: 25}); err != nil {
			t.Fatal(err)
		}
		decided := d
		decided.Scores = dl.Values[float64](m.Forward(x).Reshape(n).To(dl.Float64))
		report, err := Measure(decided, Options{Samples: -1})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	set := data.FromTensors(x, y)
	plain := trained(Penalty(nn.BinaryCrossEntropy, 0, false), set)
	weighted := data.WithWeights(data.FromTensors(x, y.Slice(1, 0, 1).Contiguous()), weights)
	for name, other := range map[string]*Report{"penalty": trained(Penalty(nn.BinaryCrossEntropy, 30, false), set), "reweighed": trained(nn.BinaryCrossEntropy, weighted)} {
		was, is := plain.Of(DemographicParity).Value, other.Of(DemographicParity).Value
		t.Logf("%s: demographic parity %.3f, was %.3f; accuracy %.3f, was %.3f", name, is, was, other.Overall.Accuracy, plain.Overall.Accuracy)
		if is > 0.7*was || other.Overall.Accuracy < plain.Overall.Accuracy-0.15 {
			t.Errorf("%s: demographic parity is %v, was %v; accuracy %v, was %v", name, is, was, other.Overall.Accuracy, plain.Overall.Accuracy)
		}
	}
}
