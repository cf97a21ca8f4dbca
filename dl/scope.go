package dl

import (
	"sync/atomic"

	"modelbook/dl/internal/goroutine"
)

// A scope is what [NoGrad] and [Arena.Run] have set for one goroutine. They
// say nothing about other goroutines: a training that runs in the background
// neither lends its memory to a cell nor stops recording when the cell does.
//
// Operations could also take their scope from their operands, so that only what
// is computed from a batch would be in its step. But a step computes from
// parameters alone, too (a penalty, a generator's noise), and NoGrad must hold
// for these; PyTorch's modes belong to threads for the same reason.
type scope struct {
	owner  atomic.Uintptr // the goroutine, 0 when the scope is free
	depth  int            // calls of NoGrad and Run under way
	noGrad int
	// anomalies counts the calls of DetectAnomalies under way.
	anomalies int
	replay    *replay // of the innermost Checkpoint under way
	arena     *Arena  // of the Run under way, or nil
	observer  *observer
	next      *scope
}

// scopes are found by the goroutine's number. A list's scopes stay in it and
// are used again, so that nothing is locked or allocated; only the owner
// touches more of a scope than owner and next. Without any scope in use, which
// most programs are most of the time, looking for one costs a load.
var scopes struct {
	used  atomic.Int32
	lists [64]atomic.Pointer[scope]
}

func scopeList(owner uintptr) *atomic.Pointer[scope] {
	return &scopes.lists[uint64(owner)*0x9e3779b97f4a7c15>>58]
}

// currentScope returns the scope of this goroutine, nil when there is none.
func currentScope() *scope {
	if scopes.used.Load() == 0 {
		return nil
	}
	me := goroutine.ID()
	for s := scopeList(me).Load(); s != nil; s = s.next {
		if s.owner.Load() == me {
			return s
		}
	}
	return nil
}

// enter returns the scope of this goroutine, which holds until leave.
func enter() *scope {
	s := currentScope()
	if s == nil {
		s = claim(goroutine.ID())
		scopes.used.Add(1)
	}
	s.depth++
	return s
}

// claim makes a free scope that of a goroutine.
func claim(owner uintptr) *scope {
	list := scopeList(owner)
	for s := list.Load(); s != nil; s = s.next {
		if s.owner.Load() == 0 && s.owner.CompareAndSwap(0, owner) {
			return s
		}
	}
	s := new(scope)
	s.owner.Store(owner)
	for {
		s.next = list.Load()
		if list.CompareAndSwap(s.next, s) {
			return s
		}
	}
}

func (s *scope) leave() {
	if s.depth--; s.depth == 0 {
		s.owner.Store(0)
		scopes.used.Add(-1)
	}
}

// currentArena returns the arena whose Run this goroutine is in, or nil.
func currentArena() *Arena {
	if s := currentScope(); s != nil {
		return s.arena
	}
	return nil
}

// NoGrad runs f without recording the operations that its goroutine does.
// Goroutines that f starts do record.
func NoGrad(f func()) {
	given("NoGrad", "the function", f != nil)
	s := enter()
	s.noGrad++
	defer func() {
		s.noGrad--
		s.leave()
	}()
	f()
}
