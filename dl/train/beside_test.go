package train_test

import (
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// fitted trains a small network and returns its losses and weights.
func fitted(t *testing.T, trainer *train.Trainer) (loss float64, weights [][]float32) {
	t.Helper()
	set := pictures(20 * 16)
	h, err := trainer.Fit(t.Context(), set, train.Options{BatchSize: 16, Epochs: 2, Validation: set})
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	for _, p := range trainer.Model.Parameters() {
		weights = append(weights, slices.Clone(p.Value.Float32s()))
	}
	losses := h.Get("val_loss")
	return losses[len(losses)-1], weights
}

// repeat calls f until stop is closed.
func repeat(stop chan bool, f func()) {
	for {
		select {
		case <-stop:
			return
		default:
			f()
		}
	}
}

// A training gives the same loss and weights, bit for bit, whatever other goroutines do meanwhile, and these get what
// they get without a training.
func TestFitBesideOtherGoroutines(t *testing.T) {
	wantLoss, want := fitted(t, network(t, 5))
	images := dl.NewRand(3).Uniforms(0, 1, 40, 12, 12, 1)
	other := network(t, 9)
	predicted, err := other.Predict(t.Context(), data.FromTensors(images, nil))
	if err != nil {
		t.Fatal(err)
	}
	a := dl.NewRand(4).Normals(0, 1, 30, 30).RequireGrad()
	product := slices.Clone(a.MatMul(a).Float32s())
	gradient := dl.Grad(a.MatMul(a).Square().Sum(), a)[0].Clone().Float32s()

	var wg sync.WaitGroup
	stop := make(chan bool)
	wg.Go(func() { // a cell that computes with tensors
		var kept []*dl.Tensor
		repeat(stop, func() {
			c := a.MatMul(a)
			if kept = append(kept, c); len(kept) > 20 {
				kept = kept[1:]
			}
			if !slices.Equal(kept[0].Float32s(), product) {
				t.Error("another product")
			}
			if !slices.Equal(dl.Grad(c.Square().Sum(), a)[0].Float32s(), gradient) {
				t.Error("another gradient")
			}
		})
	})
	wg.Go(func() { // another model at work
		repeat(stop, func() {
			p, err := other.Predict(t.Context(), data.FromTensors(images, nil))
			if err != nil || !slices.Equal(p.Float32s(), predicted.Float32s()) {
				t.Errorf("another prediction, %v", err)
			}
		})
	})
	var trainings sync.WaitGroup
	var building sync.Mutex // models are drawn from one random source
	for range 3 {           // a search over hyper-parameters
		trainings.Go(func() {
			building.Lock()
			trainer := network(t, 5)
			building.Unlock()
			loss, weights := fitted(t, trainer)
			if loss != wantLoss {
				t.Errorf("loss %v, %v alone", loss, wantLoss)
			}
			for i, w := range weights {
				if !slices.Equal(w, want[i]) {
					t.Errorf("weights %d differ from those of a training alone", i)
				}
			}
		})
	}
	trainings.Wait()
	close(stop)
	wg.Wait()
}

// keeper is a model that keeps a tensor of a step for the next one.
type keeper struct {
	Dense *nn.Model
	mean  *dl.Tensor
}

func (k *keeper) Parameters() []*nn.Parameter { return k.Dense.Parameters() }

func (k *keeper) Forward(x *dl.Tensor) *dl.Tensor {
	y := k.Dense.Forward(x)
	if k.mean == nil {
		k.mean = dl.Zeros(y.Dim(1))
	}
	k.mean = k.mean.MulScalar(0.9).Add(y.Mean(0).MulScalar(0.1))
	return y
}

// late is a metric that keeps the predictions until it is asked.
type late struct{}

func (late) Name() string        { return "late" }
func (late) Start() metric.Meter { return &lateMeter{} }

type lateMeter struct{ predictions []*dl.Tensor }

func (m *lateMeter) Reset()                { m.predictions = nil }
func (m *lateMeter) Add(p, _ *dl.Tensor)   { m.predictions = append(m.predictions, p) }
func (m *lateMeter) Value() (mean float64) { return dl.Concat(0, m.predictions...).Mean().Item() }

// A tensor that a module keeps from one step to the next is refused with an error that says so; a metric may keep what
// it is given.
func TestTensorsKeptOverSteps(t *testing.T) {
	dense, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &train.Trainer{Model: &keeper{Dense: dense}, Loss: nn.MSE, Optimizer: &optim.SGD{}}
	set := data.FromTensors(dl.Ones(64, 4), dl.Ones(64, 2))
	_, err = trainer.Fit(t.Context(), set, train.Options{BatchSize: 16})
	var ended *dl.EndedError
	if !errors.As(err, &ended) {
		t.Errorf("kept by a module: %v", err)
	}

	trainer = &train.Trainer{Model: dense, Loss: nn.MSE, Optimizer: &optim.SGD{}, Metrics: []metric.Metric{late{}}}
	trainer.Optimizer.SetRate(0)
	want := dense.Predict(dl.Ones(1, 4)).Mean().Item()
	h, err := trainer.Fit(t.Context(), set, train.Options{BatchSize: 16, Validation: set})
	if err != nil || math.Abs(h.Last("late")-want) > 1e-6 || math.Abs(h.Last("val_late")-want) > 1e-6 {
		t.Errorf("kept by a metric: %v %v, want %v; %v", h.Last("late"), h.Last("val_late"), want, err)
	}
}
