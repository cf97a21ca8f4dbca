package dist_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/dist"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

func differs(c *dist.Comm, seed uint64, n int) error {
	t, err := newTrainer(c, seed)
	if err == nil {
		_, err = t.Fit(context.Background(), points(n), train.Options{})
	}
	return err
}

// ends trains on and on, until rank 1 ends in the third step.
func ends(c *dist.Comm, how func()) error {
	t, err := newTrainer(c, 1)
	if err != nil {
		return err
	}
	steps := 0
	t.Step = func(s *train.Step) *dl.Tensor {
		if steps++; steps == 3 && c.Rank() == 1 {
			how()
		}
		return t.Loss.Compute(t.Model.(nn.Forwarder).Forward(s.Batch.X), s.Batch.Y, false, nil)
	}
	t.Metrics = nil
	_, err = t.Fit(context.Background(), points(121), train.Options{Epochs: 1e6})
	return err
}

// hangs is ends with a rank that goes on, but not with the others.
func hangs(c *dist.Comm) error {
	c.Timeout = 2 * time.Second
	return ends(c, func() { time.Sleep(time.Hour) })
}

// fills takes more memory than the rank may have.
func fills() {
	var pages int
	statm, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(statm), &pages)
	}
	most := uint64(pages*os.Getpagesize() + 256<<20)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most})
	}
	if err != nil {
		panic(err)
	}
	for held := [][]byte{}; ; {
		held = append(held, make([]byte, 64<<20))
	}
}

// killed is what happens to a process that takes more memory than there is.
func killed() { syscall.Kill(os.Getpid(), syscall.SIGKILL) }

// What goes wrong on one rank ends all of them, with one message that says where.
func TestFaultsNameTheRank(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{"model", "rank 1 on " + host + " has other weights than rank 0"},
		{"data", "rank 1 on " + host + " has other training data than rank 0"},
		{"panic", "dist: rank 1 on " + host + ": panic: out of paper"},
		{"error", "dist: rank 0 on " + host + ": no such file"},
		{"exit", "Exit code:    3"}, // mpirun says it
		{"hangs", "has waited for 2s. Ranks that do not wait, because they hang or compute for longer than Timeout: rank 1 on " + host + "\n"},
		{"memory", "dist: rank 1 on " + host + ": out of memory\n"},
		{"elsewhere", "dist: rank 1 on " + host + ": panic: out of ink\n"},
		{"killed", "on signal 9 (Killed)"}, // mpirun says it
	} {
		begin := time.Now()
		out, errs, err := mpirun(t, 2, c.name)
		if err == nil {
			t.Errorf("%s: all went well: %s", c.name, out)
		}
		if n := strings.Count(errs, "dist: rank"); !strings.Contains(errs+out, c.want) || n > 1 {
			t.Errorf("%s: %d messages, want one of %q:\n%s%s", c.name, n, c.want, out, errs)
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s: it took %v to end", c.name, took)
		}
	}
}

// stops ends a training on rank 1 alone: in the second of five batches, or after the second of many epochs.
func stops(c *dist.Comm) error {
	for _, how := range []stopping{{batch: 2}, {epoch: 2}} {
		t, err := newTrainer(c, 1)
		if err != nil {
			return err
		}
		options := train.Options{Epochs: 1e6, BatchSize: 24}
		if c.Rank() == 1 {
			options.Callbacks = []train.Callback{how}
		}
		h, err := t.Fit(context.Background(), points(120), options)
		if err != nil {
			return err
		}
		for _, epochs := range c.Gather([]float64{float64(len(h.Epochs)), t.History.Last("loss")}) {
			if c.Rank() == 0 {
				fmt.Println(epochs[0], epochs[1] == h.Last("loss"))
			}
		}
	}
	return nil
}

type stopping struct{ batch, epoch int }

func (s stopping) Start(*train.Run) (train.Observer, error) { return stoppingObserver{of: s}, nil }

type stoppingObserver struct {
	train.Observe
	of stopping
}

func (o stoppingObserver) Batch(run *train.Run) error {
	if run.Step == o.of.batch {
		run.StopNow("it is late")
	}
	return nil
}

