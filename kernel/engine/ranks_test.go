package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// trainings are cells that declare a Trainer, data, and functions that ranks call.
var trainings = []string{
	"const classes = 3\nfunc points(n int) data.Dataset {\n\tr := dl.NewRand(5)\n\tx, y := r.Uniforms(-1, 1, n, 8), make([]int32, n)\n\tfor i := range y {\n\t\tif x.At(i, 0) > 0 { y[i] = 2 } else if x.At(i, 1) > 0 { y[i] = 1 }\n\t}\n\treturn data.FromTensors(x, dl.Of(y))\n}",
	"dl.Seed(1)\nmodel, err := nn.Sequential(dl.Shape{8}, nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: classes, Activation: nn.Softmax})",
	"trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 3}\n" +
		"epochs, again := 2, 0",
	"func fit(ctx context.Context, trainer *train.Trainer) error {\n\t_, err := trainer.Fit(ctx, points(120), train.Options{BatchSize: 24, Epochs: epochs,\n\t\tCallbacks: []train.Callback{train.Progress{Every: -1}, plotting.Live()}})\n\treturn err\n}",
	"func parameters() (sum float64) {\n\tfor _, p := range nn.NamedParameters(model) {\n\t\tfor _, v := range dl.Values[float64](p.Value) { sum += v * v }\n\t}\n\treturn sum\n}",
	// In the third step rank 1 ends, in one way or another.
	"func breaks(ctx context.Context, ranks train.Ranks, t *train.Trainer) (*train.History, error) {\n" +
		"\tfmt.Println(\"begins\")\n" +
		"\tsteps := 0\n" +
		"\tt.Metrics, t.Step = nil, func(s *train.Step) *dl.Tensor {\n" +
		"\t\tif steps++; steps == 3 && ranks.Rank() == 1 {\n" +
		"\t\t\tbreakNow()\n" +
		"\t\t}\n" +
		"\t\treturn t.Loss.Compute(t.Model.(nn.Forwarder).Forward(s.Batch.X), s.Batch.Y, false, nil)\n" +
		"\t}\n" +
		"\treturn t.Fit(ctx, points(120), train.Options{Epochs: 1e6})\n}\nfunc breakNow() { panic(\"out of paper\") }",
}

// ranksNotebook is a notebook with those cells.
func ranksNotebook(t *testing.T) *notebook {
	t.Helper()
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	for _, cell := range trainings {
		nb.run(cell)
	}
	return nb
}

// ranked runs a cell with time to build a program.
func (nb *notebook) ranked(code string) (*record, *CellError) {
	nb.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return nb.tryContext(ctx, code)
}

func TestRanksTrainWhatTheSessionHas(t *testing.T) {
	alone, ranks := ranksNotebook(t), ranksNotebook(t)
	// The state of the session goes to the ranks, and it comes back: a training goes on.
	for _, nb := range []*notebook{alone, ranks} {
		nb.run("fit(ctx, trainer)")
	}
	alone.run("epochs = 3\nfit(ctx, trainer)")
	out, err := ranks.ranked("epochs := 3\n%mpirun -n 2 fit")
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, strings.Join(err.Traceback, "\n"), out.stderr)
	}
	if lines := strings.Split(strings.TrimSpace(out.stdout), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "epoch 3/5 ") || !strings.HasPrefix(lines[2], "epoch 5/5 ") {
		t.Errorf("prints %q", out.stdout)
	}
	updates := 0
	for _, d := range out.displays {
		if d.Update {
			updates++
		}
	}
	if last := out.displays[len(out.displays)-1]; len(out.displays) < 3 || updates == 0 || last.ID == "" {
		t.Errorf("%d displays, %d of them updates", len(out.displays), updates)
	}
	if len(out.shown) != 1 || !strings.Contains(out.results[0], "loss") {
		t.Errorf("shows %q", out.results)
	}
	var got, want []string
	const values = "fmt.Sprintf(\"%.4f %.4f %d %.4f\", parameters(), trainer.History.Last(\"loss\"), len(trainer.History.Epochs), trainer.Optimizer.State().Rate)"
	got, want = ranks.run(values).results, alone.run(values).results
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("two ranks have %v, one process %v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(ranks.ModuleDir(), "*mpi*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	// A function that finds the Trainer by itself is told what that costs.
	out, err = ranks.ranked("func aside(ctx context.Context) error {\n\t_, err := trainer.Fit(ctx, points(120), train.Options{Epochs: 1})\n\treturn err\n}\n%mpirun -n 2 aside")
	if note := "note: nothing of trainer comes back: it is no parameter of aside"; err != nil || !strings.Contains(out.stderr, note) {
		t.Errorf("%v, stderr %q, want %q", err, out.stderr, note)
	}
	if again := ranks.run(values).results; again[0] != got[0] {
		t.Errorf("the Trainer changed: %v, then %v", got, again)
	}
}

