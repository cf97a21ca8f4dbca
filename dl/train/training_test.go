package train_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl/train"
)

// endless trains until it is stopped.
var endless = train.Options{BatchSize: 16, Epochs: 1 << 30}

// A training in the background is the same training.
func TestStartIsFit(t *testing.T) {
	_, want := fitted(t, network(t, 5))
	trainer, set := network(t, 5), pictures(20*16)
	g, err := trainer.Start(t.Context(), set, train.Options{BatchSize: 16, Epochs: 2, Validation: set})
	if err != nil {
		t.Fatal(err)
	}
	h, err := g.Wait()
	if err != nil || len(h.Epochs) != 2 {
		t.Fatalf("%v, %v", h, err)
	}
	for i, p := range trainer.Model.Parameters() {
		if !slices.Equal(p.Value.Float32s(), want[i]) {
			t.Errorf("parameter %d differs from that of Fit", i)
		}
	}
	p := g.Status()
	if !p.Done || p.Err != nil || p.Epoch != 2 || p.Epochs != 2 || p.Rate != trainer.Optimizer.Rate() {
		t.Errorf("progress %+v", p)
	}
	if s := g.String(); !strings.HasPrefix(s, "epoch 2/2, loss ") || !strings.HasSuffix(s, ", finished") {
		t.Errorf("%q", s)
	}
}

// A training is looked at, paused, changed, saved, resumed and stopped.
func TestSteering(t *testing.T) {
	trainer := network(t, 5)
	g, err := trainer.Start(t.Context(), pictures(20*16), endless)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Pause(); err != nil {
		t.Fatal(err)
	}
	before := g.Status()
	if !before.Paused || before.Done || !strings.HasSuffix(g.String(), ", paused") {
		t.Errorf("a paused training: %+v, %q", before, g)
	}
	weights := slices.Clone(trainer.Model.Parameters()[0].Value.Float32s())
	if err := g.SetRate(0.002); err != nil || g.Status().Rate != 0.002 || trainer.Optimizer.Rate() != 0.002 {
		t.Errorf("%v; the rate is %v", err, trainer.Optimizer.Rate())
	}
	path := filepath.Join(t.TempDir(), "paused")
	if err := g.Save(path); err != nil {
		t.Error(err)
	}
	if err := network(t, 6).Load(path); err != nil {
		t.Error(err)
	}
	if after := g.Status(); after.Step != before.Step || after.Epoch != before.Epoch || !slices.Equal(trainer.Model.Parameters()[0].Value.Float32s(), weights) {
		t.Errorf("a paused training went on from %+v to %+v", before, after)
	}
	if err := g.Resume(); err != nil || g.Status().Paused {
		t.Error(err)
	}
	var seen int
	for range 3 {
		if err := g.Do(func(run *train.Run) error { seen = run.Epoch; return nil }); err != nil || seen < before.Epoch {
			t.Errorf("%v; epoch %d", err, seen)
		}
	}
	wrong := errors.New("wrong")
	if err := g.Do(func(*train.Run) error { return wrong }); err != wrong {
		t.Error(err)
	}
	if err := g.Do(func(*train.Run) error { panic("of a user") }); err == nil || !strings.Contains(err.Error(), "of a user") {
		t.Error(err)
	}
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
	select {
	case <-g.Done():
	default:
		t.Error("it goes on")
	}
	h, err := g.Wait()
	if err != nil || len(h.Epochs) == 0 || !strings.HasSuffix(g.String(), ", stopped: Stop was called") {
		t.Errorf("%v, %q", err, g)
	}
	// What can be said when it is over.
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
	if err := g.Pause(); err == nil || !strings.Contains(err.Error(), "over") {
		t.Error(err)
	}
	if err := g.SetRate(0.003); err != nil || trainer.Optimizer.Rate() != 0.003 {
		t.Error(err)
	}
	if err := g.SetRate(-1); err == nil {
		t.Error("a rate below 0")
	}
	if got := g.History(); len(got.Epochs) != len(h.Epochs) || got == h {
		t.Error(got)
	}
	// And again.
	if g, err = trainer.Start(t.Context(), pictures(20*16), train.Options{BatchSize: 16}); err != nil {
		t.Fatal(err)
	}
	if again, err := g.Wait(); err != nil || len(again.Epochs) != len(h.Epochs) || again != trainer.History {
		t.Error(len(again.Epochs), err)
	}
}

// The end of its context ends a training that is paused, too.
func TestCancelWhilePaused(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	g, err := network(t, 5).Start(ctx, pictures(20*16), endless)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Pause(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := g.Wait(); !errors.Is(err, context.Canceled) || !strings.Contains(g.String(), "context canceled") {
		t.Errorf("%v, %q", err, g)
	}
}

// What is wrong at the beginning is told at once.
func TestStartSaysWhatIsWrong(t *testing.T) {
	if _, err := (&train.Trainer{}).Start(t.Context(), pictures(16), endless); err == nil || !strings.Contains(err.Error(), "no Model") {
		t.Error(err)
	}
	trainer := network(t, 5)
	if _, err := trainer.Start(t.Context(), nil, endless); err == nil || !strings.Contains(err.Error(), "no data") {
		t.Error(err)
	}
	if _, err := trainer.Start(t.Context(), pictures(16), train.Options{Callbacks: []train.Callback{train.EarlyStopping{Patience: -1}}}); err == nil ||
		!strings.Contains(err.Error(), "Patience -1") {
		t.Error(err)
	}
	g, err := trainer.Start(t.Context(), pictures(20*16), endless)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trainer.Start(t.Context(), pictures(16), endless); err == nil || !strings.Contains(err.Error(), "fitting already") {
		t.Error(err)
	}
	if err := g.Do(nil); err == nil {
		t.Error("no function")
	}
	if err := g.Stop(); err != nil {
		t.Error(err)
	}
}
