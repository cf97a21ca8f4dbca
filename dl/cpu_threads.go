package dl

import (
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/persample"
)

func init() {
	persample.Each = func(n int, r persample.Ranger) { parallel.Run(n, 1, r) }
}

// SetThreads sets how many processors an operation uses; 0 means all. Results
// are the same, bit for bit, for the same number.
func SetThreads(n int) { parallel.SetThreads(n) }

// Threads returns how many processors an operation uses.
func Threads() int { return parallel.Threads() }
