package train_test

import (
	"bytes"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/label"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// probed is a network whose middle layer notes the labels that it is computed with.
type probed struct {
	Hidden *nn.Dense
	Middle *noting
	Out    *nn.Dense
}

// noting multiplies by a parameter.
type noting struct {
	Scale *nn.Parameter
	seen  *[]string
}

// note is its operation.
type note struct {
	x, w *dl.Tensor
	seen *[]string
}

func (n *note) Forward(xs ...*dl.Tensor) *dl.Tensor {
	*n.seen = append(*n.seen, labelsHere())
	n.x, n.w = xs[0], xs[1]
	return n.x.Mul(n.w)
}

func (n *note) Backward(dy *dl.Tensor) []*dl.Tensor {
	*n.seen = append(*n.seen, labelsHere())
	return []*dl.Tensor{dy.Mul(n.w), dy.Mul(n.x).Sum(0)}
}

func (p *probed) Parameters() []*nn.Parameter { return nn.ParametersOf(p) }

func (p *probed) Forward(x *dl.Tensor) *dl.Tensor {
	x = dl.Apply(&note{seen: p.Middle.seen}, p.Hidden.Forward(x), p.Middle.Scale.Value)
	return p.Out.Forward(x)
}

var labelsLine = regexp.MustCompile(`(?m)^# labels: (.*)$`)

// labelsHere are the labels of the goroutine that computes a note, as a profile of goroutines tells them.
func labelsHere() string {
	var b bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&b, 1)
	for _, stack := range strings.Split(b.String(), "\n\n") {
		if strings.Contains(stack, "labelsHere") {
			if m := labelsLine.FindStringSubmatch(stack); m != nil {
				return m[1]
			}
		}
	}
	return "none"
}

func probedTrainer(t *testing.T, seen *[]string) *train.Trainer {
	t.Helper()
	dl.Seed(1)
	scale := &nn.Parameter{Value: dl.Ones(4).RequireGrad()}
	m := &probed{Hidden: nn.Build(nn.Dense{Units: 4}, 3), Middle: &noting{Scale: scale, seen: seen}, Out: nn.Build(nn.Dense{Units: 2}, 4)}
	return &train.Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.01}}
}

// printing is a callback that notes the labels of each of its calls.
type printing struct {
	train.Observe
	seen *[]string
}

func (p printing) Start(*train.Run) (train.Observer, error) { return p, nil }
func (p printing) Batch(*train.Run) error                   { *p.seen = append(*p.seen, labelsHere()); return nil }

// Operations have the labels of their layers, both ways, from the second step on; callbacks and what follows have those
// of before.
func TestProfileLabels(t *testing.T) {
	var seen, beside []string
	trainer := probedTrainer(t, &seen)
	ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", "7"))
	before := label.Of()
	options := train.Options{BatchSize: 4, NoShuffle: true, Validation: samples(), Callbacks: []train.Callback{printing{seen: &beside}, train.ProfileLabels{}}}
	if _, err := trainer.Fit(ctx, samples(), options); err != nil {
		t.Fatal(err)
	}
	const forward, backward = `{"layer":"Middle", "pass":"forward", "request":"7"}`, `{"layer":"Middle", "pass":"backward", "request":"7"}`
	const validation = `{"pass":"validation", "request":"7"}`
	if want := []string{forward, backward, forward, backward, validation}; len(seen) != 7 || !slices.Equal(seen[2:], want) {
		t.Errorf("labels\n%s\nwant from the second step\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
	if want := []string{"none", "none", "none"}; !slices.Equal(beside, want) {
		t.Errorf("a callback has the labels %v", beside)
	}
	if label.Of() != before || label.Shared() {
		t.Error("labels stay after the training")
	}

	// Without being asked there are none, with the environment's word there are; both while Timings measure.
	for _, asked := range []bool{false, true} {
		if asked {
			t.Setenv("MODELBOOK_PROFILE", "layers")
		}
		seen = nil
		timings := &train.Timings{Skip: 1}
		options.Callbacks = []train.Callback{timings}
		if _, err := trainer.Fit(ctx, samples(), options); err != nil {
			t.Fatal(err)
		}
		if last := seen[len(seen)-2]; asked && last != backward || !asked && last != "none" {
			t.Errorf("asked %v: labels %s", asked, last)
		}
		if timings.Measured != 2 || len(timings.Layers) == 0 {
			t.Errorf("asked %v: %+v", asked, timings)
		}
	}

	// A step that fails leaves nothing behind.
	trainer.Step = func(s *train.Step) *dl.Tensor {
		dl.PanicValue("step", "of a test")
		return nil
	}
	if _, err := trainer.Fit(ctx, samples(), options); err == nil {
		t.Error("the step did not fail")
	}
	if label.Of() != before || label.Shared() {
		t.Error("labels stay after a training that failed")
	}
}
