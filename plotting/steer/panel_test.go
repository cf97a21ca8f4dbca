package steer

import (
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// eventually waits until something is so.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for begin := time.Now(); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatal("never: ", what)
		}
	}
}

// The slider changes the rate, the buttons pause, resume and stop, and the end makes them grey.
func TestPanel(t *testing.T) {
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.001}}
	// the loss and its gradients are 0: at no rate the training ends by itself
	training, err := trainer.Start(t.Context(), data.FromTensors(dl.Zeros(8, 2), dl.Zeros(8, 1)), train.Options{Epochs: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	c := newControls(training)
	if got := c.rate.Value(); got < 0.00099 || got > 0.00101 {
		t.Errorf("the slider begins at %v", got)
	}
	c.rate.SetValue(0.01)
	eventually(t, "the rate is that of the slider", func() bool { return trainerRate(training) == c.rate.Value() })
	if err := training.SetRate(0.05); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the slider is at a rate that was set elsewhere", func() bool { return c.rate.Value() == 0.05 })
	if err := training.SetRate(30); err != nil { // more than the slider has
		t.Fatal(err)
	}
	time.Sleep(2 * refresh)
	if got := trainerRate(training); got != 30 {
		t.Errorf("a slider that follows has set the rate to %v", got)
	}
	c.pauseOrResume()
	if !training.Status().Paused || c.pause.Get("description") != "Resume" || !strings.HasSuffix(c.status.Value(), ", paused") {
		t.Errorf("paused: %+v, %v, %q", training.Status(), c.pause, c.status.Value())
	}
	c.pauseOrResume()
	if training.Status().Paused || c.pause.Get("description") != "Pause" {
		t.Errorf("resumed: %+v, %v", training.Status(), c.pause)
	}
	c.say(training.Stop())
	eventually(t, "the controls are grey", func() bool { return c.stop.Get("disabled") == true })
	if !strings.Contains(c.status.Value(), "stopped") {
		t.Errorf("%q", c.status.Value())
	}
	if box := Panel(training); box == nil {
		t.Error("no panel")
	}
}

func trainerRate(g *train.Training) float64 { return g.Status().Rate }
