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
