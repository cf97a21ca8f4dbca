//go:build !race && !checked

package train_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"modelbook/dl"
	"modelbook/dl/train"
)

// counter notes how often memory was allocated until each batch.
type counter struct{ mallocs []uint64 }

func (c *counter) Start(*train.Run) (train.Observer, error) { return c, nil }
func (c *counter) Epoch(*train.Run) error                   { return nil }
func (c *counter) End(*train.Run) error                     { return nil }
func (c *counter) Batch(*train.Run) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.mallocs = append(c.mallocs, m.Mallocs)
	return nil
}

// After the first steps a step of Fit allocates nothing: not the batch, nor the model, the loss, the optimizer or the
// metrics. The Go runtime allocates for itself now and then, more often on a loaded machine (threads, waiting
// goroutines); what the project's code allocated would be there in every step.
func TestStepsAllocateNothing(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer dl.SetThreads(dl.Threads())
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprint(threads), func(t *testing.T) {
			dl.SetThreads(threads)
			const steps = 120
			c := &counter{mallocs: make([]uint64, 0, steps)}
			if _, err := network(t, 1).Fit(t.Context(), pictures(steps*16), train.Options{BatchSize: 16, Callbacks: []train.Callback{c}}); err != nil {
				t.Fatal(err)
			}
			dirty := 0
			for i := 10; i < steps; i++ {
				if c.mallocs[i] != c.mallocs[i-1] {
					dirty++
				}
			}
			if dirty > steps/2 {
				t.Errorf("%d of %d steps allocated: %v", dirty, steps-10, c.mallocs)
			}
		})
	}
}
