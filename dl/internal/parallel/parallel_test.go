package parallel

import (
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"

	"modelbook/dl/internal/label"
)

// threads runs f with n threads and restores the setting.
func threads(t *testing.T, n int, f func()) {
	t.Helper()
	before := Threads()
	SetThreads(n)
	defer SetThreads(before)
	f()
}

func TestEveryIterationRunsOnce(t *testing.T) {
	for _, nt := range []int{1, 2, 3, 8} {
		threads(t, nt, func() {
			for _, n := range []int{0, 1, 2, 7, 64, 1000} {
				for _, grain := range []int{0, 1, 3, 64} {
					seen := make([]atomic.Int32, n)
					For(n, grain, func(lo, hi int) {
						for i := lo; i < hi; i++ {
							seen[i].Add(1)
						}
					})
					for i := range seen {
						if c := seen[i].Load(); c != 1 {
							t.Fatalf("threads %d, n %d, grain %d: iteration %d ran %d times", nt, n, grain, i, c)
						}
					}
				}
			}
		})
	}
}

func TestSplitDoesNotDependOnTiming(t *testing.T) {
	threads(t, 3, func() {
		parts := func() map[[2]int]bool {
			var mu sync.Mutex
			m := map[[2]int]bool{}
			For(1001, 10, func(lo, hi int) { mu.Lock(); m[[2]int{lo, hi}] = true; mu.Unlock() })
			return m
		}
		first := parts()
		for range 200 {
			again := parts()
			for k := range again {
				if !first[k] || len(again) != len(first) {
					t.Fatalf("part %v appeared later; first split %v", k, first)
				}
			}
		}
	})
}

func TestNestedAndConcurrentLoops(t *testing.T) {
	threads(t, 4, func() {
		var total atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					For(16, 1, func(lo, hi int) {
						For(10*(hi-lo), 1, func(lo, hi int) { total.Add(int64(hi - lo)) })
					})
				}
			})
		}
		wg.Wait()
		if got := total.Load(); got != 4*50*160 {
			t.Fatalf("%d iterations, want %d", got, 4*50*160)
		}
	})
}

func TestPanicReachesCaller(t *testing.T) {
	threads(t, 4, func() {
		for range 100 {
			func() {
				defer func() {
					if v := recover(); v != "boom" {
						t.Fatalf("recovered %v", v)
					}
				}()
				For(64, 1, func(lo, hi int) {
					if lo <= 40 && 40 < hi {
						panic("boom")
					}
				})
			}()
		}
		var n atomic.Int32
		For(64, 1, func(lo, hi int) { n.Add(int32(hi - lo)) })
		if n.Load() != 64 {
			t.Fatal("the workers did not survive a panic")
		}
	})
}

// Parts of a loop have its labels on all goroutines while that is asked for, and the workers none before and after.
func TestPartsHaveTheLabelsOfTheirLoop(t *testing.T) {
	threads(t, 4, func() {
		own := label.Of()
		defer own.Use()
		pprof.SetGoroutineLabels(pprof.WithLabels(t.Context(), pprof.Labels("layer", "dense")))
		loop := label.Of()
		with := func() (n int64) { // of 64 parts that take a while, so that all goroutines get some
			var labelled atomic.Int64
			For(64, 1, func(lo, hi int) {
				if label.Of() == loop {
					labelled.Add(int64(hi - lo))
				}
				for range 200 {
					runtime.Gosched()
				}
			})
			return labelled.Load()
		}
		done := label.Share()
		for range 20 {
			if n := with(); n != 64 {
				t.Fatalf("%d of 64 parts have the labels of their loop", n)
			}
		}
		done()
		own.Use()
		for range 20 {
			if n := with(); n != 0 {
				t.Fatalf("%d of 64 parts have labels that their loop no longer has", n)
			}
		}
	})
}

type counter struct{ n atomic.Int64 }

func (c *counter) Range(lo, hi int) { c.n.Add(int64(hi - lo)) }

func TestRunDoesNotAllocate(t *testing.T) {
	threads(t, 2, func() {
		c := &counter{}
		if a := testing.AllocsPerRun(1000, func() { Run(1000, 1, c) }); a >= 1 {
			t.Fatalf("%v allocations a loop", a)
		}
	})
}

func TestChangingThreadsAndGOMAXPROCS(t *testing.T) {
	threads(t, 2, func() {
		stop := make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					var n atomic.Int32
					For(100, 1, func(lo, hi int) { n.Add(int32(hi - lo)) })
					if n.Load() != 100 {
						t.Error("iterations lost")
					}
				}
			}
		})
		old := runtime.GOMAXPROCS(0)
		for i := range 40 {
			SetThreads(1 + i%5)
			runtime.GOMAXPROCS(1 + i%2)
		}
		runtime.GOMAXPROCS(old)
		close(stop)
		wg.Wait()
	})
}

func BenchmarkDispatch(b *testing.B) {
	c := &counter{}
	for b.Loop() {
		Run(1000, 1, c)
	}
}
