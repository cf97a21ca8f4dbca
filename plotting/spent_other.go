//go:build !linux

package plotting

import (
	"os"
	"time"
)

var began = time.Now()

// Where the processor time of a thread is not known, time takes its place.
func spentByProcess() time.Duration { return time.Since(began) }
func spentByThread() time.Duration  { return time.Since(began) }

// terminalColumns is not known.
func terminalColumns(*os.File) int { return 0 }
