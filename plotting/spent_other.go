//go:build !linux

package plotting

import "time"

var began = time.Now()

// Where the processor time of a thread is not known, time takes its place.
func spentByProcess() time.Duration { return time.Since(began) }
func spentByThread() time.Duration  { return time.Since(began) }
