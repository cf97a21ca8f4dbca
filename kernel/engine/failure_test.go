package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestFailingCellChangesNothing(t *testing.T) {
	nb := open(t)
	nb.run("x := 1\nfunc f() int { return x }\ntype T struct{ a int }\nv := T{1}")
	before := fmt.Sprint(nb.Declarations())
	for _, cell := range []string{
		"x := \"text\"\nundefined + 1",
		"func f() string { return 5 }",
		"type T struct{ a, b int }\nT{1}.c",
		"func broken( {",
		"import \"example.invalid/nowhere\"",
	} {
		if _, err := nb.try(cell); err == nil {
			t.Errorf("%q succeeds", cell)
		}
	}
	if after := fmt.Sprint(nb.Declarations()); after != before {
		t.Errorf("failing cells changed the session\nbefore %s\nafter  %s", before, after)
	}
	nb.prints("fmt.Print(x, f(), v.a)", "1 1 1")
}

func TestCompileErrorsPointAtTheLine(t *testing.T) {
	nb := open(t)
	nb.fails("a := 1\n\tb := a + \"x\"\nc := nope", "CompileError",
		"cell[1]:2:7: invalid operation", "    \tb := a + \"x\"\n    \t     ^", "cell[1]:3:6: undefined: nope")
	nb.fails("if x {", "CompileError", "cell[2]:1")
	nb.fails("func f() int {\n}", "CompileError", "cell[3]:2:1: missing return")
}

func TestWhereOfAnError(t *testing.T) {
	nb := open(t)
	out := nb.fails("select {}  x", "CompileError", "cell[1]:1:12: expected ';', found x")
	if out.err.Value != "expected ';', found x" {
		t.Errorf("also told is the end of what stands around the text: %s", out.err.Value)
	}
	nb.fails("\uFEFF%whos\n\tundefinedThing", "CompileError", "cell[2]:2:2: undefined: undefinedThing\n    \tundefinedThing\n    \t^")
	long := strings.Repeat("\"é\" + ", 500)
	trace := nb.fails("s := "+long+"nothing + "+long+"\"\"", "CompileError", "cell[3]:1:3506: undefined: nothing").err.Traceback
	source, caret := plainText(trace[1]), plainText(trace[2])
	if at := strings.Index(caret, "^"); len(source) > 500 || !strings.HasPrefix(string([]rune(source)[at:]), "nothing + ") {
		t.Errorf("the caret is not under the name:\n%s\n%s", source, caret)
	}
}

func TestPanicShowsTheFramesInCells(t *testing.T) {
	nb := open(t)
	nb.run("func boom(k int) int {\n\tvar a []int\n\treturn a[k]\n}")
	nb.fails("kept := 5\n\nboom(3)", "Panic", "index out of range [3] with length 0",
		"cell[1]:3 in boom\n    \treturn a[k]\n", "cell[2]:3\n    boom(3)\n")
	nb.shows("kept", "5")
	nb.fails("type Worse struct{}\nfunc (Worse) String() string { panic(Worse{}) }\npanic(Worse{})", "Panic", "main.Worse (its text could not be made", "cell[4]:3")
	nb.shows("kept", "5")
}

func TestUnseenErrorIsRaised(t *testing.T) {
	nb := open(t)
	nb.fails("x := 1\nn, err := strconv.Atoi(\"z\")\nx = 2", "strconv.NumError", "cell[1]:2", "n, err := strconv.Atoi(\"z\")", "invalid syntax")
	nb.shows("x", "2")
	nb.run("n, err := strconv.Atoi(\"z\")\nif err != nil { fmt.Println(err) }")
	nb.run("n, err := strconv.Atoi(\"z\")\n_ = err")
	nb.run("n, err := strconv.Atoi(\"5\")")
	nb.fails("_, err = strconv.Atoi(\"again\")", "strconv.NumError", "again")
	nb.fails("n, err := strconv.Atoi(\"z\")\nm, err := strconv.Atoi(\"5\")\nfmt.Print(err)", "strconv.NumError", "cell[7]:1")
	nb.fails("strconv.Atoi(\"z\")", "strconv.NumError", "invalid syntax")
	nb.fails("n, err := strconv.Atoi(\"z\")\nvar p *int\n*p = n", "strconv.NumError", "invalid syntax", "then, going on in spite of the error, Panic", "nil pointer")
}

func TestEndlessRecursionKeepsValues(t *testing.T) {
	nb := open(t)
	nb.run("kept := 1\nfunc down(n int) int {\n\tvar a [16]int\n\ta[n%16] = n\n\treturn down(n+1) + a[n%16]\n}")
	trace := plainText(strings.Join(nb.fails("down(0)", "Panic", "stack overflow", "cell[1]:5 in down").err.Traceback, "\n"))
	if strings.Count(trace, "in down") != 2 || strings.Count(trace, "the same again") != 1 {
		t.Errorf("a recursion is told frame by frame:\n%s", trace)
	}
	nb.shows("kept", "1")
	nb.fails("down(0)", "Panic", "stack overflow")
}

func TestExitEndsTheCellOnly(t *testing.T) {
	nb := open(t)
	nb.run("kept := 1")
	nb.fails("os.Exit(3)", "ExitError", "exit status 3")
	out := nb.fails("log.Fatalf(\"bad %d\", 3)", "ExitError", "exit status 1")
	if !strings.Contains(out.stderr, "bad 3") {
		t.Errorf("stderr lacks the message: %q", out.stderr)
	}
	out = nb.fails("l := log.New(os.Stdout, \"my \", 0)\nl.Fatalln(\"end\")", "ExitError", "cell[4]:2")
	if out.stdout != "my end\n" {
		t.Errorf("prints %q", out.stdout)
	}
	nb.run("func f() { os.Exit(0) }\nf()")
	nb.shows("kept", "1")
}

