package scaling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/train/scaling"
)

const (
	alwaysTakes   = 5 * time.Millisecond
	forwardTakes  = 20 * time.Microsecond // for each sample, half of it before the last layer and half after it
	backwardTakes = 30 * time.Microsecond
	updateTakes   = 4 * time.Millisecond
)

// slow is an optimizer that takes its time of a clock.
type slow struct {
	*optim.SGD
	clock *time.Time
}

func (s slow) Step(parameters []*dl.Tensor) {
	s.SGD.Step(parameters)
	*s.clock = s.clock.Add(updateTakes)
}

// measured is a training on a clock of its own: what its parts take does not depend on the machine.
func measured() scaling.Measure {
	r := dl.NewRand(1)
	clock := time.Unix(0, 0)
	takes := func(x *dl.Tensor) *dl.Tensor {
		clock = clock.Add(time.Duration(x.Dim(0)) * forwardTakes / 2)
		y := x.MulScalar(1)
		if y.RequiresGrad() {
			y.OnGrad(func(*dl.Tensor) *dl.Tensor {
				clock = clock.Add(time.Duration(x.Dim(0)) * backwardTakes / 2)
				return nil
			})
		}
		return y
	}
	m := scaling.Measure{
		Trainer: func() (*train.Trainer, error) {
			dl.Seed(1)
			m, err := nn.Sequential(dl.Shape{64}, nn.Dense{Units: 1024, Activation: nn.ReLU}, nn.Dense{Units: 1024, Activation: nn.ReLU},
				nn.Lambda{Func: takes}, nn.Dense{Units: 3}, nn.Lambda{Func: takes})
			loss := nn.Loss{Name: "slow", Of: func(y, target *dl.Tensor) *dl.Tensor {
				clock = clock.Add(alwaysTakes)
				return y.Sub(target).Square().Mean()
			}}
			return &train.Trainer{Model: m, Loss: loss, Optimizer: slow{&optim.SGD{LearningRate: 0.01}, &clock}}, err
		},
		Data:    data.FromTensors(r.Uniforms(-1, 1, 1200, 64), r.Uniforms(-1, 1, 1200, 3)),
		Batches: []int{16, 100},
		Steps:   3,
		Turns:   2,
	}
	m.SetClock(func() time.Time { return clock })
	return m
}

// The gradients are those of the model, the last layer first, each complete after the one before it, and what each part
// takes is what the clock says.
func TestMeasure(t *testing.T) {
	p, err := measured().Profile(t.Context(), "dense")
	if err != nil {
		t.Fatal(err)
	}
	var values []int
	var ready []float64
	for _, g := range p.Tensors {
		values, ready = append(values, g.Values), append(ready, g.Ready)
	}
	if want := []int{3, 3 * 1024, 1024, 1024 * 1024, 1024, 64 * 1024}; !slices.Equal(values, want) {
		t.Errorf("gradients of %v values, want %v", values, want)
	}
	if want := []float64{0.5, 0.5, 1, 1, 1, 1}; !slices.Equal(ready, want) {
		t.Errorf("gradients are ready at %v, want %v", ready, want)
	}
	// ranks share the work of the one large matrix, whose gradient is a product of a row for each sample
	if g := p.Tensors[3]; !g.Shared || g.Width != 1024 || g.Factors != 1 || p.Tensors[5].Shared || p.Update != 2*updateTakes {
		t.Errorf("the large gradient is %+v, and the optimizer takes %v for it", g, p.Update)
	}
	for name, test := range map[string]struct{ got, want scaling.Cost }{
		"alone":    {p.Alone, scaling.Cost{Fixed: alwaysTakes + updateTakes, Sample: forwardTakes + backwardTakes}},
		"forward":  {p.Forward, scaling.Cost{Fixed: alwaysTakes, Sample: forwardTakes}},
		"backward": {p.Backward, scaling.Cost{Sample: backwardTakes}},
	} {
		if (test.got.Fixed-test.want.Fixed).Abs() > time.Microsecond || (test.got.Sample-test.want.Sample).Abs() > time.Microsecond {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
}

// On the machine's own clock every part takes some time; whether it grows with the samples is not for a test to say.
func TestMeasureThisMachine(t *testing.T) {
	m := measured()
	m.SetClock(nil)
	p, err := m.Profile(t.Context(), "dense")
	if err != nil {
		if !strings.Contains(err.Error(), "no longer with more") {
			t.Fatal(err)
		}
		return
	}
	if p.Alone.Of(100) <= 0 || p.Forward.Of(100) <= 0 || p.Backward.Of(100) <= 0 || p.Update <= 0 {
		t.Errorf("alone %v, forward %v, backward %v, update %v", p.Alone, p.Forward, p.Backward, p.Update)
	}
}

// Times that do not grow with the samples predict nothing.
func TestMeasureOfABusyMachine(t *testing.T) {
	m := measured()
	now := time.Unix(0, 0)
	m.SetClock(func() time.Time { now = now.Add(time.Millisecond); return now })
	if p, err := m.Profile(t.Context(), "dense"); err == nil || !strings.Contains(err.Error(), "no longer with more") {
		t.Errorf("got %v, %v", p, err)
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
