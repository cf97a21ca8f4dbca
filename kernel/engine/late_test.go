package engine

import (
	"fmt"
	"strings"
	"testing"
)

// A function that is declared anew is the one that is called from then on, from
// wherever.
func TestLaterCallsUseTheNewFunction(t *testing.T) {
	nb := open(t)
	nb.run("func h(x int) int { return x }\nfunc through(x int) int { return h(x) }\nfunc all(xs ...int) (n int, err error) { for _, x := range xs { n += h(x) }; return n, nil }\n" +
		"type T struct{}\nfunc (T) M() int { return h(1) }\nvar m interface{ M() int } = T{}\n" +
		"c := func() int { return h(1) }\ndeep := func() int { return through(1) }\nvalue := h\nspread := func() int { n, _ := all([]int{1, 1}...); return n }\ntable := map[string]func(int) int{\"h\": h}\n" +
		"func loop(v *atomic.Int64) { for { v.Store(int64(h(1))); time.Sleep(time.Millisecond) } }\nvar a, b, timed atomic.Int64\n" +
		"go loop(&a)\ngo func() { for { b.Store(int64(through(1))); time.Sleep(time.Millisecond) } }()\ntimer := time.AfterFunc(time.Hour, func() { timed.Store(int64(h(1))) })")
	for i := 1; i < 5; i++ {
		nb.prints("fmt.Print(h(1), m.M(), c(), deep(), value(1), spread(), table[\"h\"](1))", fmt.Sprintf("%d %d %d %d %d %d %d", i, i, i, i, i, 2*i, i))
		nb.prints("time.Sleep(20 * time.Millisecond)\ntimer.Reset(0)\ntime.Sleep(20 * time.Millisecond)\nfmt.Print(a.Load(), b.Load(), timed.Load())", fmt.Sprintf("%d %d %d", i, i, i))
		// By itself, and in a cell that uses it.
		nb.prints(fmt.Sprintf("func h(x int) int { return %d * x }", i+1)+[]string{"", "\nfmt.Print(c())"}[i%2], []string{"", fmt.Sprint(i + 1)}[i%2])
	}
	nb.run("newer := func() int { return h(1) }\nfunc h(x int) int { return -x }")
	nb.prints("fmt.Print(newer(), c())", "-1 -1")
	out := nb.run("func h(x, y int) int { return x + y }")
	if want := "note: closures, goroutines and stored functions from earlier cells keep calling the old h, because its parameters or results changed\n"; !strings.Contains(out.stderr, want) {
		t.Errorf("stderr %q lacks %q", out.stderr, want)
	}
	nb.prints("fmt.Print(h(1, 2), c())", "3 -1")
	nb.run("%reset")
	nb.run("func h(x int) string { return \"other\" }\nc := func() string { return h(1) }")
	nb.prints("func h(x int) string { return \"new\" }\nfmt.Print(c())", "new")
}

// BenchmarkLateCalls measures what it costs a closure that it calls functions as
// they will be: a loop in it over the same loop in a function.
func BenchmarkLateCalls(b *testing.B) {
	nb := &notebook{t: b, Engine: newEngine(b)}
	nb.run("func tiny(x int) int { return 2*x + 1 }\nfunc middle(x int) int { if x%3 == 0 { return x / 3 }; if x%5 == 0 { return x / 5 + 1 }; return x - 1 }\n" +
		"func large(x int) int { for range 5 { if x%2 == 0 { x /= 2 } else { x = 3*x + 1 } }; return x }")
	for _, name := range []string{"tiny", "middle", "large"} {
		b.Run(name, func(b *testing.B) {
			nb.t = b
			loop := "s := 0\nfor i := range 2000000 { s += " + name + "(i) }\nreturn s"
			var direct, late float64
			for range b.N {
				out := nb.run("func direct() int { " + loop + " }\nlate := func() int { " + loop + " }\nd, l := time.Hour, time.Hour\n" +
					"for range 20 { t := time.Now(); direct(); d = min(d, time.Since(t)); t = time.Now(); late(); l = min(l, time.Since(t)) }\nfmt.Print(int(d), int(l))")
				if _, err := fmt.Sscan(out.stdout, &direct, &late); err != nil {
					b.Fatalf("%q: %v", out.stdout, err)
				}
			}
			b.ReportMetric(direct/2e6, "direct-ns")
			b.ReportMetric(late/2e6, "late-ns")
			b.ReportMetric(late/direct, "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
