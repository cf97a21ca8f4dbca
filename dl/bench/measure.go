package main

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"modelbook/dl"
)

// A measurement is what a run of steps took. peer.py prints the same fields.
type measurement struct {
	Model    string  `json:"model"`
	Mode     string  `json:"mode"`
	Threads  int     `json:"threads"`
	Batch    int     `json:"batch"`
	Steps    int     `json:"steps"`
	PerSec   float64 `json:"per_s"`      // items a second, from the median step
	BestPer  float64 `json:"best_per_s"` // from the fastest step
	MedianMS float64 `json:"median_ms"`  // of a step
	CPUMS    float64 `json:"cpu_ms"`     // processor time of a step, on average: what other programs take is not in it
	Peak     int     `json:"peak_mb"`    // resident memory at most, of the process
	Loss     float64 `json:"loss"`       // of the last training step

	AllocsPerStep float64 `json:"allocs_per_step"`
}

// measure takes steps for a while and times each.
func measure(w *workload, mode string, threads, batch int, warm, long time.Duration) (*measurement, error) {
	runtime.GOMAXPROCS(threads)
	dl.SetThreads(threads)
	if batch == 0 {
		batch = w.batch
	}
	r, err := newRunner(w, mode, batch)
	if err != nil {
		return nil, err
	}
	for start := time.Now(); r.turn < 5 || time.Since(start) < warm; {
		r.Step()
	}
	runtime.GC()
	var before, after runtime.MemStats
	times := make([]time.Duration, 0, 1<<20)
	runtime.ReadMemStats(&before)
	used := processorTime()
	for start := time.Now(); len(times) < 5 || time.Since(start) < long && len(times) < cap(times); {
		t := time.Now()
		r.Step()
		times = append(times, time.Since(t))
	}
	used = processorTime() - used
	runtime.ReadMemStats(&after)
	m := &measurement{Model: w.name, Mode: mode, Threads: threads, Batch: batch, Steps: len(times), Peak: peak(), Loss: r.last,
		AllocsPerStep: float64(after.Mallocs-before.Mallocs) / float64(len(times))}
	slices.Sort(times)
	median, items := times[len(times)/2], float64(batch*w.items*max(w.fit, 1))
	m.PerSec, m.BestPer = items/median.Seconds(), items/times[0].Seconds()
	m.MedianMS = median.Seconds() * 1e3
	m.CPUMS = used.Seconds() * 1e3 / float64(len(times))
	return m, nil
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most resident memory this process has had, in MB; 0 where Linux does not tell.
func peak() int {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb >> 10
		}
	}
	return 0
}
