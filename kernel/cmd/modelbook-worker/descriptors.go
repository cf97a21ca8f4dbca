package main

import (
	"os"
	"plugin"
	"strings"
	"syscall"
)

// Code of cells may close all small descriptors, or open files until there are
// no more. What the worker needs all the same stands at far ones.

const (
	farDescriptor = 200
	spares        = 8 // enough to load a cell that closes files
)

var (
	streams [3]int // far copies of the standard streams, -1 for none
	spare   []int
)

// far copies a descriptor to one that children do not inherit.
func far(fd int) (int, error) {
	moved, _, err := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, farDescriptor)
	if err != 0 {
		return -1, err
	}
	return int(moved), nil
}

// aside moves a descriptor out of the way.
func aside(fd int) int {
	if moved, err := far(fd); err == nil {
		syscall.Close(fd)
		return moved
	}
	syscall.CloseOnExec(fd)
	return fd
}

func keepDescriptors() {
	for fd := range streams {
		streams[fd], _ = far(fd)
	}
	reserve()
}

func reserve() {
	for fd := 0; len(spare) < spares; {
		next, err := far(streams[fd])
		if err != nil {
			return
		}
		spare = append(spare, next)
	}
}

// reopen opens standard streams that a cell closed, and reports whether there
// were any. A descriptor that another file has by now is left alone.
func reopen() (closed bool) {
	for fd, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		_, _, err := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		free := err == syscall.EBADF && syscall.Dup3(streams[fd], fd, 0) == nil
		if f != nil && isClosed(f) {
			again := fd
			if !free {
				again, _ = far(streams[fd])
			}
			*f = *os.NewFile(uintptr(again), f.Name()) // log, and others, have the pointer
			free = true
		}
		closed = closed || free
	}
	return closed
}

func isClosed(f *os.File) bool {
	c, err := f.SyscallConn()
	return err != nil || c.Control(func(uintptr) {}) != nil
}

// openPlugin is plugin.Open, also when cells have opened all the files that
// they may: the next cell must be able to close them.
func openPlugin(path string) error {
	_, err := plugin.Open(path)
	if err == nil || !strings.Contains(err.Error(), "Too many open files") {
		return err
	}
	for _, fd := range spare {
		syscall.Close(fd)
	}
	spare = nil
	defer reserve()
	_, err = plugin.Open(path)
	return err
}

// standard are the files that os.Stdin and so on are.
var standard = [3]*os.File{os.Stdin, os.Stdout, os.Stderr}

// restoreStreams makes os.Stdin, os.Stdout and os.Stderr what they were, and
// tells which were not. Else all that later cells print would go where this
// cell's output went, and nobody would know why it does not appear. Who put a
// file there has it still.
func (*runner) restoreStreams() (restored string) {
	var names []string
	for i, f := range []**os.File{&os.Stdin, &os.Stdout, &os.Stderr} {
		if *f == standard[i] {
			continue
		}
		name := []string{"os.Stdin", "os.Stdout", "os.Stderr"}[i]
		if *f != nil {
			name += " (it was " + (*f).Name() + ")"
		}
		*f = standard[i]
		names = append(names, name)
	}
	if names == nil {
		return ""
	}
	return "the cell left a standard stream redirected; it is what it was: " + strings.Join(names, ", ")
}
