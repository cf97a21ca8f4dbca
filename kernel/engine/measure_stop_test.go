package engine

import (
	"context"
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
