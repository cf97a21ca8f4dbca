package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"modelbook/kernel/output"
)

// A TestPackage is the session's declarations as a package for go test.
type TestPackage struct {
	Program
	// Tests are the tests that the cell itself declares, Benchmarks those
	// among them that are benchmarks.
	Tests, Benchmarks []string
}

// separate are the flags of %test for which the tests need a program of their
// own, and more those that only such a program takes.
var (
	separate = []string{"race", "cover", "covermode", "coverprofile"}
	more     = []string{"cpu", "timeout"}
	shared   = []string{"bench", "benchmem", "benchtime", "blockprofile", "count", "cpuprofile", "failfast", "fullpath", "list",
		"memprofile", "mutexprofile", "outputdir", "parallel", "run", "short", "shuffle", "skip", "v"}
	paths = []string{"coverprofile", "blockprofile", "cpuprofile", "memprofile", "mutexprofile", "outputdir"}
	bools = []string{"race", "cover", "benchmem", "failfast", "fullpath", "short", "v"}
)

// A testFlag is one flag of %test, without its marks.
type testFlag struct{ name, value string }

// testFlags reads the flags of a %test for a program of its own.
func testFlags(args []string) ([]testFlag, error) {
	var flags []testFlag
	for i := 0; i < len(args); i++ {
		if args[i] == "" {
			continue
		}
		name, value, given := strings.Cut(strings.TrimPrefix(strings.TrimLeft(args[i], "-"), "test."), "=")
		if !strings.HasPrefix(args[i], "-") || !slices.Contains(slices.Concat(separate, more, shared), name) {
			return nil, fmt.Errorf("%%test: %s does not work with -race and -cover; flags that do are -%s", args[i], strings.Join(slices.Concat(separate, more, shared), ", -"))
		}
		if !given && !slices.Contains(bools, name) {
			if i++; i == len(args) {
				return nil, fmt.Errorf("%%test: -%s needs a value", name)
			}
			value = args[i]
		}
		if value == "" && slices.Contains(bools, name) {
			value = "true"
		}
		flags = append(flags, testFlag{name, value})
	}
	return flags, nil
}

func hasFlag(flags []testFlag, names ...string) bool {
	return slices.ContainsFunc(flags, func(f testFlag) bool { return slices.Contains(names, f.name) && f.value != "false" })
}

// needsProgram reports whether the flags of a %test ask for a program of its own.
func needsProgram(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		name, value, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		return strings.HasPrefix(a, "-") && slices.Contains(separate, name) && value != "false"
	})
}

// separateNote is the first line that such a %test prints.
const separateNote = "Tests run in a program of its own, built from the session's declarations: variables start with the values\n" +
	"that the statements that declare them give; nothing else that cells have computed or assigned is there."

