package dl

import (
	"sync/atomic"
	"time"

	"modelbook/dl/internal/gradient"
)

// An observer is told how long the operations of a goroutine take.
type observer struct {
	tell  func(gradient.Event)
	last  time.Time          // the end of the operation before
	now   gradient.Operation // on its way back
	outer *observer
}

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
		o := &observer{tell: f, last: time.Now(), outer: s.observer}
		s.observer = o
		observers.Add(1)
		return func() {
			observers.Add(-1)
			s.observer = o.outer
			s.leave()
		}
	}
}

// forward is called when an operation has its result.
func (o *observer) forward(r record) {
	o.event(operationOf(r), false)
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
		o.now = operationOf(r)
		o.last = time.Now()
	}
}

// backward is called when the gradients of an operation are computed.
func (o *observer) backward() {
	if o != nil {
		o.event(o.now, true)
	}
}

func (o *observer) event(op gradient.Operation, backward bool) {
	now := time.Now()
	e := gradient.Event{Operation: op, Backward: backward, End: now, Took: now.Sub(o.last)}
	o.tell(e)
	o.last = time.Now() // without the time that telling takes
}
