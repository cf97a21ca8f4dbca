package train

import (
	"context"
	"os"
	"runtime/pprof"
	"strings"

	"modelbook/dl/internal/gradient"
	"modelbook/dl/internal/label"
	"modelbook/dl/nn"
)

// ProfileLabels is a callback that gives the samples of a CPU profile of Go (runtime/pprof, go test -cpuprofile) the
// layer that they belong to, on all goroutines that compute: the label "pass" is "forward", "backward", "optimizer and
// metrics" or "validation", the label "layer" of the first two the path of the module. It takes no profile itself, and
// leaves the results of the training as they are. Labels that the context of Fit has stay beside them.
//
//	go tool pprof -tagroot pass,layer -http :8080 cpu.pprof
//
// shows a flame graph with the layers below the passes. In a notebook %prun does so by itself. In programs that cannot
// be changed, the environment variable MODELBOOK_PROFILE=layers puts this callback into every Fit.
//
// Which layer the next operation belongs to is known from the step before: the first step, and one that is made of other
// operations than the step before it, may have samples with the labels of a layer next to their own. See [Timings] for
// exact times.
type ProfileLabels struct{}

// Start begins to follow a Fit: see [Callback].
func (ProfileLabels) Start(run *Run) (Observer, error) {
	if err := underWay(run); err != nil {
		return nil, err
	}
	run.fit.labels.always = true
	return Observe{}, nil
}

// The environment variable that asks for labels in every Fit.
const profileVariable, profileLayers = "MODELBOOK_PROFILE", "layers"

// labeller is ProfileLabels at work. Every Fit has one, in front of the callbacks, so that what they do has the labels
// that it would have without.
type labeller struct {
	Observe
	ctx    context.Context
	always bool // and not only while the environment asks for it

	owners gradient.Owners
	known  bool // the owners are those of the model
	labels map[labelKey]label.Labels

	before   label.Labels // of the goroutine
	working  bool         // its labels are ours
	done     func()       // of the sharing with the goroutines of loops
	stop     func()       // of the observation
	last     []placed     // the operations of the step before
	now      []placed     // those of this one
	foretold bool         // so far they are the same
}

type labelKey struct{ pass, layer string }

// placed is an operation and its layer.
type placed struct {
	operation string
	labels    label.Labels
	backward  bool
}

// asked says whether labels are wanted: the variable may be set while a training is under way.
func (o *labeller) asked() bool { return o.always || os.Getenv(profileVariable) == profileLayers }

// own are the labels of a pass through a layer.
func (o *labeller) own(pass, layer string) label.Labels {
	key := labelKey{pass, layer}
	l, ok := o.labels[key]
	if !ok {
		names := []string{"pass", pass}
		if pass == "forward" || pass == "backward" {
			names = append(names, "layer", layerName(layer))
		}
		here := label.Of()
		pprof.SetGoroutineLabels(pprof.WithLabels(o.ctx, pprof.Labels(names...)))
		l = label.Of()
		here.Use()
		if o.labels == nil {
			o.labels = map[labelKey]label.Labels{}
		}
		o.labels[key] = l
	}
	return l
}

// begin gives the goroutine labels.
func (o *labeller) begin(l label.Labels) {
	if !o.working {
		o.working, o.before, o.done = true, label.Of(), label.Share()
	}
	l.Use()
}

// rest gives the goroutine the labels that it had.
func (o *labeller) rest() {
	if o.stop != nil {
		o.stop()
		o.stop = nil
	}
	if o.working {
		o.working = false
		o.done()
		o.before.Use()
	}
}

// BatchStart begins a step.
func (o *labeller) BatchStart(run *Run) error {
	o.rest()
	if !o.asked() {
		return nil
	}
	if !o.known {
		o.known = true
		for _, p := range nn.NamedParameters(run.Model) {
			o.owners.Add(gradient.Key(p.Value), ownerOf(p.Name))
		}
	}
	o.owners.Reset()
	o.last, o.now, o.foretold = o.now, o.last[:0], true
	first := o.own("forward", "")
	if len(o.last) > 0 {
		first = o.last[0].labels
	}
	o.begin(first)
	o.stop = gradient.Observe(o.event)
	return nil
}

// event is told that an operation has ended: the labels become those of the next one.
func (o *labeller) event(e gradient.Event) {
	p := placed{operation: e.Name, backward: e.Backward}
	if e.Backward {
		p.labels = o.own("backward", o.owners.Result(e.Result))
	} else {
		name, _ := o.owners.Of(e.Operation)
		p.labels = o.own("forward", name)
	}
	i := len(o.now)
	o.now = append(o.now, p)
	o.foretold = o.foretold && i < len(o.last) && o.last[i] == p
	switch {
	case !o.foretold:
		p.labels.Use()
	case i+1 < len(o.last):
		o.last[i+1].labels.Use()
	default:
		o.own(optimizerName, "").Use()
	}
}

// Batch ends a step.
func (o *labeller) Batch(*Run) error {
	o.rest()
	return nil
}

// Trained begins the validation.
func (o *labeller) Trained(*Run) error {
	if o.asked() {
		o.begin(o.own("validation", ""))
	}
	return nil
}

// Validated ends it.
func (o *labeller) Validated(*Run, Results) error {
	o.rest()
	return nil
}

// Epoch ends it where there is none.
func (o *labeller) Epoch(*Run) error {
	o.rest()
	return nil
}

// End ends all, also in the middle of a step that failed.
func (o *labeller) End(*Run) error {
	o.rest()
	return nil
}

// ownerOf is the path of the module that a parameter belongs to.
func ownerOf(parameter string) string {
	if dot := strings.LastIndexByte(parameter, '.'); dot >= 0 {
		return parameter[:dot]
	}
	return ""
}
