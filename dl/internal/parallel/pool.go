package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"

	"modelbook/dl/internal/label"
)

// An idle goroutine first waits on its processor, then yields, then parks: the
// gap between two kernels of one training step is over by then, and other programs
// on the machine get the processor back soon. Goroutines that only yield would
// swap processors, and with them the caches that hold their parts of the data; those
// that park take as long to wake as a small layer takes. With 400 pauses small networks
// train with two threads in 1 to 2 % more time on a Xeon; more pauses take more from other
// programs that want the processor.
const (
	pauses = 2000 // a tenth of a millisecond, or less
	yields = 400  // some tens of microseconds
)

// idle lets some time pass; turn counts its calls since there was work.
func idle(turn int) {
	if turn < pauses {
		pause()
	} else {
		runtime.Gosched()
	}
}

// A pool runs one loop at a time.
//
// The loop's parts are claimed by compare-and-swap on state, which holds a
// generation, the number of parts and the next part. The generation makes a
// claim by a worker that wakes after its loop fail, and a successful claim pins
// the loop: its fields cannot change before the claimed part is reported done.
type pool struct {
	threads int
	mu      sync.Mutex // held during a loop
	closed  bool

	state   atomic.Uint64 // generation<<32 | parts<<16 | next
	pending atomic.Int32  // parts not yet done
	parked  atomic.Int32  // workers asleep, or about to be
	waiting atomic.Bool   // the caller sleeps, or is about to
	wake    chan struct{}
	done    chan struct{}

	work    Ranger
	n       int
	shared  bool         // the parts have the labels
	labels  label.Labels // of the loop
	failure atomic.Pointer[failure]
}

type failure struct{ value any }

func newPool(threads int) *pool {
	threads = min(threads, 1024)
	p := &pool{threads: threads, wake: make(chan struct{}, threads), done: make(chan struct{}, 1)}
	for range threads - 1 {
		go p.worker()
	}
	return p
}

// run works off a loop, with the workers if they are free.
func (p *pool) run(n, parts int, r Ranger) {
	busy := !p.mu.TryLock()
	if !busy && p.closed {
		p.mu.Unlock()
		busy = true
	}
	if busy {
		for i := range parts {
			r.Range(n*i/parts, n*(i+1)/parts)
		}
		return
	}
	p.work, p.n = r, n
	if p.shared = label.Shared(); p.shared {
		p.labels = label.Of()
	}
	p.pending.Store(int32(parts))
	generation := p.state.Load()>>32 + 1
	p.state.Store(generation<<32 | uint64(parts)<<16)
	for range min(parts, p.threads) - 1 {
		if !p.takeParked() {
			break
		}
		p.wake <- struct{}{}
	}
	for p.step() {
	}
	p.wait()
	p.work, p.labels = nil, label.Labels{}
	f := p.failure.Swap(nil)
	p.mu.Unlock()
	if f != nil {
		panic(f.value)
	}
}

// wait returns when every part is done.
func (p *pool) wait() {
	for turn := range pauses + yields {
		if p.pending.Load() == 0 {
			return
		}
		idle(turn)
	}
	p.waiting.Store(true)
	if p.pending.Load() == 0 && p.waiting.CompareAndSwap(true, false) {
		return
	}
	<-p.done
}

// step claims one part and does it; it reports whether there was one.
func (p *pool) step() bool {
	for {
		s := p.state.Load()
		parts, next := int(s>>16&0xffff), int(s&0xffff)
		if next >= parts {
			return false
		}
		if p.state.CompareAndSwap(s, s+1) {
			p.do(next, parts)
			return true
		}
	}
}

func (p *pool) do(i, parts int) {
	shared, before := p.shared, label.Labels{}
	if shared {
		before = label.Of()
		p.labels.Use()
	}
	defer func() {
		if shared {
			before.Use()
		}
		if v := recover(); v != nil {
			p.failure.CompareAndSwap(nil, &failure{v})
		}
		if p.pending.Add(-1) == 0 && p.waiting.CompareAndSwap(true, false) {
			p.done <- struct{}{}
		}
	}()
	p.work.Range(p.n*i/parts, p.n*(i+1)/parts)
}

// worker works, waits for a while, then sleeps until a loop wakes it.
func (p *pool) worker() {
	for {
		for turn := 0; turn < pauses+yields; turn++ {
			if p.step() {
				turn = 0
			}
			idle(turn)
		}
		p.parked.Add(1)
		if s := p.state.Load(); s&0xffff < s>>16&0xffff && p.takeParked() {
			continue // a loop began in between
		}
		if _, open := <-p.wake; !open {
			return
		}
	}
}

// takeParked takes the right to wake one parked worker.
func (p *pool) takeParked() bool {
	for {
		n := p.parked.Load()
		if n == 0 {
			return false
		}
		if p.parked.CompareAndSwap(n, n-1) {
			return true
		}
	}
}
