package main

import (
	"os"
	"plugin"
	"strings"
	"syscall"
)

// Code of cells may close all small file descriptors, or open files until no more
// can be opened. So the worker keeps its own descriptors at high numbers, and
// some in reserve.

const (
	farDescriptor = 200
	spares        = 8 // in reserve: enough to load a cell that closes files
)

var (
	streams [3]int // copies of the standard streams at high numbers, -1 for none
	spare   []int
)

// far copies a descriptor to one with a high number, which children do not
// inherit.
func far(fd int) (int, error) {
	moved, _, err := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, farDescriptor)
	if err != 0 {
		return -1, err
	}
	return int(moved), nil
}

// aside moves a descriptor to a high number.
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

// reopen opens the standard streams that a cell has closed, and reports whether
// there were any. A descriptor that now belongs to another file is left alone.
func reopen() (closed bool) {
	for fd, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		_, _, err := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		free := err == syscall.EBADF && syscall.Dup3(streams[fd], fd, 0) == nil
		if f != nil && isClosed(f) {
			again := fd
			if !free {
				again, _ = far(streams[fd])
			}
			*f = *os.NewFile(uintptr(again), f.Name()) // in place: package log, and others, hold the pointer
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

// openPlugin is plugin.Open. When cells have opened as many files as they may, it
// uses the descriptors in reserve: the next cell must be able to close some.
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

// standard are os.Stdin, os.Stdout and os.Stderr as the process has begun.
var standard = [3]*os.File{os.Stdin, os.Stdout, os.Stderr}

// restoreStreams sets os.Stdin, os.Stdout and os.Stderr back to what they were,
// and returns a note of those that the cell has changed. Otherwise the output of
// later cells would go where that of this cell went, and the user would not know
// why it does not appear. The files that the cell set stay open.
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
	return "the cell left a standard stream redirected; it is restored: " + strings.Join(names, ", ")
}
