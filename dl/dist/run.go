package dist

// #include "calls.h"
import "C"

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"
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
	time.Sleep(time.Duration(min(c.rank, 20)) * 100 * time.Millisecond)
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
