package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMeasuringCanBeInterrupted interrupts loops, benchmarks, tests and
// profiles that would take for ever. The values of the session stay.
func TestMeasuringCanBeInterrupted(t *testing.T) {
	e := newEngine(t)
	n := 0
	run := func(ctx context.Context, code string) (*record, error) {
		n++
		out := &record{}
		return out, e.Execute(ctx, Request{Code: code, Cell: n}, out)
	}
	if _, err := run(context.Background(), "kept := 7\nfunc forever() {\n\tfor {\n\t\tkept = 7\n\t}\n}"); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{
		"fmt.Println(\"go\")\n%timeit forever()",
		"fmt.Println(\"go\")\n%timeit -n 1000000 time.Sleep(time.Millisecond)",
		"%prun fmt.Println(\"go\"); forever()",
		"fmt.Println(\"go\")\n%test\nfunc TestForever(t *testing.T) { t.Run(\"sub\", func(t *testing.T) { forever() }) }",
		"fmt.Println(\"go\")\n%test\nfunc BenchmarkForever(b *testing.B) {\n\tfor b.Loop() {\n\t\tforever()\n\t}\n}",
	} {
		ctx, cancel := context.WithCancel(context.Background())
		out := &record{onText: func() { time.AfterFunc(100*time.Millisecond, cancel) }}
		n++
		started := time.Now()
		err := e.Execute(ctx, Request{Code: code, Cell: n}, out)
		cancel()
		if err == nil || err.(*CellError).Name != "Interrupted" {
			t.Errorf("%s\n%v\n%s", code, err, outcome(out))
		}
		if d := time.Since(started); d > 30*time.Second {
			t.Errorf("%s\ntook %v", code, d)
		}
		after, err := run(context.Background(), "kept")
		if err != nil || len(after.results) != 1 || after.results[0] != "7" {
			t.Fatalf("after\n%s\n%v %v", code, after.results, err)
		}
	}
}

func TestChangesOfTrackedCodeAreTold(t *testing.T) {
	e := newEngine(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "p.go")
	write := func(text string, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	write("package p\n", time.Hour)
	cell := func(code string) string {
		t.Helper()
		out := &record{}
		if err := e.Execute(context.Background(), Request{Code: code, Cell: 1}, out); err != nil {
			t.Fatal(err)
		}
		return out.stderr
	}
	if got := cell("%track " + dir); got != "" {
		t.Errorf("%q", got)
	}
	write("package p // new\n", time.Minute)
	if got := cell("1"); !strings.Contains(got, dir+" has changed") {
		t.Errorf("the change is not told: %q", got)
	}
	if got := cell("1"); got != "" {
		t.Errorf("it is told again: %q", got)
	}
	write("package p // newer\n", 0)
	if got := cell("%untrack " + dir + "...\n1"); got != "" {
		t.Errorf("told of what is tracked no more: %q", got)
	}
}
