package train

import (
	"strings"
	"testing"
	"time"
)

// screen is what a terminal shows of text with carriage returns.
func screen(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		shown := []rune{}
		for _, over := range strings.Split(line, "\r") {
			r := []rune(over)
			shown = append(r, shown[min(len(r), len(shown)):]...)
		}
		lines = append(lines, strings.TrimRight(string(shown), " "))
	}
	return strings.Join(lines, "\n")
}

func TestProgressIsOneLineThatStays(t *testing.T) {
	var out strings.Builder
	trainer := newTrainer(t)
	h := fitted(t, trainer, Options{Epochs: 2, BatchSize: 10, ValidationSplit: 0.5,
		Callbacks: []Callback{Progress{W: &out, Every: time.Nanosecond}}})
	if n := strings.Count(out.String(), "step 15/15"); n != 2 {
		t.Errorf("the last step is shown %d times in 2 epochs", n)
	}
	lines := strings.Split(screen(out.String()), "\n")
	if len(lines) != 3 || lines[2] != "" || !strings.HasPrefix(lines[0], "epoch 1/2  loss ") || strings.Contains(lines[1], "step") {
		t.Errorf("the screen shows\n%s", strings.Join(lines, "\n"))
	}
	if want := "val_loss " + format("val_loss", h.Last("val_loss")); !strings.Contains(lines[1], want) {
		t.Errorf("the last line %q lacks %q", lines[1], want)
	}
}

// A log of many fast epochs keeps some lines, not all: the first and the last are among them.
func TestProgressOfManyFastEpochs(t *testing.T) {
	var out strings.Builder
	p, err := Progress{W: &out, Every: time.Hour}.Start(nil)
	if err != nil {
		t.Fatal(err)
	}
	run := &Run{First: 1, Last: 20_000, Epochs: 20_000, History: &History{}}
	for run.Epoch = 1; run.Epoch <= 20_000; run.Epoch++ {
		run.History.add(run.Epoch)
		run.History.set("loss", 1/float64(run.Epoch))
		if err := p.Epoch(run); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(screen(out.String()), "\n"), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "epoch 1/") || !strings.HasPrefix(lines[1], "epoch 20000/20000  loss 5e-05") {
		t.Errorf("%q", lines)
	}
}

// The time left is said when something is known of it.
func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		run  Run
		want string
	}{
		{Run{}, ""},
		{Run{First: 1, Epoch: 1, Elapsed: 50 * time.Millisecond, Remaining: 24 * time.Minute}, ""}, // after one slow batch
		{Run{First: 1, Epoch: 1, Elapsed: 3 * time.Second, Remaining: 90 * time.Second}, "1m30s"},
		{Run{First: 1, Epoch: 2, Elapsed: time.Second, Remaining: 18 * time.Second}, "18s"},
		{Run{First: 1, Epoch: 2, Elapsed: time.Second, Remaining: time.Millisecond}, ""},
	} {
		if got := c.run.Left(); got != c.want {
			t.Errorf("%v of %v: %q, want %q", c.run.Elapsed, c.run.Remaining, got, c.want)
		}
	}
}
