package dist_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/dist"
	"modelbook/dl/nn"
	"modelbook/dl/train"
)

// traced trains layers of which each is sent by itself, and prints the trace of rank 0.
func traced(c *dist.Comm) error {
	var line bytes.Buffer
	c.Trace = &line
	t, err := newTrainer(c, 1)
	if err != nil {
		return err
	}
	dense := nn.Dense{Units: 600, Activation: nn.Tanh}
	if t.Model, err = nn.Sequential(dl.Shape{8}, dense, dense, dense, dense, nn.Dense{Units: 3, Activation: nn.Softmax}); err != nil {
		return err
	}
	// a callback that could change weights: without it ranks would find gradients in common memory, and sum few up
	options := train.Options{BatchSize: 240, Callbacks: []train.Callback{stopping{}}}
	if _, err := t.Fit(context.Background(), points(2400), options); err != nil {
		return err
	}
	if c.Rank() == 0 {
		_, err = os.Stdout.Write(line.Bytes())
	}
	return err
}

// event is one of Chrome's trace format.
type event struct {
	Ph, Name string
	Tid      int
	Ts, Dur  int
}

// The first sum begins while Backward goes on, though there are as many ranks as processors.
func TestSumsBeginBeforeBackwardEnds(t *testing.T) {
	out := strings.TrimSpace(mustRun(t, 2, "traced"))
	var events []event
	if err := json.Unmarshal([]byte(strings.TrimSuffix(out, ",")+"]"), &events); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	var steps, beside int
	var backward event
	var sums []event
	names := map[string]int{}
	for _, e := range events {
		names[e.Name]++
		switch {
		case strings.HasPrefix(e.Name, "sum "):
			sums = append(sums, e)
		case e.Name == "Backward":
			backward = e
		case e.Name == "wait for sums": // the last event of a step that is about gradients
			steps++
			if sums[0].Ts < backward.Ts+backward.Dur {
				beside++
			}
			sums = nil
		}
	}
	t.Logf("%d of %d first sums began before Backward ended: %v", beside, steps, names)
	if steps != 10 || beside < steps/2 {
		t.Errorf("%d of %d first sums began before Backward ended:\n%s", beside, steps, out)
	}
	for _, want := range []string{"Forward", "Backward", "sum 1 of 4", "optimizer", "new weights"} {
		if names[want] < 9 {
			t.Errorf("%d times %q: %s", names[want], want, fmt.Sprint(names))
		}
	}
}
