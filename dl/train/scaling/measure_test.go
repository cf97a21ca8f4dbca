package scaling_test

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/train/scaling"
)

func measured() scaling.Measure {
	r := dl.NewRand(1)
	return scaling.Measure{
		Trainer: func() (*train.Trainer, error) {
			dl.Seed(1)
			m, err := nn.Sequential(dl.Shape{64}, nn.Dense{Units: 1024, Activation: nn.ReLU}, nn.Dense{Units: 1024, Activation: nn.ReLU}, nn.Dense{Units: 3})
			return &train.Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.01}}, err
		},
		Data:    data.FromTensors(r.Uniforms(-1, 1, 1200, 64), r.Uniforms(-1, 1, 1200, 3)),
		Batches: []int{16, 100},
		Steps:   3,
		Turns:   2,
	}
}

// The gradients are those of the model, the last layer first, each complete after the one before it; larger batches take
// longer.
func TestMeasure(t *testing.T) {
	p, err := measured().Profile(t.Context(), "dense")
	if err != nil {
		t.Fatal(err)
	}
	var values []int
	for i, g := range p.Tensors {
		values = append(values, g.Values)
		if g.Ready <= 0 || g.Ready > 1 {
			t.Errorf("gradient %d is ready at a share of %g", i, g.Ready)
		}
	}
	if want := []int{3, 3 * 1024, 1024, 1024 * 1024, 1024, 64 * 1024}; len(values) != 6 || values[1] != want[1] || values[3] != want[3] || values[5] != want[5] {
		t.Errorf("gradients of %v values, want %v", values, want)
	}
	// ranks share the work of the one large matrix, whose gradient is a product of a row for each sample
	if g := p.Tensors[3]; !g.Shared || g.Width != 1024 || g.Factors != 1 || p.Tensors[5].Shared || p.Update <= 0 {
		t.Errorf("the large gradient is %+v, and the optimizer takes %v for it", g, p.Update)
	}
	if first, last := p.Tensors[1], p.Tensors[5]; first.Ready >= last.Ready {
		t.Errorf("the last layer's gradient is complete at %g of Backward, the first's at %g", first.Ready, last.Ready)
	}
	if p.Alone.Of(1000) <= p.Alone.Of(10) || p.Backward.Of(1000) <= p.Backward.Of(10) || p.Forward.Of(1000) <= 0 {
		t.Errorf("alone %v, forward %v, backward %v", p.Alone, p.Forward, p.Backward)
	}
	// a rank of two with the whole work of one takes about as long as one alone
	if rank, alone := p.Forward.Of(100)+p.Backward.Of(100), p.Alone.Of(100); rank > 4*alone || alone > 4*rank {
		t.Errorf("100 samples take %v alone and %v as a rank", alone, rank)
	}
}

func TestMeasureErrors(t *testing.T) {
	for what, change := range map[string]func(m *scaling.Measure){
		"no trainer":   func(m *scaling.Measure) { m.Trainer = nil },
		"no data":      func(m *scaling.Measure) { m.Data = nil },
		"one batch":    func(m *scaling.Measure) { m.Batches = []int{4} },
		"equal":        func(m *scaling.Measure) { m.Batches = []int{4, 4} },
		"unsorted":     func(m *scaling.Measure) { m.Batches = []int{8, 4} },
		"negative":     func(m *scaling.Measure) { m.Turns = -1 },
		"too few data": func(m *scaling.Measure) { m.Batches = []int{4, 4000} },
	} {
		m := measured()
		change(&m)
		if p, err := m.Profile(t.Context(), "x"); err == nil {
			t.Errorf("%s: no error, but %v", what, p)
		}
	}
}
