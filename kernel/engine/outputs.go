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
	measured func(control.Event)
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

// Display takes the value of a last expression.
func (o *outputs) Display(data, metadata map[string]any) {
	o.Piped()
	if sink, silent := o.current(); sink != nil && !silent && len(data) > 0 {
		sink.Result(Display{Data: data, Metadata: metadata})
	}
}

// Piped takes over what is in the display pipe.
func (o *outputs) Piped() {
	o.flush(func(o *outputs) func() { return o.flushPipe })
}

// Comm takes a message of a comm.
func (o *outputs) Comm(c control.Comm) {
	o.mu.Lock()
	f := o.comm
	o.mu.Unlock()
	if f != nil {
		f(comms.Message{Op: c.Op, ID: c.ID, Target: c.Target, Data: c.Data})
	}
}

// Measured takes a profile or the outcome of a test.
func (o *outputs) Measured(e control.Event) {
	o.mu.Lock()
	f := o.measured
	o.mu.Unlock()
	if f != nil {
		f(e)
	}
}

// measure says who takes profiles and outcomes of tests.
func (o *outputs) measure(f func(control.Event)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.measured = f
}

// Panicked takes the panic of a goroutine.
func (o *outputs) Panicked(f *control.Failure) {
	sink, _ := o.current()
	if sink != nil && f != nil {
		sink.Stream("stderr", o.explain(f))
	}
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
