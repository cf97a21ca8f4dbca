package dl

import (
	"slices"
	"sync"
	"testing"
)

// gathered is a visitor that keeps the gradient.
type gathered struct {
	sync.Mutex
	grad []float32
	seen int
}

func (g *gathered) Uses(lo, hi int) [3][]float32 { return [3][]float32{g.grad[lo:hi]} }

func (g *gathered) Visit(lo, hi int, grad []float32) {
	copy(g.grad[lo:hi], grad)
	g.Lock()
	g.seen += hi - lo
	g.Unlock()
}

// The gradient of large weights has the same values whether it is computed at once, part by part, by Grad, or
// when the arena ends; a second Backward adds to it.
func TestDeferredGradients(t *testing.T) {
	defer func(n int) { deferFrom = n }(deferFrom)
	deferFrom = 1 << 16
	r := NewRand(9)
	a, v, w := r.Normals(0, 1, 33, 20), r.Normals(0, 1, 20, 1000), r.Normals(0, 1, 1000, 70).RequireGrad()
	v.RequireGrad()
	backward := func() { Affine(Affine(a, v, nil, FuseReLU), w, nil, FuseReLU).Square().Mean().Backward() }
	defer SetThreads(Threads())
	for _, threads := range []int{1, 2} {
		SetThreads(threads)
		w.ZeroGrad()
		backward()
		if w.due.x != nil {
			t.Error("deferred outside an arena")
		}
		want := slices.Clone(w.Grad().f32())
		backward()
		double := slices.Clone(w.Grad().f32())
		arena := NewArena()
		for _, c := range []struct {
			name string
			want []float32
			use  func(got *gathered)
		}{
			{"part by part", want, func(got *gathered) {
				if w.due.x == nil {
					t.Error("not deferred")
				}
				if !w.visitGrad(got) {
					t.Error("no gradient")
				}
			}},
			{"by Grad", want, func(got *gathered) { got.Visit(0, len(want), w.Grad().f32()) }},
			{"at the end", want, nil},
			{"twice", double, func(*gathered) { backward() }},
			{"forgotten", nil, func(*gathered) { w.ZeroGrad() }},
		} {
			w.ZeroGrad()
			v.ZeroGrad()
			got := &gathered{grad: make([]float32, len(want))}
			arena.Run(func() {
				backward()
				if c.use != nil {
					c.use(got)
				}
			})
			if got.seen == 0 && w.visitGrad(got) != (c.want != nil) {
				t.Errorf("%s: a gradient: %v", c.name, c.want == nil)
			}
			if c.want != nil && (got.seen != len(want) || !slices.Equal(got.grad, c.want)) {
				t.Errorf("%s, %d threads: other values", c.name, threads)
			}
			if c.want != nil && !slices.Equal(w.Grad().f32(), c.want) {
				t.Errorf("%s, %d threads: other values of Grad", c.name, threads)
			}
		}
	}
}
