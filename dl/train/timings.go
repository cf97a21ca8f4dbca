package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Timings measures where the time of a training goes, layer by layer, forward and backward, as PyTorch's profiler does. A
// pointer to it is a callback; when Fit is over it holds, and shows as a table, the means of the batches measured:
//
//	timings := &train.Timings{}
//	trainer.Fit(ctx, digits.Train, train.Options{Callbacks: []train.Callback{timings}})
//	timings
//
// What a layer takes back includes the gradients of its weights, but for those of a million values and more, which an
// optimizer such as Adam computes while it uses them: their time is the optimizer's.
type Timings struct {
	Skip  int // batches before the first one measured, in which memory is set up; 0: 2
	Steps int // batches to measure; 0: 20

	Layers    []LayerTime   // set by Fit, in the order of the model
	Data      time.Duration // of a step, waiting for its batch
	Optimizer time.Duration // of a step, the metrics and callbacks included
	Step      time.Duration // all of it
	Measured  int           // batches

	spans []span // of the first steps
}

// LayerTime is what a layer takes in a step.
type LayerTime struct {
	Name              string // the path of the module, "" for what comes before any
	Forward, Backward time.Duration
	MACs              int64 // multiply-adds forward; backward there are twice as many, once in a model's first layer
	Operations        int   // forward
}

// span is an operation in a trace.
type span struct {
	name, layer, kind string
	begin             time.Duration
	took              time.Duration
	shape             string
}

// tracedSteps is how many steps a trace has.
const tracedSteps = 5

// Start begins to follow a Fit: see [Callback].
func (t *Timings) Start(run *Run) (Observer, error) {
	if t == nil {
		return nil, fmt.Errorf("the *Timings is nil; give &train.Timings{}")
	}
	if t.Skip < 0 || t.Steps < 0 {
		return nil, fmt.Errorf("Skip %d and Steps %d must not be negative", t.Skip, t.Steps)
	}
	if err := underWay(run); err != nil {
		return nil, err
	}
	*t = Timings{Skip: t.Skip, Steps: t.Steps}
	o := &timer{timings: t, skip: t.Skip, steps: t.Steps, row: map[string]int{}, begin: time.Now()}
	if o.skip == 0 {
		o.skip = 2
	}
	if o.steps == 0 {
		o.steps = 20
	}
	for _, p := range nn.NamedParameters(run.Model) {
		layer := ""
		if dot := strings.LastIndexByte(p.Name, '.'); dot >= 0 {
			layer = p.Name[:dot]
		}
		o.owners.Add(gradient.Key(p.Value), layer)
		o.layer(layer)
	}
	return o, nil
}

// timer is a Timings at work.
type timer struct {
	Observe
	timings     *Timings
	skip, steps int
	owners      gradient.Owners
	row         map[string]int
	begin       time.Time // of the Fit
	ended       time.Time // the batch before, or the beginning of the epoch
	started     time.Time // this batch
	last        time.Time // the last operation of this batch
	batches     int
	stop        func()
}

func (o *timer) layer(name string) *LayerTime {
	i, ok := o.row[name]
	if !ok {
		i = len(o.timings.Layers)
		o.row[name] = i
		o.timings.Layers = append(o.timings.Layers, LayerTime{Name: name})
	}
	return &o.timings.Layers[i]
}

// EpochStart notes when the first batch is waited for.
func (o *timer) EpochStart(*Run) error {
	o.ended = time.Now()
	return nil
}

// BatchStart begins to measure.
func (o *timer) BatchStart(*Run) error {
	o.batches++
	if o.batches <= o.skip || o.timings.Measured >= o.steps {
		return nil
	}
	o.started = time.Now()
	o.last = o.started
	o.timings.Data += o.started.Sub(o.ended)
	o.mark("data", "data", o.ended, o.started, "")
	o.owners.Reset()
	o.stop = gradient.Observe(o.event)
	return nil
}

func (o *timer) event(e gradient.Event) {
	name, kind := "", "forward"
	if e.Backward {
		name, kind = o.owners.Result(e.Result), "backward"
	} else {
		name, _ = o.owners.Of(e.Operation)
	}
	layer := o.layer(name)
	if e.Backward {
		layer.Backward += e.Took
	} else {
		layer.Forward += e.Took
		layer.MACs += e.MACs
		layer.Operations++
	}
	if o.timings.Measured < tracedSteps {
		o.mark(e.Name, kind, e.End.Add(-e.Took), e.End, name)
		o.timings.spans[len(o.timings.spans)-1].shape = e.Output.(*dl.Tensor).Shape().String()
	}
	o.last = time.Now()
}

