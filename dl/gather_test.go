package dl

import (
	"math"
	"testing"
)

// Gather and its gradient are what their definitions say, along every axis, for an index that is shorter than x elsewhere,
// and whether or not there is a gradient already; and they do not depend on the number of threads.
func TestGatherAndItsGradient(t *testing.T) {
	defer SetThreads(Threads())
	r := NewRand(3)
	for _, c := range []struct {
		x, index Shape
		axis     int
	}{
		{Shape{70, 300}, Shape{400, 300}, 0},
		{Shape{70, 300}, Shape{400, 211}, 0},
		{Shape{70, 300}, Shape{70, 400}, 1},
		{Shape{70, 300}, Shape{31, 400}, 1},
		{Shape{9, 20, 150}, Shape{9, 90, 150}, 1},
		{Shape{9, 20, 150}, Shape{7, 90, 140}, 1},
		{Shape{50, 8, 40}, Shape{60, 6, 33}, 0},
		{Shape{3000, 5}, Shape{3000, 1}, 1},
		{Shape{3000, 5}, Shape{20000, 1}, 0},
	} {
		n, axis := c.x[c.axis], c.axis
		index := r.Integers(-n, n, c.index...)
		x, dy := r.Normals(0, 1, c.x...), r.Normals(0, 1, c.index...)
		steps, y, g := strides(c.x), Zeros(c.index...), Zeros(c.x...)
		without := shapeOf(steps...)
		without[axis] = 0
		place := newWalk("test", rowMajor(c.index), layout{c.index, without, 0})
		m, inner := place.inner()
		cur := place.start(0)
		for range place.rows() {
			for i := range m {
				from, v := cur.at[0]+i, int(get(index, cur.at[0]+i))
				at := cur.at[1] + i*inner[1] + (v+n)%n*steps[axis]
				put(y, from, get(x, at))
				put(g, at, get(g, at)+get(dy, from))
			}
			place.next(&cur)
		}
		for _, threads := range []int{1, 3} {
			SetThreads(threads)
			z := x.Clone().RequireGrad()
			for times := 1; times <= 2; times++ {
				out := z.Gather(axis, index)
				out.BackwardWith(BackwardOptions{Gradient: dy})
				for i := range y.Size() {
					if get(out, i) != get(y, i) {
						t.Fatalf("%v along %d by %v, %d threads: element %d is %v, want %v", c.x, axis, c.index, threads, i, get(out, i), get(y, i))
					}
				}
				for i := range g.Size() {
					if want := float64(times) * get(g, i); math.Abs(get(z.Grad(), i)-want) > 1e-5*(1+math.Abs(want)) {
						t.Fatalf("%v along %d by %v, %d threads: gradient %d is %v, want %v", c.x, axis, c.index, threads, i, get(z.Grad(), i), want)
					}
				}
			}
			z.ZeroGrad()
			z.Gather(axis, index).BackwardWith(BackwardOptions{Gradient: dy})
			for i := range g.Size() {
				if get(z.Grad(), i) != get(g, i) {
					t.Fatalf("%v along %d by %v, %d threads: the gradient is not added up in the order of the index", c.x, axis, c.index, threads)
				}
			}
		}
	}
}