func TestPanicInGoroutine(t *testing.T) {
	nb := open(t)
	for _, spawn := range []string{
		"go func() { panic(\"lost\") }()",
		"go fail(\"lost\", 1)",
		"go T{}.fail(\"lost\")",
		"go failT(\"lost\")",
		"f := fail; go f(\"lost\", 2)",
		"go many(\"lost\", []int{1, 2}...)",
	} {
		out := nb.run("func fail(s string, k int) { panic(s) }\ntype T struct{}\nfunc (T) fail(s string) { panic(s) }\nfunc failT[V any](v V) { panic(v) }\nfunc many(s string, k ...int) { panic(fmt.Sprint(s, len(k))) }\n" +
			spawn + "\ntime.Sleep(30 * time.Millisecond)")
		if !strings.Contains(out.stderr, "lost") || !strings.Contains(out.stderr, "goroutine ended in a panic") {
			t.Errorf("%s: stderr %q", spawn, out.stderr)
		}
	}
	nb.prints("ch := make(chan int)\ngo func(k int) { ch <- k }(4)\nfmt.Print(<-ch)", "4")
}

// interrupted runs a cell and interrupts it a moment after it started.
func (nb *notebook) interrupted(code string) (*record, *CellError, time.Duration) {
	nb.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var at time.Time
	out := &record{onText: func() {
		if at.IsZero() {
			at = time.Now().Add(100 * time.Millisecond)
			time.AfterFunc(100*time.Millisecond, cancel)
		}
	}}
	nb.tryInto(ctx, "fmt.Print(\"\\n\")\n"+code, out)
	out.stdout = strings.TrimPrefix(out.stdout, "\n")
	return out, out.err, time.Since(at)
}

func TestInterrupt(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 1\nfunc spin() { for { kept++ } }\nfunc deep(n int) int { return deep(n+1) + 1 }\nvar stored = func() { for {} }\ntime.Sleep(0)")
	for _, c := range []struct{ name, code string }{
		{"loop", "for {}"},
		{"loop in a function", "spin()"},
		{"loop in a stored function", "stored()"},
		{"blocked channel", "<-make(chan int)"},
		{"sleep", "time.Sleep(time.Hour)"},
		{"goto", "again:\ngoto again"},
	} {
		_, err, took := nb.interrupted(c.code)
		if err == nil || err.Name != "Interrupted" {
			t.Errorf("%s: error %v, want Interrupted", c.name, err)
		}
		if took > 2*time.Second {
			t.Errorf("%s: ended %v after the interrupt", c.name, took)
		}
	}
	if out, err, _ := nb.interrupted("<-ctx.Done()\nfmt.Print(\"in order\")"); err != nil || out.stdout != "in order" {
		t.Errorf("ctx: prints %q, error %v", out.stdout, err)
	}
	nb.prints("fmt.Print(kept > 1, ctx.Err())", "true <nil>")
}

func TestGoroutineLeftBehindStaysStopped(t *testing.T) {
	nb := alone(t)
	nb.run("ticks := 0\ngate := make(chan int)")
	_, err, _ := nb.interrupted("<-gate\nfor { ticks++ }")
	if err == nil {
		t.Fatal("not interrupted")
	}
	nb.run("close(gate)\ntime.Sleep(50 * time.Millisecond)")
	nb.shows("ticks", "0")
}

func TestOutputIsCompleteAtTheEndOfTheCell(t *testing.T) {
	nb := open(t)
	for range 5 {
		out := nb.run("for i := range 20000 { fmt.Println(\"line\", i) }\nfmt.Fprintln(os.Stderr, \"end\")")
		if !strings.HasSuffix(out.stdout, "line 19999\n") || out.stderr != "end\n" {
			t.Fatalf("stdout ends in %q, stderr %q", out.stdout[max(0, len(out.stdout)-20):], out.stderr)
		}
	}
}

func TestRestart(t *testing.T) {
	nb := open(t)
	nb.run("x := 1\nfunc f() {}")
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
	nb.fails("x", "CompileError", "undefined: x")
	nb.run("x := \"new\"")
	nb.shows("x", `"new"`)
}

func TestExitInAPackageEndsTheCellOnly(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	addModule(t, nb, "example.test/quits", "package quits\n\nimport (\n\t\"log\"\n\t\"os\"\n)\n\nfunc Now(code int) { os.Exit(code) }\n\nfunc Fatal() { log.Fatal(\"the end\") }\n\nfunc Beside() {\n\tdone := make(chan bool)\n\tgo func() { defer close(done); os.Exit(4) }()\n\t<-done\n}\n")
	nb.run("import \"example.test/quits\"\nkept := 1")
	nb.fails("quits.Now(3)", "ExitError", "exit status 3", "cell[2]:1")
	if out := nb.fails("quits.Fatal()", "ExitError", "exit status 1"); !strings.Contains(out.stderr, "the end") {
		t.Errorf("stderr %q", out.stderr)
	}
	nb.run("quits.Now(0)")
	nb.fails("go quits.Now(5)\ntime.Sleep(time.Hour)", "ExitError", "exit status 5")
	nb.fails("quits.Beside()\nkept = 2", "ExitError", "exit status 4")
	nb.shows("kept", "1")
}
