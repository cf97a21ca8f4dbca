package train

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// clouds is n points around three centres, with the centre's number as the class.
func clouds(n int) data.Dataset {
	r := dl.NewRand(3)
	x, y := make([]float32, 2*n), make([]int32, n)
	centres := [3][2]float64{{0, 2}, {-2, -1}, {2, -1}}
	for i := range n {
		y[i] = int32(i % 3)
		for j := range 2 {
			x[2*i+j] = float32(centres[i%3][j] + 0.5*r.Normal())
		}
	}
	return data.FromTensors(dl.Of(x, n, 2), dl.Of(y))
}

// newTrainer is a small classifier with all that has a state: dropout, batch norm, Adam.
func newTrainer(t testing.TB) *Trainer {
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 16, Activation: nn.ReLU}, nn.BatchNorm{Momentum: 0.9},
		nn.Dropout{Rate: 0.1}, nn.Dense{Units: 3, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	return &Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 42}
}

func fitted(t *testing.T, trainer *Trainer, o Options) *History {
	t.Helper()
	h, err := trainer.Fit(t.Context(), clouds(300), o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// weights are all values of a trainer's model.
func weights(trainer *Trainer) (all []float32) {
	for _, p := range trainer.Model.Parameters() {
		all = append(all, p.Value.Float32s()...)
	}
	return all
}

func TestFitLearnsAndTellsHow(t *testing.T) {
	trainer := newTrainer(t)
	h := fitted(t, trainer, Options{Epochs: 8, BatchSize: 16, ValidationSplit: 0.2})
	want := []string{"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "samples_per_second"}
	if !slices.Equal(h.Names, want) || !slices.Equal(h.Epochs, []int{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Fatalf("%v", h)
	}
	if h.Last("val_accuracy") < 0.95 || h.Last("loss") > 0.5*h.Get("loss")[0] {
		t.Errorf("it has not learned:\n%v", h)
	}
	if _, best := h.Best("val_loss"); best != slices.Min(h.Get("val_loss")) {
		t.Errorf("the best loss is %v", best)
	}
	// The last epoch's validation is what Evaluate measures on the same samples.
	_, held := data.Split(clouds(300), 0.2)
	r, err := trainer.Evaluate(t.Context(), held)
	if err != nil || r.Get("loss") != h.Last("val_loss") || r.Get("accuracy") != h.Last("val_accuracy") {
		t.Errorf("%v %v, history %v", r, err, h.Last("val_loss"))
	}
	c, err := trainer.Confusion(t.Context(), held)
	if err != nil || c.Accuracy() != r.Get("accuracy") || c.Total() != 60 || c.Classes[2] != "2" {
		t.Errorf("%v %v", c, err)
	}
	mistakes, err := trainer.Mistakes(t.Context(), held)
	if err != nil || len(mistakes) != int(math.Round(60*(1-c.Accuracy()))) {
		t.Errorf("%v %v, accuracy %v", mistakes, err, c.Accuracy())
	}
	p, err := trainer.Predict(t.Context(), held)
	if err != nil || !slices.Equal(p.Shape(), dl.Shape{60, 3}) {
		t.Fatalf("%v %v", p, err)
	}
	for i := range 60 {
		if sum := p.At(i, 0) + p.At(i, 1) + p.At(i, 2); math.Abs(sum-1) > 1e-5 {
			t.Fatalf("probabilities of sample %d sum to %v", i, sum)
		}
	}
}

func TestTheSameSeedGivesTheSameNumbers(t *testing.T) {
	run := func(seed uint64) []float32 {
		trainer := newTrainer(t)
		trainer.Seed = seed
		fitted(t, trainer, Options{Epochs: 2, BatchSize: 32})
		return weights(trainer)
	}
	if !slices.Equal(run(1), run(1)) {
		t.Error("two runs differ")
	}
	if slices.Equal(run(1), run(2)) {
		t.Error("the seed does not matter")
	}
}

func TestFittingAgainGoesOn(t *testing.T) {
	trainer := newTrainer(t)
	fitted(t, trainer, Options{Epochs: 2, BatchSize: 32})
	trainer.Optimizer.SetRate(0.001)
	h := fitted(t, trainer, Options{Epochs: 3, BatchSize: 32})
	if !slices.Equal(h.Epochs, []int{1, 2, 3, 4, 5}) || !slices.Equal(h.Get("learning_rate"), []float64{0.01, 0.01, 0.001, 0.001, 0.001}) {
		t.Errorf("%v", h)
	}
	whole, parts := newTrainer(t), newTrainer(t)
	fitted(t, whole, Options{Epochs: 3})
	for range 3 {
		fitted(t, parts, Options{Epochs: 1})
	}
	if !slices.Equal(weights(whole), weights(parts)) {
		t.Error("three Fits of one epoch differ from one Fit of three")
	}
	parts.History = nil
	if h := fitted(t, parts, Options{}); !slices.Equal(h.Epochs, []int{1}) {
		t.Errorf("a new history: %v", h.Epochs)
	}
}

// after calls a function after a number of batches.
type after struct {
	batches int
	do      func(run *Run) error
}

func (a after) Start(*Run) (Observer, error) { return &afterObserver{after: a}, nil }

type afterObserver struct {
	Observe
	after
	n     int
	ended bool
}

func (a *afterObserver) Batch(run *Run) error {
	if a.n++; a.n == a.batches {
		return a.do(run)
	}
	return nil
}

func TestCancellingEndsBetweenBatches(t *testing.T) {
	trainer := newTrainer(t)
	ctx, cancel := context.WithCancel(t.Context())
	h, err := trainer.Fit(ctx, clouds(300), Options{Epochs: 5, BatchSize: 10, Callbacks: []Callback{
		after{75, func(*Run) error { cancel(); return nil }}}})
	if !errors.Is(err, context.Canceled) || !slices.Equal(h.Epochs, []int{1, 2}) {
		t.Fatalf("%v %v", h.Epochs, err)
	}
	if step := trainer.Optimizer.State().Step; step != 75 {
		t.Errorf("%d steps were taken, the 75th was the last allowed", step)
	}
	if h := fitted(t, trainer, Options{}); !slices.Equal(h.Epochs, []int{1, 2, 3}) {
		t.Errorf("going on: %v", h.Epochs)
	}
}

func TestFitRefusesWhatCannotWork(t *testing.T) {
	base := newTrainer(t)
	inputs := data.FromTensors(dl.Zeros(3, 2), nil)
	broken := func(change func(*Trainer)) *Trainer { c := *base; change(&c); return &c }
	for _, c := range []struct {
		trainer *Trainer
		data    data.Dataset
		options Options
		says    string
	}{
		{&Trainer{}, clouds(3), Options{}, "no Model"},
		{broken(func(t *Trainer) { t.Loss = nn.Loss{} }), clouds(3), Options{}, "no Loss"},
		{broken(func(t *Trainer) { t.Optimizer = nil }), clouds(3), Options{}, "no Optimizer"},
		{base, nil, Options{}, "no data"},
		{base, inputs, Options{}, "no targets"},
		{base, clouds(3), Options{ValidationSplit: 1}, "not a share"},
		{base, clouds(3), Options{ValidationSplit: 0.9}, "leaves none"},
		{base, clouds(3), Options{ValidationSplit: 0.5, Validation: clouds(3)}, "not both"},
		{base, clouds(3), Options{Epochs: -1}, "negative"},
		{base, data.FromTensors(dl.Zeros(3, 5), dl.Of([]int32{0, 1, 2})), Options{}, "epoch 1, step 1"},
		{base, clouds(3), Options{Callbacks: []Callback{EarlyStopping{}}}, `nothing is measured as "val_loss"; there are loss, accuracy`},
		{base, clouds(3), Options{Callbacks: []Callback{Checkpoint{}}}, "needs a Path"},
		{base, clouds(3), Options{Callbacks: []Callback{Checkpoint{Path: "no folder/x.safetensors"}}}, "the folder of no folder/x.safetensors"},
		{base, clouds(3), Options{Callbacks: []Callback{Checkpoint{Path: "doc.go/x.safetensors"}}}, "doc.go is a file"},
		{base, clouds(3), Options{Callbacks: []Callback{CSVLog{}}}, "a log needs a Path"},
		{base, clouds(3), Options{Callbacks: []Callback{CSVLog{Path: filepath.Join(t.TempDir(), "no", "such")}}}, "no such file"},
	} {
		if _, err := c.trainer.Fit(t.Context(), c.data, c.options); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want it to say %q", err, c.says)
		}
	}
}

func TestADivergingTrainingSaysSo(t *testing.T) {
	trainer := newTrainer(t)
	trainer.Optimizer = &optim.SGD{LearningRate: 1e30}
	_, err := trainer.Fit(t.Context(), clouds(300), Options{Epochs: 5})
	if err == nil || !strings.Contains(err.Error(), "learning rate (1e+30) may be too high") {
		t.Errorf("got %v", err)
	}
}

func TestEarlyStoppingKeepsTheBestWeights(t *testing.T) {
	trainer := newTrainer(t)
	trainer.Optimizer = &optim.Adam{LearningRate: 0.5} // unsteady, so that the loss rises
	validation := clouds(60)
	h, err := trainer.Fit(t.Context(), clouds(300), Options{Epochs: 50, BatchSize: 30, Validation: validation,
		Callbacks: []Callback{EarlyStopping{Patience: 2, RestoreBest: true}}})
	if err != nil {
		t.Fatal(err)
	}
	epoch, best := h.Best("val_loss")
	if n := len(h.Epochs); n == 50 || n != epoch+2 {
		t.Errorf("stopped after epoch %d, the best was %d", n, epoch)
	}
	if r, err := trainer.Evaluate(t.Context(), validation); err != nil || r.Get("loss") != best {
		t.Errorf("the loss is %v, it was %v at best", r.Get("loss"), best)
	}
}

func TestReduceOnPlateau(t *testing.T) {
	trainer := newTrainer(t)
	trainer.Optimizer = &optim.SGD{LearningRate: 1e-12} // too low to improve by MinDelta
	h := fitted(t, trainer, Options{Epochs: 6, Callbacks: []Callback{
		ReduceOnPlateau{Monitor: "loss", MinDelta: 10, Patience: 2, Factor: 0.5, MinRate: 3e-13}}})
	if want := []float64{1e-12, 1e-12, 1e-12, 5e-13, 5e-13, 3e-13}; !slices.Equal(h.Get("learning_rate"), want) {
		t.Errorf("rates %v, want %v", h.Get("learning_rate"), want)
	}
	trainer = newTrainer(t)
	h = fitted(t, trainer, Options{Epochs: 3, Callbacks: []Callback{RateByEpoch(func(epoch int) float64 { return 1 / float64(epoch) })}})
	if want := []float64{1, 0.5, 1.0 / 3}; !slices.Equal(h.Get("learning_rate"), want) {
		t.Errorf("rates %v, want %v", h.Get("learning_rate"), want)
	}
}

func TestACheckpointGoesOnBitForBit(t *testing.T) {
	whole := newTrainer(t)
	fitted(t, whole, Options{Epochs: 4, BatchSize: 32, ValidationSplit: 0.2})

	path := filepath.Join(t.TempDir(), "epoch{epoch}.safetensors")
	first := newTrainer(t)
	fitted(t, first, Options{Epochs: 2, BatchSize: 32, ValidationSplit: 0.2, Callbacks: []Callback{Checkpoint{Path: path}}})
	second := newTrainer(t)
	dl.Seed(99)
	second.Seed, second.Optimizer = 7, &optim.Adam{} // the checkpoint brings its own
	path = strings.ReplaceAll(path, "{epoch}", "2")
	if err := second.Load(path); err != nil {
		t.Fatal(err)
	}
	h := fitted(t, second, Options{Epochs: 2, BatchSize: 32, ValidationSplit: 0.2})
	if !slices.Equal(weights(whole), weights(second)) {
		t.Error("the weights differ from those of a training without a break")
	}
	for _, name := range []string{"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"} {
		if !slices.Equal(h.Get(name), whole.History.Get(name)) {
			t.Errorf("%s: %v, without a break %v", name, h.Get(name), whole.History.Get(name))
		}
	}
	model, err := nn.Load(path)
	if err != nil || len(model.Layers) != 4 {
		t.Errorf("the checkpoint as a model: %v %v", model, err)
	}
}

func TestACheckpointOfSomethingElseChangesNothing(t *testing.T) {
	dir := t.TempDir()
	trainer := newTrainer(t)
	fitted(t, trainer, Options{})
	good := filepath.Join(dir, "good")
	if err := trainer.Save(good); err != nil {
		t.Fatal(err)
	}
	other := newTrainer(t)
	other.Optimizer = &optim.SGD{}
	model := filepath.Join(dir, "model")
	if err := trainer.Model.(*nn.Model).Save(model); err != nil {
		t.Fatal(err)
	}
	small, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text")
	os.WriteFile(text, []byte("hello, I am not a checkpoint"), 0o644)
	for _, c := range []struct {
		trainer *Trainer
		path    string
		says    string
	}{
		{other, good, `of "Adam", not of SGD`},
		{newTrainer(t), model, "no checkpoint"},
		{newTrainer(t), text, ""},
		{newTrainer(t), filepath.Join(dir, "absent"), "no such file"},
		{&Trainer{Model: small, Loss: nn.MSE, Optimizer: &optim.Adam{}}, good, "not of shape"},
	} {
		before := weights(c.trainer)
		if err := c.trainer.Load(c.path); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want it to say %q", filepath.Base(c.path), err, c.says)
		}
		if !slices.Equal(before, weights(c.trainer)) || c.trainer.Optimizer.State().Step != 0 {
			t.Errorf("%s: the trainer is changed", filepath.Base(c.path))
		}
	}
}

func TestLogs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.csv")
	var progress bytes.Buffer
	trainer := newTrainer(t)
	for range 2 {
		fitted(t, trainer, Options{Epochs: 2, ValidationSplit: 0.2,
			Callbacks: []Callback{CSVLog{Path: path, Append: true}, Progress{W: &progress, Every: -1}}})
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 5 || rows[0][0] != "epoch" || rows[4][0] != "4" {
		t.Fatalf("%v %v", rows, err)
	}
	if got := rows[4][1]; got != fmt.Sprint(trainer.History.Last("loss")) {
		t.Errorf("the last loss is written as %s", got)
	}
	lines := strings.Split(strings.TrimSpace(progress.String()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[3], "epoch 4/4  loss 0.") || !strings.Contains(lines[3], "val_accuracy") {
		t.Errorf("progress:\n%s", progress.String())
	}
}

func TestHistoryShowsATable(t *testing.T) {
	h := &History{}
	h.add(1)
	h.set("loss", 0.5)
	h.set("accuracy", 0.75)
	h.add(2)
	h.set("loss", 0.25)
	if got, want := h.String(), "epoch    loss  accuracy\n    1  0.5000    0.7500\n    2  0.2500         -"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if epoch, v := h.Best("accuracy"); epoch != 1 || v != 0.75 {
		t.Errorf("best accuracy %v at %d", v, epoch)
	}
	if epoch, v := h.Best("val_loss"); epoch != 0 || !math.IsNaN(v) {
		t.Errorf("best of nothing: %v at %d", v, epoch)
	}
	var back History
	text, err := h.MarshalJSON()
	if err == nil {
		err = back.UnmarshalJSON(text)
	}
	if err != nil || back.String() != h.String() {
		t.Errorf("through JSON: %v\n%v", err, &back)
	}
}

func FuzzTrainingState(f *testing.F) {
	f.Add([]byte(`{"optimizer":"Adam","step":3,"rate":0.1,"seed":1,"rand":"AAAA","history":{"epochs":[1,2],"names":["loss"],"values":{"loss":[1,null]}}}`))
	f.Add([]byte(`{"step":-1,"rate":-1,"history":{"epochs":[5,1],"names":["a","a"],"values":{}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s training
		if json.Unmarshal(text, &s) != nil {
			return
		}
		if s.History != nil && len(s.History.Epochs) > 0 {
			_ = s.History.String() + s.History.HTML()
		}
		p := dl.Zeros(2)
		tensors := map[string]*dl.Tensor{"optimizer.m.0": p, "optimizer.v.0": p, "optimizer.m.w": p, "optimizer.v.w": p}
		named := []nn.NamedParameter{{Name: "w", Parameter: nn.NewParameter("w", p)}}
		if state, _, err := s.state(tensors, named, []*dl.Tensor{p}); err == nil {
			if err := (&optim.Adam{}).SetState(state); err == nil && s.Step < 0 {
				t.Error("a negative number of steps is taken")
			}
		}
		if err := dl.NewRand(1).SetState(s.Rand); err == nil && len(s.Rand) == 0 {
			t.Error("an empty random state is taken")
		}
	})
}
