package dl

import "modelbook/dl/internal/parallel"

// SetThreads sets how many processors an operation uses; 0 means all. Results
// are the same, bit for bit, for the same number.
func SetThreads(n int) { parallel.SetThreads(n) }

// Threads returns how many processors an operation uses.
func Threads() int { return parallel.Threads() }
