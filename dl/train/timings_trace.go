package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// span is an operation in a trace.
type span struct {
	name, layer, kind string
	begin             time.Duration
	took              time.Duration
	shape             string
}

// end is where a span ends.
func (s *span) end() time.Duration { return s.begin + s.took }

// tracedSteps is how many steps a trace has.
const tracedSteps = 5

// mark puts something into the trace.
func (o *timer) mark(name, kind string, begin, end time.Time, layer string) {
	if o.timings.Measured < tracedSteps {
		o.timings.spans = append(o.timings.spans, span{name: name, layer: layer, kind: kind, begin: begin.Sub(o.begin), took: end.Sub(begin)})
	}
}

// traceEvent is an event of the Trace Event Format.
type traceEvent struct {
	Name      string            `json:"name"`
	Kind      string            `json:"cat"`
	Phase     string            `json:"ph"` // X: complete; M: about the process
	Begin     float64           `json:"ts"` // microseconds
	Took      float64           `json:"dur"`
	Process   int               `json:"pid"`
	Thread    int               `json:"tid"`
	Arguments map[string]string `json:"args,omitempty"`
}

// complete is an event that has a beginning and an end.
func complete(name, kind string, begin, end time.Duration) traceEvent {
	const nanoseconds = 1e3 // in a microsecond
	return traceEvent{Name: name, Kind: kind, Phase: "X", Begin: float64(begin) / nanoseconds, Took: float64(end-begin) / nanoseconds, Process: 1, Thread: 1}
}

// Trace writes the operations of the first steps measured as JSON that Perfetto (ui.perfetto.dev) and chrome://tracing
// show on a line of time, in their layers and steps: see the Trace Event Format.
func (t *Timings) Trace(w io.Writer) error {
	if w == nil {
		return errors.New("train: the writer of a trace is nil: give a file")
	}
	events := []traceEvent{}
	if t != nil && len(t.spans) > 0 {
		events = append(events,
			traceEvent{Name: "process_name", Kind: "__metadata", Phase: "M", Process: 1, Thread: 1, Arguments: map[string]string{"name": "modelbook"}},
			traceEvent{Name: "thread_name", Kind: "__metadata", Phase: "M", Process: 1, Thread: 1, Arguments: map[string]string{"name": "training"}})
		events = t.spanEvents(events)
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

// spanEvents are the events of the spans, each step and each layer before what it is made of.
func (t *Timings) spanEvents(events []traceEvent) []traceEvent {
	step := 0
	for i := 0; i < len(t.spans); {
		first := &t.spans[i]
		if first.kind == "data" {
			step++
			events = append(events, complete(fmt.Sprintf("step %d", step), "step", first.begin, t.stepEnd(i)))
		}
		next := i + 1
		if first.kind == "forward" || first.kind == "backward" {
			for next < len(t.spans) && t.spans[next].kind == first.kind && t.spans[next].layer == first.layer {
				next++
			}
			layer := complete(layerName(first.layer), first.kind+" of a layer", first.begin, t.spans[next-1].end())
			events = append(events, layer)
		}
		for ; i < next; i++ {
			s := &t.spans[i]
			e := complete(s.name, s.kind, s.begin, s.end())
			if s.shape != "" {
				e.Arguments = map[string]string{"layer": s.layer, "shape": s.shape}
			}
			events = append(events, e)
		}
	}
	return events
}

// stepEnd is where the step ends whose data is the span i.
func (t *Timings) stepEnd(i int) time.Duration {
	end := t.spans[i].end()
	for _, s := range t.spans[i+1:] {
		if s.kind == "data" {
			break
		}
		end = max(end, s.end())
	}
	return end
}
