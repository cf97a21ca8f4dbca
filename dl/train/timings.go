package train

import (
	"fmt"
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
// [Timings.FlameGraph] draws them, [Timings.Trace] writes the operations one after the other for Perfetto. What functions
// of Go take within a layer is told by a CPU profile: see [ProfileLabels].
//
// What a layer takes back includes the gradients of its weights, but for those of 262,144 values and more, which an
// optimizer such as Adam computes while it uses them: their time is the optimizer's.
//
// FLOPs are two for each multiply-add of matrix products, convolutions, attention and cells, as [nn.Profile] counts
// them; those of gradients count for each operand that has one, so that the first layer of a model, whose inputs have
// none, has as many back as forward. Memory is what a layer's operations take of the step's: results and what is kept for
// the way back, gradients of results; the gradients of weights, which last, are not in it.
type Timings struct {
	Skip  int // batches before the first one measured, in which memory is set up; 0: 2
	Steps int // batches to measure; 0: 20

	Layers    []LayerTime   // set by Fit, in the order of the model
	Data      time.Duration // of a step, waiting for its batch
	Optimizer time.Duration // of a step, the metrics and callbacks included
	Step      time.Duration // all of it
	Measured  int           // batches

	spans      []span          // of the first steps
	operations []operationTime `since:"2"`
}

// LayerTime is what a layer takes in a step.
type LayerTime struct {
	Name              string // the path of the module, "" for what comes before any
	Forward, Backward time.Duration
	MACs              int64 // multiply-adds forward
	Operations        int   // forward

	BackwardMACs   int64 `since:"2"` // multiply-adds of the gradients
	Memory         int64 `since:"2"` // bytes that its operations take forward
	BackwardMemory int64 `since:"2"` // and backward
}

// FLOPs are the floating-point operations forward and backward.
func (l LayerTime) FLOPs() (forward, backward int64) { return 2 * l.MACs, 2 * l.BackwardMACs }

// operationTime is what the operations of a name take in a layer.
type operationTime struct {
	operationKey
	took time.Duration // in all the steps, then in one
}

type operationKey struct {
	layer, name string
	backward    bool
}

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
	o := &timer{timings: t, skip: t.Skip, steps: t.Steps, row: map[string]int{}, operation: map[operationKey]int{}, begin: time.Now()}
	if o.skip == 0 {
		o.skip = 2
	}
	if o.steps == 0 {
		o.steps = 20
	}
	for _, p := range nn.NamedParameters(run.Model) {
		layer := ownerOf(p.Name)
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
	operation   map[operationKey]int // in the operations
	begin       time.Time            // of the Fit
	ended       time.Time            // the batch before, or the beginning of the epoch
	started     time.Time            // this batch
	last        time.Time            // the last operation of this batch
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
		layer.BackwardMACs += e.Work
		layer.BackwardMemory += e.Bytes
	} else {
		layer.Forward += e.Took
		layer.MACs += e.Work
		layer.Memory += e.Bytes
		layer.Operations++
	}
	key := operationKey{name, e.Name, e.Backward}
	i, ok := o.operation[key]
	if !ok {
		i = len(o.timings.operations)
		o.operation[key] = i
		o.timings.operations = append(o.timings.operations, operationTime{operationKey: key})
	}
	o.timings.operations[i].took += e.Took
	if o.timings.Measured < tracedSteps {
		o.mark(e.Name, kind, e.End.Add(-e.Took), e.End, name)
		o.timings.spans[len(o.timings.spans)-1].shape = e.Output.(*dl.Tensor).Shape().String()
	}
	o.last = time.Now()
}

// Batch ends the measurement of a batch.
func (o *timer) Batch(*Run) error {
	now := time.Now()
	if o.stop != nil {
		o.stop()
		o.stop = nil
		o.timings.Optimizer += now.Sub(o.last)
		o.timings.Step += now.Sub(o.ended)
		o.mark(optimizerName, "optimizer", o.last, now, "")
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
		l.BackwardMACs /= int64(n)
		l.Memory /= int64(n)
		l.BackwardMemory /= int64(n)
		l.Operations /= int(n)
	}
	for i := range t.operations {
		t.operations[i].took /= n
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
	rows := [][]string{{"layer", "forward", "backward", "share", "FLOPs", "backward", "GFLOP/s", "backward", "memory", "backward"}}
	share := func(d time.Duration) string {
		return fmt.Sprintf("%.1f%%", 100*d.Seconds()/max(t.Step.Seconds(), 1e-12))
	}
	row := func(name, part string, l *LayerTime) []string {
		forward, backward := l.FLOPs()
		return []string{name, micro(l.Forward), micro(l.Backward), part, operations(forward), operations(backward),
			rate(l.MACs, l.Forward), rate(l.BackwardMACs, l.Backward), number.Bytes(l.Memory), number.Bytes(l.BackwardMemory)}
	}
	var total LayerTime
	for i := range t.Layers {
		l := &t.Layers[i]
		total.Forward, total.Backward = total.Forward+l.Forward, total.Backward+l.Backward
		total.MACs, total.BackwardMACs = total.MACs+l.MACs, total.BackwardMACs+l.BackwardMACs
		total.Memory, total.BackwardMemory = total.Memory+l.Memory, total.BackwardMemory+l.BackwardMemory
		rows = append(rows, row(layerName(l.Name), share(l.Forward+l.Backward), l))
	}
	beside := func(name string, d time.Duration) []string {
		return []string{name, micro(d), "", share(d), "", "", "", "", "", ""}
	}
	return append(rows, beside("data", t.Data), beside(optimizerName, t.Optimizer),
		row(fmt.Sprintf("a step (%s of %d)", micro(t.Step), t.Measured), "100.0%", &total))
}

// optimizerName is what stands for the rest of a step.
const optimizerName = "optimizer and metrics"

// layerName is the name of a layer for people.
func layerName(name string) string {
	if name == "" {
		return "(no parameters)"
	}
	return name
}

// operations is a number of floating-point operations, "" for none: "1.24 G".
func operations(n int64) string {
	v := float64(n)
	switch {
	case n == 0:
		return ""
	case v >= 1e12:
		return fmt.Sprintf("%.3g T", v/1e12)
	case v >= 1e9:
		return fmt.Sprintf("%.3g G", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.3g M", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.3g k", v/1e3)
	}
	return fmt.Sprint(n)
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
