package engine

import (
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/toolchain"
)

// ownHome has everything that cells of an installed kernel have.
func ownHome(t testing.TB) string {
	t.Helper()
	return prepared(t, "all", slices.Concat(toolchain.Libraries(), toolchain.Own()))
}

func TestModelbooksOwnPackages(t *testing.T) {
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	nb.prints("a := dl.Ones(3, 4)\nb := dl.Ones(4, 2)\nfmt.Print(a.MatMul(b).At(2, 1))", "4")
	nb.fails("a.MatMul(a)", "Panic", "MatMul: shapes", "cell[2]:1")
	out := nb.run("p := plot.New()\np.Title.Text = \"a plot\"\np")
	if d := out.shown; len(d) != 1 || d[0].Data["image/png"] == nil {
		t.Errorf("a plot is shown as %v", out.results)
	}
	// Show and Live reach the notebook from a later cell, too, and through a declared function.
	nb.run("func show(f *plotting.Figure) { f.Show() }\nfig := plotting.Line(nil, []float64{1, 2})")
	if d := nb.run("show(fig)").displays; len(d) != 1 || d[0].Data["image/png"] == nil {
		t.Errorf("a figure is shown as %v", d)
	}
}

// What generic types that a tensor's own types reach have for methods, the compiler
// compiles with each cell that holds a tensor: twenty functions doubled its time.
func TestACellWithATensorCompilesOnlyItsOwnFunctions(t *testing.T) {
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	nb.compiler.SetFlags([]string{"-S"})
	own := 0
	for _, cell := range []string{"t := dl.Ones(2, 3)\nfmt.Sprint(t.Size())", "m, _ := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 3})\nm", "plotting.Histogram([]float64{1, 2, 2})"} {
		nb.run(cell)
		for _, line := range nb.compiler.Remarks() {
			_, function, found := strings.Cut(line, "\tTEXT\t")
			switch {
			case found && strings.HasPrefix(function, "sess."):
				own++
			case found && !strings.HasPrefix(function, "type:.eq."):
				t.Errorf("%s compiles %s", cell, function)
			}
		}
	}
	if own == 0 {
		t.Error("the compiler lists no functions")
	}
}

func TestModelsAndTensorsSurviveARestart(t *testing.T) {
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	nb.run("dl.Seed(3)\nmodel, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 3, Activation: nn.ReLU}, nn.Dense{Units: 2})\nx := dl.Ones(1, 4)\nboth := []*dl.Tensor{x, x}")
	want := nb.run("fmt.Println(model.Predict(x))").stdout
	nb.run("set := &data.Images{Height: 1, Width: 1, Channels: 1, Pixels: []uint8{7}, Labels: []uint8{0}, Classes: []string{\"a\"}}\nanything := any(model)")
	nb.run("%save")
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
	nb.run("%load_session")
	nb.prints("fmt.Println(model.Predict(x))", want)
	nb.prints("fmt.Println(both[0] == x, set.Len(), anything.(*nn.Model) == model)", "true 1 true\n")
}

// BenchmarkDeepLearningCell is a cell with tensors and a plot.
func BenchmarkDeepLearningCell(b *testing.B) {
	benchmarkCell(b, ownHome(b), "", "t := dl.Ones(2, 3)\np := plotting.Histogram([]float64{1, 2, 2, %d})\nfmt.Sprint(t.Size(), p != nil)")
}
