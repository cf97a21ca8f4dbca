package train

import (
	"fmt"
	"math"
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

// given is a metric whose values are given, epoch by epoch.
type given struct {
	name      string
	values    *[]float64
	direction metric.Direction
}

func (g given) Name() string                { return g.name }
func (g given) Start() metric.Meter         { return g }
func (g given) Direction() metric.Direction { return g.direction }
func (g given) Add(_, _ *dl.Tensor)         {}
func (g given) Value() float64              { return (*g.values)[0] }
func (g given) Reset()                      {}

// next goes to the next value after an epoch. It must be the last callback.
type next struct{ g given }

func (n next) Start(*Run) (Observer, error) { return &nextObserver{next: n}, nil }

type nextObserver struct {
	Observe
	next
}

func (n *nextObserver) Epoch(*Run) error {
	*n.g.values = (*n.g.values)[1:]
	return nil
}

// measuring is a trainer that measures the given values of a metric.
func measuring(t *testing.T, name string, direction metric.Direction, values ...float64) (*Trainer, Callback) {
	g := given{name, new([]float64), direction}
	*g.values = append(values, values[len(values)-1])
	trainer := newTrainer(t)
	trainer.Metrics = []metric.Metric{g}
	return trainer, next{g}
}

func TestTheMetricSaysWhatIsBetter(t *testing.T) {
	falling := []float64{9, 8, 7, 6, 5, 4, 3, 2, 1}
	for _, name := range []string{"perplexity", "hinge", "brier", "err", "MSE", "anti_loss", "accuracy_error"} {
		for _, c := range []struct {
			direction metric.Direction
			mode      Mode
			epoch     int // the best one; 0: an error
		}{
			{metric.SmallerIsBetter, Auto, 9}, {metric.LargerIsBetter, Auto, 1}, {metric.Undirected, Min, 9},
			{metric.Undirected, Max, 1}, {metric.LargerIsBetter, Min, 9}, {metric.Undirected, Auto, 0},
		} {
			trainer, after := measuring(t, name, c.direction, falling...)
			h, err := trainer.Fit(t.Context(), clouds(30), Options{Epochs: 9, Callbacks: []Callback{
				EarlyStopping{Monitor: name, Patience: 3, Mode: c.mode}, after}})
			switch {
			case c.epoch == 0:
				if err == nil || !strings.Contains(err.Error(), "train.Min") {
					t.Errorf("%s: %v", name, err)
				}
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case c.epoch == 9 && len(h.Epochs) != 9 || c.epoch == 1 && len(h.Epochs) != 4:
				t.Errorf("%s, %v, %v: stopped after %d epochs", name, c.direction, c.mode, len(h.Epochs))
			}
			if best, _ := trainer.History.Best(name); c.mode == Auto && err == nil && best != c.epoch {
				t.Errorf("%s: the best epoch is %d", name, best)
			}
		}
	}
}

func TestNoNumberIsTheBest(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	trainer, after := measuring(t, "x", metric.SmallerIsBetter, nan, nan, -inf, inf, 3, 2, 1)
	h, err := trainer.Fit(t.Context(), clouds(30), Options{Epochs: 7, Callbacks: []Callback{
		EarlyStopping{Monitor: "x", Patience: 1}, after}})
	if best, v := h.Best("x"); err != nil || len(h.Epochs) != 7 || best != 7 || v != 1 {
		t.Errorf("%d epochs, the best is %d (%v), %v", len(h.Epochs), best, v, err)
	}
}

// 2 + 3 epochs are 5 epochs, also over a checkpoint.
func TestCallbacksRememberOverFits(t *testing.T) {
	dir := t.TempDir()
	rates := func(epochs ...int) []float64 {
		trainer := newTrainer(t)
		trainer.Optimizer = &optim.SGD{LearningRate: 1e-3}
		callbacks := []Callback{Checkpoint{Path: filepath.Join(dir, "last")}, // before what it must save
			ReduceOnPlateau{Monitor: "loss", MinDelta: 100, Patience: 2}}
		for i, n := range epochs {
			if i > 0 {
				trainer = newTrainer(t)
				trainer.Optimizer = &optim.SGD{}
				if err := trainer.Load(filepath.Join(dir, "last")); err != nil {
					t.Fatal(err)
				}
			}
			fitted(t, trainer, Options{Epochs: n, Callbacks: callbacks})
		}
		return trainer.History.Get("learning_rate")
	}
	want := rates(7)
	if !(want[6] < want[0]/50) {
		t.Errorf("rates %v", want)
	}
	for _, parts := range [][]int{{2, 5}, {1, 1, 1, 1, 1, 1, 1}, {3, 4}} {
		if got := rates(parts...); !slices.Equal(got, want) {
			t.Errorf("%v epochs: rates %v, want %v", parts, got, want)
		}
	}
}

func TestTheBestIsRememberedOverFits(t *testing.T) {
	for _, reload := range []bool{false, true} {
		dir := t.TempDir()
		trainer := newTrainer(t)
		b, err := data.All(clouds(60))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 { // wrong labels, which a model that is too sure pays for
			b.Y.Int32s()[i] = (b.Y.Int32s()[i] + 1) % 3
		}
		validation := data.FromTensors(b.X, b.Y)
		best := filepath.Join(dir, "best")
		callbacks := []Callback{Checkpoint{Path: best, Monitor: "val_loss"}, Checkpoint{Path: filepath.Join(dir, "last")},
			EarlyStopping{Patience: 100, RestoreBest: true}}
		o := Options{Epochs: 5, Validation: validation, Callbacks: callbacks}
		fitted(t, trainer, o)
		epoch, value := trainer.History.Best("val_loss")
		if reload {
			trainer = newTrainer(t)
			if err := trainer.Load(filepath.Join(dir, "last")); err != nil {
				t.Fatal(err)
			}
		}
		trainer.Optimizer.SetRate(300)
		o.Epochs = 3
		h := fitted(t, trainer, o)
		if again, _ := h.Best("val_loss"); again != epoch {
			t.Fatalf("the best epoch is %d", again)
		}
		if r, err := trainer.Evaluate(t.Context(), validation); err != nil || r.Get("loss") != value {
			t.Errorf("reload %v: the restored model has the loss %v, the best was %v; %v", reload, r.Get("loss"), value, err)
		}
		saved := newTrainer(t)
		if err := saved.Load(best); err != nil {
			t.Fatal(err)
		}
		if r, err := saved.Evaluate(t.Context(), validation); err != nil || r.Get("loss") != value {
			t.Errorf("reload %v: the saved model has the loss %v, the best was %v; %v", reload, r.Get("loss"), value, err)
		}
	}
}

// seer notes what it is told.
type seer struct{ notes *[]string }

func (s seer) Start(*Run) (Observer, error) { return s, nil }
func (s seer) EpochStart(*Run) error        { return s.note("start") }
func (s seer) BatchStart(*Run) error        { return s.note("before") }
func (s seer) Batch(*Run) error             { return s.note("batch") }
func (s seer) Epoch(*Run) error             { return s.note("epoch") }
func (s seer) End(*Run) error               { return s.note("end") }
func (s seer) Gradients(run *Run) error {
	return s.note(fmt.Sprintf("gradients %v", optim.GradientNorm(run.Parameters()) > 0))
}
func (s seer) Validated(run *Run, r Results) error {
	return s.note(fmt.Sprintf("validated %v", r.Get("loss") > 0 && run.History.Get("val_loss") == nil))
}

func (s seer) note(what string) error {
	*s.notes = append(*s.notes, what)
	return nil
}

func TestObserversSeeEverything(t *testing.T) {
	var notes []string
	fitted(t, newTrainer(t), Options{BatchSize: 150, Validation: clouds(30), Callbacks: []Callback{seer{&notes}}})
	want := "start, before, gradients true, batch, before, gradients true, batch, validated true, epoch, end"
	if got := strings.Join(notes, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestStopNow(t *testing.T) {
	trainer := newTrainer(t)
	h, err := trainer.Fit(t.Context(), clouds(300), Options{Epochs: 5, BatchSize: 10, Validation: clouds(30), Callbacks: []Callback{
		after{45, func(r *Run) error { r.StopNow("enough"); return nil }}}})
	if err != nil || !slices.Equal(h.Epochs, []int{1, 2}) || trainer.Optimizer.State().Step != 45 {
		t.Errorf("%v %v, %d steps", h.Epochs, err, trainer.Optimizer.State().Step)
	}
	if Measured(h.Last("val_loss")) || !Measured(h.Last("loss")) {
		t.Errorf("%v", h)
	}
}

// In a callback, and in another goroutine, a model is measured without its training being touched.
func TestMeasuringInACallbackChangesNothing(t *testing.T) {
	run := func(measure bool) []float64 {
		dl.Seed(2)
		model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 4}, nn.Dropout{Rate: 0.5}, nn.BatchNorm{}, nn.Dense{Units: 3, Activation: nn.Softmax})
		if err != nil {
			t.Fatal(err)
		}
		trainer := &Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{}, Metrics: []metric.Metric{metric.Accuracy{}}}
		part := data.Take(clouds(300), 100) // what is trained on, too
		h, err := trainer.Fit(t.Context(), part, Options{Epochs: 2, BatchSize: 10, Callbacks: []Callback{after{3, func(r *Run) error {
			if !measure {
				return nil
			}
			_, err1 := trainer.Evaluate(t.Context(), part)
			_, err2 := trainer.Predict(t.Context(), part)
			_, err3 := trainer.Confusion(t.Context(), part)
			_, err4 := trainer.Mistakes(t.Context(), part)
			model.Predict(dl.Ones(1, 2))
			for _, err := range []error{err1, err2, err3, err4} {
				if err != nil {
					return err
				}
			}
			return nil
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		return h.Get("loss")
	}
	if a, b := run(true), run(false); !slices.Equal(a, b) {
		t.Errorf("losses %v, without measuring %v", a, b)
	}
}

func TestATrainerFitsOnceAtATime(t *testing.T) {
	trainer := newTrainer(t)
	_, err := trainer.Fit(t.Context(), clouds(30), Options{Callbacks: []Callback{after{1, func(*Run) error {
		_, err := trainer.Fit(t.Context(), clouds(30), Options{})
		return err
	}}}})
	if err == nil || !strings.Contains(err.Error(), "fitting already") {
		t.Errorf("got %v", err)
	}
	trainer.Metrics = append(trainer.Metrics, metric.Accuracy{})
	if _, err := trainer.Fit(t.Context(), clouds(30), Options{}); err == nil || !strings.Contains(err.Error(), `called "accuracy"`) {
		t.Errorf("two metrics of one name: %v", err)
	}
}

// Another goroutine may use the model that is being trained: neither notices the other.
func TestAModelIsUsedWhileItIsTrained(t *testing.T) {
	run := func(beside bool) []float32 {
		trainer := newTrainer(t)
		trainer.Optimizer.SetRate(0.01)
		stop, done := make(chan bool), make(chan bool)
		go func() {
			defer close(done)
			for beside {
				select {
				case <-stop:
					return
				default:
				}
				if y := trainer.Model.(*nn.Model).Predict(dl.Ones(4, 2)); math.Abs(y.Sum().Item()-4) > 1e-4 {
					t.Errorf("predicted %v", y)
				}
				if _, err := trainer.Evaluate(t.Context(), clouds(30)); err != nil {
					t.Error(err)
				}
			}
		}()
		fitted(t, trainer, Options{Epochs: 10, Validation: clouds(30)})
		close(stop)
		<-done
		return weights(trainer)
	}
	if !slices.Equal(run(true), run(false)) {
		t.Error("the weights differ from those of a training alone")
	}
}
