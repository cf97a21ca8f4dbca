package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A measured cell, and expressions that what it puts out must match.
type measured struct{ code, want string }

// checkSession runs cells and compares what each puts out with an expression.
func checkSession(t *testing.T, e *Engine, cells []measured) {
	t.Helper()
	for i, c := range cells {
		out := &record{}
		if err := e.Execute(context.Background(), Request{Code: c.code, Cell: i + 1}, out); err != nil {
			out.err = err.(*CellError)
		}
		if got := outcome(out); !regexp.MustCompile(`^(?s:` + c.want + `)$`).MatchString(got) {
			t.Errorf("cell %d\n%s\nputs out\n%s\nwant\n%s", i+1, c.code, got, c.want)
		}
	}
}

const perLoop = `[0-9.]+ [nµm]?s ± [0-9.]+ [nµm]?s per loop \(mean ± std\. dev\. of `

func TestMeasuringCommands(t *testing.T) {
	e := newEngine(t)
	checkSession(t, e, []measured{
		{"x := []float64{3, 1, 2}\nvar kept []int\nfunc grow(n int) []int { return make([]int, n) }", ""},
		// In order with the statements around, on what they made.
		{"y := append(x, 4)\n%timeit -n 100000 -r 3 kept = grow(len(y))\nlen(y)", perLoop + `3 runs, 100,000 loops each\)\nbest [0-9.]+ [nµ]s; 32 B and 1 allocations per loop\n= 4\n`},
		{"%timeit -n100000 -r2 x[0] * x[1]", perLoop + `2 runs, 100,000 loops each\)\nbest [0-9.]+ [nµ]s; 0 B and 0 allocations per loop\n`},
		{"n := 0\n%timeit -n 5 -r 2 n++\nn", perLoop + `2 runs, 5 loops each\)\nbest .* per loop\n= 10\n`},
		{"%timeit -q -n 5 -r 2 n++\nn", `= 20\n`},
		{"%timeit -n 1 -r 1 v, err := strconv.Atoi(\"1\")", perLoop + `1 run, 1 loop each\)\nbest .* per loop\n`},
		{"%%timeit -n 3 -r 2 s := 0\nfor i := range 10 {\n\ts += i\n}\nn = s", perLoop + `2 runs, 3 loops each\)\nbest .* per loop\n`},
		{"n", `= 135\n`}, // the setup makes s new in each run
		{"%%\nm := 3\n%timeit -n 2 -r 1 m + 1", perLoop + `1 run, 2 loops each\)\nbest .* per loop\n`},
		{"%timeit time.Sleep(30 * time.Millisecond)", perLoop + `7 runs, [0-9]+ loops? each\)\nbest [0-9.]+ ms; .* per loop\n`},
		{"%tiemit n++", `error UnknownCommand: there is no command %tiemit\. Did you mean %timeit\? .*`},
		{"%timeit -n 0 n++", `error CompileError: %timeit: -n needs a number of at least 1: %timeit -n loops -r runs statement\n`},
		{"%timeit undefinedName", `error CompileError: undefined: undefinedName\n`},
		{"%time z := len(x)\nz + 1", `CPU times: user [0-9.]+ [nµm]?s, sys: [0-9.]+ [nµm]?s, total: [0-9.]+ [nµm]?s\nWall time: [0-9.]+ [nµm]?s\n= 4\n`},
		{"%time z + 2", `CPU times: .*\nWall time: .*\n= 5\n`},
		{"%%time\nfunc slow() int { time.Sleep(50 * time.Millisecond); return 1 }\nslow()", `CPU times: .*\nWall time: [0-9.]+ m?s\nCompiler: [0-9.]+ m?s\n= 1\n`},
		{"%prun -l x n++", `error CompileError: %prun: -l needs a number of functions; .*`},
		{"%prun n++", `%prun: no samples.*\n`},
	})
}

// TestTimeitKeepsWhatItMeasures checks that the compiler does not leave out a
// computation whose value nobody uses: its time is above that of nothing.
func TestTimeitKeepsWhatItMeasures(t *testing.T) {
	e := newEngine(t)
	out := &record{}
	code := "func poly(x float64) float64 {\n\tfor range 100 {\n\t\tx = x*x*0.5 + 1/x\n\t}\n\treturn x\n}\nv := 1.5\n%timeit -n 200000 -r 3 poly(v)"
	if err := e.Execute(context.Background(), Request{Code: code, Cell: 1}, out); err != nil {
		t.Fatal(err)
	}
	// 100 dependent divisions take hundreds of nanoseconds on any processor.
	if !regexp.MustCompile(`best ([1-9][0-9]{2,} ns|[0-9.]+ µs)`).MatchString(out.stdout) {
		t.Errorf("%s", out.stdout)
	}
}

