package train_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// switched is a module of one's own whose output in training is another one.
type switched struct {
	Dense    *nn.Model
	training bool
}

func (s *switched) Parameters() []*nn.Parameter { return s.Dense.Parameters() }
func (s *switched) SetTraining(on bool)         { s.training = on }

func (s *switched) Forward(x *dl.Tensor) *dl.Tensor {
	y := s.Dense.Forward(x)
	if s.training {
		return y.MulScalar(2)
	}
	return y
}

// normalised is a model whose running statistics a step changes before its weights.
func normalised(t *testing.T) *nn.Model {
	model, err := nn.Sequential(dl.Shape{6},
		nn.Dense{Units: 40}, nn.BatchNorm{}, nn.ActivationLayer{Activation: nn.ReLU}, nn.Dropout{Rate: 0.3}, nn.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// observed calls f before the first step and after each.
type observed func()

func (f observed) Start(*train.Run) (train.Observer, error) { f(); return f, nil }
func (f observed) Epoch(*train.Run) error                   { return nil }
func (f observed) End(*train.Run) error                     { return nil }
func (f observed) Batch(*train.Run) error                   { f(); return nil }

// What is predicted beside a Fit of the same model is what the model predicts between two of its steps, for all samples
// between the same two, by every way to predict; and the training is the same, bit for bit, as without it.
func TestPredictBesideFit(t *testing.T) {
	r := dl.NewRand(1)
	set := data.FromTensors(r.Normals(0, 1, 20*16, 6), r.Normals(0, 1, 20*16, 3))
	inputs := r.Normals(0, 1, 300, 6) // more than one batch
	some := data.FromTensors(inputs, nil)
	predict := func(trainer *train.Trainer) *dl.Tensor {
		y, err := trainer.Predict(t.Context(), some)
		if err != nil {
			t.Error(err)
			return dl.Zeros(1)
		}
		return y
	}
	evaluate := func(trainer *train.Trainer) string {
		results, err := trainer.Evaluate(t.Context(), set)
		if err != nil {
			t.Error(err)
		}
		return fmt.Sprint(results.Get("loss"))
	}
	key := func(y *dl.Tensor) string { return fmt.Sprint(y.Float32s()) }
	for name, c := range map[string]struct {
		model nn.Module
		ways  []func(trainer *train.Trainer) string
	}{
		"layers": {normalised(t), []func(trainer *train.Trainer) string{
			func(trainer *train.Trainer) string { return key(trainer.Model.(*nn.Model).Predict(inputs)) },
		}},
		"module of one's own": {&switched{Dense: normalised(t)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			start := map[string]*dl.Tensor{}
			for _, p := range nn.NamedParameters(c.model) {
				start[p.Name] = p.Value.Clone()
			}
			fit := func(callbacks ...train.Callback) (*train.Trainer, func() []float32) {
				if err := nn.SetParameters(c.model, start); err != nil {
					t.Fatal(err)
				}
				trainer := &train.Trainer{Model: c.model, Loss: nn.MSE, Optimizer: &optim.Adam{LearningRate: 0.05}, Seed: 3}
				return trainer, func() (weights []float32) {
					if _, err := trainer.Fit(t.Context(), set, train.Options{BatchSize: 16, Epochs: 2, Validation: set, Callbacks: callbacks}); err != nil {
						t.Error(err)
					}
					for _, p := range nn.NamedParameters(c.model) {
						weights = append(weights, p.Value.Float32s()...)
					}
					return weights
				}
			}
			right := map[string]bool{}
			var trainer *train.Trainer
			trainer, run := fit(observed(func() { right[key(predict(trainer))], right[evaluate(trainer)] = true, true }))
			want := run()
			if len(right) < 2*40 {
				t.Fatalf("%d different predictions and losses", len(right))
			}

			trainer, run = fit()
			ways := append(c.ways, func(trainer *train.Trainer) string { return key(predict(trainer)) }, evaluate)
			ctx, stop := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			var begun sync.WaitGroup
			begun.Add(4)
			for i := range 4 {
				wg.Go(func() {
					wrong := 0
					for n := 0; ctx.Err() == nil; n++ {
						if !right[ways[i%len(ways)](trainer)] {
							wrong++
						}
						if n == 0 {
							begun.Done()
						}
					}
					if wrong > 0 {
						t.Errorf("way %d: %d are none of the model between two steps", i%len(ways), wrong)
					}
				})
			}
			begun.Wait()
			if got := run(); !slices.Equal(got, want) {
				t.Error("the training became another one")
			}
			stop()
			wg.Wait()
		})
	}
}
