package dl

import (
	"slices"
	"sync/atomic"
	"time"

	"modelbook/dl/internal/gradient"
)

// An observer is told how long the operations of a goroutine take.
type observer struct {
	tell  []*telling
	last  time.Time          // the end of the operation before
	now   gradient.Operation // on its way back
	macs  int64              // of its gradients
	arena *Arena             // where results were last
	used  int64              // its bytes lent then
}

// telling is one call of gradient.Observe under way.
type telling struct{ tell func(gradient.Event) }

// observers is how many there are: without one, looking for it costs a load.
var observers atomic.Int32

// observing returns the observer of this goroutine, or nil.
func observing() *observer {
	if observers.Load() == 0 {
		return nil
	}
	if s := currentScope(); s != nil {
		return s.observer
	}
	return nil
}

func init() {
	gradient.Observe = func(f func(gradient.Event)) (stop func()) {
		s := enter()
		if s.observer == nil {
			s.observer = &observer{last: time.Now()}
		}
		o, t := s.observer, &telling{f}
		o.tell = append(o.tell, t)
		observers.Add(1)
		return func() {
			observers.Add(-1)
			if o.tell = slices.DeleteFunc(o.tell, func(other *telling) bool { return other == t }); len(o.tell) == 0 {
				s.observer = nil
			}
			s.leave()
		}
	}
}

// forward is called when an operation has its result.
func (o *observer) forward(r record) {
	op := operationOf(r)
	o.event(gradient.Event{Operation: op, Work: op.MACs})
}

// begin is called before the first operation is taken back.
func (o *observer) begin() {
	if o != nil {
		o.last = time.Now()
	}
}

// starts notes what is taken back: afterwards its record may be another's.
func (o *observer) starts(r record) {
	if o != nil {
		o.now, o.macs = operationOf(r), gradientMACs(r)
		o.last = time.Now()
	}
}

// backward is called when the gradients of an operation are computed.
func (o *observer) backward() {
	if o != nil {
		o.event(gradient.Event{Operation: o.now, Backward: true, Work: o.macs})
	}
}

func (o *observer) event(e gradient.Event) {
	e.End = time.Now()
	e.Took = e.End.Sub(o.last)
	if a := currentArena(); a != nil {
		if a == o.arena || o.arena == nil {
			e.Bytes = max(a.used-o.used, 0)
		}
		o.arena, o.used = a, a.used
	}
	for _, t := range o.tell {
		t.tell(e)
	}
	o.last = time.Now() // without the time that telling takes
}
