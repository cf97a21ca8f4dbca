package dl

import (
	"slices"
	"strings"
	"testing"
)

// Hooks on a gradient see it when it is complete, and may replace it.
func TestOnGrad(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		x := Of([]float64{1, 2}).To(d).RequireGrad()
		x.Sum().Backward() // 1 1 are there before
		var seen [][]float64
		remove := x.OnGrad(func(g *Tensor) *Tensor {
			seen = append(seen, Values[float64](g))
			return g.MulScalar(10)
		})
		y := x.Square()
		y.OnGrad(func(g *Tensor) *Tensor {
			seen = append(seen, Values[float64](g))
			return nil
		})
		y.Add(x).Add(y).Sum().Backward() // 2y + x: 4x + 1
		if len(seen) != 2 || !slices.Equal(seen[0], []float64{2, 2}) || !slices.Equal(seen[1], []float64{5, 9}) {
			t.Errorf("seen %v, want [[2 2] [5 9]]", seen)
		}
		near(t, "replaced and added", x.Grad(), 0, 51, 91)
		z := x.Square()
		near(t, "in Grad, too", Grad(z.Sum(), x)[0], 0, 20, 40)
		near(t, "recorded, too", GradWith(GradOptions{CreateGraph: true}, x.Square().Sum(), x)[0], 0, 20, 40)
		remove()
		near(t, "removed", Grad(x.Square().Sum(), x)[0], 0, 2, 4)
		x.OnGrad(func(*Tensor) *Tensor { return Zeros(3) })
		if err := Try(func() { x.Sum().Backward() }); err == nil || !strings.Contains(err.Error(), "OnGrad: shapes [2] and [3]") {
			t.Errorf("another shape: %v", err)
		}
	})
}

// What follows a parameter's last use is called once, when nothing else will
// be added, in the order in which the gradients are complete; also for
// gradients that are deferred.
func TestAfterGrad(t *testing.T) {
	defer func(n int) { deferFrom = n }(deferFrom)
	for _, from := range []int{1, 1 << 20} {
		deferFrom = from
		w, v := input(1, 4, 4).To(Float32).RequireGrad(), input(2, 4, 4).To(Float32).RequireGrad()
		x := input(3, 2, 4).To(Float32)
		f := func() *Tensor {
			h := Affine(x.Tanh(), w, nil, FuseReLU)
			h = Affine(h, v, nil, FuseReLU)
			return Affine(h, w, nil, NoFusion).Square().Sum()
		}
		want := Grad(f(), w, v)
		var order []string
		for _, p := range []struct {
			name string
			t    *Tensor
		}{{"w", w}, {"v", v}} {
			i := slices.Index([]string{"w", "v"}, p.name)
			p.t.AfterGrad(func(t2 *Tensor) {
				order = append(order, p.name)
				near(t, "complete "+p.name, t2.Grad(), 1e-6, Values[float64](want[i])...)
			})
		}
		arena := NewArena()
		for range 2 {
			order = nil
			w.ZeroGrad()
			v.ZeroGrad()
			arena.Run(func() { f().Backward() })
			if !slices.Equal(order, []string{"v", "w"}) {
				t.Errorf("called for %v, want [v w]", order)
			}
		}
	}
	y := input(1, 2).RequireGrad().Exp()
	if err := Try(func() { y.AfterGrad(func(*Tensor) {}) }); err == nil || !strings.Contains(err.Error(), "use OnGrad") {
		t.Errorf("on a result: %v", err)
	}
}

// Hooks cost no memory.
func TestHooksAllocateNothing(t *testing.T) {
	s, arena := newSmall(), NewArena()
	calls := 0
	for _, p := range s.parameters() {
		p.AfterGrad(func(*Tensor) { calls++ })
	}
	step := func() { s.step() }
	for range 3 {
		arena.Run(step)
	}
	if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n > 20 && countable() {
		t.Errorf("%v allocations a step", n)
	}
	if calls == 0 || calls%len(s.parameters()) != 0 {
		t.Errorf("%d calls", calls)
	}
}
