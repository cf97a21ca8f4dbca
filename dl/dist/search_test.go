package dist_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/dist"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/tune"
)

// classifier is a small network for points, to be trained by one process.
func classifier(seed uint64, rate float64) (*train.Trainer, error) {
	dl.Seed(seed)
	model, err := nn.Sequential(dl.Shape{8}, nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: 3, Activation: nn.Softmax})
	if err != nil {
		return nil, err
	}
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{LearningRate: rate}, Seed: seed}, nil
}

// measured trains a small network, one trial of which fails.
func measured(ctx context.Context, t *tune.Trial) (float64, error) {
	if t.Number == 4 {
		return 0, errors.New("out of paper")
	}
	trainer, ok := t.Memory.(*train.Trainer)
	if !ok {
		var err error
		if trainer, err = classifier(t.Seed, t.Float("rate")); err != nil {
			return 0, err
		}
		t.Memory = trainer
	}
	done := 0
	if trainer.History != nil {
		done = len(trainer.History.Epochs)
	}
	learn, test := data.Split(points(121), 0.25)
	if _, err := trainer.Fit(ctx, learn, train.Options{Epochs: t.Budget - done, Validation: test}); err != nil {
		return 0, err
	}
	t.Report(trainer.History.Last("val_loss"))
	return trainer.History.Last("val_loss"), nil
}

// search searches on all ranks, twice, and prints the tables, which each rank has.
func search(c *dist.Comm) error {
	s := tune.Search{Space: tune.Space{"rate": tune.LogUniform{Low: 1e-3, High: 1}}, Seed: 7, Ranks: c}
	for _, s.Method = range []tune.Method{tune.Halving{Trials: 9, MaxBudget: 9}, tune.Hyperband{MaxBudget: 3}} {
		table, err := s.Run(context.Background(), measured)
		if err != nil {
			return err
		}
		var own []float64
		for _, b := range []byte(table.String()) {
			own = append(own, float64(b))
		}
		for rank, text := range c.Gather(own) {
			if fmt.Sprint(text) != fmt.Sprint(own) {
				return fmt.Errorf("%s has another table than %s", c.Name(rank), c)
			}
		}
		if c.Rank() == 0 {
			fmt.Println(table)
			for _, r := range table.Trials {
				fmt.Printf("%.17g\n", r.Value)
			}
		}
	}
	return nil
}

func TestASearchOverRanksFindsWhatOneProcessDoes(t *testing.T) {
	want := mustRun(t, 1, "search")
	if !strings.Contains(want, "trial 4 failed: out of paper") {
		t.Errorf("alone: %s", want)
	}
	for ranks := 2; ranks <= 3; ranks++ {
		if got := mustRun(t, ranks, "search"); got != want {
			t.Errorf("%d ranks found\n%s\none process\n%s", ranks, got, want)
		}
	}
}

// searchOn searches until rank 1 is interrupted, and is then run again: its arguments are the file, and "on" to go on. A
// rank that has begun its second trial says so.
func searchOn(c *dist.Comm) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGUSR1)
	defer stop()
	n := 0
	table, err := tune.Search{Space: tune.Space{"x": tune.Uniform{High: 1}}, Method: tune.Random{Trials: 6}, File: os.Args[1], Ranks: c}.Run(ctx,
		func(ctx context.Context, t *tune.Trial) (float64, error) {
			if n++; n > 1 && len(os.Args) == 2 {
				if c.Rank() == 1 {
					syscall.Kill(os.Getpid(), syscall.SIGUSR1)
				}
				<-ctx.Done()
			}
			return t.Float("x"), ctx.Err()
		})
	c.Gather(nil) // what ranks do together goes on after a search
	if c.Rank() == 0 && table != nil {
		fmt.Println(table)
	}
	return err
}

func TestAnInterruptedSearchOverRanksGoesOn(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "search.jsonl")
	out, errs, err := mpirun(t, 2, "searchon", path)
	if want := "dist: rank 0 on " + host + ": tune: rank 1 on " + host + " ended the search: "; err == nil || !strings.Contains(errs, want) {
		t.Errorf("%v, want %q\n%s%s", err, want, out, errs)
	}
	if kept, err := os.ReadFile(path); err != nil || strings.Count(string(kept), "\n") < 3 {
		t.Errorf("the file has %s, %v", kept, err)
	}
	again := mustRun(t, 2, "searchon", path, "on")
	if want := mustRun(t, 1, "searchon", filepath.Join(t.TempDir(), "alone"), "on"); again != want {
		t.Errorf("resumed\n%s\nat once\n%s", again, want)
	}
}
