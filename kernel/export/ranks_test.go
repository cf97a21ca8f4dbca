package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/export"
	"modelbook/kernel/toolchain"
)

// rankedBook is a notebook of which two cells train on ranks, with names that the
// program changes, or has itself.
var rankedBook = []string{
	"# Ranks",
	"func points(n int) data.Dataset {\n\tr := dl.NewRand(5)\n\tx, y := r.Uniforms(-1, 1, n, 8), make([]int32, n)\n\tfor i := range y {\n\t\tif x.At(i, 0) > 0 {\n\t\t\ty[i] = 1\n\t\t}\n\t}\n\treturn data.FromTensors(x, dl.Of(y))\n}",
	"dl.Seed(1)\nmodel, err := nn.Sequential(dl.Shape{8}, nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: 2, Activation: nn.Softmax})",
	"trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01}, Seed: 3}\nranks, end := 7, 8",
	"func fit(ctx context.Context, trainer *train.Trainer) error {\n\t_, err := trainer.Fit(ctx, points(120), train.Options{BatchSize: 24, Epochs: 2})\n\treturn err\n}\n%mpirun -n 2 fit",
	"fmt.Println(\"epochs\", len(trainer.History.Epochs), ranks+end)",
	"func again(t *train.Trainer, r train.Ranks) (*train.History, error) {\n\tif r != nil {\n\t\tfmt.Println(\"ranks\", r.Size())\n\t\tif r.Rank() == 1 && os.Getenv(\"BROKEN\") != \"\" {\n\t\t\treturn nil, errors.New(\"no paper\")\n\t\t}\n\t}\n\treturn t.Fit(context.Background(), points(120), train.Options{BatchSize: 24})\n}\n%mpirun again trainer",
	"// The image is saved once.\nimage.NewGray(image.Rect(0, 0, 3, 2))",
	"for _, p := range nn.NamedParameters(model) {\n\tsum := 0.0\n\tfor _, v := range dl.Values[float64](p.Value) {\n\t\tsum += v * v\n\t}\n\tfmt.Printf(\"%s %.4f\\n\", p.Name, sum)\n}",
}

func TestAProgramOfRanks(t *testing.T) {
	home := preparedWith(t, "all", slices.Concat(toolchain.Libraries(), toolchain.Own()))
	nb := book(t, rankedBook...)
	dir := filepath.Join(t.TempDir(), "book")
	run := func(command string) (stdout, stderr string, err error) {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err = cmd.Run()
		return out.String(), errs.String(), err
	}
	export := func(ranks bool, command string) string {
		t.Helper()
		writtenTo(t, dir, home, nb, ranks)
		out, errs, err := run("go vet . && go build && " + command)
		if err != nil {
			main, _ := os.ReadFile(filepath.Join(dir, "main.go"))
			t.Fatalf("%s: %v\n%s%s\n%s", command, err, out, errs, main)
		}
		return out
	}
	const mpirun = "mpirun --allow-run-as-root --oversubscribe --bind-to none -n 2 ./book"
	got := export(true, mpirun)
	for _, name := range []string{"ranks.go", "job.slurm", "mpijob.yaml", "Dockerfile.mpi", "README.md", "modelbook/dl/dist/calls.c", "output/03.png"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "output", "*")); len(all) != 3 { // two histories and the picture, of rank 0 alone
		t.Errorf("output has %v", all)
	}
	// An error that a cell does not check ends all ranks, and says where it was.
	out, errs, err := run("BROKEN=1 " + mpirun)
	if err == nil || !regexp.MustCompile(`dist: rank 1 on \S+: main\.go:\d+: no paper\n`).MatchString(errs) || strings.Contains(out, "Gray") {
		t.Errorf("error %v\n%s%s", err, out, errs)
	}
	// The same folder then has a program of one process.
	want := export(false, "./book")
	seconds := regexp.MustCompile(`(?m)^( +\d+ .* 0\.01).*$`)
	clean := func(text string) string { return seconds.ReplaceAllString(text, "$1") }
	if clean(want) != clean(strings.Replace(got, "ranks 2\n", "", 1)) || !strings.Contains(got, "epochs 2 15\n") || strings.Count(got, "ranks 2\n") != 1 {
		t.Errorf("two ranks print\n%s\none process\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "ranks.go")); err == nil {
		t.Error("a program of one process has ranks.go")
	}
}

func TestANotebookWithoutRanksIsNoProgramOfThem(t *testing.T) {
	home := prepared(t)
	for _, c := range []struct{ cell, want string }{
		{"1 + 1", "no cell has a %mpirun"},
		{"%mpirun fit", "%mpirun: no cell up to this one declares a function fit"},
		{"func fit(n int) {}\n%mpirun fit", "%mpirun: ranks cannot call fit: it has a parameter of type int"},
		{"func fit() {}\n%mpirun -n", "%mpirun: these are not its arguments: -n"},
	} {
		nb := book(t, c.cell)
		cells := export.Cells(nb, false)
		p, err := newEngine(t, home).Program(t.Context(), cells, &told{})
		if err == nil {
			_, _, err = export.Write("book", nb, cells, p, true)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.cell, err)
		}
	}
}
