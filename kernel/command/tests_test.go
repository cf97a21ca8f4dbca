package command

import (
	"context"
	"strings"
	"testing"

	"modelbook/kernel/cell"
)

// TestTablesOfTests hands a %test what the worker reports and prints.
func TestTablesOfTests(t *testing.T) {
	c, err := cell.Parse("%test\nfunc TestX(t *testing.T) {}", 3)
	if err != nil {
		t.Fatal(err)
	}
	out := &record{}
	o := NewOutput(out)
	r, err := New().Run(context.Background(), Host{}, c, "", o)
	if err != nil {
		t.Fatal(err)
	}
	r.Listen()
	for _, test := range []Test{{"TestA/good", "pass", 0.01}, {"TestA/bad", "fail", 0.02}, {"TestA", "fail", 0.03}, {"TestS", "skip", 0}, {"ExampleA", "", 0}, {"ExampleB", "", 0}, {"BenchmarkF", "fail", 0}} {
		r.Tested(test)
	}
	o.Stream("stdout", "--- FAIL: Exam")
	o.Stream("stdout", "pleB (0.00s)\nBenchmarkAdd-2   \t 100\t  1234.5 ns/op\t 8 B/op\t 1 allocs/op\nBenchmarkNone\t 1\t 2 ns/op\n")
	err = r.ShowTests()
	if err == nil || err.Error() != "TestFailed: TestA/bad, ExampleB, BenchmarkF" {
		t.Errorf("error %v", err)
	}
	text := ""
	for _, d := range out.displays {
		text += d.Data["text/plain"].(string) + "\n"
	}
	const want = `2 passed, 3 failed, 1 skipped
test        outcome  time
TestA       fail     0.03 s
  good      pass     0.01 s
  bad       fail     0.02 s
TestS       skip     0.00 s
ExampleA    pass     0.00 s
ExampleB    fail     0.00 s
BenchmarkF  fail     0.00 s
benchmark       loops   time/op  B/op  allocs/op
BenchmarkAdd-2    100  1.234 µs     8          1
BenchmarkNone       1  2.000 ns
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if !strings.Contains(out.displays[0].Data["text/html"].(string), "color:#cf222e") {
		t.Error("a failure has no colour")
	}
}
