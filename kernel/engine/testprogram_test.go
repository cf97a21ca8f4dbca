package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRaceDetector runs a test with a data race in a program of its own: the
// race is reported where it is in the cells.
func TestRaceDetector(t *testing.T) {
	e := newEngine(t)
	checkSession(t, e, []measured{
		{"func total(xs []float64) float64 {\n\tunused := mat.NewDense(1, 1, nil)\n\treturn floats.Sum(xs)\n}", ""},
		{"type counter struct{ n int }\n\nfunc (c *counter) add(k int) {\n\tc.n += k\n}\n\nbase := 40\nbase++", ""},
		{"func TestCounts(t *testing.T) {\n\tc := &counter{n: base}\n\tdone := make(chan bool)\n\tgo func() {\n\t\tc.add(1)\n\t\tclose(done)\n\t}()\n\tc.add(1)\n\t<-done\n\tif c.n != 42 {\n\t\tt.Error(c.n)\n\t}\n}\n\nfunc TestQuiet(t *testing.T) { fmt.Println(total([]float64{1, 2})) }\n%test -race -run TestCounts",
			`Tests run in a program of its own.*=== RUN   TestCounts\n.*WARNING: DATA RACE\n.*main\.\(\*counter\)\.add\(\)\n +cell\[2\]:4 .*main\.TestCounts(\(\)\n +cell\[3\]:8|\.func1\(\)\n +cell\[3\]:5) .*race detected during execution of test\n.*` +
				`\+ 0 passed, 1 failed\n\+ test +outcome +time\n\+ TestCounts +fail .*error TestFailed: TestCounts\n`},
		{"%test -race -run TestQuiet", `Tests run in .*\n3\n--- PASS.*PASS\n\+ 1 passed\n.*TestQuiet +pass.*`},
		{"base", `= 41\n`}, // the session's process has not run them
		{"func broken() int { return missing }", `error CompileError: undefined: missing\n`},
		{"%test -race -exec sh", `error UsageError: %test: -exec does not work with -race and -cover; flags that do are .*\n`},
	})
}

// TestCoverage counts which lines of cells the tests run.
func TestCoverage(t *testing.T) {
	e := newEngine(t)
	checkSession(t, e, []measured{
		{"limit, unused := 10, strings.Repeat(\"a\", 3)", ""},
		{"func clamp(x int) int {\n\tif x > limit {\n\t\treturn limit\n\t}\n\tif x < 0 {\n\t\treturn 0\n\t}\n\treturn x\n}", ""},
		{"limit = 99\nfunc never() { println(rand.Int()) }", ""},
		{"func TestClamp(t *testing.T) {\n\tif got := clamp(20); got != 10 { // limit is what its statement says\n\t\tt.Errorf(\"got %d\", got)\n\t}\n\tif clamp(5) != 5 {\n\t\tt.Error(\"5\")\n\t}\n}\n%test -cover -coverprofile=c.out",
			`Tests run in .*\n--- PASS: TestClamp.*PASS\n.*\+ 1 passed\n.*\+ coverage: 66\.7% of statements\n\+ cell     covered  lines not run\n\+ cell\[2\]  80\.0%    6\n\+ cell\[3\]  0\.0%     2\n.*` +
				`\+ cell\[2\]\n\+    1   func clamp\(x int\) int \{\n\+    2 \+ 	if x > limit \{\n\+    3 \+ 		return limit\n\+    4   	\}\n\+    5 \+ 	if x < 0 \{\n\+    6 - 		return 0\n\+    7   	\}\n\+    8 \+ 	return x\n.*`},
		{"limit", `= 99\n`},
	})
	profile, err := os.ReadFile(filepath.Join(e.Dir(), "c.out"))
	if err != nil || !strings.HasPrefix(string(profile), "mode: ") || !strings.Contains(string(profile), "cell[2]:5.11,7.3 1 0\n") {
		t.Errorf("the profile %q, %v", profile, err)
	}
}
