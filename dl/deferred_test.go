package dl

import (
	"math"
	"slices"
	"sync"
	"testing"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/gradient"
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

// Where the gradient of the output is too large to be read again for every few rows, pieces of the gradient are computed
// by all threads: their values are those of one thread.
func TestDeferredGradientsInLargePieces(t *testing.T) {
	defer func(n, part int) { deferFrom, largePart = n, part }(deferFrom, largePart)
	defer SetThreads(Threads())
	const in, out = 100, 70
	rows := 1000
	for gemm.StaysNear(rows * out) {
		rows *= 2
	}
	r := NewRand(9)
	x, w := r.Normals(0, 1, rows, in).RequireGrad(), r.Normals(0, 1, in, out).RequireGrad()
	backward := func() { Affine(x.Neg(), w, nil, FuseReLU).Square().Mean().Backward() }
	backward()
	want := slices.Clone(w.Grad().f32())
	var first []float32
	deferFrom = 1
	for threads, part := range map[int]int{1: out, 2: 50 * out, 3: in * out} {
		SetThreads(threads)
		largePart = part
		w.ZeroGrad()
		got := &gathered{grad: make([]float32, len(want))}
		NewArena().Run(func() {
			backward()
			if w.due.x == nil || !w.visitGrad(got) {
				t.Fatal("not deferred")
			}
		})
		if first == nil {
			first = got.grad
		}
		if got.seen != len(want) || !slices.Equal(got.grad, first) {
			t.Errorf("%d threads, parts of %d: %d values, or others than in another number of threads", threads, part, got.seen)
		}
		for i, g := range got.grad {
			if d := math.Abs(float64(g - want[i])); d > 1e-5*(1+math.Abs(float64(want[i]))) {
				t.Fatalf("%d threads, parts of %d, value %d: %v, want %v", threads, part, i, g, want[i])
			}
		}
	}
}

// An optimizer that is given a part of a gradient, written or as factors, sees that and nothing else, until ZeroGrad.
func TestSharedGradients(t *testing.T) {
	r := NewRand(9)
	x, dy, w := r.Normals(0, 1, 33, 100), r.Normals(0, 1, 33, 70), Zeros(200, 70).RequireGrad()
	product := x.T().MatMul(dy).Float32s()
	lo, hi := 50*70, 150*70
	for name, part := range map[string]gradient.Part{
		"written": {Lo: lo, Hi: hi, Values: product},
		"factors": {Lo: lo, Hi: hi, X: x.Float32s(), DY: dy.Float32s(), Samples: 33},
		"nothing": {Lo: lo, Hi: lo},
	} {
		w.MulScalar(2).Sum().Backward()
		gradient.Share(w, part)
		got := &gathered{grad: make([]float32, 200*70)}
		if w.Grad() != nil || !gradient.Visit(w, got) {
			t.Errorf("%s: Grad is %v, or there is nothing to visit", name, w.Grad())
		}
		if got.seen != part.Hi-part.Lo {
			t.Errorf("%s: saw %d elements of %d", name, got.seen, part.Hi-part.Lo)
		}
		for i, v := range got.grad {
			want := float32(0)
			if i >= part.Lo && i < part.Hi {
				want = product[i-lo]
			}
			if math.Abs(float64(v-want)) > 1e-5 {
				t.Fatalf("%s: element %d is %v, want %v", name, i, v, want)
			}
		}
		if w.ZeroGrad(); gradient.Visit(w, got) {
			t.Errorf("%s: there is a gradient after ZeroGrad", name)
		}
	}
}

// The elements of a tensor and of its views can lie elsewhere.
func TestLayElsewhere(t *testing.T) {
	w := Of([]float32{1, 2, 3, 4}, 2, 2)
	view, memory := w.Slice(0, 1, 2), []float32{5, 6, 7, 8}
	before := gradient.Lay(w, memory)
	if memory[3] = 9; !slices.Equal(before, []float32{1, 2, 3, 4}) || w.At(1, 1) != 9 || view.At(0, 0) != 7 {
		t.Errorf("%v lay before, now there is %v, and in the view %v", before, w, view)
	}
	if gradient.Lay(view, memory[:2]) != nil || gradient.Lay(w, memory[:3]) != nil || w.At(0, 0) != 5 {
		t.Error("a view, or too little memory, was taken")
	}
}

// The gradient of weights that multiply data is deferred where a trainer says that the data stay, in that Run alone.
func TestDeferredGradientsOfSteadyData(t *testing.T) {
	defer func(n int) { deferFrom = n }(deferFrom)
	deferFrom = 1 << 10
	r := NewRand(9)
	x, w := r.Normals(0, 1, 33, 20), r.Normals(0, 1, 20, 100).RequireGrad()
	backward := func() { Affine(x.Reshape(33, 20), w, nil, FuseReLU).Square().Mean().Backward() }
	backward()
	want := w.Grad().Clone()
	arena := NewArena()
	for run := range 4 {
		w.ZeroGrad()
		arena.Run(func() {
			if run%2 == 1 {
				gradient.Steady(x)
			}
			backward()
			if deferred := w.due.x != nil; deferred != (run%2 == 1) {
				t.Errorf("run %d: deferred %v", run, deferred)
			}
		})
		if !w.Grad().AllClose(want, 1e-6, 1e-9) {
			t.Errorf("run %d: another gradient", run)
		}
	}
}
