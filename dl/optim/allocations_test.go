//go:build !race && !checked

package optim

import (
	"testing"

	"modelbook/dl"
)

func TestAStepAllocatesNothing(t *testing.T) {
	for name, make := range recordedOptimizers {
		p, o := parameter(1, 2, 3), make()
		give(p, []float32{1, 2, 3})
		all := []*dl.Tensor{p}
		o.Step(all)
		if n := testing.AllocsPerRun(100, func() { o.Step(all) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestAStepOfMatricesAllocatesNothing(t *testing.T) {
	r := stepsOf(t)
	for name, make := range stepped {
		ps, o := r.parameters(r.Start, dl.Float32), make()
		for _, p := range ps {
			p.RequireGrad()
		}
		r.give(ps, 0)
		o.Step(ps)
		if n := testing.AllocsPerRun(100, func() { o.Step(ps) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
