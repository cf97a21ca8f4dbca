package wire

import "time"

// limits bound what a peer can use before its first signature is checked.
type limits struct {
	handshake    time.Duration // for the greeting and READY of a new connection
	subscription time.Duration // a client's first request waits so long for its subscription
	stall        time.Duration // after so long without taking data a peer is dropped
	pending      int           // bytes waiting for one peer; with more it is dropped
	frame        int64         // bytes of one incoming frame
	message      int64         // bytes of one incoming message
	frames       int           // frames of one incoming message
	conns        int           // connections of one socket
	topics       int           // subscriptions of one connection
}

// defaultLimits suit a notebook server on the same machine. Outgoing data
// waits in memory while a server is slow, so that the cell goes on.
var defaultLimits = limits{
	handshake:    5 * time.Second,
	subscription: 500 * time.Millisecond,
	stall:        30 * time.Second,
	pending:      256 << 20,
	frame:        64 << 20,
	message:      128 << 20,
	frames:       256,
	conns:        128,
	topics:       64,
}
