package main

import (
	"runtime/metrics"
	"sync/atomic"
	"time"

	"modelbook/kernel/worker/rt"
)

// Go ends a process whose stack outgrows a gigabyte, and with it all values of
// the session. Endless recursion is an everyday mistake, so the stacks are
// watched, and a cell that uses very much is stopped like an interrupted one.

// stackLimit is far above what a cell needs and far below Go's limit; a stack
// grows by doubling.
const stackLimit = 200 << 20

// watchStacks looks after a running cell until done is closed. It sets
// overflow when it stopped the cell.
func watchStacks(cell *rt.Cell, done <-chan struct{}, overflow *atomic.Bool) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	before := sample[0].Value.Uint64()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		metrics.Read(sample)
		if now := sample[0].Value.Uint64(); now > before+stackLimit {
			overflow.Store(true)
			cell.Stop(true)
			return
		} else if now < before {
			before = now // stacks of an earlier cell were given back
		}
	}
}
