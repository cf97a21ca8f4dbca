package engine

import (
	"fmt"
	"sync"

	"modelbook/kernel/comms"
	"modelbook/kernel/pipe"
	"modelbook/kernel/worker/control"
)

// outputs hands what the worker puts out to the sink of the latest cell.
type outputs struct {
	mu       sync.Mutex
	sink     Sink
	comm     func(comms.Message) // takes messages of comms, or nil
	commEnd  func()              // closes the comms of the worker's program, or nil
	silent   bool
	measured func(control.Event) // takes profiles and outcomes of tests, or is nil
	// explain makes a text of a goroutine's panic.
	explain func(f *control.Failure) string
	// flushText and flushPipe wait for the worker's other ways out.
	flushText, flushPipe func()
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

func (o *outputs) to(sink Sink, silent bool, explain func(*control.Failure) string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sink, o.silent, o.explain = sink, silent, explain
}

func (o *outputs) current() (Sink, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sink, o.silent
}

// Output takes text of the worker's stdout and stderr.
func (o *outputs) Output(stream, text string) {
	if sink, _ := o.current(); sink != nil {
		sink.Stream(stream, text)
	}
}

// Began says that the worker has begun with a run.
func (o *outputs) Began(control.RunID) {}

// Event takes an event of the worker.
func (o *outputs) Event(e control.Event) {
	sink, silent := o.current()
	switch e := e.(type) {
	case control.Display:
		o.piped()
		if sink != nil && !silent && len(e.Data) > 0 {
			sink.Result(Display{Data: e.Data, Metadata: e.Metadata})
		}
	case control.Piped:
		o.piped()
	case control.GoroutinePanicked:
		if sink != nil && e.Failure != nil {
			sink.Stream("stderr", o.explain(e.Failure))
		}
	case control.Profile, control.Tested:
		o.mu.Lock()
		f := o.measured
		o.mu.Unlock()
		if f != nil {
			f(e)
		}
	case control.CommSent:
		o.mu.Lock()
		f := o.comm
		o.mu.Unlock()
		if f != nil {
			f(e.Comm)
		}
	case control.Undeliverable:
		if sink != nil {
			note(sink, "%s: %s", notShown(e.What), e.Reason)
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

// measure says who takes profiles and outcomes of tests.
func (o *outputs) measure(f func(control.Event)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.measured = f
}

// pipeSink is the sink of the display pipe, nil when there is none.
func (o *outputs) pipeSink() pipe.Sink {
	sink, _ := o.current()
	if sink == nil {
		return nil
	}
	return pipeSink{o, sink}
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
