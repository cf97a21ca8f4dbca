package command

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"modelbook/internal/number"
	"modelbook/kernel/output"
	"modelbook/kernel/table"
)

// A testRun gathers the results of a %test. Those of tests come from the worker
// that runs them, those of benchmarks and examples from what package testing
// prints.
type testRun struct {
	mu      sync.Mutex
	line    string // begun and not ended
	tests   []Test
	failed  map[string]bool // that a line has reported
	benches [][]string
	units   []string // of the benchmarks' further columns
}

func newTestRun() *testRun { return &testRun{failed: map[string]bool{}} }

// Listen begins to gather the results of a %test, when the cell has one.
func (r *Run) Listen() {
	if r.cell.Test != nil && r.After == nil {
		r.tests = newTestRun()
		r.out.listen(r.tests.text)
	}
}

// A Test is the outcome of a test or example, or of a benchmark that did not
// pass.
type Test struct {
	Name    string
	Outcome string // "pass", "fail" or "skip"; "" for an example, which only prints it
	Seconds float64
}

// Tested takes the outcome of one test.
func (r *Run) Tested(t Test) {
	if r.tests != nil {
		r.tests.outcome(t)
	}
}

// ShowTests shows tables of the tests and benchmarks that ran. The error names
// the tests that failed.
func (r *Run) ShowTests() error {
	if r.tests == nil {
		return nil
	}
	tests, benches, err := r.tests.tables()
	if len(tests.Rows) > 0 {
		r.display(tests.Data())
	}
	if len(benches.Rows) > 0 {
		r.display(benches.Data())
	}
	if err != nil {
		return err
	}
	return nil
}

// outcome takes the outcome of one test.
func (t *testRun) outcome(test Test) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tests = append(t.tests, test)
}

var (
	outcomeLine = regexp.MustCompile(`^\s*--- FAIL: (\S+)`)
	benchLine   = regexp.MustCompile(`^(Benchmark\S*)\s+(\d+)\s+(\d.*)$`)
)

// text takes what the cell prints.
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

// whole takes a line that is complete.
func (t *testRun) whole(line string) {
	if g := outcomeLine.FindStringSubmatch(line); g != nil {
		t.failed[g[1]] = true
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
				value = number.Nanoseconds(ns, 4)
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

// settle completes the outcomes: that of an example is known from what package
// testing prints, and a benchmark says that it failed each time it is run.
func (t *testRun) settle() {
	var tests []Test
	for _, test := range t.tests {
		switch {
		case test.Outcome == "" && t.failed[test.Name]:
			test.Outcome = "fail"
		case test.Outcome == "":
			test.Outcome = "pass"
		}
		if strings.HasPrefix(test.Name, "Benchmark") {
			tests = slices.DeleteFunc(tests, func(other Test) bool { return other.Name == test.Name })
		}
		tests = append(tests, test)
	}
	t.tests = tests
}

// counts reports whether a test is one of those that are counted: one without
// others in it, or whose outcome is not theirs.
func (t *testRun) counts(test Test) bool {
	parent, same := false, false
	for _, sub := range t.tests {
		if strings.HasPrefix(sub.Name, test.Name+"/") {
			parent, same = true, same || sub.Outcome == test.Outcome
		}
	}
	return !parent || test.Outcome != "pass" && !same
}

// tables are the tests and the benchmarks that ran. The error names the tests
// that failed.
func (t *testRun) tables() (tests, benches table.Table, failure *output.Error) {
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
	tests = table.Table{Title: sum, Head: []string{"test", "outcome", "time"}, Rows: rows,
		Colour: map[string]string{"pass": "#1a7f37", "fail": "#cf222e", "skip": "#9a6700"}}
	head := append([]string{"benchmark", "loops", "time/op"}, t.units...)
	for i := range t.benches {
		for len(t.benches[i]) < len(head) {
			t.benches[i] = append(t.benches[i], "")
		}
	}
	benches = table.Table{Head: head, Rows: t.benches, Right: -1}
	if len(failed) > 0 {
		failure = &output.Error{Name: "TestFailed", Value: strings.Join(failed, ", ")}
		failure.Traceback = []string{"\x1b[31m" + failure.Name + "\x1b[0m: " + failure.Value}
	}
	return tests, benches, failure
}
