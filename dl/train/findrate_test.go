package train

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// Smoothing and suggestions are fastai's: see testdata/findrate.py.
func TestSuggestionsAreFastais(t *testing.T) {
	text, err := os.ReadFile("testdata/findrate.json")
	if err != nil {
		t.Fatal(err)
	}
	var curves []struct {
		Rates, Raw, Losses        []float64
		Valley, Steepest, Minimum float64
	}
	if err := json.Unmarshal(text, &curves); err != nil || len(curves) != 3 {
		t.Fatal(err)
	}
	for i, want := range curves {
		r, err := RateRange{Diverged: 100}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		test := &rateTest{RateRange: r, curve: &RateCurve{Rates: want.Rates}}
		run := &Run{fit: &fit{}}
		for _, loss := range want.Raw {
			run.fit.step.last, run.fit.step.lossy = loss, true
			if err := test.Batch(run); err != nil {
				t.Fatal(err)
			}
		}
		c := test.curve
		for k, v := range want.Losses {
			if math.Abs(c.Losses[k]-v) > 1e-12 {
				t.Fatalf("curve %d: the smoothed loss %d is %v, recorded is %v", i, k, c.Losses[k], v)
			}
		}
		if c.Valley() != want.Valley || c.Steepest() != want.Steepest || math.Abs(c.Minimum()-want.Minimum) > 1e-18 {
			t.Errorf("curve %d: %v, recorded are %v, %v, %v", i, c, want.Valley, want.Steepest, want.Minimum)
		}
	}
}

func noisyLine() data.Dataset {
	r := dl.NewRand(1)
	x := r.Normals(0, 1, 200, 3)
	return data.FromTensors(x, x.Sum(1).Reshape(200, 1).MulScalar(2).Add(r.Normals(0, 0.1, 200, 1)))
}

func TestFindRateLeavesEverythingAsItWas(t *testing.T) {
	d := noisyLine()
	for name, o := range map[string]func() optim.Optimizer{
		"SGD": func() optim.Optimizer { return &optim.SGD{Momentum: 0.9} }, "Adam": func() optim.Optimizer { return &optim.Adam{LearningRate: 0.02} },
	} {
		for _, before := range []int{0, 2} {
			train := func(find bool) (*Trainer, *RateCurve) {
				dl.Seed(4)
				model, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 4}, nn.BatchNorm{}, nn.Dropout{Rate: 0.1}, nn.Dense{Units: 1})
				if err != nil {
					t.Fatal(err)
				}
				trainer := &Trainer{Model: model, Loss: nn.MSE, Optimizer: o(), Seed: 7}
				fit := func(epochs int) {
					if _, err := trainer.Fit(context.Background(), d, Options{Epochs: epochs}); err != nil {
						t.Fatal(err)
					}
				}
				if before > 0 {
					fit(before)
				}
				var curve *RateCurve
				if find {
					if curve, err = trainer.FindRate(context.Background(), d, RateRange{}); err != nil {
						t.Fatal(err)
					}
				}
				fit(2)
				return trainer, curve
			}
			plain, _ := train(false)
			found, curve := train(true)
			if !slices.Equal(plain.History.Get("loss"), found.History.Get("loss")) || len(found.History.Epochs) != before+2 ||
				plain.Optimizer.Rate() != found.Optimizer.Rate() {
				t.Errorf("%s after %d epochs: the losses are %v, without the test %v", name, before, found.History.Get("loss"), plain.History.Get("loss"))
			}
			if n := len(curve.Rates); n < 30 || n != len(curve.Losses) || n != len(curve.Measured) || curve.Rates[0] != 1e-7 || !slices.IsSorted(curve.Rates) {
				t.Errorf("%s: %v", name, curve)
			}
			if s := curve.Suggestion(); !(s > 1e-7 && s < 10) {
				t.Errorf("%s: suggested %v", name, s)
			}
		}
	}
}

// With rates far too high the loss becomes infinite: that is the end of the test, and no error.
func TestARangeTestEndsWhereTheLossDiverges(t *testing.T) {
	for _, smoothing := range []float64{0, -1, 0.999999} { // the last does not see it coming
		model, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		trainer := &Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{}}
		before := model.Parameters()[0].Value.Clone()
		curve, err := trainer.FindRate(context.Background(), noisyLine(), RateRange{Low: 1e-3, High: 1e12, Smoothing: smoothing, Diverged: 1e300})
		if err != nil {
			t.Fatal(err)
		}
		if !curve.Diverged || len(curve.Rates) != len(curve.Losses) || len(curve.Rates) >= 100 || !slices.Equal(model.Parameters()[0].Value.Float32s(), before.Float32s()) {
			t.Errorf("%v", curve)
		}
	}
}

func TestFindRateSaysWhatIsWrong(t *testing.T) {
	model, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{}}
	for says, r := range map[string]RateRange{"rise from": {Low: 20}, "1 steps": {Steps: 1}, "Smoothing": {Smoothing: 1.5}, "BatchSize -1": {BatchSize: -1}} {
		if _, err := trainer.FindRate(context.Background(), noisyLine(), r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
	if _, err := trainer.FindRate(context.Background(), data.FromTensors(dl.Zeros(8, 2), dl.Zeros(8, 1)), RateRange{}); err == nil {
		t.Error("samples of another shape")
	}
	if _, err := (&Trainer{}).FindRate(context.Background(), noisyLine(), RateRange{}); err == nil {
		t.Error("no model")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := trainer.FindRate(ctx, noisyLine(), RateRange{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	empty := &RateCurve{}
	if v := empty.Suggestion(); v == v || empty.Steepest() == empty.Steepest() || empty.String() == "" {
		t.Errorf("of nothing %v", v)
	}
}
