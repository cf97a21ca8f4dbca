package optim

import (
	"testing"

	"modelbook/dl"
)

// BenchmarkStep is a step of 1,048,576 weights.
func BenchmarkStep(b *testing.B) {
	for _, o := range []Optimizer{&SGD{Momentum: 0.9}, &Adam{}, &Adam{AMSGrad: true}, &RMSprop{}, &RMSprop{Centered: true}, &Adamax{}, &NAdam{},
		&RAdam{}, &Adagrad{}, &Adadelta{}, &Lion{}, &LAMB{}, &LARS{}, &Adafactor{}, &Ftrl{}, &ASGD{}, &Rprop{}, &Muon{}} {
		b.Run(o.Name(), func(b *testing.B) {
			p := dl.NewRand(1).Normals(0, 1, 1024, 1024).RequireGrad()
			p.Square().Sum().Backward()
			all := []*dl.Tensor{p}
			o.Step(all)
			for b.Loop() {
				o.Step(all)
			}
		})
	}
}
