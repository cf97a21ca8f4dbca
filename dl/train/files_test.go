package train

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// first is testdata/v1.json: what the models and trainings in the files v1_*.safetensors did, which the first version
// wrote that named its parameters by place.
func first(t *testing.T) (r struct {
	Outputs map[string][]float32
	Losses  map[string][]float64 // of four epochs, and of their validation: two before the file, two after it
	Steps   map[string]int
}) {
	text, err := os.ReadFile("testdata/v1.json")
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func close32(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-4 })
}

func TestFirstModelsAreLoaded(t *testing.T) {
	r := first(t)
	x, tokens := dl.Zeros(2, 8, 9, 2), dl.New(dl.Int32, 2, 6)
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(i%17)/17 - 0.3
	}
	for i := range tokens.Int32s() {
		tokens.Int32s()[i] = int32(i * 5 % 11)
	}
	for name, input := range map[string]*dl.Tensor{"cnn": x, "gpt": tokens} {
		m, err := nn.Load("testdata/v1_" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Predict(input).Float32s(); !close32(got, r.Outputs[name]) {
			t.Errorf("%s: %v, when it was saved %v", name, got, r.Outputs[name])
		}
		// What is saved today is loaded again, too.
		path := filepath.Join(t.TempDir(), "again")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := nn.Load(path)
		if err != nil || !slices.Equal(again.Predict(input).Float32s(), m.Predict(input).Float32s()) {
			t.Errorf("%s, saved again: %v", name, err)
		}
	}
}

func TestFirstCheckpointsGoOn(t *testing.T) {
	r := first(t)
	b, err := data.All(clouds(5))
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]optim.Optimizer{
		"adam": &optim.Adam{Schedule: optim.Step{Every: 10, Gamma: 0.5}}, "adamw": &optim.AdamW{},
		"sgd": &optim.SGD{Momentum: 0.9}, "rmsprop": &optim.RMSprop{Momentum: 0.5},
	} {
		trainer := newTrainer(t)
		trainer.Optimizer, trainer.Seed = o, 7
		if err := trainer.Load("testdata/v1_" + name + ".safetensors"); err != nil {
			t.Fatal(err)
		}
		h := fitted(t, trainer, Options{Epochs: 2, BatchSize: 32, ValidationSplit: 0.2})
		losses := append(slices.Clone(h.Get("loss")), h.Get("val_loss")...)
		for i, want := range r.Losses[name] {
			if math.Abs(losses[i]-want) > 1e-4 {
				t.Errorf("%s: losses %v, without a break %v", name, losses, r.Losses[name])
				break
			}
		}
		if o.State().Step != r.Steps[name] {
			t.Errorf("%s: %d steps, want %d", name, o.State().Step, r.Steps[name])
		}
		if got := trainer.Model.(*nn.Model).Predict(b.X).Float32s(); !close32(got, r.Outputs[name]) {
			t.Errorf("%s: %v, without a break %v", name, got, r.Outputs[name])
		}
	}
}

// The memory of an optimizer is kept by the parameters' names, so that it is right however many are frozen.
func TestCheckpointsKnowWhoseMemoryItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	run := func(save bool) []float32 {
		trainer := newTrainer(t)
		fitted(t, trainer, Options{Epochs: 2})
		trainer.Model.(*nn.Model).Parameter("dense.weight").Frozen = true
		fitted(t, trainer, Options{Epochs: 1})
		if save {
			if err := trainer.Save(path); err != nil {
				t.Fatal(err)
			}
			trainer = newTrainer(t)
			if err := trainer.Load(path); err != nil {
				t.Fatal(err)
			}
			if !trainer.Model.(*nn.Model).Parameter("dense.weight").Frozen {
				t.Error("what is frozen is forgotten")
			}
		}
		trainer.Model.(*nn.Model).Parameter("dense.weight").Frozen = false
		fitted(t, trainer, Options{Epochs: 2})
		return weights(trainer)
	}
	if !slices.Equal(run(true), run(false)) {
		t.Error("the weights differ from those of a training without a break")
	}
}

func TestAModelIsNoCheckpoint(t *testing.T) {
	trainer := newTrainer(t)
	path := filepath.Join(t.TempDir(), "model")
	if err := trainer.Model.(*nn.Model).Save(path); err != nil {
		t.Fatal(err)
	}
	if err := trainer.Load(path); err == nil || !strings.Contains(err.Error(), "nn.Load") {
		t.Errorf("got %v", err)
	}
}

// What a saved session holds of a Trainer: with it, and the other parts, a training goes on exactly.
func TestStateGoesOn(t *testing.T) {
	for _, old := range []bool{false, true} {
		whole := newTrainer(t)
		fitted(t, whole, Options{Epochs: 2, BatchSize: 32})
		model, err := whole.Model.(*nn.Model).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		state, memory := whole.State(), whole.Optimizer.State()
		if old { // the random source alone
			state = whole.rand.State()
		}
		again := &Trainer{Model: &nn.Model{}, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01}, Seed: 42}
		if err := again.Model.(*nn.Model).UnmarshalBinary(model); err != nil {
			t.Fatal(err)
		}
		if err := again.Optimizer.SetState(memory); err != nil {
			t.Fatal(err)
		}
		if err := again.SetState(state); err != nil {
			t.Fatal(err)
		}
		fitted(t, whole, Options{Epochs: 2, BatchSize: 32})
		fitted(t, again, Options{Epochs: 2, BatchSize: 32})
		if !slices.Equal(weights(whole), weights(again)) {
			t.Errorf("state of before %v: the weights differ", old)
		}
	}
}
