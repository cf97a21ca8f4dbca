package wire

import (
	"net"
	"time"
)

// A client connects its sockets together, but over as many connections: its first
// request may be read here before its subscription. What the kernel would publish
// about that request would be lost to the client, and JupyterLab, which takes a
// request to be done when both the reply and the idle have come, would wait for
// ever. ipykernel has the same gap; notebook servers close it by asking a kernel
// for its kernel_info until something is published, but not a kernel that is busy,
// as that of a console beside a cell that trains. So here a client's first request
// on a socket waits for a subscription that was made together with it.

// together is how far apart the connections of one client are made.
const together = 100 * time.Millisecond

// meet waits, at the first request of a client with an identity, until the
// subscriptions have come of all who connected about when this one did, and are as
// many as such clients. Not all clients subscribe: then the wait ends after a
// moment. Peers without an identity are a server's own: no front end waits for
// what is published about their requests.
func (s *Sockets) meet(ch Channel, identity []byte) {
	since, first := s.request[ch].guarded.meet(identity)
	if !first {
		return
	}
	since = since.Add(-together)
	timeout := time.NewTimer(s.iopub.guarded.limits.subscription)
	defer timeout.Stop()
	for {
		subscribed, missing, changed := s.iopub.guarded.subscribers(since)
		if missing == 0 && subscribed >= s.request[ch].guarded.clients(since) {
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			return
		}
	}
}

// meet notes that a peer has sent a request, and tells since when it is connected
// and whether the request is its first. It is not where the peer has no identity
// of its own.
func (l *listener) meet(identity []byte) (since time.Time, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.peers[string(identity)]
	if c == nil || !c.named() || l.conns[c.Conn] == nil {
		return time.Time{}, false
	}
	v := l.conns[c.Conn]
	first, v.met = !v.met, true
	return v.since, first
}

// entered notes that the subscription of a peer has taken effect.
func (l *listener) entered(raw net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v := l.conns[raw]; v != nil && !v.subscribed {
		v.subscribed = true
		l.tell()
	}
}

// tell wakes those who wait for subscribers. The lock is held.
func (l *listener) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// subscribers counts, of the peers that connected at some time or later, those who
// have subscribed and those who have not. The channel is closed when a count changes.
func (l *listener) subscribers(since time.Time) (subscribed, missing int, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range l.conns {
		switch {
		case v.since.Before(since):
		case v.subscribed:
			subscribed++
		default:
			missing++
		}
	}
	return subscribed, missing, l.changed
}

// clients counts the peers with an identity that connected at some time or later.
func (l *listener) clients(since time.Time) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.peers {
		if v := l.conns[c.Conn]; v != nil && c.named() && !v.since.Before(since) {
			n++
		}
	}
	return n
}

// named reports whether the peer has an identity of its own, rather than one that
// it was given here.
func (c *conn) named() bool { return c.identity[0] != 0 }
