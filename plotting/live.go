package plotting

import (
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"modelbook/dl/train"
)

// Between two frames of a live picture at least this time passes: a picture a few times a second is smooth, and a
// notebook server cuts a kernel that sends too much.
const frameTime = 500 * time.Millisecond

// Live returns a callback that shows a training while it runs: one output with a progress bar, the position, the
// measures, the speed and the time left, and below it the curves of the epochs so far. When the training ends, however
// it ends, the output becomes the static picture of [Curves], which a saved notebook keeps. Drawing has a goroutine of
// its own, and frames that come too fast are dropped: the training does not wait.
//
// Outside of a notebook the progress is a line on standard error, and the picture is saved as training.png.
func Live(opts ...Option) train.Callback { return live(opts) }

type live []Option

func (l live) Start(run *train.Run) (train.Observer, error) {
	var s screen
	if send := notebook.Load(); send != nil {
		s = &notebookScreen{id: newDisplayID(), send: *send}
	} else {
		s = &terminalScreen{w: os.Stderr, path: "training.png"}
	}
	return watch(l, s, time.Now), nil
}

// A screen is where a training is shown.
type screen interface {
	show(frame)
	finish(figure *Figure, text string) error
}

// A frame is what a screen shows of a training under way.
type frame struct {
	position, measured, left string
	share                    float64 // of the whole training that is done
	curves                   *Figure // nil before the first epoch's end
}

// text is the frame as one line.
func (f frame) text() string {
	t := f.position + "  " + f.measured
	if f.left != "" {
		t += "  " + f.left + " left"
	}
	return t
}

// observer makes frames of a run and hands them to the goroutine that draws.
type observer struct {
	train.Observe
	opts   []Option
	screen screen
	now    func() time.Time
	last   time.Time // when the last frame was made
	curves *Figure
	frames chan frame // holds the newest frame only
	idle   chan struct{}
}

func watch(opts []Option, s screen, now func() time.Time) *observer {
	o := &observer{opts: opts, screen: s, now: now, frames: make(chan frame, 1), idle: make(chan struct{})}
	go func() {
		defer close(o.idle)
		for f := range o.frames {
			s.show(f)
		}
	}()
	return o
}

func (o *observer) Batch(run *train.Run) error {
	if now := o.now(); now.Sub(o.last) >= frameTime {
		o.last = now
		o.offer(run)
	}
	return nil
}

func (o *observer) Epoch(run *train.Run) error {
	o.curves = Curves(run.History, o.opts...) // copies what it needs; it is drawn elsewhere
	o.last = o.now()
	o.offer(run)
	return nil
}

// offer puts a frame of the run in place of one that nobody has drawn yet.
func (o *observer) offer(run *train.Run) {
	f := frame{position: run.Position(), measured: run.Measured(), curves: o.curves}
	if run.Remaining > 0 {
		f.left = run.Remaining.Round(time.Second).String()
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

func (o *observer) End(run *train.Run) error {
	close(o.frames)
	<-o.idle
	text := fmt.Sprintf("epochs %d to %d in %s", run.First, run.Epoch, run.Elapsed.Round(time.Second))
	switch {
	case run.Err != nil:
		text = fmt.Sprintf("stopped at %s: %v", run.Position(), run.Err)
	case run.Stopped != "":
		text = fmt.Sprintf("stopped after epoch %d: %s", run.Epoch, run.Stopped)
	}
	var figure *Figure
	if len(run.History.Epochs) > 0 {
		figure = Curves(run.History, o.opts...)
		for _, name := range run.History.Names {
			if name != "learning_rate" && name != "seconds" {
				text += fmt.Sprintf("  %s %.4g", name, run.History.Last(name))
			}
		}
	}
	return o.screen.finish(figure, text)
}

// displays makes the display identifiers of a process different.
var displays atomic.Int64

func newDisplayID() string {
	return fmt.Sprintf("modelbook-live-%d-%x-%d", os.Getpid(), time.Now().UnixNano(), displays.Add(1))
}

// notebookScreen updates one output of a notebook.
type notebookScreen struct {
	id     string
	send   sender
	curves *Figure // the figure that image holds
	image  string
}

func (s *notebookScreen) show(f frame) {
	if f.curves != s.curves {
		s.curves = f.curves
		s.image = fmt.Sprintf(`<img width="%.0f" height="%.0f" alt="%s" src="data:image/png;base64,%s">`, f.curves.width, f.curves.height,
			html.EscapeString(f.curves.text), base64.StdEncoding.EncodeToString(f.curves.PNG()))
	}
	s.send(map[string]any{"text/html": s.html(f), "text/plain": f.text()}, nil, s.id)
}

func (s *notebookScreen) html(f frame) string {
	var b strings.Builder
	b.WriteString(`<div style="max-width:880px;font-family:'Liberation Sans',Arial,Helvetica,sans-serif;font-size:13px">` +
		`<div style="display:flex;flex-wrap:wrap;gap:0 1.5em;margin-bottom:4px"><b>`)
	b.WriteString(html.EscapeString(f.position) + `</b><span>` + html.EscapeString(f.measured) + `</span>`)
	if f.left != "" {
		b.WriteString(`<span>` + html.EscapeString(f.left) + ` left</span>`)
	}
	fmt.Fprintf(&b, `</div><div role="progressbar" aria-valuenow="%.0f" aria-valuemin="0" aria-valuemax="100" `+
		`style="height:6px;border-radius:3px;background:rgba(128,128,128,.3);margin-bottom:8px">`+
		`<div style="width:%.1f%%;height:6px;border-radius:3px;background:#0072b2"></div></div>%s</div>`, 100*f.share, 100*f.share, s.image)
	return b.String()
}

func (s *notebookScreen) finish(figure *Figure, text string) error {
	if figure == nil {
		s.send(map[string]any{"text/plain": text}, nil, s.id)
		return nil
	}
	data := figure.MimeBundle()
	data["text/plain"] = text
	s.send(data, figure.MimeMetadata(), s.id)
	return nil
}

// terminalScreen writes a line that changes, and saves the picture at the end.
type terminalScreen struct {
	w     io.Writer
	path  string
	width int // of the line shown
}

func (s *terminalScreen) line(text, end string) {
	fmt.Fprintf(s.w, "\r%s%s%s", text, strings.Repeat(" ", max(0, s.width-len(text))), end)
	s.width = len(text)
}

func (s *terminalScreen) show(f frame) { s.line(f.text(), "") }

func (s *terminalScreen) finish(figure *Figure, text string) error {
	s.line(text, "\n")
	if figure == nil {
		return nil
	}
	fmt.Fprintln(s.w, "saved as", s.path)
	return figure.Save(s.path)
}
