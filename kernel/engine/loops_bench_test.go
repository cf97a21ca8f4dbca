package engine

import (
	"fmt"
	"strings"
	"testing"
)

// loopKinds are loops as people write them in cells. setup makes what the loop
// works on, n is how often its innermost body runs.
var loopKinds = []struct {
	name, setup, loop, result string
	n                         float64
}{
	{"sum", "s := 0", "for i := 0; i < 20000000; i++ { s += i }", "s", 20e6},
	{"floats", "f := 0.0", "for i := 0; i < 20000000; i++ { f += float64(i) }", "f", 20e6},
	{"dot", "x, y, dot := make([]float64, 1000), make([]float64, 1000), 0.0",
		"for range 10000 { for i := range x { dot += x[i] * y[i] } }", "dot", 10e6},
	{"ints", "a, total := make([]int, 1000), 0", "for range 10000 { for _, v := range a { total += v } }", "total", 10e6},
	{"grid", "g := make([][]float64, 100)\nfor i := range g { g[i] = make([]float64, 100) }",
		"for k := range 1000 { for i := range g { for j := range g[i] { g[i][j] += float64(k) } } }", "g", 10e6},
	{"flat", "rows, cols := given(100), given(100)\nflat := make([]float64, rows*cols)",
		"for k := range 1000 { for i := range rows { for j := range cols { flat[i*cols+j] = float64(k) } } }", "flat", 10e6},
	{"sqrt", "r := 0.0", "for i := range 20000000 { r += math.Sqrt(float64(i)) }", "r", 20e6},
	{"sin", "w := 0.0", "for i := range 2000000 { w += math.Sin(float64(i)) }", "w", 2e6},
	{"collatz", "from, steps := 837799, 0",
		"for range 20000 { for k := from; k != 1; steps++ { if k%2 == 0 { k /= 2 } else { k = 3*k + 1 } } }", "steps", 20000 * 524},
	{"while", "k, visits := 837799, 0",
		"for visits < 10000000 { if k%2 == 0 { k /= 2 } else { k = 3*k + 1 }; if k == 1 { k = 837799 }; visits++ }", "k", 10e6},
	{"counter", "c, thirds := 0, 0", "for c = 0; c < 20000000; c++ { if c%3 == 0 { thirds += c } }", "thirds", 20e6},
	{"primes", "sieve := make([]bool, 1000000)",
		"for i := 2; i < len(sieve); i++ { if !sieve[i] { for j := 2 * i; j < len(sieve); j += i { sieve[j] = true } } }", "sieve", 2775210},
	{"map", "m := map[int]int{}", "for i := range 2000000 { m[i&1023]++ }", "m", 2e6},
	{"string", "text, vowels := strings.Repeat(\"a quick brown fox \", 1000), 0",
		"for range 500 { for i := 0; i < len(text); i++ { switch text[i] { case 'a', 'e', 'i', 'o', 'u': vowels++ } } }", "vowels", 9e6},
	{"append", "var made []int", "for i := range 2000000 { made = append(made, i) }", "made", 2e6},
	{"array", "var bins [64]int", "for i := range 20000000 { bins[i&63]++ }", "bins", 20e6},
	{"struct", "var acc struct{ sum, sq float64 }", "for i := range 20000000 { acc.sum += float64(i); acc.sq += acc.sum }", "acc", 20e6},
	{"calls", "hits, y := 0, 0.5", "for i := range 20000000 { if float64(given(i&1)) < y { hits++ } }", "hits, y", 20e6},
	{"shared", "t := 0.0\nreset := func() { t = 0 }", "for i := range 20000000 { t += float64(i) }", "t, reset", 20e6},
}

// BenchmarkLoops measures loops over session variables at the top of a cell
// and the same in a function, alternately: the best of 8 each, and their ratio.
// Where a loop stands in memory changes its speed by up to a factor of two: each
// time, both stand somewhere else.
func BenchmarkLoops(b *testing.B) {
	nb := &notebook{t: b, Engine: newEngine(b)}
	for _, k := range loopKinds {
		b.Run(k.name, func(b *testing.B) {
			nb.t = b
			nb.run("%reset")
			nb.run("import \"strings\"\nimport \"math\"\n//go:noinline\nfunc given(n int) int { return n }")
			var statement, function float64
			for range b.N {
				nb.run("inCell, inFunc, pad := time.Hour, time.Hour, 0")
				var out *record
				for i := range 8 {
					code := strings.Repeat("pad++\n", i) + "begin := time.Now()\n" + k.loop + "\n"
					out = nb.run("func loop() (time.Duration, []any) {\n" + k.setup + "\n" + code + "return time.Since(begin), []any{" + k.result + "}\n}\n" +
						k.setup + "\n" + code + "inCell = min(inCell, time.Since(begin))\n" +
						"took, _ := loop()\ninFunc = min(inFunc, took)\nfmt.Print(int(inCell), int(inFunc))")
				}
				if _, err := fmt.Sscan(out.stdout, &statement, &function); err != nil {
					b.Fatalf("%q: %v", out.stdout, err)
				}
			}
			b.ReportMetric(statement/k.n, "cell-ns")
			b.ReportMetric(function/k.n, "func-ns")
			b.ReportMetric(statement/function, "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
