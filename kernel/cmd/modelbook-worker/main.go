// Command modelbook-worker is the process that runs cells. The kernel starts
// it and sends it plugins to load. It lives as long as the session, and ends with
// the kernel.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // keeps a function of package time from being pruned: cells that import tzdata need it

	_ "modelbook/kernel/worker/bind" // types of plugins
	"modelbook/kernel/worker/control"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "try" {
		try(os.Args[2:])
		return
	}
	conn := newConnection(os.NewFile(uintptr(aside(control.FD)), "control"))
	// The kernel handles an interrupt from a terminal. Notify and not Ignore,
	// because processes that cells start would inherit an ignored signal.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGPIPE)
	if err := limitMemory(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	keepDescriptors()
	r := newRunner(conn)
	exitHook, printHook, panicHook = r.exit, r.printing, r.unrecovered
	readHook = r.reading
	startedHook, allocateHook = r.started, allocating
	r.watchRegistries()
	conn.event(control.Ready{Several: goroutineRun != nil})
	requests := make(chan request, 100)
	go conn.receive(requests)
	for q := range requests {
		r.serve(q)
	}
}
