package plotting

import (
	"syscall"
	"time"
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
