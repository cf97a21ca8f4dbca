package train

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"modelbook/dl"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// recordedAverages is testdata/averages.json, by PyTorch.
type recordedAverages struct {
	Weights, EMA, SWA [][]float64
	Values, Rates     []float64
}

func averagesOf(t *testing.T) (r recordedAverages) {
	text, err := os.ReadFile("testdata/averages.json")
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAveragesAreThoseOfPyTorch(t *testing.T) {
	r := averagesOf(t)
	for name, path := range map[string][][]float64{"ema": r.EMA, "swa": r.SWA} {
		for _, d := range []dl.DType{dl.Float32, dl.Float64} {
			p := &nn.Parameter{Value: dl.New(d, 2, 3)}
			run := &Run{Model: holder{p}, Trainer: &Trainer{memory: &memory{}}, fit: &fit{}}
			var a *averages
			if name == "ema" {
				o, err := EMA{Decay: 0.9}.Start(run)
				if err != nil {
					t.Fatal(err)
				}
				a = &o.(*batchAverage).averages
			} else {
				o, err := SWA{}.Start(run)
				if err != nil {
					t.Fatal(err)
				}
				a = &o.(*epochAverage).averages
			}
			if err := a.EpochStart(run); err != nil {
				t.Fatal(err)
			}
			for step, w := range r.Weights {
				p.Value.CopyFrom(dl.Of(w, 2, 3).To(d))
				a.add(run)
				for _, average := range a.weights.values {
					for i, v := range dl.Values[float64](average) {
						if math.Abs(v-path[step][i]) > 1e-6 {
							t.Fatalf("%s of %v: step %d: %v, PyTorch has %v", name, d, step, average, path[step])
						}
					}
				}
			}
		}
	}
}

// holder is a module of one parameter.
type holder struct{ P *nn.Parameter }

func (h holder) Parameters() []*nn.Parameter { return []*nn.Parameter{h.P} }

func TestPlateausAreThoseOfPyTorch(t *testing.T) {
	r := averagesOf(t)
	trainer := newTrainer(t)
	trainer.Optimizer = &optim.SGD{LearningRate: 1}
	values := slices.Clone(r.Values)
	g := given{name: "g", values: &values, direction: metric.SmallerIsBetter}
	trainer.Metrics = []metric.Metric{g}
	var rates []float64
	last := callback(func(run *Run) { rates = append(rates, run.Trainer.Optimizer.Rate()) })
	callbacks := []Callback{ReduceOnPlateau{Monitor: "g", Factor: 0.5, Patience: 3, MinDelta: 0.01, MinRate: 0.1, Cooldown: 2}, last, next{g}}
	for _, epochs := range []int{7, 5, len(r.Values) - 12} { // it remembers what it waits for from one Fit to the next
		if _, err := trainer.Fit(t.Context(), clouds(8), Options{Epochs: epochs, Callbacks: callbacks}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(rates, r.Rates) {
		t.Errorf("%v, PyTorch has %v", rates, r.Rates)
	}
}

// callback calls a function after every epoch.
type callback func(run *Run)

func (c callback) Start(*Run) (Observer, error) { return calledAfter{call: c}, nil }

type calledAfter struct {
	Observe
	call callback
}

func (c calledAfter) Epoch(run *Run) error {
	c.call(run)
	return nil
}

// Validation, checkpoints and the model after Fit have the averages; the training goes on as it would without them.
func TestAveragesDoNotChangeTheTraining(t *testing.T) {
	plain := newTrainer(t)
	fitted(t, plain, Options{Epochs: 4, ValidationSplit: 0.2})
	for name, average := range map[string]Callback{"EMA": EMA{Decay: 0.9}, "EMA, warm-up": EMA{WarmUp: true}, "EMA, every third": EMA{Decay: 0.5, Every: 3}, "SWA": SWA{Begin: 2}} {
		whole := newTrainer(t)
		h := fitted(t, whole, Options{Epochs: 4, ValidationSplit: 0.2, Callbacks: []Callback{average}})
		if slices.Equal(weights(whole), weights(plain)) {
			t.Errorf("%s: the model has its own weights", name)
		}
		if got, want := h.Get("loss"), plain.History.Get("loss"); !slices.Equal(got, want) {
			t.Errorf("%s: losses %v, without it %v", name, got, want)
		}
		if got, want := h.Get("val_loss"), plain.History.Get("val_loss"); slices.Equal(got, want) {
			t.Errorf("%s: validated are the model's own weights", name)
		}

		broken := newTrainer(t)
		fitted(t, broken, Options{Epochs: 2, ValidationSplit: 0.2, Callbacks: []Callback{average}})
		path := filepath.Join(t.TempDir(), "half")
		if err := broken.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded := newTrainer(t)
		if err := loaded.Load(path); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(weights(loaded), weights(broken)) {
			t.Errorf("%s: the checkpoint has other weights than the model", name)
		}
		fitted(t, loaded, Options{Epochs: 2, ValidationSplit: 0.2, Callbacks: []Callback{average}})
		if !slices.Equal(weights(loaded), weights(whole)) {
			t.Errorf("%s: after a break the averages are others", name)
		}
		if got, want := loaded.History.Get("loss"), plain.History.Get("loss"); !slices.Equal(got, want) {
			t.Errorf("%s: after a break the losses are %v, want %v", name, got, want)
		}
	}
}

func TestWrongAveragesAreRefused(t *testing.T) {
	for name, callbacks := range map[string][]Callback{
		"a decay of 1": {EMA{Decay: 1}}, "a negative number of steps": {EMA{Every: -1}}, "a negative epoch": {SWA{Begin: -1}}, "two": {EMA{}, SWA{}},
	} {
		if _, err := newTrainer(t).Fit(t.Context(), clouds(8), Options{Callbacks: callbacks}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
