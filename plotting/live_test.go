package plotting

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modelbook/dl/metric"
	"modelbook/dl/train"
)

// recorder is a screen that keeps what it was shown.
type recorder struct {
	frames []frame
	figure *Figure
	text   string
}

func (r *recorder) show(f frame) { r.frames = append(r.frames, f) }
func (r *recorder) finish(figure *Figure, text string, _ *train.History) error {
	r.figure, r.text = figure, text
	return nil
}

// relay is a screen that hands on what it is shown.
type relay chan frame

func (r relay) show(f frame)                                 { r <- f }
func (r relay) finish(*Figure, string, *train.History) error { return nil }

func halfway() *train.Run {
	return &train.Run{First: 1, Last: 2, Epoch: 1, Epochs: 2, Step: 50, Steps: 100, Loss: 0.25, SamplesPerSecond: 1000,
		Elapsed: 3 * time.Second, Remaining: 90 * time.Second, History: &train.History{}}
}

func learned(run *train.Run) {
	run.History.Epochs = append(run.History.Epochs, run.Epoch)
	run.History.Names = []string{"loss"}
	run.History.Values = map[string][]float64{"loss": append(run.History.Values["loss"], run.Loss)}
}

// However many batches and epochs there are, frames come no faster than every half second.
func TestLiveIsThrottled(t *testing.T) {
	clock := time.Unix(0, 0)
	s := new(recorder)
	o := watch(nil, s, func() time.Time { return clock })
	run := halfway()
	o.last = clock
	made := 0
	for range 2000 { // twenty seconds of batches of 10 ms
		clock = clock.Add(10 * time.Millisecond)
		before := o.last
		if err := o.Batch(run); err != nil {
			t.Fatal(err)
		}
		if o.last != before {
			made++
		}
	}
	if made != 40 {
		t.Errorf("%d frames in 20 s, want 40", made)
	}
	for range 1000 { // one second of epochs of 1 ms
		learned(run)
		clock = clock.Add(time.Millisecond)
		before := o.last
		if err := o.Epoch(run); err != nil {
			t.Fatal(err)
		}
		if o.last != before {
			made++
		}
	}
	if made != 42 {
		t.Errorf("%d frames in 21 s, want 42", made)
	}
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	if last := s.frames[len(s.frames)-1]; len(last.history.Epochs) == 0 {
		t.Error("the end of an epoch was not shown")
	}
	if s.figure == nil || !strings.Contains(s.text, "loss 0.25") {
		t.Errorf("finished with %v, %q", s.figure, s.text)
	}
}

// A frame tells position, measures, time left and the share that is done.
func TestLiveFrame(t *testing.T) {
	s := new(recorder)
	o := watch(nil, s, time.Now)
	run := halfway()
	o.Batch(run)
	o.End(run)
	if len(s.frames) != 1 {
		t.Fatalf("%d frames", len(s.frames))
	}
	f := s.frames[0]
	if f.share != 0.25 || f.left != "1m30s" {
		t.Errorf("share %v, left %q", f.share, f.left)
	}
	for _, want := range []string{"epoch 1/2", "step 50/100", "loss 0.25", "1000/s", "1m30s left"} {
		if !strings.Contains(f.text(), want) {
			t.Errorf("%q does not say %q", f.text(), want)
		}
	}
}

// In a notebook one output is updated in place, and its last state is the
// static picture, with nothing that needs a script or another output.
func TestLiveInNotebook(t *testing.T) {
	type message struct {
		data map[string]any
		id   string
	}
	var sent []message
	s := &notebookScreen{id: newDisplayID(), send: func(data, _ map[string]any, id string) { sent = append(sent, message{data, id}) }}
	o := watch(nil, s, time.Now)
	run := halfway()
	o.Batch(run)
	learned(run)
	o.Epoch(run)
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	if len(sent) < 2 {
		t.Fatalf("%d messages", len(sent))
	}
	for i, d := range sent {
		if i == len(sent)-1 { // the last is the table
			if d.id != sent[0].id+"-epochs" {
				t.Errorf("the table has the id %q", d.id)
			}
			if html, ok := d.data["text/html"].(string); !ok || !strings.Contains(html, "<td") || strings.Contains(html, "<script") || d.data["text/plain"] == nil {
				t.Errorf("the table of the epochs is %v", d.data)
			}
		} else if d.id != sent[0].id || d.id == "" {
			t.Errorf("message %d has the id %q, the first %q", i, d.id, sent[0].id)
		}
		if d.data["text/plain"] == nil {
			t.Errorf("message %d has no plain text", i)
		}
	}
	last := sent[len(sent)-2]
	if last.data["image/png"] == nil || last.data["text/plain"] == nil || len(last.data) != 2 {
		t.Errorf("the last message holds %d forms, want PNG and plain text", len(last.data))
	}
	if newDisplayID() == newDisplayID() {
		t.Error("two outputs have the same id")
	}
}

// What Live says of a training that was cancelled or stopped.
func TestLiveEndsOtherwise(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*train.Run)
		want   string
	}{
		"cancelled": {func(r *train.Run) { r.Err = context.Canceled }, "stopped in epoch 1 of 2 after 3.0 s: context canceled"},
		"short":     {func(r *train.Run) { r.Stopped, r.Elapsed = "no progress", 34600*time.Microsecond }, "stopped after epoch 1 of 2, 34 ms: no progress"},
		"stopped":   {func(r *train.Run) { r.Stopped = "no progress" }, "stopped after epoch 1 of 2, 3.0 s: no progress"},
	} {
		t.Run(name, func(t *testing.T) {
			s := new(recorder)
			o := watch(nil, s, time.Now)
			run := halfway()
			c.change(run)
			if err := o.End(run); err != nil {
				t.Fatal(err)
			}
			if s.text != c.want || s.figure != nil {
				t.Errorf("%q with %v, want %q and no figure", s.text, s.figure, c.want)
			}
		})
	}
}

