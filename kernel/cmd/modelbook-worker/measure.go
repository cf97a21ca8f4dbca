package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"

	"modelbook/internal/number"
	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

const (
	// enough is the shortest time of a run of %timeit.
	enough = 200 * time.Millisecond
	// repeats is the number of runs, unless %timeit says.
	repeats = 7
)

// A lap is the cost of one run of a measured loop.
type lap struct {
	time          time.Duration
	allocs, bytes uint64
}

// runLoop runs a measured loop n times. An interrupt ends it before or after.
func runLoop(cell *rt.Cell, n int, f func(int, *rt.Timer)) (l lap) {
	var before, after runtime.MemStats
	var start time.Time
	cell.Check()
	f(n, &rt.Timer{
		Start: func() { runtime.ReadMemStats(&before); start = time.Now() },
		Stop:  func() { l.time = time.Since(start); runtime.ReadMemStats(&after) },
	})
	cell.Check()
	l.allocs, l.bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return l
}

// timeit measures a loop as IPython does: several runs, each of so many loops that
// it takes a while.
func timeit(loops, runs int, quiet bool, f func(int, *rt.Timer)) {
	cell := rt.Current()
	runtime.GC()
	if loops <= 0 {
		loops = 1
		for i := 0; runLoop(cell, loops, f).time < enough && loops < 1e10; i++ {
			loops = []int{1, 2, 5}[(i+1)%3] * int(math.Pow10((i+1)/3))
		}
	}
	if runs <= 0 {
		runs = repeats
	}
	var sum, squares float64
	best := math.Inf(1)
	var allocs, size uint64 = math.MaxUint64, math.MaxUint64 // the least of the runs: other goroutines allocate, too
	for range runs {
		l := runLoop(cell, loops, f)
		each := float64(l.time) / float64(loops)
		best, sum, squares = min(best, each), sum+each, squares+each*each
		allocs, size = min(allocs, l.allocs), min(size, l.bytes)
	}
	if quiet {
		return
	}
	n := float64(runs)
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean))
	fmt.Fprintf(os.Stdout, "%s ± %s per loop (mean ± std. dev. of %d run%s, %s loop%s each)\n",
		number.Nanoseconds(mean, 3), number.Nanoseconds(deviation, 3), runs, plural(runs), number.Commas(loops), plural(loops))
	fmt.Fprintf(os.Stdout, "best %s; %s B and %s allocations per loop\n", number.Nanoseconds(best, 3), number.Commas(int(size/uint64(loops))), number.Commas(int(allocs/uint64(loops))))
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// measures is what %time and %prun have begun in a cell.
type measures struct {
	timing    bool
	start     time.Time
	used      syscall.Rusage
	profiling bool
	profile   bytes.Buffer
	options   string
	asked     string // the variable's value before
	wasAsked  bool
}

func (r *runner) timeBegin() {
	m := &r.current().measures
	m.timing = true
	syscall.Getrusage(syscall.RUSAGE_SELF, &m.used)
	m.start = time.Now()
}

func (r *runner) timeEnd() { r.current().measures.timeEnd() }

func (m *measures) timeEnd() {
	if !m.timing {
		return
	}
	wall := time.Since(m.start)
	m.timing = false
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	user := time.Duration(used.Utime.Nano() - m.used.Utime.Nano())
	system := time.Duration(used.Stime.Nano() - m.used.Stime.Nano())
	fmt.Fprintf(os.Stdout, "CPU times: user %s, sys: %s, total: %s\nWall time: %s\n",
		number.Nanoseconds(float64(user), 3), number.Nanoseconds(float64(system), 3), number.Nanoseconds(float64(user+system), 3), number.Nanoseconds(float64(wall), 3))
}

// layersVariable asks trainings for the names of layers in their samples, see
// train.ProfileLabels: the worker does not know package train.
const layersVariable, layersValue = "MODELBOOK_PROFILE", "layers"

func (r *runner) profileBegin(options string) {
	m := &r.current().measures
	m.profile.Reset()
	if err := pprof.StartCPUProfile(&m.profile); err != nil {
		panic(fmt.Errorf("%%prun: %w", err))
	}
	m.asked, m.wasAsked = os.LookupEnv(layersVariable)
	os.Setenv(layersVariable, layersValue)
	m.profiling, m.options = true, options
}

func (r *runner) profileEnd() { r.endProfile(r.current()) }

func (r *runner) endProfile(run *run) {
	m := &run.measures
	if !m.profiling {
		return
	}
	m.profiling = false
	pprof.StopCPUProfile()
	if m.wasAsked {
		os.Setenv(layersVariable, m.asked)
	} else {
		os.Unsetenv(layersVariable)
	}
	r.conn.event(control.Profile{Run: run.id, Options: m.options, Data: m.profile.Bytes()})
}

// endMeasures ends what a cell has begun and not ended.
func (r *runner) endMeasures(run *run) {
	if run != nil {
		run.measures.timeEnd()
		r.endProfile(run)
	}
}
