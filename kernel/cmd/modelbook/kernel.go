package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"modelbook/kernel"
	"modelbook/kernel/comms"
	"modelbook/kernel/complete"
	"modelbook/kernel/engine"
	"modelbook/kernel/wire"
	"modelbook/kernel/worker/memory"
)

func kernelCommand(args []string) error {
	f := newFlags("kernel", "[options] CONNECTION_FILE")
	home := f.String("home", "", "installed `folder` to use (default: the one this program is part of)")
	unsigned := f.Bool("unsigned", false, "accept a connection file without a key: anybody who reaches the sockets can run code")
	record := f.String("history", filepath.Join(defaultHome(), "history.jsonl"), "`file` that keeps the inputs of cells for later sessions, or \"\"")
	verbose := f.Bool("verbose", false, "log what is dropped or refused to stderr")
	rest, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{"want one connection file"}
	}
	connection, err := wire.ReadConnection(rest[0], *unsigned)
	if err != nil {
		return err
	}
	logger := log.New(os.Stderr, "modelbook: ", log.LstdFlags)
	for _, w := range connection.Warnings {
		logger.Print("warning: ", w)
	}
	warnings := networkWarnings(connection.Warnings)
	if _, err := memory.Limit(); err != nil {
		warnings = append(warnings, err.Error())
	}
	var chatter *log.Logger
	if *verbose {
		chatter = logger
	}
	sockets, err := wire.Listen(connection, chatter)
	if err != nil {
		return err
	}
	registry := comms.New()
	page := comms.NewPage(registry, kernelID(rest[0]))
	k := kernel.New(kernel.Config{
		Comms: registry,
		Start: func() (kernel.Engine, error) {
			e, err := engine.New(engine.Config{
				Home: findHome(*home), Log: chatter,
				JupyterRoot: parentFolder(), KernelID: kernelID(rest[0]), Page: page, Comms: registry,
			})
			if err != nil {
				logger.Print(err)
				return nil, err // not e: a nil *Engine is not a nil Engine
			}
			return e, nil
		},
		IsComplete: func(code string) kernel.Completeness {
			status, indent := complete.IsComplete(code)
			return kernel.Completeness{Status: status, Indent: indent}
		},
		History: *record,
		Version: Version, GoVersion: runtime.Version(), Warnings: warnings,
	}, sockets, chatter)
	go obey(k)
	go outlive(os.Getppid(), k.Stop)
	return k.Serve()
}

// networkWarnings are the warnings worth showing in the notebook.
func networkWarnings(all []string) (shown []string) {
	for _, w := range all {
		if strings.Contains(w, "network") {
			shown = append(shown, w)
		}
	}
	return shown
}

// kernelID is the ID that a Jupyter server gave the kernel: it is part of the
// connection file's name.
func kernelID(connectionFile string) string {
	name := strings.TrimSuffix(filepath.Base(connectionFile), ".json")
	return strings.TrimPrefix(name, "kernel-")
}

// parentFolder is the working directory of the Jupyter server, its root as a
// rule, or "".
func parentFolder() string {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", os.Getppid()))
	if err != nil {
		return ""
	}
	return dir
}

// obey handles signals: SIGINT interrupts the cell, others end the kernel.
func obey(k *kernel.Kernel) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	for s := range signals {
		if s == syscall.SIGINT {
			k.Interrupt()
		} else {
			k.Stop()
		}
	}
}

// outlive calls stop when the process that started this one is gone: a kernel that
// cannot be reached any more would keep its memory forever.
func outlive(parent int, stop func()) {
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	stop()
	time.Sleep(10 * time.Second)
	fmt.Fprintln(os.Stderr, "modelbook: did not end in time after its parent was gone")
	os.Exit(1)
}

// interrupted returns a context that the first SIGINT or SIGTERM cancels. The
// second ends the program.
func interrupted() (context.Context, context.CancelFunc) {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, cancel)
	return ctx, cancel
}
