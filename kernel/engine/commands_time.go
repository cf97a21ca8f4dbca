package engine

import (
	"time"

	"modelbook/kernel/cell"
)

func (r *commandRun) time(cell.Command) error {
	r.watch.on = true
	return nil
}

// stopwatch is what %time sets going. Its methods do nothing without %time.
type stopwatch struct {
	run        *commandRun
	on         bool
	start, ran time.Time
	cpu        time.Duration // the worker's when the cell's code started
}

// running says that the cell is compiled and its Go code starts.
func (w *stopwatch) running() { w.ran, w.cpu = time.Now(), w.run.CPUTime() }

// stop tells the time that the cell took.
func (w *stopwatch) stop() {
	if !w.on {
		return
	}
	if w.ran.IsZero() { // no Go code ran
		w.run.printf("time: %s\n", rounded(time.Since(w.start)))
		return
	}
	w.run.printf("time: %s, CPU %s (and %s before, with compiling)\n",
		rounded(time.Since(w.ran)), rounded(w.run.CPUTime()-w.cpu), rounded(w.ran.Sub(w.start)))
}

// rounded shortens a duration to three digits or so.
func rounded(d time.Duration) time.Duration {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= 10*unit {
			return d.Round(unit / 10)
		}
	}
	return d
}
