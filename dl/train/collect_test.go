package train

import (
	"context"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// asked counts how often a value is asked for.
type asked struct{ times *int }

func (a asked) Name() string        { return "asked" }
func (a asked) Start() metric.Meter { return a }
func (asked) Add(_, _ *dl.Tensor)   {}
func (a asked) Value() float64      { *a.times++; return float64(*a.times) }
func (asked) Reset()                {}
func (asked) Borrows()              {}
func (asked) Collects()             {}

// during notes what is told of a run after each batch.
type during struct {
	Observe
	texts *[]string
}

func (d during) Start(*Run) (Observer, error) { return d, nil }
func (d during) Batch(run *Run) error {
	*d.texts = append(*d.texts, run.Measured())
	return nil
}

// What looks at all samples is measured once in an epoch, and the history has it.
func TestCollectorsAreAskedWhenAnEpochEnds(t *testing.T) {
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 1, Activation: nn.Sigmoid})
	if err != nil {
		t.Fatal(err)
	}
	times := 0
	var texts []string
	x := dl.NewRand(1).Normals(0, 1, 40, 2)
	d := data.FromTensors(x, x.Sum(1).Gt(dl.Zeros(40)).To(dl.Float32).Reshape(40, 1))
	trainer := &Trainer{Model: model, Loss: nn.BinaryCrossEntropy, Optimizer: &optim.SGD{LearningRate: 1},
		Metrics: []metric.Metric{asked{&times}, metric.ROCAUC{}, metric.Accuracy{}}}
	h, err := trainer.Fit(context.Background(), d, Options{Epochs: 3, BatchSize: 8, Validation: d, Callbacks: []Callback{during{texts: &texts}}})
	if err != nil {
		t.Fatal(err)
	}
	if times != 6 || h.Get("asked")[2] != 5 || h.Get("val_asked")[2] != 6 {
		t.Errorf("asked %d times: %v, %v", times, h.Get("asked"), h.Get("val_asked"))
	}
	if auc := h.Last("val_roc_auc"); !(auc > 0.99) || !(h.Last("roc_auc") > 0.9) {
		t.Errorf("%v", h)
	}
	if text := strings.Join(texts, "\n"); strings.Contains(text, "roc_auc") || !strings.Contains(text, "accuracy") {
		t.Errorf("%s", text)
	}
}
