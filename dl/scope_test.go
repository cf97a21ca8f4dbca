package dl

import (
	"slices"
	"sync"
	"testing"
)

// beside runs f again and again in another goroutine while body runs.
func beside(f, body func()) {
	stop, begun := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		for first := true; ; first = false {
			select {
			case <-stop:
				return
			default:
				f()
			}
			if first {
				close(begun)
			}
		}
	})
	<-begun
	body()
	close(stop)
	wg.Wait()
}

// What a training in one goroutine does, and what NoGrad does, changes nothing for another goroutine: results have
// their own memory, are recorded, and are the same bit for bit.
func TestGoroutinesDoNotTouchEachOther(t *testing.T) {
	alone := newSmall()
	var losses []float64
	for range 30 {
		losses = append(losses, alone.step())
	}
	r := NewRand(1)
	a, b := r.Normals(0, 1, 20, 30), r.Normals(0, 1, 30, 10).RequireGrad()
	want := a.MatMul(b).Clone()
	gradient := Grad(a.MatMul(b).Square().Sum(), b)[0].Clone()
	trained, untrained := newSmall(), newSmall()
	arena, other := NewArena(), NewArena()
	train := func() { arena.Run(func() { trained.step() }) }
	predict := func() {
		other.Run(func() {
			NoGrad(func() { Conv2D(untrained.images, untrained.w, untrained.b, ConvOptions{}).Sum().Item() })
		})
	}
	compute := func(t *testing.T) {
		var kept []*Tensor
		for range 200 {
			c := a.MatMul(b)
			if !c.RequiresGrad() {
				t.Fatal("not recorded")
			}
			if g := Grad(c.Square().Sum(), b)[0]; !slices.Equal(g.f32(), gradient.f32()) {
				t.Fatal("another gradient")
			}
			kept = append(kept, a.MatMul(b))
		}
		for i, c := range kept { // read when the other goroutine has used its memory again
			if !c.shape.Equal(want.shape) || !slices.Equal(c.f32(), want.f32()) {
				t.Fatalf("result %d differs", i)
			}
		}
	}
	for name, f := range map[string]func(){"a training": train, "a prediction": predict, "NoGrad": func() { NoGrad(func() {}) }} {
		t.Run("beside "+name, func(t *testing.T) { beside(f, func() { compute(t) }) })
	}
	t.Run("trainings beside a prediction", func(t *testing.T) {
		beside(predict, func() {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					s, arena := newSmall(), NewArena()
					for i, want := range losses {
						var got float64
						if arena.Run(func() { got = s.step() }); got != want {
							t.Errorf("step %d: loss %v, %v alone", i, got, want)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	})
}

// Two Runs of one arena at a time are right, too: the second takes plain memory.
func TestOneArenaForSeveralGoroutines(t *testing.T) {
	arena := NewArena()
	a := NewRand(1).Normals(0, 1, 30, 30)
	want := a.MatMul(a).Add(a).Sum().Item()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				var got float64
				if arena.Run(func() { got = a.MatMul(a).Add(a).Sum().Item() }); got != want {
					t.Errorf("%v, want %v", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// A scope ends with its function, also by a panic, and goroutines that start inside have none.
func TestScopesEnd(t *testing.T) {
	w := Ones(2).RequireGrad()
	recorded := func() bool { return w.Square().RequiresGrad() }
	if err := Try(func() { NoGrad(func() { NoGrad(func() { w.Add(Ones(3)) }) }) }); err == nil || !recorded() {
		t.Error("NoGrad holds after a panic")
	}
	NoGrad(func() {
		NoGrad(func() {})
		if recorded() {
			t.Error("an inner NoGrad ends the outer one")
		}
		inner := make(chan bool)
		go func() { inner <- recorded() }()
		if !<-inner {
			t.Error("a goroutine inside of NoGrad does not record")
		}
	})
	arena := NewArena()
	if err := Try(func() { arena.Run(func() { w.Add(Ones(3)) }) }); err == nil || currentArena() != nil || arena.busy.Load() {
		t.Error("a Run goes on after a panic")
	}
	if n := scopes.used.Load(); n != 0 {
		t.Errorf("%d scopes are left", n)
	}
	// More goroutines at once than there are lists.
	var wg sync.WaitGroup
	inside := make(chan bool)
	var ready sync.WaitGroup
	for range 300 {
		ready.Add(1)
		wg.Go(func() {
			NoGrad(func() {
				ready.Done()
				<-inside
				if recorded() {
					t.Error("recorded in NoGrad")
				}
			})
		})
	}
	ready.Wait()
	if !recorded() {
		t.Error("not recorded beside others' NoGrad")
	}
	close(inside)
	wg.Wait()
}

// Batches of varying shapes do not make an arena grow without bound, and what it needed once for a large one it gives
// back.
func TestArenaStaysSmall(t *testing.T) {
	arena := NewArena()
	r := NewRand(2)
	step := func(n int) {
		arena.Run(func() {
			x := result(Float32, Shape{n})
			x.clear()
			for range 5 {
				x = x.AddScalar(1)
			}
		})
	}
	largest := int64(0)
	for range 2000 {
		n := 1000 + r.IntN(9000)
		step(n)
		largest = max(largest, int64(6*4*n))
	}
	if arena.held > 3*largest {
		t.Errorf("%d bytes are held, the largest step needs %d", arena.held, largest)
	}
	step(1 << 20)
	for range 500 {
		step(1000)
	}
	if limit := int64(1 << 20); arena.held > limit {
		t.Errorf("%d bytes are held for steps of 24000", arena.held)
	}
	var counted int64
	for _, lists := range arena.free {
		for _, list := range lists {
			for _, s := range list {
				counted += s.bytes
			}
		}
	}
	if counted != arena.held {
		t.Errorf("%d bytes are held, %d counted", counted, arena.held)
	}
}

// Every size fits its class, with an eighth to spare at most, and larger classes are larger.
func TestSizeClasses(t *testing.T) {
	lastClass, lastSize := -1, -1
	for n := range 5000 {
		class, size := sizeClass(n)
		if size < n || size > n+n/8 || class < lastClass || (class == lastClass) != (size == lastSize) {
			t.Fatalf("%d elements: class %d of %d after class %d of %d", n, class, size, lastClass, lastSize)
		}
		lastClass, lastSize = class, size
	}
}
