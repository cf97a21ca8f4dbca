package tune

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// line is a dataset of a straight line with noise.
func line(n int) *data.Tensors {
	r := dl.NewRand(1)
	x := r.Uniforms(-1, 1, n, 1)
	return data.FromTensors(x, x.MulScalar(2).AddScalar(1).Add(r.Normals(0, 0.1, n, 1)))
}

// linear makes the Trainer of a straight line.
func linear(rate float64) (*train.Trainer, error) {
	model, err := nn.Sequential(dl.Shape{1}, nn.Dense{Units: 1, WeightInit: nn.Zeros})
	if err != nil {
		return nil, err
	}
	return &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: rate}, Metrics: []metric.Metric{metric.R2{}}, Seed: 3}, nil
}

func TestCrossValidation(t *testing.T) {
	d := line(50)
	var calls atomic.Int32
	var last Shown
	validate := func(workers int) *Scores {
		scores, err := CrossValidation{
			Trainer: func(int) (*train.Trainer, error) { calls.Add(1); return linear(0.3) },
			Folds:   data.KFold{K: 4}, Options: train.Options{Epochs: 5, BatchSize: 8}, Workers: workers,
			Watch: func(s Shown) { last = s },
		}.Run(context.Background(), d)
		if err != nil {
			t.Fatal(err)
		}
		return scores
	}
	one, four := validate(1), validate(4)
	if calls.Load() != 8 || !last.Done() || !one.Done() {
		t.Errorf("%d trainers", calls.Load())
	}
	if len(one.Folds) != 4 || !slices.Equal(one.Values("loss"), four.Values("loss")) {
		t.Errorf("the losses differ with the number of goroutines:\n%v\n%v", one, four)
	}
	// By hand: the first fold tests with the first 13 samples.
	trainer, err := linear(0.3)
	if err != nil {
		t.Fatal(err)
	}
	learn, test := data.KFold{K: 4}.Folds(50)[0].Of(d)
	if test.Len() != 13 {
		t.Errorf("the first fold has %d samples", test.Len())
	}
	history, err := trainer.Fit(context.Background(), learn, train.Options{Epochs: 5, BatchSize: 8, Validation: test})
	if err != nil {
		t.Fatal(err)
	}
	if got := one.Folds[0]; got.Results.Get("loss") != history.Last("val_loss") || !slices.Equal(got.History.Get("val_r2"), history.Get("val_r2")) {
		t.Errorf("fold 0: %v, by hand %v", got.Results, history.Last("val_loss"))
	}
	values := one.Values("r2")
	mean := (values[0] + values[1] + values[2] + values[3]) / 4
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	if one.Mean("r2") != mean || math.Abs(one.Deviation("r2")-math.Sqrt(squares/3)) > 1e-15 || mean < 0.9 {
		t.Errorf("mean %v, deviation %v of %v", one.Mean("r2"), one.Deviation("r2"), values)
	}
	if text := one.String(); !strings.Contains(text, "mean") || strings.Contains(one.HTML(), "NaN") {
		t.Error(text)
	}
}

func TestCrossValidationSaysWhatIsWrong(t *testing.T) {
	d := line(10)
	model, err := linear(0.1)
	if err != nil {
		t.Fatal(err)
	}
	fresh := func(int) (*train.Trainer, error) { return linear(0.1) }
	for says, c := range map[string]CrossValidation{
		"needs a Trainer":          {},
		"have the same model":      {Trainer: func(int) (*train.Trainer, error) { return model, nil }},
		"no such thing":            {Trainer: func(int) (*train.Trainer, error) { return nil, errors.New("no such thing") }},
		"there is none":            {Trainer: func(int) (*train.Trainer, error) { return nil, nil }},
		"the folds are the":        {Trainer: fresh, Options: train.Options{Validation: d}},
		"Sampler":                  {Trainer: fresh, Options: train.Options{Sampler: data.Weighted{}}},
		"cannot be trained":        {Trainer: fresh, Workers: -1},
		"data.KFold":               {Trainer: fresh, Folds: data.KFold{K: 99}},
		"no Loss":                  {Trainer: func(int) (*train.Trainer, error) { return &train.Trainer{Model: &nn.Model{}}, nil }, Folds: data.KFold{K: 2}},
		"fold 0: train: a Validat": {Trainer: fresh, Options: train.Options{ValidationSplit: 7}},
	} {
		if _, err := c.Run(context.Background(), d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
	if _, err := (CrossValidation{Trainer: fresh}).Run(context.Background(), nil); err == nil {
		t.Error("no data")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s, err := (CrossValidation{Trainer: fresh}).Run(ctx, d); !errors.Is(err, context.Canceled) || s == nil || len(s.Values("loss")) != 0 {
		t.Errorf("cancelled: %v, %v", s, err)
	}
}
