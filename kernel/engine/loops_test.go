package engine

import (
	"strings"
	"testing"
)

// Loops over session variables work on copies of them (kernel/session/loops.go).
// Whatever ends a loop, the variables have the values they had at that moment.

func TestPanicInALoopKeepsValues(t *testing.T) {
	nb := open(t)
	nb.run("xs := []int{1, 2, 3, 4}\nsum, last := 0, -1\nvar m map[string]int\nvar none *struct{ n int }\ndiv := 3\nacc := struct{ n int; sum float64 }{}")
	for _, c := range []struct{ loop, err, want string }{
		{"for i := 0; ; i++ {\n\tsum += xs[i]\n\tlast = i\n}", "index out of range [4] with length 4", "10 3"},
		{"for last = 0; ; last++ {\n\tsum += xs[last]\n}", "index out of range [4] with length 4", "10 4"},
		{"for last = range xs {\n\tsum += xs[last+1]\n}", "index out of range [4] with length 4", "9 3"},
		{"for range 5 {\n\tsum += 12 / div\n\tdiv--\n}", "integer divide by zero", "22 -1"},
		{"for i := range 5 {\n\tsum, last = sum+i, i\n\tif i == 3 {\n\t\tm[\"x\"]++\n\t}\n}", "nil map", "6 3"},
		{"for acc.n = range 3 {\n\tacc.sum += float64(xs[acc.n*2])\n}", "index out of range [4] with length 4", "0 -1 {2 4}"},
		{"for i := range 5 {\n\tsum += i\n\tif i == 2 {\n\t\tlast = none.n\n\t}\n}", "nil pointer", "3 -1"},
		{"for i := range 5 {\n\tsum += i\n\tif i == 2 {\n\t\tpanic(\"enough\")\n\t}\n}", "enough", "3 -1"},
		{"outer:\nfor i := range 5 {\n\tfor last = 0; last < 5; last++ {\n\t\tif i == 3 {\n\t\t\tbreak outer\n\t\t}\n\t\tsum += i\n\t}\n}\npanic(\"behind\")", "behind", "15 0"},
	} {
		nb.run("sum, last, div = 0, -1, 3")
		nb.fails(c.loop, "Panic", c.err)
		if out := nb.run("fmt.Print(sum, last, acc)").stdout; !strings.HasPrefix(out, c.want+" ") && out != c.want {
			t.Errorf("after %s: %s, want %s", c.loop, out, c.want)
		}
	}
	nb.fails("sum = 0\nfor i := 0; ; i++ {\n\n\tsum += xs[i]\n}", "Panic", "cell[29]:4\n    \tsum += xs[i]\n")
}

func TestInterruptOfALoopKeepsValues(t *testing.T) {
	nb := open(t)
	for _, loop := range []string{
		"for { n++; twice += 2 }",
		"for n = 0; ; n++ { twice = 2 * (n + 1) }",
		"for { for range 1000 { n++; twice = 2 * n } }",
		"loop: for { n++; twice += 2; for { continue loop } }",
		"for { n += len(xs); twice += 2 * xs[0]; _ = xs[n&0] }",
		"for i := 0; ; i++ { n, twice = i, 2*i }",
	} {
		nb.run("n, twice := 0, 0\nxs := []int{1}")
		_, err, took := nb.interrupted(loop)
		if err == nil || err.Name != "Interrupted" {
			t.Errorf("%s ends in %v", loop, err)
		}
		t.Logf("%s ended after %v", loop, took)
		out := nb.run("fmt.Print(n, twice, n > 100 && (twice == 2*n || twice == 2*(n+1)))")
		if !strings.HasSuffix(out.stdout, " true") {
			t.Errorf("after %s: %s", loop, out.stdout)
		}
	}
}

// TestLoopsSeeWhatOthersWrite has goroutines, closures, functions and pointers
// that write what loops read.
func TestLoopsSeeWhatOthersWrite(t *testing.T) {
	nb := open(t)
	nb.run("done := false\ngo func() { time.Sleep(20 * time.Millisecond); done = true }()")
	nb.run("for !done {}")
	nb.run("turns := 0\nfunc stop() { turns = -1 }\ngo func() { time.Sleep(20 * time.Millisecond); stop() }()\nfor turns >= 0 {}")
	nb.run("k := 0\np := &k\nvar w Word\ntype Word int\nfunc (w *Word) add() { *w += 2 }")
	nb.prints("for range 3 { k++; *p *= 2; w++; w.add() }\nfmt.Print(k, w)", "14 9")
	nb.run("seen := 0\nfunc look() int { return seen }")
	nb.prints("for range 3 { seen++; fmt.Print(look(), func() int { return seen }(), \" \") }", "1 1 2 2 3 3 ")
	// A goroutine of an earlier cell watches a loop that calls nothing.
	nb.run("ticks, found := 0, make(chan bool, 1)\ngo func() {\n\tfor ticks == 0 {\n\t\ttime.Sleep(time.Millisecond)\n\t}\n\tfound <- true\n}()")
	nb.run("for len(found) == 0 { ticks++ }")
}