func TestWhatRanksCannotDo(t *testing.T) {
	nb := ranksNotebook(t)
	host, hostErr := os.Hostname()
	if hostErr != nil {
		t.Fatal(hostErr)
	}
	nb.run("func wrong(n int) {}\nother := 1\nvar late *train.Trainer\n_ = late\nif again == 0 {\n\tlate = trainer\n}\n" +
		"small, _ := nn.Sequential(dl.Shape{8}, nn.Dense{Units: classes})\nchanged := &train.Trainer{Model: small, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{}}\nchanged.Model = model")
	for _, c := range []struct {
		code, name string
		texts      []string
	}{
		{"%mpirun", "UsageError", []string{"usage: %mpirun [-n ranks] [--hosts hosts] [--srun] function [trainer...] (func fit(ctx context.Context, trainer *train.Trainer) error)"}},
		{"%mpirun -n x fit", "UsageError", []string{"-n needs a number of ranks, and x is none"}},
		{"%mpirun -n 2 fitt", "MPIError", []string{"the session has no function fitt: did you mean fit?"}},
		{"%mpirun -n 2 wrong", "MPIError", []string{"ranks cannot call wrong: it has a parameter of type int. It may have a context.Context"}},
		{"%mpirun -n 2 fit other", "MPIError", []string{"other is of type int, and fit trains a variable of type *train.Trainer"}},
		{"%mpirun -n 2 breaks", "MPIError", []string{"the session has no variable t: name one behind breaks (%mpirun breaks trainer)"}},
		{"%mpirun -n 2 fit\n%mpirun -n 2 fit", "UsageError", []string{"a cell without another %mpirun"}},
		{"%mpirun -n 2 fit late", "RankError", []string{"rank 0 on " + host + ": late is nil: the statement that declares it makes none"}},
		{"%mpirun -n 2 fit changed", "RankError", []string{"changed is not made here as the session has it, since no more than the statement that declares it runs: train: "}},
		{"%mpirun -n 2 breaks trainer", "RankError", []string{"rank 1 on " + host + ": panic: out of paper", "cell[6]:12, in breakNow"}},
		{"func breakNow() { os.Exit(3) }\n%mpirun -n 2 breaks trainer", "RankError", []string{"rank 1 on " + host + " ended with exit status 3"}},
		{"func breakNow() { syscall.Kill(os.Getpid(), syscall.SIGKILL) }\n%mpirun -n 2 breaks trainer", "RankError",
			[]string{"rank 1 on " + host + " ended with signal 9 (Killed), as a process does for which there is not enough memory"}},
		{"%env PATH=/usr/nothing\n%mpirun -n 2 fit", "MPIError", []string{"there is no mpirun here. Open MPI brings it: apt-get install libopenmpi-dev openmpi-bin"}},
		{"%mpirun -n 2 --srun fit", "MPIError", []string{"there is no srun here"}},
	} {
		out, err := nb.ranked(c.code)
		if err == nil {
			t.Fatalf("%s succeeds", c.code)
		}
		trace := plainText(strings.Join(err.Traceback, "\n"))
		for _, text := range c.texts {
			if err.Name != c.name || !strings.Contains(trace, text) {
				t.Errorf("%s fails with %s, want %s %q\n%s\nstderr: %s", c.code, err.Name, c.name, text, trace, out.stderr)
			}
		}
	}
	nb.shows("trainer.History == nil", "true")
}

// An interrupt ends all ranks, and what they have learned so far comes back.
func TestAnInterruptEndsRanks(t *testing.T) {
	nb := ranksNotebook(t)
	before := nb.run("parameters()").results[0]
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	out := &record{}
	out.onText = func() {
		if strings.Contains(out.stdout, "begins") {
			time.AfterFunc(time.Second, cancel)
			out.onText = nil
		}
	}
	_, err := nb.tryInto(ctx, "func breakNow() {}\n%mpirun -n 2 breaks trainer", out)
	if err == nil || err.Name != "Interrupted" {
		t.Fatalf("error %v\n%s", err, out.stderr)
	}
	if after := nb.run("parameters()").results[0]; after == before {
		t.Errorf("the parameters are as before\n%s", out.stderr)
	}
	if n := nb.run("len(trainer.History.Epochs) > 0").results[0]; n != "true" {
		t.Errorf("epochs: %s", n)
	}
}
