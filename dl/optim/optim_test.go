package optim

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// recorded is testdata/reference.json: the values of a parameter after each of 10 steps, by PyTorch.
type recorded struct {
	Start     []float32
	Gradients [][]float32
	Paths     map[string][][]float64
}

func reference(t *testing.T) (r recorded) {
	text, err := os.ReadFile("testdata/reference.json")
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// give makes g the gradient of p.
func give(p *dl.Tensor, g []float32) {
	p.ZeroGrad()
	p.Mul(dl.Of(g).To(p.DType())).Sum().Backward()
}

var recordedOptimizers = map[string]func() Optimizer{
	"sgd":              func() Optimizer { return &SGD{LearningRate: 0.1} },
	"sgd momentum":     func() Optimizer { return &SGD{LearningRate: 0.1, Momentum: 0.9} },
	"sgd nesterov":     func() Optimizer { return &SGD{LearningRate: 0.1, Momentum: 0.9, Nesterov: true} },
	"sgd decay":        func() Optimizer { return &SGD{LearningRate: 0.1, Momentum: 0.5, WeightDecay: 0.01} },
	"adam":             func() Optimizer { return &Adam{LearningRate: 0.01} },
	"adam betas":       func() Optimizer { return &Adam{LearningRate: 0.01, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3} },
	"adamw":            func() Optimizer { return &AdamW{LearningRate: 0.01} },
	"rmsprop":          func() Optimizer { return &RMSprop{LearningRate: 0.01} },
	"rmsprop momentum": func() Optimizer { return &RMSprop{LearningRate: 0.01, Momentum: 0.9} },
	"clip norm":        func() Optimizer { return &SGD{LearningRate: 0.1, Clip: Clip{Norm: 1.5}} },
	"clip value":       func() Optimizer { return &SGD{LearningRate: 0.1, Clip: Clip{Value: 0.5}} },
}

func TestTenStepsAreThoseOfPyTorch(t *testing.T) {
	r := reference(t)
	if len(r.Paths) != len(recordedOptimizers) {
		t.Errorf("%d recorded, %d tested", len(r.Paths), len(recordedOptimizers))
	}
	for name, path := range r.Paths {
		for _, d := range []dl.DType{dl.Float32, dl.Float64} {
			p, o := dl.Of(r.Start).To(d).RequireGrad(), recordedOptimizers[name]()
			for step, want := range path {
				give(p, r.Gradients[step])
				o.Step([]*dl.Tensor{p})
				for i, v := range dl.Values[float64](p) {
					if math.Abs(v-want[i]) > 1e-5*(1+math.Abs(want[i])) {
						t.Fatalf("%s of %v: step %d value %d is %v, PyTorch has %v", name, d, step+1, i, v, want[i])
					}
				}
			}
		}
	}
}

func TestAStateContinuesExactly(t *testing.T) {
	r := reference(t)
	for name, make := range recordedOptimizers {
		run := func(breakAt int) []float32 {
			p, o := dl.Of(r.Start).RequireGrad(), make()
			for step, g := range r.Gradients {
				if step == breakAt {
					state := o.State()
					o = make()
					o.SetRate(123) // the state brings its own
					if err := o.SetState(state); err != nil {
						t.Fatal(err)
					}
				}
				give(p, g)
				o.Step([]*dl.Tensor{p})
			}
			return p.Float32s()
		}
		if whole, broken := run(-1), run(4); !slices.Equal(whole, broken) {
			t.Errorf("%s: %v without a break, %v with one", name, whole, broken)
		}
	}
}

func TestAStateOfSomethingElseIsRefused(t *testing.T) {
	adam := (&Adam{}).State()
	if err := (&SGD{}).SetState(adam); err == nil || !strings.Contains(err.Error(), `of "Adam", not of SGD`) {
		t.Errorf("Adam's for SGD: %v", err)
	}
	adam.Step = 3
	if err := (&Adam{}).SetState(adam); err == nil || !strings.Contains(err.Error(), `lacks its "m"`) {
		t.Errorf("without moments: %v", err)
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name     string
		schedule Schedule
		steps    []int
		factors  []float64
	}{
		{"step", Step{Every: 10, Gamma: 0.5}, []int{0, 9, 10, 25}, []float64{1, 1, 0.5, 0.25}},
		{"exponential", Exponential{Every: 10, Gamma: 0.25}, []int{0, 5, 10, 20}, []float64{1, 0.5, 0.25, 0.0625}},
		{"cosine", Cosine{Steps: 100, Floor: 0.2}, []int{0, 50, 100, 500}, []float64{1, 0.6, 0.2, 0.2}},
		{"warm-up", WarmUp{Steps: 4}, []int{0, 1, 3, 4, 99}, []float64{0.25, 0.5, 1, 1, 1}},
		{"warm-up, then cosine", WarmUp{Steps: 4, Then: Cosine{Steps: 10}}, []int{0, 4, 9, 14}, []float64{0.25, 1, 0.5, 0}},
		{"own", Func(func(step int) float64 { return 1 / float64(step+1) }), []int{0, 3}, []float64{1, 0.25}},
	} {
		for i, step := range c.steps {
			if got := c.schedule.Factor(step); math.Abs(got-c.factors[i]) > 1e-12 {
				t.Errorf("%s: factor %v at step %d, want %v", c.name, got, step, c.factors[i])
			}
		}
	}
	o := &SGD{LearningRate: 1, Schedule: Step{Every: 2, Gamma: 0.1}}
	p := dl.Of([]float32{0}).RequireGrad()
	for range 4 {
		give(p, []float32{1})
		o.Step([]*dl.Tensor{p})
	}
	if got := p.Item(); math.Abs(got+2.2) > 1e-6 || math.Abs(o.Rate()-0.01) > 1e-12 {
		t.Errorf("two steps of 1 and two of 0.1 lead to %v, the next rate is %v", got, o.Rate())
	}
}

func TestParametersWithoutGradientStay(t *testing.T) {
	all := maps.Clone(recordedOptimizers)
	maps.Copy(all, stepped)
	for name, make := range all {
		p := dl.Of([]float32{1, 2}).RequireGrad()
		make().Step([]*dl.Tensor{p})
		if !slices.Equal(p.Float32s(), []float32{1, 2}) {
			t.Errorf("%s moved them to %v", name, p)
		}
	}
}

// What PyTorch refuses: a parameter in two groups, rates below 0, no function. A refused step changes nothing.
func TestStepsThatCannotBe(t *testing.T) {
	a, b := dl.Ones(2).RequireGrad().SetName("a"), dl.Ones(3).RequireGrad()
	dl.MSE(a, dl.Zeros(2)).Backward()
	dl.MSE(b, dl.Zeros(3)).Backward()
	for want, o := range map[string]Optimizer{
		"optim.SGD: a parameter [2] named a is in group 1 and in one before":     &SGD{LearningRate: 0.1, Groups: []Group{{Parameters: []*dl.Tensor{a}}, {Parameters: []*dl.Tensor{b, a}}}},
		"optim.AdamW: the RateFactor of group 0 is -1":                           &AdamW{Groups: []Group{{Parameters: []*dl.Tensor{a}, RateFactor: -1}}},
		"optim.Adam: the RateFactor of group 0 is NaN":                           &Adam{Groups: []Group{{Parameters: []*dl.Tensor{a}, RateFactor: math.NaN()}}},
		"optim.SGD: the rate of step 1 is -0.1, from a LearningRate of -0.1":     &SGD{LearningRate: -0.1},
		"optim.Lion: the rate of step 1 is NaN":                                  &Lion{LearningRate: math.NaN()},
		"optim.Adam: the rate of step 1 is -0.002, from a LearningRate of 0.001": &Adam{Schedule: Func(func(int) float64 { return -2 })},
		"optim.Func: the function is nil":                                        &Adam{Schedule: Func(nil)},
	} {
		var wrong *dl.ValueError
		if err := dl.Try(func() { o.Step([]*dl.Tensor{a, b}) }); !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if !a.Equal(dl.Ones(2)) || !b.Equal(dl.Ones(3)) {
			t.Fatalf("%s: changed to %v and %v", want, a, b)
		}
	}
	twice := &SGD{LearningRate: 0.1, Groups: []Group{{Parameters: []*dl.Tensor{a, a}}}} // in one group it may stand twice
	twice.Step([]*dl.Tensor{a, b})
}
