package optim

import (
	"testing"

	"modelbook/dl"
)

// BenchmarkStep is a step of 1,048,576 weights: testdata/speed.py takes the same with PyTorch.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		kind string
		o    Optimizer
	}{{"", &SGD{Momentum: 0.9}}, {"", &Adam{}}, {" amsgrad", &Adam{AMSGrad: true}}, {"", &RMSprop{}}, {" momentum", &RMSprop{Momentum: 0.9}},
		{" centered", &RMSprop{Centered: true}}, {"", &Adamax{}}, {"", &NAdam{}}, {"", &RAdam{}}, {"", &Adagrad{}}, {"", &Adadelta{}}, {"", &Lion{}},
		{"", &LAMB{}}, {"", &LARS{}}, {"", &Adafactor{}}, {"", &Ftrl{}}, {"", &ASGD{}}, {"", &Rprop{}}, {"", &Muon{}}, {" bfloat16", &Muon{BFloat16: true}},
		{"", &Lookahead{}}} {
		o := c.o
		b.Run(o.Name()+c.kind, func(b *testing.B) {
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
