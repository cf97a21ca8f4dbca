package train_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"reflect"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// samples is a small dataset, with numbers as targets.
func samples() data.Dataset {
	r := dl.NewRand(1)
	return data.FromTensors(r.Uniforms(-1, 1, 12, 3), r.Uniforms(-1, 1, 12, 2))
}

// broken is a dataset that cannot be read.
type broken struct{ data.Dataset }

func (broken) Read(data.Batch, []int) error { return errors.New("the disk is broken") }

// nothing is a stream that has ended.
type nothing struct{ data.Dataset }

func (nothing) Len() int { return -1 }

func trainer() *train.Trainer {
	m, err := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 2})
	if err != nil {
		panic(err)
	}
	return &train.Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.01}, Metrics: []metric.Metric{metric.MAE{}}}
}

// catch is a callback that catches the run.
type catch struct {
	train.Observe
	run *train.Run
}

func (c *catch) Start(run *train.Run) (train.Observer, error) {
	c.run = run
	return c, nil
}

// nobody is a callback whose Start returns no observer.
type nobody struct{}

func (nobody) Start(*train.Run) (train.Observer, error) { return nil, nil }

// running is a run, as callbacks see it.
func running() *train.Run {
	var c catch
	if _, err := trainer().Fit(context.Background(), samples(), train.Options{Callbacks: []train.Callback{&c}}); err != nil {
		panic(err)
	}
	return c.run
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Measured": train.Measured, "NotMeasured": train.NotMeasured,
		},
		Types: []reflect.Type{
			reflect.TypeFor[train.BatchStarter](), reflect.TypeFor[train.CSVLog](), reflect.TypeFor[train.Callback](),
			reflect.TypeFor[train.Checkpoint](), reflect.TypeFor[train.EMA](), reflect.TypeFor[train.EarlyStopping](),
			reflect.TypeFor[train.EpochStarter](), reflect.TypeFor[train.FlameGraph](), reflect.TypeFor[train.GradientObserver](),
			reflect.TypeFor[train.Gradients](), reflect.TypeFor[train.Outward](), reflect.TypeFor[train.Ranks](), reflect.TypeFor[train.Sharer](),
			reflect.TypeFor[train.History](), reflect.TypeFor[train.LayerTime](), reflect.TypeFor[train.Mistake](),
			reflect.TypeFor[train.Mode](), reflect.TypeFor[train.Observe](), reflect.TypeFor[train.Observer](),
			reflect.TypeFor[train.Options](), reflect.TypeFor[train.ProfileLabels](), reflect.TypeFor[train.Progress](), reflect.TypeFor[train.RateByEpoch](),
			reflect.TypeFor[train.RateCurve](), reflect.TypeFor[train.RateRange](),
			reflect.TypeFor[train.ReduceOnPlateau](), reflect.TypeFor[train.Rememberer](),
			reflect.TypeFor[train.Results](), reflect.TypeFor[train.Run](), reflect.TypeFor[train.SWA](),
			reflect.TypeFor[train.Status](), reflect.TypeFor[train.Step](), reflect.TypeFor[train.Timings](),
			reflect.TypeFor[train.TrainedObserver](), reflect.TypeFor[train.Trainer](),
			reflect.TypeFor[train.Training](), reflect.TypeFor[train.ValidationObserver](),
		},

		Skip: map[string]string{
			"Ranks.Gather": "called by Fit alone", "Ranks.Gradients": "called by Fit alone", "Ranks.Name": "called by Fit alone",
			"Ranks.Rank": "called by Fit alone", "Ranks.Size": "called by Fit alone", "Outward.Start": "of each callback",
			"Outward.Outward": "called by nobody", "Gradients.Begin": "called by Fit alone", "Gradients.Wait": "called by Fit alone",
			"Gradients.Close": "called by Fit alone", "Sharer.Share": "called by Fit alone", "Sharer.Spread": "called by Fit alone",
			"Sharer.Complete": "called by Fit alone", "Sharer.Keep": "called by Fit alone", "Sharer.Separate": "called by Fit alone",
			"Callback.Start": "of each callback", "Observer.Batch": "called by Fit alone", "Observer.Epoch": "called by Fit alone",
			"Observer.End": "called by Fit alone", "EpochStarter.EpochStart": "called by Fit alone", "BatchStarter.BatchStart": "called by Fit alone",
			"GradientObserver.Gradients": "called by Fit alone", "TrainedObserver.Trained": "called by Fit alone",
			"ValidationObserver.Validated": "called by Fit alone", "Rememberer.Remember": "called by Fit alone", "Rememberer.Recall": "called by Fit alone",
		},
		Unlisted: map[string]string{},
	}
	for _, method := range []string{"String", "HTML", "MimeBundle", "SVG", "FlameGraph", "FLOPs", "MarshalJSON", "Position", "Measured", "Left", "Get", "Last", "Best", "Batch", "Epoch", "End",
		"Status", "Done", "History", "Suggestion", "Valley", "Steepest", "Minimum", "EpochTable"} {
		s.Unlisted["*."+method+" receiver"] = "it tells what is there"
	}
	for _, method := range []string{"Run.Stop", "Run.StopNow", "Step.Output", "Step.Report", "Step.Loss", "Trainer.State", "Trainer.SetState", "History.UnmarshalJSON"} {
		s.Unlisted[method+" receiver"] = "it needs nothing of what is there"
	}
	for _, method := range []string{"Batch", "Epoch", "End"} {
		s.Unlisted["Observe."+method+" argument 1"] = "it does nothing"
	}
	for _, argument := range []string{"first", "last"} {
		s.Unlisted["History.EpochTable "+argument] = "what is below 0 is 0"
	}
	s.Args = map[string]func() []any{
		"Trainer.SetState": func() []any {
			t := trainer()
			return []any{t, t.State()}
		},
		"Trainer.Load": func() []any {
			t := trainer()
			if err := t.Save("x.safetensors"); err != nil {
				panic(err)
			}
			return []any{t, "x.safetensors"}
		},
		"Trainer.WriteCheckpoint": func() []any { return []any{trainer(), io.Discard} },
		"Trainer.ReadCheckpoint": func() []any {
			t, b := trainer(), new(bytes.Buffer)
			if err := t.WriteCheckpoint(b); err != nil {
				panic(err)
			}
			return []any{t, b, int64(b.Len())}
		},
		"Trainer.Confusion": func() []any {
			r := dl.NewRand(1)
			return []any{trainer(), context.Background(), data.FromTensors(r.Uniforms(-1, 1, 4, 3), dl.Of([]int32{0, 1, 1, 0}))}
		},
		"History.UnmarshalJSON": func() []any {
			return []any{new(train.History), []byte(`{"epochs":[1],"names":["loss"],"values":{"loss":[0.5]}}`)}
		},
	}
	s.Args["Trainer.Mistakes"] = s.Args["Trainer.Confusion"]
	var live []*train.Training
	paused := func() *train.Training {
		g, err := trainer().Start(context.Background(), samples(), train.Options{Epochs: 1 << 20})
		if err == nil {
			live, err = append(live, g), g.Pause()
		}
		if err != nil {
			panic(err)
		}
		return g
	}
	s.After = func() {
		for _, g := range live {
			g.Stop()
		}
		live = nil
	}
	s.Args["Training.Do"] = func() []any { return []any{paused(), func(*train.Run) error { return nil }} }
	s.Args["Training.Pause"] = func() []any { return []any{paused()} }
	s.Args["Training.Resume"] = func() []any { return []any{paused()} }
	s.Good(samples, trainer, running, func() *train.Training {
		g, err := trainer().Start(context.Background(), samples(), train.Options{})
		if err == nil {
			_, err = g.Wait()
		}
		if err != nil {
			panic(err)
		}
		return g
	}, func() *train.Step { return &train.Step{Batch: data.Batch{X: dl.Ones(4, 3), Y: dl.Ones(4, 2)}} },
		func() train.Callback { return train.EarlyStopping{Monitor: "loss"} },
		func() metric.Metric { return metric.MAE{} }, func() optim.Optimizer { return &optim.SGD{} }, func() nn.Module { return trainer().Model },
		func() nn.Loss { return nn.MSE }, func() train.RateByEpoch { return func(int) float64 { return 0.1 } },
		func() train.CSVLog { return train.CSVLog{Path: "log.csv"} }, func() train.Checkpoint { return train.Checkpoint{Path: "c.safetensors"} },
		func() train.RateRange { return train.RateRange{Steps: 8} }, func() train.Progress { return train.Progress{W: io.Discard} })
	s.Bad("nil *Tensors", func() data.Dataset { return (*data.Tensors)(nil) })
	s.Bad("empty", func() data.Dataset { return data.FromTensors(dl.Zeros(0, 3), dl.Zeros(0, 2)) })
	s.Bad("without targets", func() data.Dataset { return data.FromTensors(dl.Ones(4, 3), nil) })
	s.Bad("of another shape", func() data.Dataset { return data.FromTensors(dl.Ones(4, 5), dl.Ones(4, 7)) })
	s.Bad("of NaN", func() data.Dataset { return data.FromTensors(dl.Full(math.NaN(), 4, 3), dl.Full(math.NaN(), 4, 2)) })
	s.Bad("of class numbers", func() data.Dataset { return data.FromTensors(dl.Ones(4, 3), dl.Of([]int32{0, 9, -1, 1 << 30})) })
	s.Bad("broken", func() data.Dataset { return broken{samples()} })
	s.Bad("stream of nothing", func() data.Dataset { return nothing{data.FromTensors(dl.Zeros(0, 3), dl.Zeros(0, 2))} })
	s.Bad("nil *Model", func() nn.Module { return (*nn.Model)(nil) })
	s.Bad("not built", func() nn.Module { return &nn.Dense{} })
	s.Bad("nil *Adam", func() optim.Optimizer { return (*optim.Adam)(nil) })
	s.Bad("weighted nil", func() metric.Metric { return metric.Weighted{} })
	s.Bad("of classes", func() metric.Metric { return metric.Accuracy{} })
	s.Bad("nil pointer", func() train.Callback { return (*catch)(nil) })
	s.Bad("without observer", func() train.Callback { return nobody{} })
	s.Bad("of a value that is not measured", func() train.Callback { return train.EarlyStopping{} })
	s.OnlyBad("nil", func() *train.Run { return nil })
	s.OnlyBad("zero", func() *train.Run { return &train.Run{} })
	s.OnlyBad("of an empty Trainer", func() *train.Run { return &train.Run{Trainer: &train.Trainer{}} })
	s.OnlyBad("{}", func() nn.Loss { return nn.Loss{} })
	s.OnlyBad("of class numbers", func() nn.Loss { return nn.SparseCrossEntropy })
	s.OnlyBad("that returns nil", func() nn.Loss {
		return nn.Loss{Name: "nil", Of: func(output, target *dl.Tensor) *dl.Tensor { return nil }}
	})
	s.OnlyBad("that returns a vector", func() nn.Loss {
		return nn.Loss{Name: "vector", Of: func(output, target *dl.Tensor) *dl.Tensor { return output }}
	})
	s.Test(t)
}
