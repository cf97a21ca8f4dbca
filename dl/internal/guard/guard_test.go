package guard

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// Two tensors that one goroutine keeps equal are equal for all that share their locks, in whatever order a set has
// them; a goroutine that has a set may take it again, both ways.
func TestSetsExclude(t *testing.T) {
	a, b := new(Lock), new(Lock)
	one, other := Set{a, b}, Set{b, a}
	var x, y int
	var wg sync.WaitGroup
	done := make(chan bool)
	for i := range 3 {
		wg.Go(func() {
			s := one
			if i == 1 {
				s = other
			}
			for {
				select {
				case <-done:
					return
				default:
				}
				s.RLock()
				if x != y {
					t.Error("read in the middle of a change")
				}
				Set{a}.RLock()
				if x != y {
					t.Error("read in the middle of a change")
				}
				Set{a}.RUnlock()
				s.RUnlock()
			}
		})
	}
	for range 2000 {
		if err := other.Lock(t.Context()); err != nil {
			t.Fatal(err)
		}
		x++
		one.RLock()
		Set{b}.Lock(t.Context())
		y++
		Set{b}.Unlock()
		one.RUnlock()
		other.Unlock()
	}
	close(done)
	wg.Wait()
	if x != 2000 || a.owner != 0 || len(a.readers)+len(b.readers) != 0 || len(state.holders) != 0 {
		t.Errorf("%d changes; left over: %+v %+v %v", x, a, b, state.holders)
	}
}

// Neither who reads all the time nor who changes all the time keeps the other one waiting.
func TestNobodyStarves(t *testing.T) {
	s := Set{new(Lock)}
	done := make(chan bool)
	var wg sync.WaitGroup
	var reads, changes [2]int
	for i := range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				s.RLock()
				reads[i]++
				time.Sleep(10 * time.Microsecond)
				s.RUnlock()
			}
		})
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				s.Lock(t.Context())
				changes[i]++
				time.Sleep(10 * time.Microsecond)
				s.Unlock()
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	close(done)
	wg.Wait()
	for i := range 2 {
		if reads[i] < 5 || changes[i] < 5 {
			t.Errorf("%v reads, %v changes", reads, changes)
		}
	}
}

// A goroutine that waits to change tensors stops when its context ends, and then holds up nobody.
func TestLockEndsWithContext(t *testing.T) {
	s := Set{new(Lock)}
	s.RLock()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() { failed <- s.Lock(ctx) }()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		state.Lock()
		waiting = s[0].waiting
		state.Unlock()
	}
	read := make(chan bool)
	go func() { // lets the other one go first
		s.RLock()
		s.RUnlock()
		close(read)
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	<-read
	s.RUnlock()
	if err := s.Lock(t.Context()); err != nil {
		t.Error(err)
	}
	s.Unlock()
}

// Taking and giving back allocates nothing.
func TestLocksAllocateNothing(t *testing.T) {
	s := Set{new(Lock), new(Lock)}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		s.Lock(ctx)
		s.Unlock()
		s.RLock()
		s.RUnlock()
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
