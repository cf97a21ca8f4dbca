package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/compile"
	"modelbook/kernel/toolchain"
	"modelbook/kernel/worker/control"
)

// Latency of a cell, from text to shown value. Run with -benchtime=20x on a
// quiet machine.

func benchmarkCell(b *testing.B, home string, setup, cell string) {
	nb := &notebook{t: b, Engine: newEngineAt(b, home)}
	if setup != "" {
		nb.run(setup)
	}
	i := 0
	for b.Loop() {
		i++
		nb.run(fmt.Sprintf(cell, i))
	}
}

func BenchmarkTrivialCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", toolchain.Libraries()), "x := 1", "x += %d\nx")
}

func BenchmarkPrintingCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", toolchain.Libraries()), "", "fmt.Println(\"cell\", %d)")
}

func BenchmarkDeclarationsOnly(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", toolchain.Libraries()), "", "func f%d() int { return 1 }")
}

func BenchmarkMatrixCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", toolchain.Libraries()), "", "m := mat.NewDense(2, 2, []float64{1, 2, 3, %d})\nmat.Det(m)")
}

func BenchmarkPlotCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", toolchain.Libraries()), "", "p := plot.New()\np.Title.Text = \"%d\"\np.Title.Text")
}

// BenchmarkStart is the time from New to a worker that is ready.
func BenchmarkStart(b *testing.B) {
	home := prepared(b, "libraries", toolchain.Libraries())
	for b.Loop() {
		e, err := New(Config{Home: home})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		e.Close()
		b.StartTimer()
	}
}

// benchmarkBesideGoBuild runs a cell and, alternately, the same as GoNB does:
// "go build" of a program in a module of the same requirements, and the
// program. It reports the medians and their ratio.
func benchmarkBesideGoBuild(b *testing.B, home, cell, imports, program string) {
	nb := &notebook{t: b, Engine: newEngineAt(b, home)}
	dir := b.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(nb.ModuleDir(), name))
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	goBuild := func(i int) {
		text := "package main\n" + imports + "\nfunc main() {\n" + fmt.Sprintf(program, i) + "\n}\n"
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		for _, args := range [][]string{{"go", "build", "-o", "program"}, {"./program"}} {
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v: %v\n%s", args, err, out)
			}
		}
	}
	nb.run(fmt.Sprintf(cell, 0))
	goBuild(0) // compiles the packages
	var cells, builds []time.Duration
	i := 0
	for b.Loop() {
		i++
		start := time.Now()
		nb.run(fmt.Sprintf(cell, i))
		middle := time.Now()
		goBuild(i)
		cells, builds = append(cells, middle.Sub(start)), append(builds, time.Since(middle))
	}
	slices.Sort(cells)
	slices.Sort(builds)
	c, g := cells[len(cells)/2], builds[len(builds)/2]
	b.ReportMetric(float64(c.Milliseconds()), "cell-ms")
	b.ReportMetric(float64(g.Milliseconds()), "gobuild-ms")
	b.ReportMetric(float64(c)/float64(g), "ratio")
}

func BenchmarkTrivialBesideGoBuild(b *testing.B) {
	benchmarkBesideGoBuild(b, prepared(b, "libraries", toolchain.Libraries()),
		"x := %d\nfmt.Println(x + 1)", "import \"fmt\"", "x := %d\nfmt.Println(x + 1)")
}

func BenchmarkPlotBesideGoBuild(b *testing.B) {
	const code = "p := plot.New()\np.Title.Text = fmt.Sprint(%d)\nfmt.Println(p.Title.Text)"
	benchmarkBesideGoBuild(b, prepared(b, "libraries", toolchain.Libraries()), code, "import \"fmt\"\nimport \"gonum.org/v1/plot\"", code)
}

