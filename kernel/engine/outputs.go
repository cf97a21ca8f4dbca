package engine

import (
	"fmt"
	"sync"

	"modelbook/kernel/worker/control"
)

// outputs hands what the worker puts out to the sink of the latest cell.
type outputs struct {
	mu     sync.Mutex
	sink   Sink
	silent bool
	// explain makes a text of a goroutine's panic.
	explain func(f *control.Failure) string
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
	if sink, silent := o.current(); sink != nil && !silent && len(data) > 0 {
		sink.Result(Display{Data: data, Metadata: metadata})
	}
}

// Panicked takes the panic of a goroutine.
func (o *outputs) Panicked(f *control.Failure) {
	sink, _ := o.current()
	if sink != nil && f != nil {
		sink.Stream("stderr", o.explain(f))
	}
}

// note tells the user something beside a cell's output.
func note(out Sink, format string, args ...any) {
	out.Stream("stderr", "note: "+fmt.Sprintf(format, args...)+"\n")
}
