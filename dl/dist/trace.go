package dist

import (
	"fmt"
	"sync"
	"time"
)

// Threads of a trace.
const (
	training = iota
	sums
)

var traceLock sync.Mutex

// traced writes an event that began at a time and ends now to Trace, as a line of Chrome's trace format: what was done, on
// which thread of this rank, from when, and how long, in microseconds.
func (c *Comm) traced(thread int, name string, begin time.Time) {
	if c.Trace == nil || begin.IsZero() {
		return
	}
	took := time.Since(begin)
	traceLock.Lock()
	defer traceLock.Unlock()
	if !c.traces {
		c.traces = true
		fmt.Fprintf(c.Trace, "[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"args\":{\"name\":%q}},\n", c.rank, c.Name(c.rank))
		for i, name := range []string{"training", "sums"} {
			fmt.Fprintf(c.Trace, "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":%q}},\n", c.rank, i, name)
		}
	}
	fmt.Fprintf(c.Trace, "{\"ph\":\"X\",\"name\":%q,\"pid\":%d,\"tid\":%d,\"ts\":%d,\"dur\":%d},\n", name, c.rank, thread, begin.UnixMicro(), took.Microseconds())
}

// now is the time, where a trace wants it.
func (c *Comm) now() time.Time {
	if c.Trace == nil {
		return time.Time{}
	}
	return time.Now()
}

// passes says what the training did since the last time it was called.
func (g *gradients) passes(what string) {
	if g.c.Trace != nil {
		g.c.traced(training, what, g.passed)
		g.passed = time.Now()
	}
}
