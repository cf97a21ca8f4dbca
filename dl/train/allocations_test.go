//go:build !race && !checked

package train

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
)

func TestAStepAllocatesAlmostNothing(t *testing.T) {
	trainer := newTrainer(t)
	fitted(t, trainer, Options{})
	s, err := newStep(trainer, trainer.Model, dl.NewArena())
	if err != nil {
		t.Fatal(err)
	}
	s.parameters = nn.Trainable(trainer.Model)
	s.reset()
	nn.SetTraining(trainer.Model, true)
	for _, batch := range (&data.Loader{Dataset: clouds(32), BatchSize: 32}).Batches() {
		step := func() {
			if err := s.train(batch); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			step()
		}
		if n := testing.AllocsPerRun(50, step); n > 20 {
			t.Errorf("%v allocations a step", n)
		}
	}
}
