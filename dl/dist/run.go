package dist

// #include "calls.h"
import "C"

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
	"unsafe"
)

// Run begins MPI, calls f, and ends MPI. When f returns an error or panics on a rank, that rank says so, with its number
// and host, and all ranks end with the status 1: none waits for one that is gone. When all fail alike, one speaks. Run
// exits then, and else returns, after which MPI cannot begin again.
func Run(f func(c *Comm) error) {
	c, err := Init()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer func() {
		if v := recover(); v != nil {
			c.last(fmt.Sprintf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	if err := f(c); err != nil {
		c.last(err.Error())
	}
	c.Finalize()
}

// Abort says why, with the rank and its host, and ends all ranks with the status 1.
func (c *Comm) Abort(reason string) { c.fail(reason) }

// last is fail for what may have happened to all ranks: the first rank speaks first, and with it all end.
func (c *Comm) last(message string) {
	time.Sleep(time.Duration(min(c.rank, 20)) * 300 * time.Millisecond)
	c.fail(message)
}

// exit ends all ranks: mpirun does so when one exits with another status than 0.
func (c *Comm) exit(status int) {
	C.dist_abort(C.int(status))
	os.Exit(status)
}

// Finalize ends MPI when all ranks have called it. Nothing can be done together after that.
func (c *Comm) Finalize() {
	c.do(func() { c.call("Finalize", func() C.int { return C.dist_finalize() }) })
}

// overdue says which ranks do not wait when this one has done so for too long, and ends all. Others may have begun to wait
// later: they have half as long again to say so.
func (c *Comm) overdue(call string) {
	waits := make([]byte, c.size)
	C.dist_who_waits((*C.char)(unsafe.Pointer(&waits[0])), C.long(c.Timeout.Microseconds()/2))
	var missing []string
	for rank, here := range waits {
		if here == 0 {
			missing = append(missing, c.Name(rank))
		}
	}
	if first := bytes.IndexByte(waits, 1); c.rank > first { // it speaks for all who wait
		time.Sleep(time.Second)
	}
	if missing == nil {
		missing = []string{"none, so that they wait in different calls"}
	}
	c.fail(fmt.Sprintf("%s has waited for %v. Ranks that do not wait, because they hang or compute for longer than Timeout: %s",
		call, c.Timeout, strings.Join(missing, ", ")))
}
