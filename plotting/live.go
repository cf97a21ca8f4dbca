package plotting

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"modelbook/dl/train"
	"modelbook/internal/number"
)

const (
	// Between two frames of a live picture at least this time passes: a picture a few times a second is smooth, and a
	// notebook server cuts a kernel that sends too much.
	frameTime = 500 * time.Millisecond
	// Curves are drawn anew only when something changed, and when the process has used so many times as much processor
	// time as the last drawing took, or after the time slowest: drawing takes a small part of a hundredth of what the
	// training takes, also where the machine is busy with something else.
	drawShare = 300
	slowest   = time.Minute
)

// Live returns a callback that shows a training while it runs: one output with a progress bar, the position, the
// measures, the speed, the time left and the memory of the process, and below it the curves of the epochs so far; until
// the first epoch is over, the loss of its batches; below that the table of the newest epochs and of the best one. When
// the training ends, however it ends, the output becomes the static picture of [Curves] with a line that says how long
// it took and why it ended, and the table one of its own; a saved notebook keeps both. Drawing has a goroutine of its own, which is given
// something to do twice a second: the training does not wait. It takes 0.9 % of the processor time of a training of
// 80,000 epochs in half a minute, and 0.7 % of one of 400 (go test ./plotting -run - -bench 'Live$' -benchtime 1x, on two
// cores of a Zen 5 that others used, too). What is sent stays below half a megabyte a second, which is half of what a
// notebook server lets through.
//
// Outside of a notebook the progress is one line on standard error that is written anew, with a bar, and the picture is
// saved as training.png.
func Live(opts ...CurvesOption) train.Callback { return live(opts) }

type live []CurvesOption

// Outward says that of several ranks only the first has the callback: see [train.Outward].
func (live) Outward() {}

func (l live) Start(run *train.Run) (train.Observer, error) {
	var s screen
	if send := notebook.Load(); send != nil {
		n := &notebookScreen{id: newDisplayID(), send: *send}
		n.begin()
		s = n
	} else {
		s = &terminalScreen{w: os.Stderr, path: "training.png", columns: terminalColumns(os.Stderr)}
	}
	return watch(l, s, time.Now), nil
}

// A screen is where a training is shown.
type screen interface {
	show(frame)
	finish(figure *Figure, text string, history *train.History) error
}

// A frame is what a screen shows of a training under way. It shares nothing with the training.
type frame struct {
	position, measured, left string
	memory                   int64   // bytes that the process has
	share                    float64 // of the whole training that is done
	history                  *train.History
	story                    story
	options                  options
}

// text is the frame as one line.
func (f frame) text() string {
	t := f.position + "  " + f.measured
	if f.left != "" {
		t += "  " + f.left + " left"
	}
	if f.memory > 0 {
		t += "  " + number.Bytes(f.memory)
	}
	return t
}

// figure is the picture of a frame.
func (f frame) figure() *Figure { return curves(f.history, f.options, f.story) }

// observer makes frames of a run and hands them to the goroutine that draws.
type observer struct {
	train.Observe
	options options
	screen  screen
	now     func() time.Time
	last    time.Time      // when the last frame was made
	history *train.History // a copy of the run's, made anew when epochs came
	losses  steps          // of the first epoch
	frames  chan frame     // holds the newest frame only
	idle    chan struct{}
}

func watch(opts []CurvesOption, s screen, now func() time.Time) *observer {
	o := &observer{options: collect(opts), screen: s, now: now, frames: make(chan frame, 1), idle: make(chan struct{})}
	go func() {
		defer close(o.idle)
		for f := range o.frames {
			s.show(f)
		}
	}()
	return o
}

func (o *observer) Batch(run *train.Run) error {
	if len(run.History.Epochs) == 0 {
		o.losses.add(run.Loss)
	}
	o.offer(run)
	return nil
}

func (o *observer) Epoch(run *train.Run) error {
	o.offer(run)
	return nil
}

