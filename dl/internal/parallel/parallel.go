// Package parallel splits loops over a fixed set of worker goroutines.
//
// The split of a loop depends on its length, its grain and the number of
// threads only, never on timing, so a computation that writes each part's
// result to its own place repeats bit for bit. Which goroutine runs which part
// is decided at run time: a worker that the operating system delays does not delay
// the loop, because the caller takes the parts that it has not begun.
//
// In steady state nothing is allocated. A nested or concurrent call finds the
// workers busy and runs the same parts one after the other on its own
// goroutine.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A Ranger does the iterations lo <= i < hi of a loop.
type Ranger interface{ Range(lo, hi int) }

// rangeFunc lets a function serve as a Ranger; func values are pointers, so the conversion does not allocate.
type rangeFunc func(lo, hi int)

func (f rangeFunc) Range(lo, hi int) { f(lo, hi) }

// partsPerThread is above one so that a core slowed by other work gets fewer parts.
const partsPerThread = 4

var (
	current atomic.Pointer[pool]
	change  sync.Mutex // serialises SetThreads and the first use
)

// Threads is the number of goroutines that work on one loop: GOMAXPROCS at first use unless SetThreads said otherwise.
func Threads() int { return get().threads }

// Parts is the most parts that a loop is split into: a few for each thread.
func Parts() int { return Threads() * partsPerThread }

// SetThreads sets the number of goroutines that work on one loop; n < 1 means GOMAXPROCS.
func SetThreads(n int) {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	change.Lock()
	defer change.Unlock()
	old := current.Load()
	if old != nil && old.threads == n {
		return
	}
	current.Store(newPool(n))
	if old != nil {
		old.mu.Lock() // a loop still running on the old workers ends first
		close(old.wake)
		old.closed = true
		old.mu.Unlock()
	}
}

func get() *pool {
	if p := current.Load(); p != nil {
		return p
	}
	change.Lock()
	defer change.Unlock()
	if p := current.Load(); p != nil {
		return p
	}
	p := newPool(runtime.GOMAXPROCS(0))
	current.Store(p)
	return p
}

// For calls f on consecutive parts of 0 <= i < n, each of at least grain iterations (the last may be shorter when n is), and returns when all are done.
// A panic in a part is raised again in the caller.
func For(n, grain int, f func(lo, hi int)) { Run(n, grain, rangeFunc(f)) }

// Run is For without a closure: a caller that keeps its Ranger allocates nothing.
func Run(n, grain int, r Ranger) {
	if n <= 0 {
		return
	}
	p := get()
	parts := min(n/max(grain, 1), p.threads*partsPerThread)
	if p.threads == 1 || parts <= 1 {
		parts = max(parts, 1)
		for i := range parts {
			r.Range(n*i/parts, n*(i+1)/parts)
		}
		return
	}
	p.run(n, parts, r)
}
