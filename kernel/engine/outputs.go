package engine

import (
	"fmt"
	"slices"
	"sync"

	"modelbook/kernel/comms"
	"modelbook/kernel/output"
	"modelbook/kernel/pipe"
	"modelbook/kernel/worker/control"
)

// outputs hands what the worker puts out to the sinks of the cells that run.
type outputs struct {
	// explain makes a text of a goroutine's panic.
	explain func(f *control.Failure) string

	mu       sync.Mutex
	open     []*target           // of the cells that run, in the order in which they began
	latest   *target             // what belongs to no run goes there; nil before the first cell
	displays control.RunID       // the run that displays in the pipe are of, or zero
	reader   control.RunID       // the run that reads standard input, or zero
	comm     func(comms.Message) // takes messages of comms, or nil
	commEnd  func()              // closes the comms of the worker's program, or nil
	// flushText and flushPipe wait for the worker's other ways out.
	flushText, flushPipe func()
}

// A target is where the output of a run goes.
type target struct {
	run      control.RunID
	sink     Sink
	silent   bool // results are not shown
	opened   bool // while others were active
	outputs  *outputs
	measured func(control.Event) // takes profiles and outcomes of tests, or is nil

	stdout, stderr output.Decoder // of text that arrives as events; for whoever calls Event
}

// decoder makes text of the bytes of a stream.
func (t *target) decoder(stream string) *output.Decoder {
	if stream == "stderr" {
		return &t.stderr
	}
	return &t.stdout
}

// connect names the ways out of a new worker.
func (o *outputs) connect(flushText, flushPipe func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushText, o.flushPipe = flushText, flushPipe
}

func (o *outputs) flush(which func(*outputs) func()) {
	o.mu.Lock()
	f := which(o)
	o.mu.Unlock()
	if f != nil {
		f()
	}
}

// begin makes a target of a run that begins. While no other cell runs, what
// belongs to no run goes there.
func (o *outputs) begin(run control.RunID, sink Sink, silent bool) *target {
	t := &target{run: run, sink: sink, silent: silent, outputs: o}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.open) == 0 {
		o.latest = t
	}
	o.open = append(o.open, t)
	return t
}

// end says that a run has ended. What belongs to no run then goes to the one
// that was opened last, else to the one that began last.
func (o *outputs) end(t *target) {
	for _, stream := range []string{"stdout", "stderr"} {
		if rest := t.decoder(stream).Rest(); rest != "" {
			t.sink.Stream(stream, rest)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open = slices.DeleteFunc(o.open, func(other *target) bool { return other == t })
	if o.latest != t || len(o.open) == 0 {
		return
	}
	o.latest = o.open[len(o.open)-1]
	for _, other := range o.open {
		if other.opened {
			o.latest = other
		}
	}
}

// alone reports whether one cell runs at most.
func (o *outputs) alone() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.open) <= 1
}

// of is where the output of a run goes: to its own target while it runs, else
// where that goes which belongs to no run. It is nil before the first cell.
func (o *outputs) of(run control.RunID) *target {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ofLocked(run)
}

func (o *outputs) ofLocked(run control.RunID) *target {
	for _, t := range o.open {
		if t.run == run {
			return t
		}
	}
	return o.latest
}

// Output takes text of the worker's stdout and stderr.
func (o *outputs) Output(stream, text string) {
	if t := o.of(0); t != nil {
		t.sink.Stream(stream, text)
	}
}

// Event takes an event of the worker.
func (o *outputs) Event(e control.Event) {
	switch e := e.(type) {
	case control.Display:
		o.piped()
		if t := o.of(e.Run); t != nil && !t.silent && len(e.Data) > 0 {
			t.sink.Result(Display{Data: e.Data, Metadata: e.Metadata})
		}
	case control.Printed:
		if t := o.of(e.Run); t != nil {
			if text := t.decoder(e.Stream).Text(e.Text); text != "" {
				t.sink.Stream(e.Stream, text)
			}
		}
	case control.Piped:
		o.piped()
		o.mu.Lock()
		o.displays = e.Run
		o.mu.Unlock()
	case control.Opening:
		o.piped()
		o.mu.Lock()
		o.latest = o.ofLocked(e.Run)
		o.latest.opened = true
		o.mu.Unlock()
	case control.Reading:
		o.mu.Lock()
		o.reader = e.Run
		o.mu.Unlock()
	case control.GoroutinePanicked:
		if t := o.of(e.Run); t != nil && e.Failure != nil {
			t.sink.Stream("stderr", o.explain(e.Failure))
		}
	case control.Profile:
		o.of(e.Run).measure(e)
	case control.Tested:
		o.of(e.Run).measure(e)
	case control.CommSent:
		o.mu.Lock()
		f := o.comm
		o.mu.Unlock()
		if f != nil {
			f(e.Comm)
		}
	case control.Undeliverable:
		if t := o.of(e.Run); t != nil {
			note(t.sink, "%s: %s", notShown(e.What), e.Reason)
		}
	}
}

// notShown says what an event that could not be sent was about.
func notShown(event string) string {
	if event == control.Name(control.Display{}) {
		return "the value is not shown"
	}
	return "what the cell reports (" + event + ") is lost"
}

// piped takes over what is in the display pipe.
func (o *outputs) piped() {
	o.flush(func(o *outputs) func() { return o.flushPipe })
}

// measures says who takes profiles and outcomes of tests.
func (t *target) measures(f func(control.Event)) {
	t.outputs.mu.Lock()
	defer t.outputs.mu.Unlock()
	t.measured = f
}

func (t *target) measure(e control.Event) {
	if t == nil {
		return
	}
	t.outputs.mu.Lock()
	f := t.measured
	t.outputs.mu.Unlock()
	if f != nil {
		f(e)
	}
}

// asks reports whether a question of what reads standard input is one of t.
func (t *target) asks() bool {
	t.outputs.mu.Lock()
	defer t.outputs.mu.Unlock()
	return t.outputs.ofLocked(t.outputs.reader) == t
}

// pipeSink is the sink of what is in the display pipe, nil when there is none,
// and the run that it is of.
func (o *outputs) pipeSink() (pipe.Sink, int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.ofLocked(o.displays)
	if t == nil {
		return nil, 0
	}
	return pipeSink{o, t.sink}, int64(t.run)
}

// pipeSink hands displays of gonbui to a cell's sink.
type pipeSink struct {
	outputs *outputs
	Sink
}

func (s pipeSink) Show(data, metadata map[string]any, id string, update bool) {
	s.outputs.flush(func(o *outputs) func() { return o.flushText })
	s.Display(Display{Data: data, Metadata: metadata, ID: id, Update: update})
}

func (s pipeSink) Input(prompt string, password bool) (string, error) {
	s.outputs.flush(func(o *outputs) func() { return o.flushText })
	return s.Sink.Input(prompt, password)
}

func (s pipeSink) Warn(text string) { s.Stream("stderr", text+"\n") }

// note tells the user something beside a cell's output.
func note(out Sink, format string, args ...any) {
	out.Stream("stderr", "note: "+fmt.Sprintf(format, args...)+"\n")
}