func TestProfileOfACell(t *testing.T) {
	e := newEngine(t)
	checkSession(t, e, []measured{{"func spin(n int) (s float64) {\n\tfor i := range n {\n\t\ts += math.Sqrt(float64(i))\n\t}\n\treturn s\n}\nfunc work() float64 { return spin(40_000_000) + spin(40_000_000) }", ""}})
	out := &record{}
	if err := e.Execute(context.Background(), Request{Code: "%prun -D cpu.pb.gz -l 3 total := work()\nfmt.Println(total > 0)", Cell: 2}, out); err != nil {
		t.Fatal(err)
	}
	if len(out.displays) != 2 {
		t.Fatalf("%d displays: %s", len(out.displays), outcome(out))
	}
	table, _ := out.displays[0].Data["text/plain"].(string)
	if !strings.Contains(table, "spin") || strings.Count(table, "\n") > 3 {
		t.Errorf("table\n%s", table)
	}
	if img, _ := out.displays[1].Data["text/html"].(string); !strings.HasPrefix(img, "<img ") {
		t.Errorf("HTML %.80q", img)
	}
	svg, _ := out.displays[1].Data["image/svg+xml"].(string)
	tree, _ := out.displays[1].Data["text/plain"].(string)
	if !strings.HasPrefix(svg, "<svg ") || !strings.Contains(svg, "<title>spin: ") || !strings.Contains(svg, ">cell[2]<") || strings.Contains(svg, "script") {
		t.Errorf("picture\n%s", svg)
	}
	if !regexp.MustCompile(`^ *[0-9.]+%  cell\[2\]\n *[0-9.]+%    work\n *[0-9.]+%      spin`).MatchString(tree) {
		t.Errorf("tree\n%s", tree)
	}
	if info, err := os.Stat(filepath.Join(e.Dir(), "cpu.pb.gz")); err != nil || info.Size() == 0 {
		t.Error("no profile is kept:", err)
	}
	if !strings.Contains(out.stdout, "true\n") {
		t.Errorf("what follows did not run: %q", out.stdout)
	}
}

// A profile of a cell that trains has the layers of the network, in a table of their own and in the flame graph, and
// asks nobody for them afterwards.
func TestProfileOfATraining(t *testing.T) {
	e := newEngine(t)
	checkSession(t, e, []measured{{"import (\n\t\"modelbook/dl\"\n\t\"modelbook/dl/data\"\n\t\"modelbook/dl/nn\"\n\t\"modelbook/dl/optim\"\n\t\"modelbook/dl/train\"\n)\ndl.Seed(1)\nmodel, err := nn.Sequential(dl.Shape{256}, nn.Dense{Units: 512, Activation: nn.ReLU}, nn.Named(\"second\", nn.Dense{Units: 256}))\n" +
		"trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.Adam{}}\nx := dl.NewRand(1).Uniforms(-1, 1, 2048, 256)\nset := data.FromTensors(x, x)", ""}})
	out := &record{}
	// As long as it takes until the profiler has seen enough.
	code := "%prun -l 5 for begin := time.Now(); time.Since(begin) < 2*time.Second; { trainer.Fit(ctx, set, train.Options{BatchSize: 128}) }\nfmt.Printf(\"%q\", os.Getenv(\"MODELBOOK_PROFILE\"))"
	if err := e.Execute(context.Background(), Request{Code: code, Cell: 2}, out); err != nil {
		t.Fatal(err)
	}
	if len(out.displays) != 3 || !strings.HasSuffix(out.stdout, "\"\"") {
		t.Fatalf("%d displays: %s", len(out.displays), outcome(out))
	}
	layers, _ := out.displays[0].Data["text/plain"].(string)
	if !regexp.MustCompile(`(?m)^forward +backward +layer$`).MatchString(layers) || !regexp.MustCompile(`(?m)[1-9][0-9.]* m?s +[1-9][0-9.]* m?s +[0-9.]+% +second$`).MatchString(layers) ||
		!regexp.MustCompile(`(?m) dense$`).MatchString(layers) || !strings.Contains(layers, "optimizer and metrics") {
		t.Errorf("layers\n%s", layers)
	}
	tree, _ := out.displays[2].Data["text/plain"].(string)
	if !regexp.MustCompile(`(?m)^ *[0-9.]+%  cell\[2\]\n(?s:.*)^ *[0-9.]+%    +backward\n *[0-9.]+%      +(dense|second)\n`).MatchString(tree) {
		t.Errorf("tree\n%s", tree)
	}
}

