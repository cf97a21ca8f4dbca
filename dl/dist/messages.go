package dist

// #include "calls.h"
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"modelbook/dl"
)

// Send sends a message to another rank, where those of this one arrive in their order: see [tune.Ranks]. Several goroutines
// may call it, and Receive, at a time.
func (c *Comm) Send(to int, message []byte) {
	c.check("Send")
	switch {
	case to < 0 || to >= c.size || to == c.rank:
		dl.PanicValue("dist.Comm.Send", "%v cannot send to rank %d: it is no other one", c, to)
	case len(message) >= most:
		dl.PanicValue("dist.Comm.Send", "a message of %d bytes is longer than %d", len(message), most)
	}
	if c.Timeout > 0 {
		defer time.AfterFunc(c.Timeout, func() {
			c.fail(fmt.Sprintf("Send has waited for %v: %s does not receive", c.Timeout, c.Name(to)))
		}).Stop()
	}
	c.must("Send", C.dist_send(unsafe.Pointer(unsafe.SliceData(message)), C.int(len(message)), C.int(to)))
}

// Receive waits for the next message of any rank, as long as it takes, and lets others compute meanwhile.
func (c *Comm) Receive() (from int, message []byte) {
	c.check("Receive")
	if c.size < 2 {
		dl.PanicValue("dist.Comm.Receive", "there is no other rank to receive from")
	}
	var here, rank, count C.int
	var handle C.MPI_Message
	for pause := time.Microsecond; ; pause = min(2*pause, time.Millisecond) {
		if c.must("Receive", C.dist_arrived(&here, &rank, &count, &handle)); here != 0 {
			break
		}
		time.Sleep(pause) // a thread that waits in MPI would take a processor from a trial
	}
	message = make([]byte, count+1)
	c.must("Receive", C.dist_receive(unsafe.Pointer(&message[0]), count, &handle))
	return int(rank), message[:count]
}

// must ends all ranks when a call of MPI has failed.
func (c *Comm) must(name string, code C.int) {
	if code != C.MPI_SUCCESS {
		c.fail(fmt.Sprintf("%s: %s", name, c.message(code)))
	}
}