// offer puts a frame of the run in place of one that nobody has drawn yet, if it is time for one.
func (o *observer) offer(run *train.Run) {
	now := o.now()
	if now.Sub(o.last) < frameTime {
		return
	}
	o.last = now
	o.copyHistory(run)
	f := frame{position: run.Position(), measured: run.Measured(), left: run.Left(), memory: processMemory(), history: o.history, story: storyOf(run), options: o.options}
	if len(o.history.Epochs) == 0 {
		f.story.losses, f.story.stride = slices.Clone(o.losses.values), o.losses.stride
	}
	if epochs := run.Last - run.First + 1; epochs > 0 && run.Steps > 0 {
		f.share = (float64(run.Epoch-run.First) + float64(run.Step)/float64(run.Steps)) / float64(epochs)
	}
	select {
	case <-o.frames:
	default:
	}
	o.frames <- f
}

// copyHistory brings the copy of the history up to date. Before the first epoch it has the names that there will be, so
// that the picture keeps its size.
func (o *observer) copyHistory(run *train.Run) {
	h := run.History
	if o.history != nil && len(o.history.Epochs) == len(h.Epochs) {
		return
	}
	o.history = &train.History{Epochs: slices.Clone(h.Epochs), Names: slices.Clone(h.Names), Values: maps.Clone(h.Values), Directions: maps.Clone(h.Directions)}
	for name, values := range o.history.Values {
		o.history.Values[name] = slices.Clone(values)
	}
	if len(h.Epochs) == 0 {
		o.history.Names = []string{"loss"}
		for _, m := range run.Metrics {
			o.history.Names = append(o.history.Names, m.Name)
		}
	}
}

// storyOf is what is known of a run besides its history. The axis reaches to the last epoch planned, or, where that is
// far away, some way ahead.
func storyOf(run *train.Run) story {
	return story{begun: run.First, last: min(run.Last, max(3*run.Epoch, 50))}
}

func (o *observer) End(run *train.Run) error {
	close(o.frames)
	<-o.idle
	text := ended(run)
	if len(run.History.Epochs) == 0 {
		return o.screen.finish(nil, text, run.History)
	}
	s := storyOf(run)
	s.last, s.ended = 0, text
	return o.screen.finish(curves(run.History, o.options, s), lastValues(text, run.History), run.History)
}

// ended says how a training ended.
func ended(run *train.Run) string {
	spent := run.Elapsed.Round(time.Second).String()
	switch {
	case run.Elapsed < time.Second:
		spent = fmt.Sprintf("%d ms", run.Elapsed.Milliseconds())
	case run.Elapsed < 10*time.Second:
		spent = fmt.Sprintf("%.1f s", run.Elapsed.Seconds())
	}
	switch {
	case run.Err != nil:
		return fmt.Sprintf("stopped in epoch %d of %d after %s: %v", run.Epoch, run.Epochs, spent, run.Err)
	case run.Stopped != "":
		return fmt.Sprintf("stopped after epoch %d of %d, %s: %s", run.Epoch, run.Epochs, spent, run.Stopped)
	}
	epochs := fmt.Sprintf("epochs %d to %d", run.First, run.Epoch)
	if run.First == run.Epoch {
		epochs = fmt.Sprintf("epoch %d", run.Epoch)
	}
	return fmt.Sprintf("%s in %s, %s samples/s", epochs, spent, number.Fixed(run.SamplesPerSecond, 0))
}

// lastValues adds the measures of the last epoch to a text.
func lastValues(text string, h *train.History) string {
	for _, name := range h.Names {
		if v := h.Last(name); train.Measured(v) && !slices.Contains(notMeasures, name) {
			text += "  " + name + " " + number.Measured(v)
		}
	}
	return text
}

// steps are values of many steps, of which at most some thousands are kept: then every second, every fourth and so on.
type steps struct {
	values []float64
	stride int
	seen   int
}

func (s *steps) add(v float64) {
	const most = 2000
	s.stride = max(s.stride, 1)
	if s.seen%s.stride == 0 {
		s.values = append(s.values, v)
	}
	if s.seen++; len(s.values) == most {
		for i := range most / 2 {
			s.values[i] = s.values[2*i]
		}
		s.values, s.stride = s.values[:most/2], 2*s.stride
	}
}
