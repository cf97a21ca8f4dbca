package plotting

import (
	"context"
	"runtime"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// BenchmarkLive says what share of the processor time of a training Live takes: the time of the thread that draws over
// that of the whole process. Both are counted by the system, so that other processes do not matter much. A drawing also
// leaves some 7 MB to the collector.
func BenchmarkLive(b *testing.B) {
	for _, c := range []struct {
		name                   string
		samples, width, epochs int
	}{
		{"short epochs", 512, 64, 80_000},
		{"long epochs", 20_000, 192, 400},
	} {
		b.Run(c.name, func(b *testing.B) {
			line := data.FromTensors(dl.Uniform(c.samples, 32), dl.Uniform(c.samples, 1))
			var all time.Duration
			s := &timed{}
			for b.Loop() {
				model, err := nn.Sequential(dl.Shape{32}, nn.Dense{Units: c.width, Activation: nn.ReLU},
					nn.Dense{Units: c.width, Activation: nn.ReLU}, nn.Dense{Units: 1})
				if err != nil {
					b.Fatal(err)
				}
				t := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 1e-3}}
				before := spentByProcess()
				o := train.Options{Epochs: c.epochs, ValidationSplit: 0.25, Callbacks: []train.Callback{onScreen{s}}}
				if _, err := t.Fit(context.Background(), line, o); err != nil {
					b.Fatal(err)
				}
				all += spentByProcess() - before
			}
			b.ReportMetric(100*float64(s.time)/float64(all), "%-of-training")
			b.ReportMetric(float64(s.drawn)/float64(b.N), "drawings/op")
			b.ReportMetric(all.Seconds()/float64(b.N), "processor-s/op")
		})
	}
}

// onScreen is Live on a given screen.
type onScreen struct{ screen }

func (l onScreen) Start(*train.Run) (train.Observer, error) {
	return watch(nil, l.screen, time.Now), nil
}

// timed is a notebook that nobody looks at. It counts the processor time of what it shows.
type timed struct {
	inner notebookScreen
	time  time.Duration
	drawn int
}

func (s *timed) measure(show func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, image := spentByThread(), s.inner.image
	show()
	s.time += spentByThread() - before
	if s.inner.image != image {
		s.drawn++
	}
}

func (s *timed) show(f frame) {
	s.inner.send = func(_, _ map[string]any, _ string) {}
	s.measure(func() { s.inner.show(f) })
}

func (s *timed) finish(figure *Figure, text string, h *train.History) (err error) {
	s.measure(func() { err = s.inner.finish(figure, text, h) })
	s.inner = notebookScreen{}
	return err
}

// An epoch's end costs the training next to nothing, however long the history is.
func BenchmarkLiveEpoch(b *testing.B) {
	run := &train.Run{First: 1, Last: 200_000, Epoch: 100_000, Epochs: 200_000, Step: 1, Steps: 1, History: training(100_000)}
	observer := watch(nil, &notebookScreen{send: func(_, _ map[string]any, _ string) {}}, time.Now)
	for b.Loop() {
		observer.Epoch(run)
	}
	observer.End(run)
}