func BenchmarkDeepLearningBesideGoBuild(b *testing.B) {
	const code = "t := dl.Ones(2, 3)\np := plotting.Histogram([]float64{1, 2, 2, %d})\nfmt.Println(t.Size(), p != nil)"
	benchmarkBesideGoBuild(b, ownHome(b), code, "import \"fmt\"\nimport \"modelbook/dl\"\nimport \"modelbook/plotting\"", code)
}

// BenchmarkManyCells runs 302 cells and reports the medians around the 3rd and
// the 300th, and their ratio.
func BenchmarkManyCells(b *testing.B) {
	nb := &notebook{t: b, Engine: newEngine(b)}
	var took []time.Duration
	for range b.N {
		for i := range 302 {
			start := time.Now()
			nb.run(fmt.Sprintf("x := %d\nfunc f(k int) int { return k + %d }\nfmt.Println(f(x))", i, i))
			took = append(took, time.Since(start))
		}
	}
	median := func(from int) time.Duration {
		part := slices.Sorted(slices.Values(took[from : from+9]))
		return part[4]
	}
	first, last := median(0), median(293)
	b.ReportMetric(float64(first.Milliseconds()), "3rd-ms")
	b.ReportMetric(float64(last.Milliseconds()), "300th-ms")
	b.ReportMetric(float64(last)/float64(first), "ratio")
}

// BenchmarkPhases tells where the time of a cell goes: parsing it and checking
// its types, compiling and linking it, loading it, and running it until its
// value is shown.
func BenchmarkPhases(b *testing.B) {
	benchmarkPhases(b, newEngine(b), "x += %d\nx")
}

// BenchmarkDeepLearningPhases does it for a cell with tensors and a plot.
func BenchmarkDeepLearningPhases(b *testing.B) {
	benchmarkPhases(b, newEngineAt(b, ownHome(b)), "x++\nt := dl.Ones(2, 3)\np := plotting.Histogram([]float64{1, 2, 2, %d})\nfmt.Sprint(t.Size(), p != nil)")
}

func benchmarkPhases(b *testing.B, engine *Engine, code string) {
	nb := &notebook{t: b, Engine: engine}
	nb.run("x := 1")
	nb.run(fmt.Sprintf(code, 0))
	e, out, ctx := nb.Engine, &record{}, b.Context()
	var phases [4]time.Duration
	names := [4]string{"check-ms", "build-ms", "load-ms", "run-ms"}
	i := 10
	for b.Loop() {
		i++
		text := fmt.Sprintf(code, i)
		run := &cellRun{Engine: e, id: control.RunID(i), ctx: ctx, target: e.outputs.begin(control.RunID(i), out, false)}
		run.take(ctx)
		last := time.Now()
		phase := func(n int) {
			now := time.Now()
			phases[n] += now.Sub(last)
			last = now
		}
		parsed, err := cell.Parse(text, i)
		if err != nil {
			b.Fatal(err)
		}
		c, err := toSession(parsed, nil)
		if err != nil {
			b.Fatal(err)
		}
		plan, err := e.session.Plan(c)
		if err != nil {
			b.Fatal(err)
		}
		phase(0)
		p := compile.Plugin{Cell: i, Globals: plan.Globals, Imports: plan.Imports}
		for _, f := range plan.Files {
			p.Files = append(p.Files, compile.File{Name: f.Name, Text: f.Text})
		}
		plugin, err := e.compiler.Build(ctx, p)
		if err != nil {
			b.Fatal(err)
		}
		phase(1)
		if err := e.worker.Open(run.id, plugin, nil); err != nil {
			b.Fatal(err)
		}
		e.packages.Load(plan.Imports)
		e.session.Commit(plan)
		phase(2)
		if failure, _, err := run.run(ctx, command.NewOutput(out)); err != nil || failure != nil {
			b.Fatal(failure, err)
		}
		e.pipe.Flush(pipeLimit)
		run.give()
		e.outputs.end(run.target)
		phase(3)
		os.RemoveAll(filepath.Dir(plugin))
	}
	for n, d := range phases {
		b.ReportMetric(float64(d.Microseconds())/1000/float64(b.N), names[n])
	}
}