// mark puts something into the trace.
func (o *timer) mark(name, kind string, begin, end time.Time, layer string) {
	if o.timings.Measured < tracedSteps {
		o.timings.spans = append(o.timings.spans, span{name: name, layer: layer, kind: kind, begin: begin.Sub(o.begin), took: end.Sub(begin)})
	}
}

// Batch ends the measurement of a batch.
func (o *timer) Batch(*Run) error {
	now := time.Now()
	if o.stop != nil {
		o.stop()
		o.stop = nil
		o.timings.Optimizer += now.Sub(o.last)
		o.timings.Step += now.Sub(o.ended)
		o.mark("optimizer and metrics", "optimizer", o.last, now, "")
		o.timings.Measured++
	}
	o.ended = now
	return nil
}

// End makes means of the sums.
func (o *timer) End(*Run) error {
	if o.stop != nil { // the step failed
		o.stop()
		o.stop = nil
	}
	t := o.timings
	n := time.Duration(max(t.Measured, 1))
	t.Data /= n
	t.Optimizer /= n
	t.Step /= n
	for i := range t.Layers {
		l := &t.Layers[i]
		l.Forward /= n
		l.Backward /= n
		l.MACs /= int64(n)
		l.Operations /= int(n)
	}
	t.Layers = slices.DeleteFunc(t.Layers, func(l LayerTime) bool { return l.Operations == 0 && l.Backward == 0 })
	return nil
}

// rate is how many billions of operations a second multiply-adds are, "" for none.
func rate(macs int64, took time.Duration) string {
	if macs == 0 || took <= 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", 2*float64(macs)/took.Seconds()/1e9)
}

func (t *Timings) rows() [][]string {
	rows := [][]string{{"layer", "forward", "backward", "share", "MACs", "GFLOP/s forward", "backward"}}
	share := func(d time.Duration) string {
		return fmt.Sprintf("%.1f%%", 100*d.Seconds()/max(t.Step.Seconds(), 1e-12))
	}
	var forward, backward time.Duration
	var macs int64
	for _, l := range t.Layers {
		name := l.Name
		if name == "" {
			name = "(no parameters)"
		}
		forward, backward, macs = forward+l.Forward, backward+l.Backward, macs+l.MACs
		rows = append(rows, []string{name, micro(l.Forward), micro(l.Backward), share(l.Forward + l.Backward), number.Commas(int(l.MACs)),
			rate(l.MACs, l.Forward), rate(2*l.MACs, l.Backward)})
	}
	return append(rows, []string{"data", micro(t.Data), "", share(t.Data), "", "", ""},
		[]string{"optimizer and metrics", micro(t.Optimizer), "", share(t.Optimizer), "", "", ""},
		[]string{fmt.Sprintf("a step (%s of %d)", micro(t.Step), t.Measured), micro(forward), micro(backward), "100.0%", number.Commas(int(macs)),
			rate(macs, forward), rate(2*macs, backward)})
}

// micro is a time in milliseconds.
func micro(d time.Duration) string { return fmt.Sprintf("%.3f ms", d.Seconds()*1e3) }

// String shows the times as a table.
func (t *Timings) String() string {
	if t == nil || t.Measured == 0 {
		return "Timings: nothing was measured yet; give it to the Callbacks of Fit, with more batches than it skips"
	}
	return strings.Join(columns.Lines(t.rows(), func(column int) bool { return column > 0 }), "\n")
}

// MimeBundle gives a notebook the table as HTML and as text.
func (t *Timings) MimeBundle() map[string]any {
	bundle := map[string]any{"text/plain": t.String()}
	if t != nil && t.Measured > 0 {
		bundle["text/html"] = columns.HTML(t.rows(), func(column int) bool { return column > 0 })
	}
	return bundle
}

// Trace writes the operations of the first steps measured as JSON that Perfetto (ui.perfetto.dev) and chrome://tracing show on
// a line of time: see the Trace Event Format.
func (t *Timings) Trace(w io.Writer) error {
	if w == nil {
		return errors.New("train: the writer of a trace is nil: give a file")
	}
	type event struct {
		Name      string            `json:"name"`
		Kind      string            `json:"cat"`
		Phase     string            `json:"ph"`
		Begin     float64           `json:"ts"`  // microseconds
		Took      float64           `json:"dur"` // microseconds
		Process   int               `json:"pid"`
		Thread    int               `json:"tid"`
		Arguments map[string]string `json:"args,omitempty"`
	}
	events := []event{}
	if t != nil {
		for _, s := range t.spans {
			e := event{Name: s.name, Kind: s.kind, Phase: "X", Begin: s.begin.Seconds() * 1e6, Took: s.took.Seconds() * 1e6, Process: 1, Thread: 1}
			if s.shape != "" {
				e.Arguments = map[string]string{"layer": s.layer, "shape": s.shape}
			}
			events = append(events, e)
		}
	}
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}