func (o stoppingObserver) Epoch(run *train.Run) error {
	if run.Epoch == o.of.epoch {
		run.Stop("it is late")
	}
	return nil
}

func TestRanksStopTogether(t *testing.T) {
	if out := mustRun(t, 2, "stops"); out != "1 true\n1 true\n2 true\n2 true\n" {
		t.Errorf("epochs, and whether the loss is that of rank 0:\n%s", out)
	}
}

// cancels cancels a training, and a measurement, on rank 1 alone.
func cancels(c *dist.Comm) error {
	t, err := newTrainer(c, 1)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var options train.Options
	if c.Rank() == 1 {
		options.Callbacks = []train.Callback{cancelling{cancel}}
	}
	options.Epochs, options.BatchSize, options.Validation = 1e6, 24, points(30)
	h, err := t.Fit(ctx, points(120), options)
	_, err2 := t.Evaluate(ctx, points(50))
	for _, epochs := range c.Gather([]float64{float64(len(h.Epochs))}) {
		if c.Rank() == 0 {
			fmt.Println(epochs[0], errors.Is(err, context.Canceled), err)
		}
	}
	if c.Rank() == 0 {
		fmt.Println(errors.Is(err2, context.Canceled))
	}
	return nil
}

type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Start(*train.Run) (train.Observer, error) {
	return &cancellingObserver{cancel: c.cancel}, nil
}

type cancellingObserver struct {
	train.Observe
	cancel context.CancelFunc
}

func (o cancellingObserver) Batch(run *train.Run) error {
	if run.Epoch == 3 && run.Step == 2 {
		o.cancel()
	}
	return nil
}

// A context that ends on one rank ends Fit and Evaluate on all: none waits for one that has gone.
func TestRanksAreCancelledTogether(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	line := "2 true train: on rank 1 on " + host + ": context canceled\n"
	if out := mustRun(t, 2, "cancels"); out != line+line+"true\n" {
		t.Errorf("epochs, whether the error of rank 0 is that it was cancelled, and the same of Evaluate:\n%s", out)
	}
}

func TestAnInterruptEndsAllRanks(t *testing.T) {
	cmd := exec.Command("mpirun", "-n", "2", "--oversubscribe", "--allow-run-as-root", os.Args[0])
	cmd.Env = append(os.Environ(), caseVariable+"=on")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	var rank1 int
	if _, err := fmt.Fscan(out, &rank1); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := cmd.Wait(); err == nil {
		t.Error("mpirun says that all went well")
	}
	for syscall.Kill(rank1, 0) == nil && time.Since(begin) < 20*time.Second {
		time.Sleep(10 * time.Millisecond)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("after %v there is still a rank", took)
	}
}

// killing kills rank 1 in the third batch of the second epoch, when rank 0 has saved the first one.
type killing struct{ rank int }

func (k killing) Start(*train.Run) (train.Observer, error) {
	return &killingObserver{rank: k.rank}, nil
}

type killingObserver struct {
	train.Observe
	rank, epochs, batches int
}

func (o *killingObserver) Epoch(*train.Run) error { o.epochs++; o.batches = 0; return nil }

func (o *killingObserver) Batch(*train.Run) error {
	if o.batches++; o.rank == 1 && o.epochs == 1 && o.batches == 3 {
		killed()
	}
	return nil
}

// A training whose rank was killed goes on from its checkpoint, to the same weights, bit for bit.
func TestATrainingGoesOnAfterARankWasKilled(t *testing.T) {
	dir := t.TempDir()
	whole, half, rest := filepath.Join(dir, "whole"), filepath.Join(dir, "half"), filepath.Join(dir, "rest")
	want := mustRun(t, 2, "fit", whole, "3")
	if out, errs, err := mpirun(t, 2, "fit", half, "3", "killed"); err == nil || !strings.Contains(errs, "on signal 9 (Killed)") {
		t.Fatalf("rank 1 was not killed: %v\n%s%s", err, out, errs)
	}
	got := mustRun(t, 2, "fit", rest, "2", half)
	if w, v := furthest(t, whole, rest), apart(t, want, got); w != 0 || v != 0 {
		t.Errorf("weights differ by up to %g, what is measured by %g", w, v)
	}
}
