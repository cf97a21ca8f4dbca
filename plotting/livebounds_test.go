package plotting

import (
	"strings"
	"testing"
	"time"

	"modelbook/dl/metric"
	"modelbook/dl/train"
)

// wideRun is a run with many measures, whose pictures are large.
func wideRun(epochs int) *train.Run {
	h := training(epochs)
	for _, name := range []string{"mae", "auc", "f1", "precision", "recall", "top3"} {
		for _, full := range []string{name, "val_" + name} {
			h.Names = append(h.Names, full)
			h.Values[full] = h.Values["loss"]
		}
	}
	return &train.Run{First: 1, Last: 1_000_000, Epoch: epochs, Epochs: 1_000_000, Step: 1, Steps: 1, Loss: 0.5, SamplesPerSecond: 1e6,
		Elapsed: time.Hour, Remaining: time.Hour, History: h, Metrics: []metric.Value{{Name: "mae", Value: 0.5}}}
}

// unseen is a screen that nobody looks at.
type unseen struct{}

func (unseen) show(frame)                                   {}
func (unseen) finish(*Figure, string, *train.History) error { return nil }

// However short epochs are, there are fewer than five messages a second, and less is sent than half of what a notebook
// server lets through.
func TestLiveSendsLittle(t *testing.T) {
	run := wideRun(200)
	clock := time.Unix(0, 0)
	messages, bytes := map[int64]int{}, 0
	s := &notebookScreen{id: "x"}
	s.send = func(data, _ map[string]any, _ string) {
		messages[clock.Unix()]++
		for _, v := range data {
			bytes += len(v.(string))
		}
	}
	s.now = func() time.Time { return clock }
	o := watch(nil, unseen{}, func() time.Time { return clock })
	const seconds = 8
	made := 0
	for range seconds * 1000 { // epochs of a millisecond
		clock = clock.Add(time.Millisecond)
		run.Epoch++
		run.History.Epochs = append(run.History.Epochs, run.Epoch)
		for name, values := range run.History.Values {
			run.History.Values[name] = append(values, values[0])
		}
		before := o.last
		if err := o.Epoch(run); err != nil {
			t.Fatal(err)
		}
		if o.last != before {
			made++
			s.next = 0 // the picture is drawn anew each time: the worst case
			s.show(frame{position: "epoch", measured: run.Measured(), history: o.history, story: storyOf(run), options: o.options})
		}
	}
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	for second, n := range messages {
		if n > 5 {
			t.Errorf("%d messages in second %d", n, second)
		}
	}
	if made == 0 || len(messages) < seconds/4 {
		t.Errorf("%d frames, messages in %d seconds of %d", made, len(messages), seconds)
	}
	if rate := bytes / seconds; rate > mostRate {
		t.Errorf("%d bytes a second, %d frames", rate, made)
	}
}

// The frames after a large one wait until it is paid for.
func TestLiveWaitsAfterALargeFrame(t *testing.T) {
	clock := time.Unix(0, 0)
	sent := 0
	s := &notebookScreen{now: func() time.Time { return clock }, send: func(_, _ map[string]any, _ string) { sent++ }}
	h := training(3)
	s.drawn, s.image = h, strings.Repeat("x", 3*mostRate)
	s.next = 1 << 60
	s.late = time.Now().Add(time.Hour)
	f := frame{history: h, options: collect[Option](nil)}
	s.show(f)
	for range 5 {
		clock = clock.Add(frameTime)
		s.show(f)
	}
	if sent != 1 {
		t.Errorf("%d frames of three seconds' worth of bytes in three seconds", sent)
	}
	clock = clock.Add(time.Second)
	if s.show(f); sent != 2 {
		t.Error("nothing is sent afterwards")
	}
}

// In the notebook the head tells the memory, and the table of the epochs marks the best one, also of before the newest.
func TestLiveTellsMemoryAndTheBestEpoch(t *testing.T) {
	if m := processMemory(); m < 1<<20 || m > 1<<45 {
		t.Errorf("the process has %d bytes", m)
	}
	s := &notebookScreen{id: "x", send: func(data, _ map[string]any, id string) {}}
	h := training(30)
	losses := make([]float64, 30)
	for i := range losses {
		losses[i] = 1 + float64((i-4)*(i-4))
	}
	h.Names, h.Values = []string{"loss"}, map[string][]float64{"loss": losses}
	f := frame{position: "epoch 30/40", measured: "loss 1", left: "3s", memory: 5 << 20, history: h, options: collect[Option](nil)}
	s.show(f)
	if !strings.Contains(s.html(f), "<span>5.0 MiB</span>") {
		t.Errorf("no memory in %.400s", s.html(f))
	}
	_, table, _ := strings.Cut(s.html(f), "<table>")
	if !strings.Contains(table, "<b>1.000 ★</b>") || !strings.Contains(table, ">5</td>") || strings.Contains(table, ">12</td>") {
		t.Errorf("the table is %s", table)
	}
}

// A line in a terminal fits into it: what does not is left out.
func TestLiveLineFits(t *testing.T) {
	f := frame{position: "epoch 3/10  step 7/8", measured: "loss 0.2500  accuracy 0.9000  1000/s", left: "3s", memory: 1 << 30, share: 0.33}
	const whole = "epoch 3/10  step 7/8  33%|██████▌             |  loss 0.2500  accuracy 0.9000  1000/s  3s left  1.0 GiB"
	if got := f.line(0); got != whole {
		t.Errorf("%q", got)
	}
	if got := f.line(80); got != "epoch 3/10  step 7/8  33%|██████▌             |  loss 0.2500  accuracy 0.9000" {
		t.Errorf("%q", got)
	}
	if got := (frame{share: 7}).line(0); !strings.Contains(got, "100%|████████████████████|") {
		t.Errorf("%q", got)
	}
}