// testProgram runs the tests of a cell, or of the session, in a program of their
// own.
func (r *Run) testProgram(ctx context.Context) error {
	test := *r.cell.Test
	flags, err := testFlags(test.Args)
	if err != nil {
		return r.fail(test, "UsageError", "%v", err)
	}
	cover := hasFlag(flags, "cover", "covermode", "coverprofile")
	p, err := r.TestPackage(r.cell, !hasFlag(flags, "run", "bench", "list"), cover)
	if err != nil {
		return err
	}
	dir, err := p.write(r.ModuleDir(), "test_cell")
	if err != nil {
		return r.fail(test, "TestError", "%v", err)
	}
	defer os.RemoveAll(dir)
	r.printf("%s\n", separateNote)
	if len(p.Zero) > 0 {
		output.Note(r.out, "no statement is known that makes %s: zero in this program", strings.Join(p.Zero, ", "))
	}
	// The go command runs in the module's folder, and the tests in that of the
	// cells, as $MODELBOOK_DIR.
	args := []string{"go", "test", "-json", "-vet=off", `-exec=sh -c 'cd "$MODELBOOK_DIR" && exec "$0" "$@"'`}
	args = append(args, r.programFlags("-tags", "-mod")...)
	profile, kept := filepath.Join(dir, "cover.out"), ""
	for _, f := range flags {
		switch {
		case f.name == "coverprofile":
			kept = r.path(f.value)
			continue
		case f.name == "v":
			continue // -json implies it
		case slices.Contains(paths, f.name):
			f.value = r.path(f.value)
		}
		args = append(args, "-"+f.name+"="+f.value)
	}
	if cover {
		args = append(args, "-coverprofile="+profile)
	}
	if !hasFlag(flags, "count") {
		args = append(args, "-count=1")
	}
	if len(p.Tests) > 0 {
		args = append(args, "-run="+exactly(p.Tests))
	}
	if len(p.Benchmarks) > 0 {
		args = append(args, "-bench="+exactly(p.Benchmarks), "-benchmem")
	}
	r.tests = newTestRun()
	sink := &testOutput{Sink: r.out, run: r, pkg: p, dir: filepath.Base(dir)}
	run := process{args: append([]string{ShellPath(), "-c", `exec "$0" "$@"`}, append(args, "./"+filepath.Base(dir))...), dir: r.ModuleDir()}
	environ := append(r.Environ(), "CGO_ENABLED=1", "MODELBOOK_DIR="+r.Dir())
	r.Outside(func() { err = run.run(ctx, environ, sink) })
	sink.end()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return r.interrupted(test)
	case len(sink.build) > 0:
		return compileError(sink.build)
	case err != nil && !errors.As(err, &exit):
		return r.fail(test, "TestError", "%v", err)
	}
	failed := r.ShowTests()
	if cover {
		if err := r.showCoverage(p, profile, kept); err != nil {
			return r.fail(test, "TestError", "%v", err)
		}
	}
	if failed == nil && err != nil {
		failed = r.fail(test, "TestFailed", "go test: %v", err)
	}
	return failed
}

// exactly is an expression that matches these names.
func exactly(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}

// A testOutput takes what go test -json prints. It hands on the text, with cells
// in place of files, and the outcomes of tests.
type testOutput struct {
	output.Sink
	run *Run
	pkg *TestPackage
	dir string // the package's folder

	mu    sync.Mutex
	rest  map[string]string // of each stream, a line that is not complete
	build []string          // what the compiler complains about
}

// Stream takes text of the go command.
func (t *testOutput) Stream(name, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rest == nil {
		t.rest = map[string]string{}
	}
	text = t.rest[name] + text
	for {
		line, after, whole := strings.Cut(text, "\n")
		if !whole {
			break
		}
		t.line(name, line)
		text = after
	}
	t.rest[name] = text
}

// end takes lines that were not ended.
func (t *testOutput) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, line := range t.rest {
		if line != "" {
			t.line(name, line)
		}
	}
	t.rest = nil
}

func (t *testOutput) line(name, line string) {
	var event struct {
		Action, Package, Test, Output string
		Elapsed                       float64
	}
	if name != "stdout" || json.Unmarshal([]byte(line), &event) != nil || event.Action == "" {
		t.run.out.Stream("stderr", t.pkg.InCells(line)+"\n")
		return
	}
	switch event.Action {
	case "build-output":
		if !strings.HasPrefix(event.Output, "# ") {
			t.build = append(t.build, strings.TrimSuffix(t.pkg.InCells(event.Output), "\n"))
		}
	case "output":
		text := t.pkg.InCells(event.Output)
		if event.Package != "" { // in the names of functions
			text = strings.ReplaceAll(text, event.Package+".", "main.")
		}
		if !t.isSummary(event.Test, text) {
			t.run.tests.text(text)
			t.run.out.Stream("stdout", text)
		}
	case "pass", "fail", "skip":
		if event.Test != "" && (event.Action == "fail" || !strings.HasPrefix(event.Test, "Benchmark")) {
			t.run.Tested(Test{event.Test, event.Action, event.Elapsed})
		}
	}
}

// isSummary reports whether a line is about the package, which is ours.
func (t *testOutput) isSummary(test, line string) bool {
	return test == "" && (strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "exit status ") || strings.HasPrefix(line, "pkg: "))
}
