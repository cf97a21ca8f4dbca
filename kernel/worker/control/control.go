// Package control is the protocol between the kernel and its worker, the
// process that runs cells. There is one Go type for each message, and one
// codec (Conn) that both sides use. The messages travel over a socket that the
// worker inherits as FD.
//
// The kernel sends a Request; the worker answers it with a Reply, or with more
// than one where the request says so, and sends an Event at any time. Several
// requests may be open at once: a reply carries the number of its request.
//
// A new message is a new type in request.go, reply.go or event.go and an entry
// in the list at the end of that file. The package imports nothing of this
// module, because every worker links it.
package control

import "time"

// FD is the worker's end of the control connection.
const FD = 3

// ExitDisconnected is the exit status of a worker that cannot write to the
// control connection.
const ExitDisconnected = 87

// How long the worker gives an interrupted run, in this order.
const (
	// ListenFor is how long it may take to end by itself, when it listens to
	// its context.
	ListenFor = 50 * time.Millisecond
	// BlockedAfter is how long it may take to unwind before it counts as
	// blocked.
	BlockedAfter = 300 * time.Millisecond
	// DeferredFor is how long its deferred functions may run, unless a second
	// interrupt ends them.
	DeferredFor = 10 * time.Second
)

// A RunID names one run of a cell. The kernel chooses it; zero is no run.
type RunID int64

// A Message is a Request, a Reply or an Event.
type Message interface{ message() }

// A Request goes from the kernel to the worker.
type Request interface {
	Message
	request()
}

// A Reply goes from the worker to the kernel and answers a Request.
type Reply interface {
	Message
	reply()
}

// An Event goes from the worker to the kernel at any time.
type Event interface {
	Message
	event()
}

// isRequest, isReply and isEvent are embedded in the messages of each kind.
type (
	isRequest struct{}
	isReply   struct{}
	isEvent   struct{}
)

func (isRequest) message() {}
func (isRequest) request() {}
func (isReply) message()   {}
func (isReply) reply()     {}
func (isEvent) message()   {}
func (isEvent) event()     {}