func TestSessionTests(t *testing.T) {
	e := newEngine(t)
	const secs = `\([0-9.]+s\)\n`
	checkSession(t, e, []measured{
		{"base := 40\nfunc add(a int) int { return base + a }", ""},
		// Values of the session are there.
		{"func TestAdd(t *testing.T) {\n\tif add(2) != 42 {\n\t\tt.Error(add(2))\n\t}\n}\n%test",
			`=== RUN   TestAdd\n--- PASS: TestAdd ` + secs + `PASS\n\+ 1 passed\n\+ test     outcome  time\n\+ TestAdd  pass     \d\.\d\d s\n`},
		{"%test\nfunc TestSubs(t *testing.T) {\n\tt.Run(\"good\", func(t *testing.T) {})\n\tt.Run(\"bad\", func(t *testing.T) { t.Fatal(\"no\") })\n\tt.Run(\"panics\", func(t *testing.T) { panic(\"oh\") })\n\tt.Run(\"skipped\", func(t *testing.T) { t.Skip(\"later\") })\n}",
			`=== RUN   TestSubs\n.*cell\[3\]:4: no\n.*panic: oh\n.*cell\[3\]:5 in .*FAIL\n\+ 1 passed, 2 failed, 1 skipped\n\+ test +outcome +time\n\+ TestSubs +fail +\d\.\d\d s\n\+   good +pass.*\n\+   bad +fail.*\n\+   panics +fail.*\n\+   skipped +skip.*\nerror TestFailed: TestSubs/bad, TestSubs/panics\n`},
		{"func TestOwn(t *testing.T) { t.Run(\"sub\", func(t *testing.T) {}); t.Error(\"bad\") }\n%test",
			`.*bad\n.*FAIL\n\+ 1 passed, 1 failed\n\+ test +outcome +time\n\+ TestOwn +fail.*\n\+   sub +pass.*\nerror TestFailed: TestOwn\n`},
		{"tries := 0\nfunc TestTwice(t *testing.T) { if tries++; tries > 1 { t.Error(tries) } }\n%test -run 'TestTwice' -count=2", `.*\n\+ 1 passed, 1 failed\n.*error TestFailed: TestTwice\n`},
		{"%rm TestOwn TestTwice tries\n%test -run='TestAdd$' -v", `.*\+ 1 passed\n.*`},
		{"%test -run \"TestAdd\" -skip 'Nothing At All'", `.*\+ 1 passed\n.*`},
		{"func TestPanics(t *testing.T) { var m map[string]int; m[\"a\"] = 1 }\n%test", `.*panic: assignment to entry in nil map.*error TestFailed: TestPanics\n`},
		{"%rm TestPanics TestSubs\nbase", `.*= 40\n`}, // and the session lives
		{"func BenchmarkAdd(b *testing.B) {\n\tfor b.Loop() {\n\t\tadd(1)\n\t}\n}\nfunc BenchmarkN(b *testing.B) {\n\tfor i := 0; i < b.N; i++ {\n\t\t_ = make([]int, base)\n\t}\n}\n%test -bench . -benchtime 100x -benchmem -run NONE",
			`goos: linux\n.*BenchmarkAdd-?\d* +\t +100\t.*PASS\n\+ benchmark +loops +time/op +B/op +allocs/op\n\+ BenchmarkAdd.* +100 +[0-9.]+ [nµ]?s +\d+ +0\n\+ BenchmarkN.* +100 .*\n`},
		{"func ExampleAdd() {\n\tfmt.Println(add(1))\n\t// Output: 41\n}\nfunc ExampleWrong() {\n\tfmt.Println(add(1))\n\t// Output: 40\n}\n%test",
			`=== RUN   ExampleAdd\n--- PASS: ExampleAdd ` + secs + `.*got:\n41\nwant:\n40\n.*\+ ExampleAdd    pass.*\n\+ ExampleWrong  fail.*\nerror TestFailed: ExampleWrong\n`},
		{"func FuzzAdd(f *testing.F) {\n\tf.Add(1)\n\tf.Add(7)\n\tf.Fuzz(func(t *testing.T, n int) {\n\t\tif n == 7 {\n\t\t\tpanic(n)\n\t\t}\n\t})\n}\n%test", `=== RUN   FuzzAdd\n.*panic: 7\n.*--- FAIL: FuzzAdd/seed#1 .*\+   seed#1 +fail.*error TestFailed: FuzzAdd/seed#1\n`},
		// In a cell without tests, all of the session run, and benchmarks when asked for.
		{"%test -run TestAdd|ExampleAdd", `PASS\n\+ 2 passed.*`},
		{"%test -fuzz x", `error error: %test: -fuzz does not work in a session; the seeds of fuzz targets are run as tests.*\n`},
		{"%test -nonsense", `error error: %test: -nonsense does not work in a session; flags that do are .*\n`},
		{"%test -run [", `error error: %test: the pattern of -run: .*\n`},
		{"func TestMain(m *testing.M) {\n\tfmt.Println(\"before\")\n\tcode := m.Run()\n\tfmt.Println(\"after\")\n\tos.Exit(code)\n}\n%test -run TestAdd", `before\nPASS\nafter\n\+ 1 passed.*`},
		{"base + 1", `= 41\n`},
	})
}

