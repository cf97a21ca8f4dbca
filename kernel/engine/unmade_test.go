package engine

import (
	"strings"
	"testing"
)

func TestACellThatEndsEarlyLeavesOldValues(t *testing.T) {
	nb := open(t)
	nb.run("type P struct{ A, B int }\ns, n, p := \"old\", 1, P{1, 2}")
	out := nb.fails("fmt.Println(n)\npanic(\"p\")\ns := 3.5\nn := 7\np := []P{}\nfresh := 1", "Panic", "p")
	if !strings.Contains(out.stderr, "n, p, s keep their old values") {
		t.Errorf("notes %q", out.stderr)
	}
	nb.prints("fmt.Println(s, n, p)", "old 1 {1 2}\n")
	nb.fails("fresh + 1", "CompileError", "fresh was never assigned: its statement (cell[2]:6) did not run")
	if got := nb.parts(); strings.Contains(got, "fresh") || !strings.Contains(got, `s string "old" 0`) {
		t.Errorf("variables\n%s", got)
	}
	// By its own initializer, a return, an error that ends the cell later.
	nb.fails("x := func() int { panic(\"load failed\") }()", "Panic", "load failed")
	nb.fails("x + 1", "CompileError", "x was never assigned")
	nb.run("if n == 1 {\n\treturn\n}\ns := 8\ny := 2")
	nb.prints("fmt.Println(s)", "old\n")
	nb.fails("y", "CompileError", "y was never assigned")
	nb.fails("data, err := os.ReadFile(\"/nowhere\")\ns := len(data)", "fs.PathError", "nowhere")
	nb.prints("fmt.Println(s)", "0\n")
	// What was made before the end stays.
	nb.fails("a := 1\nb := 2\nvar none []int\nb = none[a]\nc := 3", "Panic", "index out of range")
	nb.prints("fmt.Println(a, b)", "1 2\n")
	nb.fails("c", "CompileError", "c was never assigned")
	nb.run("fresh, c := \"now\", 5.0")
	nb.prints("fmt.Println(fresh, c)", "now 5\n")
}

func TestACellThatEndsEarlyLeavesFunctions(t *testing.T) {
	nb := open(t)
	nb.run("type P struct{ A int }\nx, p := 3, P{1}\nfunc use() int { return x }")
	out := nb.fails("type P struct{ A, B int }\nx := func() P { panic(\"p\") }()\np := P{}", "Panic", "p")
	for _, want := range []string{"func use was dropped", "x keeps its old value", "func use is declared again", "the variable p is gone: its type P was redefined"} {
		if !strings.Contains(out.stderr, want) {
			t.Errorf("notes %q lack %q", out.stderr, want)
		}
	}
	nb.prints("fmt.Print(use())", "3")
}

func TestAnInterruptedCellLeavesOldValues(t *testing.T) {
	nb := alone(t)
	nb.run("s := \"old\"")
	if _, err, _ := nb.interrupted("for { time.Sleep(time.Millisecond) }\ns := 1\nt := 2"); err == nil {
		t.Fatal("not interrupted")
	}
	nb.prints("fmt.Println(s)", "old\n")
	nb.fails("t", "CompileError", "t was never assigned")
}