// Outside of a notebook Live is a line on a terminal and a file.
func TestLiveInTerminal(t *testing.T) {
	var b bytes.Buffer
	path := filepath.Join(t.TempDir(), "training.png")
	o := watch(nil, &terminalScreen{w: &b, path: path}, time.Now)
	run := halfway()
	o.Batch(run)
	learned(run)
	o.Epoch(run)
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "\repoch 1/2  step 50/100  25%|█████               |  loss 0.2500") || !strings.HasSuffix(b.String(), "saved as "+path+"\n") {
		t.Errorf("%q", b.String())
	}
	if st, err := os.Stat(path); err != nil || st.Size() == 0 {
		t.Errorf("no picture: %v", err)
	}
}

// Show writes files outside of a notebook.
func TestShowWritesFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Line(nil, []float64{1, 3, 2}).Show(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("figure-*.png")
	if err != nil || len(files) != 1 {
		t.Errorf("files %v, %v", files, err)
	}
}

// Until the first epoch is over the picture shows the loss of the batches, and it is as large as it will be afterwards.
func TestLiveBeforeTheFirstEpoch(t *testing.T) {
	clock := time.Unix(0, 0)
	shown := make(relay, 100)
	o := watch(nil, shown, func() time.Time { return clock })
	run := halfway()
	run.Metrics = []metric.Value{{Name: "accuracy"}}
	for i := range 5000 {
		run.Loss = 1 / float64(i+1)
		clock = clock.Add(time.Millisecond)
		o.Batch(run)
	}
	clock = clock.Add(time.Second)
	run.Step = 99
	o.Batch(run)
	var before, after frame
	for before = <-shown; !strings.Contains(before.position, "99"); before = <-shown {
	}
	learned(run)
	run.History.Names = append(run.History.Names, "accuracy")
	run.History.Values["accuracy"] = []float64{0.5}
	clock = clock.Add(time.Second)
	o.Epoch(run)
	after = <-shown
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	if n := len(before.story.losses); n < 1000 || n > 2000 || before.story.stride < 2 {
		t.Errorf("%d losses of every %d. step", n, before.story.stride)
	}
	a, b := before.figure(), after.figure()
	if a.width != b.width || a.height != b.height || len(after.story.losses) != 0 {
		t.Errorf("the picture grows from %v×%v to %v×%v", a.width, a.height, b.width, b.height)
	}
	if p := curvePanels(before.history, before.options, before.story); len(p) != 2 || len(p[0].lines) != 1 {
		t.Errorf("%d panels", len(p))
	}
	if p := curvePanels(after.history, after.options, after.story); p[0].reach != [2]float64{1, 2} {
		t.Errorf("the axis reaches %v", p[0].reach)
	}
}

// The picture that remains says how long the training took and why it ended, and where it went on.
func TestLiveKeepsWhyItEnded(t *testing.T) {
	s := new(recorder)
	o := watch(nil, s, time.Now)
	run := halfway()
	run.First, run.Epoch, run.Stopped = 2, 1, ""
	learned(run)
	run.Epoch = 2
	learned(run)
	run.Stopped = "val_loss has not improved since epoch 1"
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	if want := "stopped after epoch 2 of 2, 3.0 s: val_loss has not improved since epoch 1"; !strings.Contains(s.figure.String(), want) {
		t.Errorf("%q does not say %q", s.figure, want)
	}
	if plain := Curves(run.History); s.figure.height <= plain.height {
		t.Error("the picture has no line for it")
	}
	if p := curvePanels(run.History, options{theme: Light}, storyOf(run)); len(p[0].seams) != 1 || p[0].seams[0].x != 1.5 {
		t.Errorf("seams %v", p[0].seams)
	}
}

// Curves are drawn when something changed and the training has had its share of the processors since they were drawn.
func TestLiveDrawsWhenItMay(t *testing.T) {
	s := &notebookScreen{send: func(_, _ map[string]any, _ string) {}}
	drawn := 0
	show := func(f frame) int {
		s.image, s.quiet = "", time.Time{}
		s.show(f)
		if s.image != "" {
			drawn++
		}
		return drawn
	}
	frameOf := func(epochs int) frame { return frame{history: training(epochs), options: collect[Option](nil)} }
	first := frameOf(2)
	if show(first) != 1 {
		t.Fatal("the first frame is not drawn")
	}
	if cost := s.next - spentByProcess(); cost <= 0 {
		t.Errorf("the next drawing may come after %v", cost)
	}
	if show(frameOf(3)) != 1 {
		t.Error("drawn again at once")
	}
	s.next = 0
	if show(first) != 1 {
		t.Error("drawn although nothing changed")
	}
	if show(frameOf(4)) != 2 {
		t.Error("not drawn when it may be")
	}
	s.late = time.Now().Add(-time.Second)
	if show(frameOf(5)) != 3 {
		t.Error("a process that uses little of the processors never draws again")
	}
}

// Between the measures of the head there is room: HTML makes one space of two.
func TestLiveHeadInHTML(t *testing.T) {
	f := frame{position: "epoch 1/2  step 3/4", measured: "loss 0.25  1000/s", left: "3s"}
	got := new(notebookScreen).html(f)
	for _, want := range []string{"<b>epoch 1/2</b>", "<span>step 3/4</span>", "<span>loss 0.25</span>", "<span>1000/s</span>", "<span>3s left</span>"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