func TestFilesCapturesAndFlags(t *testing.T) {
	e := newEngine(t)
	prog := "package main\n\nimport \"fmt\"\n\nvar calls int\n\nfunc double(n int) int { return 2 * n }\n\nfunc main() {\n\tcalls++\n\tfmt.Println(\"main\", double(4), os.Args[1:])\n}\n"
	checkSession(t, e, []measured{
		{"%%file prog.go\n" + prog, `Cell contents written to .*\n`},
		{"%run prog.go a b\ndouble(calls)", `main 8 \[a b\]\n= 2\n`},
		{"%%file bad.go\npackage main\nfunc main() {\n\tnothing()\n}\n", `.*`},
		{"%run bad.go", `error CompileError: undefined: nothing\n`},
		{"%%capture out\nfmt.Println(\"to stdout\")\nfmt.Fprintln(os.Stderr, \"to stderr\")\n!echo shell\n42", ""},
		{"fmt.Printf(\"%q %q %v\", out.Stdout, out.Stderr, out.Displays)", regexp.QuoteMeta(`"shell\nto stdout\n" "to stderr\n" [map[text/plain:42]]`) + `\n`},
		{"%capture o.txt\nfmt.Println(\"shown\")\ngonbui.DisplayHTML(\"<b>bold</b>\")\n1 + 1", `shown\n= 2\n\+ bold\n`},
		{"!cat o.txt", `shown\n<b>bold</b>2\n`},
		{"%goflags -gcflags=-m", `%goflags=\["-gcflags=-m"\]\n`},
		{"func tiny(a int) int { return a + 1 }\ntiny(1)", `! cell\[10\]:1:6: can inline tiny\n.*= 2\n`},
		{"%goflags --cover --covermode=set", `%goflags=\["--cover" "--covermode=set"\]\n! note: -cover has no effect: the coverage of cells is not counted\n`},
		{"%goflags -race", `error FlagError: %goflags: -race does not work with cells: the race detector needs a process that was built with it.*\n`},
		{"%goflags \"\"", `%goflags=\[\]\n`},
		{"n := 5\n%env KEPT yes", `Set: KEPT="yes"\n`},
		{"%restart", `\* The cells have a new process.\n  Lost: the values of calls, n, out\.\n  Kept: .*the environment set by %env\.\n`},
		{"n", `error CompileError: undefined: n\n`},
		{"double(3)\nos.Getenv(\"KEPT\")", `= "yes"\n`},
	})
	out := &record{}
	err := e.Execute(context.Background(), Request{Code: "%run bad.go", Cell: 99}, out)
	if err == nil || !strings.Contains(strings.Join(err.(*CellError).Traceback, "\n"), "bad.go:3:2") {
		t.Errorf("the error is not placed in the file: %v", err)
	}
	for _, code := range []string{"%ls", "%doc double"} {
		out := &record{}
		if err := e.Execute(context.Background(), Request{Code: code, Cell: 100}, out); err != nil || len(out.displays) != 1 {
			t.Fatalf("%s: %v", code, err)
		}
		if text := fmt.Sprint(out.displays[0].Data); !strings.Contains(text, "prog.go") || strings.Contains(text, "cell[1000") {
			t.Errorf("%s does not name the file: %s", code, text)
		}
	}
}

// A sink of a front end whose cells can be filled in.
type filling struct {
	record
	text    string
	replace bool
}

func (f *filling) NextInput(text string, replace bool) { f.text, f.replace = text, replace }

func TestFillingInCells(t *testing.T) {
	e := newEngine(t)
	if err := os.WriteFile(filepath.Join(e.Dir(), "f.go"), []byte("func f() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		code, text string
		replace    bool
	}{{"%load f.go", "// %load f.go\nfunc f() {}\n", true}, {"%recall 1", "%load f.go", false}, {"%recall", "%recall 1", false}} {
		out := &filling{}
		if err := e.Execute(context.Background(), Request{Code: c.code, Cell: i + 1}, out); err != nil {
			t.Fatal(err)
		}
		if out.text != c.text || out.replace != c.replace {
			t.Errorf("%s fills in %q, replace %v", c.code, out.text, out.replace)
		}
	}
}
