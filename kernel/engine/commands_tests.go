package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/worker/control"
)

// testRun gathers the results of a %test: those of tests from the worker,
// those of benchmarks and examples out of what package testing prints.
type testRun struct {
	mu      sync.Mutex
	line    string // not ended yet
	tests   []control.Test
	failed  map[string]bool // by lines that say so
	skipped map[string]bool
	benches [][]string
	units   []string // of the benchmarks' further columns
	start   time.Time
}

func newTestRun() *testRun {
	return &testRun{failed: map[string]bool{}, skipped: map[string]bool{}, start: time.Now()}
}

// listen takes what the worker measures: profiles and, in a cell with %test,
// the outcome of tests.
func (r *commandRun) listen(from *outputs) *testRun {
	var tests *testRun
	if r.cell.Test != nil {
		tests = newTestRun()
		if sink, ok := r.out.(*cellSink); ok {
			sink.mu.Lock()
			sink.lines = tests.text
			sink.mu.Unlock()
		}
	}
	from.measure(func(e control.Event) {
		switch e := e.(type) {
		case control.Profile:
			r.profiled(e)
		case control.Tested:
			if tests != nil {
				tests.outcome(e.Test)
			}
		}
	})
	return tests
}

// outcome takes the outcome of one test.
func (t *testRun) outcome(test control.Test) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tests = append(t.tests, test)
}

var (
	outcomeLine = regexp.MustCompile(`^\s*--- (FAIL|SKIP): (\S+)`)
	benchLine   = regexp.MustCompile(`^(Benchmark\S*)\s+(\d+)\s+(\d.*)$`)
)

// text takes what was printed.
func (t *testRun) text(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		line, rest, whole := strings.Cut(text, "\n")
		if len(t.line) < 1<<12 {
			t.line += line
		}
		if !whole {
			return
		}
		t.whole(t.line)
		t.line, text = "", rest
	}
}

func (t *testRun) whole(line string) {
	if g := outcomeLine.FindStringSubmatch(line); g != nil {
		if g[1] == "FAIL" {
			t.failed[g[2]] = true
		} else {
			t.skipped[g[2]] = true
		}
		return
	}
	g := benchLine.FindStringSubmatch(line)
	if g == nil {
		return
	}
	row := []string{g[1], g[2], ""}
	fields := strings.Fields(g[3])
	for i := 0; i+1 < len(fields); i += 2 {
		value, unit := fields[i], fields[i+1]
		if unit == "ns/op" {
			if ns, err := strconv.ParseFloat(value, 64); err == nil {
				value = perOp(ns)
			}
			row[2] = value
			continue
		}
		k := slices.Index(t.units, unit)
		if k < 0 {
			k = len(t.units)
			t.units = append(t.units, unit)
		}
		for len(row) < 4+k {
			row = append(row, "")
		}
		row[3+k] = value
	}
	t.benches = append(t.benches, row)
}

// perOp writes nanoseconds in the unit that suits them.
func perOp(ns float64) string {
	for _, u := range []struct {
		name string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= u.ns {
			return strconv.FormatFloat(ns/u.ns, 'g', 4, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(ns, 'g', 4, 64) + " ns"
}

// settle completes the outcomes: that of an example is known from what package
// testing prints, and a benchmark says that it failed each time it is run.
func (t *testRun) settle() {
	var tests []control.Test
	for _, test := range t.tests {
		switch {
		case test.Outcome == "" && t.failed[test.Name]:
			test.Outcome = "fail"
		case test.Outcome == "":
			test.Outcome = "pass"
		}
		if strings.HasPrefix(test.Name, "Benchmark") {
			tests = slices.DeleteFunc(tests, func(other control.Test) bool { return other.Name == test.Name })
		}
		tests = append(tests, test)
	}
	t.tests = tests
}

// counts reports whether a test is one of those that are counted: one without
// others in it, or whose outcome is not theirs.
func (t *testRun) counts(test control.Test) bool {
	parent, same := false, false
	for _, sub := range t.tests {
		if strings.HasPrefix(sub.Name, test.Name+"/") {
			parent, same = true, same || sub.Outcome == test.Outcome
		}
	}
	return !parent || test.Outcome != "pass" && !same
}

// show shows tables of what ran. The error tells which tests failed.
func (t *testRun) show(r *commandRun) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	count := map[string]int{}
	var rows [][]string
	var failed []string
	for _, test := range t.tests {
		if t.counts(test) {
			count[test.Outcome]++
		}
		if test.Outcome == "fail" && !slices.ContainsFunc(failed, func(name string) bool { return name == test.Name || strings.HasPrefix(name, test.Name+"/") }) {
			failed = append(failed, test.Name)
		}
		rows = append(rows, []string{test.Name, test.Outcome, fmt.Sprintf("%.2f s", test.Seconds)})
	}
	slices.SortStableFunc(rows, func(a, b []string) int { // subtests end before their tests
		if strings.HasPrefix(b[0], a[0]+"/") {
			return -1
		}
		if strings.HasPrefix(a[0], b[0]+"/") {
			return 1
		}
		return 0
	})
	if len(rows) > 0 {
		sum := fmt.Sprintf("%d passed", count["pass"])
		if n := count["fail"]; n > 0 {
			sum += fmt.Sprintf(", %d failed", n)
		}
		if n := count["skip"]; n > 0 {
			sum += fmt.Sprintf(", %d skipped", n)
		}
		for i := range rows {
			if _, sub, ok := strings.Cut(rows[i][0], "/"); ok {
				rows[i][0] = strings.Repeat("  ", strings.Count(rows[i][0], "/")) + sub[strings.LastIndexByte(sub, '/')+1:]
			}
		}
		r.table(table{title: sum, head: []string{"test", "outcome", "time"}, rows: rows, colour: map[string]string{"pass": "#1a7f37", "fail": "#cf222e", "skip": "#9a6700"}})
	}
	if len(t.benches) > 0 {
		head := append([]string{"benchmark", "loops", "time/op"}, t.units...)
		for i := range t.benches {
			for len(t.benches[i]) < len(head) {
				t.benches[i] = append(t.benches[i], "")
			}
		}
		r.table(table{head: head, rows: t.benches, right: -1})
	}
	if len(failed) == 0 {
		return nil
	}
	err := &CellError{Name: "TestFailed", Value: strings.Join(failed, ", ")}
	err.Traceback = []string{red + err.Name + plain + ": " + err.Value}
	return err
}
