// Command modelbook-worker is the process that runs cells. The kernel starts
// it and sends it plugins to load; it lives as long as the session, and dies
// with the kernel.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // names a function of time that is not there otherwise: no cell could import it

	_ "modelbook/kernel/worker/bind" // types of plugins
	"modelbook/kernel/worker/control"
)

// connection writes events; display and panic events come from any goroutine.
type connection struct {
	mu  sync.Mutex
	out *os.File

	waitMu  sync.Mutex
	seq     int64
	waiting map[int64]chan struct{}
}

// orderly is how long code waits for the kernel to take over what it put out:
// rather out of order than stopped by a kernel that cannot get rid of it.
const orderly = 2 * time.Second

// handled sends an event and waits until the kernel has handled it.
func (c *connection) handled(e control.Event) {
	went := make(chan struct{})
	c.waitMu.Lock()
	c.seq++
	e.Seq = c.seq
	c.waiting[e.Seq] = went
	c.waitMu.Unlock()
	c.send(e)
	late := time.NewTimer(orderly)
	defer late.Stop()
	select {
	case <-went:
	case <-late.C:
		c.went(e.Seq)
	}
}

// went lets go what waits for an event.
func (c *connection) went(seq int64) {
	c.waitMu.Lock()
	defer c.waitMu.Unlock()
	if ch := c.waiting[seq]; ch != nil {
		close(ch)
		delete(c.waiting, seq)
	}
}

func (c *connection) send(e control.Event) {
	line, err := json.Marshal(e)
	if err == nil && len(line) > control.MaxLine {
		err = fmt.Errorf("%d MB, which are more than can be shown", len(line)/1e6)
	}
	if err != nil { // a value that JSON cannot carry: say so instead
		line, _ = json.Marshal(control.Event{Op: e.Op, Seq: e.Seq, Error: err.Error(), Failure: e.Failure})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// A cell may have written to the descriptor: what it wrote ends here.
	if _, err := c.out.Write(append(append([]byte{'\n'}, line...), '\n')); err != nil {
		syscall.Exit(control.ExitDisconnected) // the kernel would wait for ever
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "try" {
		try(os.Args[2:])
		return
	}
	conn := &connection{out: os.NewFile(uintptr(aside(control.ControlFD)), "control"), waiting: map[int64]chan struct{}{}}
	// An interrupt from a terminal is the kernel's to handle. Notify, not
	// Ignore: children of cells must not inherit a deaf ear.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGPIPE)
	if err := limitMemory(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	keepDescriptors()
	r := newRunner(conn)
	exitHook, printHook, panicHook = r.exit, r.order.writing, r.unrecovered
	startedHook, allocateHook = r.started, allocating
	r.watchRegistries()
	conn.send(control.Event{Op: "ready"})
	commands := make(chan control.Command, 100)
	go conn.receive(commands)
	for c := range commands {
		r.command(c)
	}
}

// receive reads commands until the kernel is gone. What became of an event is
// heard here, because a command may wait for it: one that loads a package which
// prints, or that calls a method of a cell.
func (c *connection) receive(commands chan<- control.Command) {
	in := bufio.NewReaderSize(c.out, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			syscall.Exit(0) // the kernel is gone
		}
		var command control.Command
		switch err := json.Unmarshal(line, &command); {
		case err != nil:
			c.send(control.Event{Op: "error", Error: err.Error()})
		case command.Op == "went":
			c.went(command.Seq)
		default:
			commands <- command
		}
	}
}
