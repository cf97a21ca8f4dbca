// Package tests runs the tests, benchmarks, fuzz seeds and examples of a
// session with package testing, in the process that holds the session. Code
// that the kernel generates for %test calls it.
package tests

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/worker/rt"
)

// A suite is what one %test found in the session.
type suite struct {
	tests      []testing.InternalTest
	benchmarks []testing.InternalBenchmark
	fuzz       []testing.InternalFuzzTarget
	examples   []testing.InternalExample
	main       func(*testing.M)
	own        []string // names that the cell itself declares
	ownBench   []string // benchmarks among them
	stopped    any      // the interrupt that a test was hit by
	cell       *rt.Cell // the cell with the %test
}

var now suite

// A %test that is left behind does not forget its tests itself.
func init() {
	rt.AfterCell = append(rt.AfterCell, func(c *rt.Cell) {
		if now.cell == c {
			now = suite{}
		}
	})
}

// Test adds a test; own says that the cell itself declares it.
func Test(name string, own bool, f func(*testing.T)) {
	now.mine(name, own)
	now.tests = append(now.tests, testing.InternalTest{Name: name, F: Guard(f)})
}

// Benchmark adds a benchmark.
func Benchmark(name string, own bool, f func(*testing.B)) {
	now.mine(name, own)
	if own {
		now.ownBench = append(now.ownBench, name)
	}
	now.benchmarks = append(now.benchmarks, testing.InternalBenchmark{Name: name, F: Guard(f)})
}

// Fuzz adds a fuzz target, whose seeds are run.
func Fuzz(name string, own bool, f func(*testing.F)) {
	now.mine(name, own)
	now.fuzz = append(now.fuzz, testing.InternalFuzzTarget{Name: name, Fn: Guard(f)})
}

// Example adds an example with the output that it should have.
func Example(name string, own bool, f func(), output string, unordered bool) {
	now.mine(name, own)
	now.examples = append(now.examples, testing.InternalExample{Name: name, Output: output, Unordered: unordered, F: func() {
		started := time.Now()
		ended := false
		defer func() {
			if !ended { // it panicked, which ends the cell
				rt.Tested(name, "fail", time.Since(started).Seconds())
			}
		}()
		f()
		ended = true
		// Whether its output is right is seen later, by package testing.
		rt.Tested(name, "", time.Since(started).Seconds())
	}})
}

// Main sets the session's TestMain.
func Main(f func(*testing.M)) { now.main, now.cell = f, rt.Current() }

func (s *suite) mine(name string, own bool) {
	s.cell = rt.Current()
	if own {
		s.own = append(s.own, name)
	}
}

// RunDefault runs the tests and benchmarks of the cell, and all tests of the
// session when it declares none. The line is that of its %test.
func RunDefault(line int) {
	args := []string{"-test.v"}
	if len(now.own) > 0 {
		args = append(args, "-test.run="+exactly(now.own))
	}
	if len(now.ownBench) > 0 {
		args = append(args, "-test.bench="+exactly(now.ownBench), "-test.benchmem")
	}
	Run(line, args...)
}

// exactly is an expression that matches these names.
func exactly(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}

// Run runs what was added, with flags of go test, and forgets it.
func Run(line int, args ...string) {
	defer func() { now = suite{} }()
	restore, err := setFlags(args)
	if err != nil {
		rt.Current().Line(line).Raise(err)
		return
	}
	defer restore()
	m := testing.MainStart(deps{}, now.tests, now.benchmarks, now.fuzz, now.examples)
	if now.main != nil {
		now.main(m)
	} else {
		m.Run()
	}
	if now.stopped != nil {
		panic(now.stopped)
	}
}

// Guard makes a panic in a test or benchmark its failure: in the goroutine
// that it runs in, it would end the process, and with it the session. It also
// reports the outcome.
func Guard[T testing.TB](f func(T)) func(T) {
	return func(t T) {
		_, bench := any(t).(*testing.B)
		report(t, !bench) // a benchmark runs many times
		defer func() { caught(t, recover()) }()
		f(t)
	}
}

// report tells the outcome of a test when it has ended, and the parallel tests
// in it, too.
func report(t testing.TB, passed bool) {
	started := time.Now()
	t.Cleanup(func() {
		outcome := "pass"
		switch {
		case t.Failed():
			outcome = "fail"
		case t.Skipped():
			outcome = "skip"
		}
		if passed || outcome != "pass" {
			rt.Tested(t.Name(), outcome, time.Since(started).Seconds())
		}
	})
}

// caught makes a test fail by what it panicked with.
func caught(t testing.TB, v any) {
	switch v := v.(type) {
	case nil:
		return
	case rt.Interrupted:
		now.stopped = v
	case rt.ExitRequest:
		fmt.Fprintf(t.Output(), "the test called os.Exit(%d) or log.Fatal\n", v.Code)
	default:
		fmt.Fprintf(t.Output(), "panic: %v\n%s", v, cellFrames())
	}
	t.Fail()
}
