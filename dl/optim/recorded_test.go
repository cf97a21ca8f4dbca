package optim

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"modelbook/dl"
)

// recordedSteps is testdata/optimizers.json: the values of three parameters after each of 12 steps, by PyTorch or by the
// papers' algorithms in NumPy.
type recordedSteps struct {
	Shapes    [][]int
	Start     []float64
	Gradients [][]float64
	Paths     map[string][][]float64
}

func stepsOf(t *testing.T) (r recordedSteps) {
	text, err := os.ReadFile("testdata/optimizers.json")
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// parameters cuts values into tensors of the recorded shapes.
func (r *recordedSteps) parameters(values []float64, d dl.DType) (ps []*dl.Tensor) {
	for _, shape := range r.Shapes {
		n := dl.Shape(shape).Size()
		ps = append(ps, dl.Of(values[:n], shape...).To(d))
		values = values[n:]
	}
	return ps
}

// give makes the recorded gradients of a step those of parameters.
func (r *recordedSteps) give(ps []*dl.Tensor, step int) {
	for i, g := range r.parameters(r.Gradients[step], ps[0].DType()) {
		ps[i].ZeroGrad()
		ps[i].Mul(g).Sum().Backward()
	}
}

// stepped are the optimizers of testdata/optimizers.json, each under its type's name.
var stepped = map[string]func() Optimizer{
	"SGD decoupled": func() Optimizer {
		return &SGD{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 0.2, Decoupled: true}
	},
	"Adam amsgrad": func() Optimizer { return &Adam{LearningRate: 0.01, AMSGrad: true} },
	"AdamW amsgrad": func() Optimizer {
		return &AdamW{LearningRate: 0.01, Beta1: 0.8, Beta2: 0.9, WeightDecay: 0.1, AMSGrad: true}
	},
	"RMSprop centered": func() Optimizer { return &RMSprop{LearningRate: 0.01, Centered: true} },
	"RMSprop centered momentum": func() Optimizer {
		return &RMSprop{LearningRate: 0.01, Centered: true, Momentum: 0.9, WeightDecay: 0.1}
	},
	"RMSprop decay": func() Optimizer { return &RMSprop{LearningRate: 0.01, WeightDecay: 0.1} },
	"Adamax":        func() Optimizer { return &Adamax{LearningRate: 0.01} },
	"Adamax decay":  func() Optimizer { return &Adamax{LearningRate: 0.01, WeightDecay: 0.1} },
	"NAdam":         func() Optimizer { return &NAdam{LearningRate: 0.01} },
	"NAdam decay":   func() Optimizer { return &NAdam{LearningRate: 0.01, WeightDecay: 0.1, MomentumDecay: 0.1} },
	"NAdam decoupled": func() Optimizer {
		return &NAdam{LearningRate: 0.01, WeightDecay: 0.1, Decoupled: true}
	},
	"RAdam":       func() Optimizer { return &RAdam{LearningRate: 0.01} },
	"RAdam decay": func() Optimizer { return &RAdam{LearningRate: 0.01, WeightDecay: 0.1, Beta1: 0.8, Beta2: 0.9} },
	"RAdam decoupled": func() Optimizer {
		return &RAdam{LearningRate: 0.01, WeightDecay: 0.1, Decoupled: true}
	},
	"Adagrad": func() Optimizer { return &Adagrad{LearningRate: 0.1} },
	"Adagrad decay": func() Optimizer {
		return &Adagrad{LearningRate: 0.1, Initial: -1, Epsilon: 1e-10, WeightDecay: 0.1, Schedule: Func(func(step int) float64 { return 1 / (1 + 0.2*float64(step)) })}
	},
	"Adadelta":       func() Optimizer { return &Adadelta{LearningRate: 1} },
	"Adadelta decay": func() Optimizer { return &Adadelta{LearningRate: 0.5, Rho: 0.9, Epsilon: 1e-6, WeightDecay: 0.1} },
	"ASGD":           func() Optimizer { return &ASGD{LearningRate: 0.1} },
	"ASGD averaging": func() Optimizer {
		return &ASGD{LearningRate: 0.1, Lambda: 0.01, Alpha: 0.5, Start: 2, WeightDecay: 0.1}
	},
	"ASGD averages": func() Optimizer {
		return &ASGD{LearningRate: 0.1, Lambda: 0.01, Alpha: 0.5, Start: 2, WeightDecay: 0.1}
	},
	"Rprop": func() Optimizer { return &Rprop{} },
	"Rprop bounds": func() Optimizer {
		return &Rprop{Shrink: 0.3, Grow: 1.5, Smallest: 0.005, Largest: 0.02}
	},
	"Adafactor": func() Optimizer { return &Adafactor{LearningRate: 0.1, Epsilon: 0x1p-52} },
	"Adafactor decay": func() Optimizer {
		return &Adafactor{LearningRate: 0.3, Decay: -0.5, Epsilon: 1e-3, Least: 1e-2, Threshold: 1.5, WeightDecay: 0.1}
	},
	"Lion": func() Optimizer { return &Lion{LearningRate: 0.01, WeightDecay: 0.1} },
	"LAMB": func() Optimizer { return &LAMB{LearningRate: 0.01, WeightDecay: 0.1} },
	"LARS": func() Optimizer { return &LARS{LearningRate: 0.5, Trust: 0.01, WeightDecay: 0.1} },
	"Ftrl": func() Optimizer {
		return &Ftrl{LearningRate: 0.1, L1: 0.05, L2: 0.01, Beta: 0.1, Shrinkage: 0.02}
	},
	"Muon":      func() Optimizer { return &Muon{LearningRate: 0.02} },
	"Lookahead": func() Optimizer { return &Lookahead{Optimizer: &Adam{LearningRate: 0.01}} },
	"Lookahead of SGD": func() Optimizer {
		return &Lookahead{Optimizer: &SGD{LearningRate: 0.1, Momentum: 0.9}, Every: 3, Share: 0.8}
	},
}

func TestTwelveStepsAreTheRecordedOnes(t *testing.T) {
	r := stepsOf(t)
	for name := range stepped {
		if r.Paths[name] == nil {
			t.Errorf("%s is not recorded: add it to testdata/optimizers.py", name)
		}
	}
	for name, path := range r.Paths {
		make := stepped[name]
		if make == nil {
			t.Errorf("%s is recorded, but not among the optimizers of this test", name)
			continue
		}
		for d, tolerance := range map[dl.DType]float64{dl.Float32: 2e-5, dl.Float64: 1e-7} {
			ps, o := r.parameters(r.Start, d), make()
			for _, p := range ps {
				p.RequireGrad()
			}
		steps:
			for step, want := range path {
				r.give(ps, step)
				o.Step(ps)
				for i, w := range r.parameters(want, dl.Float64) {
					got := ps[i]
					if name == "ASGD averages" {
						got = o.(*ASGD).Average(got)
					}
					for k, v := range dl.Values[float64](got) {
						if w := w.Float64s()[k]; !(math.Abs(v-w) <= tolerance*(1+math.Abs(w))) {
							t.Errorf("%s of %v: step %d: parameter %d has the value %v, recorded is %v", name, d, step+1, i, v, w)
							break steps
						}
					}
				}
			}
		}
	}
}

// Every optimizer goes on exactly from its State, with the parameters it is told of.
func TestEveryStateContinuesExactly(t *testing.T) {
	r := stepsOf(t)
	for name, make := range stepped {
		run := func(breakAt int) (values []float32) {
			ps, o := r.parameters(r.Start, dl.Float32), make()
			for _, p := range ps {
				p.RequireGrad()
			}
			for step := range r.Gradients {
				if step == breakAt {
					state := o.State()
					o = make()
					if err := o.SetState(state); err != nil {
						t.Fatal(err)
					}
					if err := o.(Keeper).SetOwners(ps); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
				}
				r.give(ps, step)
				o.Step(ps)
			}
			for _, p := range ps {
				values = append(values, p.Float32s()...)
			}
			return values
		}
		if whole, broken := run(-1), run(7); !slices.Equal(whole, broken) {
			t.Errorf("%s: %v without a break, %v with one", name, whole, broken)
		}
	}
}
