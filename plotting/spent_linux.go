package plotting

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// spentByProcess is the processor time that the process has used, spentByThread what the thread has that asks.
func spentByProcess() time.Duration { return spent(syscall.RUSAGE_SELF) }
func spentByThread() time.Duration  { return spent(syscall.RUSAGE_THREAD) }

func spent(of int) time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(of, &use) != nil {
		return 0 // neither of the two is refused
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// terminalColumns is the width of the terminal that a file is, 0 where it is none.
func terminalColumns(f *os.File) int {
	var size struct{ rows, columns, width, height uint16 }
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size))); errno != 0 {
		return 0
	}
	return int(size.columns)
}
