package dl

import "testing"

// What passes through a Backward is used again at once: a chain of many layers needs memory for its results and for the
// gradients between two of them.
func TestBackwardPassesMemoryOn(t *testing.T) {
	const layers, n = 40, 1 << 14
	arena, w := NewArena(), Full(1, n).RequireGrad()
	for range 2 {
		arena.Run(func() {
			y := w
			for range layers {
				y = y.Sin() // keeps its operand
			}
			y.Sum().Backward()
		})
		w.ZeroGrad()
	}
	if blocks := float64(arena.held) / (4 * n); blocks > layers+6 {
		t.Errorf("%d layers keep memory for %.1f results", layers, blocks)
	}
}

// Gradients that somebody may look at stay until the Run ends: those that hooks and Functions saw or made, and those that are
// deferred.
func TestGradientsSeenStay(t *testing.T) {
	defer func(n int) { deferFrom = n }(deferFrom)
	deferFrom = 1
	x, w, last := Full(1, 4, 8), Full(0.5, 8, 8).RequireGrad(), Full(0.25, 8, 8).RequireGrad()
	arena := NewArena()
	var want []*Tensor
	for round, run := range []func(func()){func(f func()) { f() }, arena.Run, arena.Run, arena.Run} {
		run(func() {
			f := &keeping{}
			h := Affine(x.Add(Apply(f, w.Sum()).MulScalar(0)), w, nil, NoFusion)
			var seen, made []*Tensor
			h.OnGrad(func(g *Tensor) *Tensor {
				seen, made = append(seen, g), append(made, g.MulScalar(2))
				return nil
			})
			y := Affine(h.Sin(), last, nil, NoFusion)
			for range 6 {
				y = y.Mul(y) // others whose memory is used again
			}
			y.Mean().Backward()
			for i, g := range seen {
				if !g.MulScalar(2).Equal(made[i]) {
					t.Errorf("round %d: a gradient that a hook kept has changed", round)
				}
			}
			if len(seen) != 1 || !f.dy.Mul(Full(3, f.dy.Shape()...)).Equal(f.made) {
				t.Errorf("round %d: a gradient that a Function kept has changed", round)
			}
		})
		for i, p := range []*Tensor{w, last} {
			if round == 0 {
				want = append(want, p.Grad().Clone())
			} else if !p.Grad().Equal(want[i]) {
				t.Errorf("round %d: the gradient of %d is %v, without an arena %v", round, i, p.Grad(), want[i])
			}
			p.ZeroGrad()
		}
	}
}

// keeping keeps the gradient that it was given, and what it made of it.
type keeping struct{ dy, made *Tensor }

func (k *keeping) Forward(xs ...*Tensor) *Tensor { return xs[0].MulScalar(3) }

func (k *keeping) Backward(dy *Tensor) []*Tensor {
	k.dy, k.made = dy, dy.MulScalar(3)
	return []*Tensor{dy.MulScalar(3)}
}
