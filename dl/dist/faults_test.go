package dist_test

import (
	"context"
	"os"
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
		{"exit", "Exit code:    3"},        // mpirun says it
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
