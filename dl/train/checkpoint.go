package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// A checkpoint is a safetensors file with all that a training needs to go on exactly: the model's parameters (and its
// structure, so that nn.Load reads it), the optimizer's slots as "optimizer.<slot>.<parameter>", and the rest as JSON
// in the metadata.
const (
	trainingKey = "modelbook.training"
	modelKey    = "modelbook.model" // as nn.Load expects it
	slotPrefix  = "optimizer."
)

// training is what a checkpoint has in its metadata.
type training struct {
	Optimizer string   `json:"optimizer"`
	Step      int      `json:"step"`
	Rate      float64  `json:"rate"`
	Seed      uint64   `json:"seed"`
	Rand      []byte   `json:"rand"`
	History   *History `json:"history"`
}

// Save writes a checkpoint. The file is replaced in one step: an interruption leaves the old one or the new one.
func (t *Trainer) Save(path string) error {
	if err := t.check(); err != nil {
		return err
	}
	t.prepare()
	state := t.Optimizer.State()
	text, err := json.Marshal(training{Optimizer: state.Optimizer, Step: state.Step, Rate: state.Rate,
		Seed: t.Seed, Rand: t.rand.State(), History: t.History})
	if err != nil {
		return fmt.Errorf("train: saving %s: %w", path, err)
	}
	meta := map[string]string{trainingKey: string(text)}
	if m, ok := t.Model.(*nn.Model); ok {
		// A model with layers that no file can name is saved without its structure: Load needs only the parameters.
		if structure, err := m.Structure(); err == nil {
			meta[modelKey] = structure
		}
	}
	var tensors []dl.Named
	for _, p := range t.Model.Parameters() {
		tensors = append(tensors, dl.Named{Name: p.Name, Tensor: p.Value})
	}
	for _, slot := range slices.Sorted(maps.Keys(state.Slots)) {
		for i, s := range state.Slots[slot] {
			tensors = append(tensors, dl.Named{Name: fmt.Sprintf("%s%s.%d", slotPrefix, slot, i), Tensor: s})
		}
	}
	return dl.SaveSafetensors(path, tensors, meta)
}

// Load sets the Trainer to a checkpoint: parameters, optimizer, history, random state. Model and Optimizer must be of
// the kinds that were saved. The next Fit goes on as if there had been no break. On an error nothing is changed.
func (t *Trainer) Load(path string) error {
	if err := t.check(); err != nil {
		return err
	}
	list, meta, err := dl.LoadSafetensors(path)
	if err != nil {
		return err
	}
	wrong := func(err error) error {
		return fmt.Errorf("train: %s is no checkpoint for this training: %w", path, err)
	}
	var saved training
	if err := json.Unmarshal([]byte(meta[trainingKey]), &saved); err != nil {
		return wrong(fmt.Errorf("its metadata %q: %w", trainingKey, err))
	}
	if saved.History == nil {
		saved.History = &History{}
	}
	random := dl.NewRand(saved.Seed)
	if err := random.SetState(saved.Rand); err != nil {
		return wrong(err)
	}
	tensors := map[string]*dl.Tensor{}
	for _, n := range list {
		tensors[n.Name] = n.Tensor
	}
	state, err := slotsOf(saved, tensors, nn.Trainable(t.Model))
	if err != nil {
		return wrong(err)
	}
	before := t.Optimizer.State()
	if err := t.Optimizer.SetState(state); err != nil {
		return wrong(err)
	}
	if err := nn.SetParameters(t.Model, tensors); err != nil {
		if back := t.Optimizer.SetState(before); back != nil {
			return wrong(back)
		}
		return wrong(err)
	}
	t.Seed, t.rand, t.History = saved.Seed, random, saved.History
	return nil
}

// slotsOf collects the optimizer's state from a checkpoint for the given parameters.
func slotsOf(saved training, tensors map[string]*dl.Tensor, parameters []*dl.Tensor) (optim.State, error) {
	s := optim.State{Optimizer: saved.Optimizer, Step: saved.Step, Rate: saved.Rate, Slots: map[string][]*dl.Tensor{}}
	if !(saved.Rate > 0) || math.IsInf(saved.Rate, 0) {
		return s, fmt.Errorf("its learning rate is %v", saved.Rate)
	}
	for name := range tensors {
		rest, ok := strings.CutPrefix(name, slotPrefix)
		slot, number, found := strings.Cut(rest, ".")
		if !ok || !found || number != "0" {
			continue
		}
		for i, p := range parameters {
			name := fmt.Sprintf("%s%s.%d", slotPrefix, slot, i)
			t := tensors[name]
			if t == nil || t.DType() != dl.Float32 || !slices.Equal(t.Shape(), p.Shape()) {
				return s, fmt.Errorf("tensor %q is missing or not of shape %v", name, p.Shape())
			}
			s.Slots[slot] = append(s.Slots[slot], t)
		}
	}
	return s, nil
}

// Checkpoint saves the training after epochs, for Trainer.Load to go on from and for nn.Load to use the model.
type Checkpoint struct {
	Path    string // of the file; {epoch} in it becomes the epoch's number
	Monitor string // save only when this value is the best so far; "": after every epoch
	Every   int    // save only after every so many epochs; 0: 1
}

func (c Checkpoint) Start(run *Run) (Observer, error) {
	if c.Path == "" || c.Every < 0 {
		return nil, fmt.Errorf("a checkpoint needs a Path, and Every %d must not be negative", c.Every)
	}
	return &checkpoint{Checkpoint: c, watch: watch{name: c.Monitor}}, nil
}

type checkpoint struct {
	Observe
	Checkpoint
	watch
}

func (c *checkpoint) Epoch(run *Run) error {
	if run.Epoch%max(c.Every, 1) != 0 {
		return nil
	}
	if c.Monitor != "" {
		if improved, err := c.improved(run); err != nil || !improved {
			return err
		}
	}
	return run.Trainer.Save(strings.ReplaceAll(c.Path, "{epoch}", fmt.Sprint(run.Epoch)))
}

// MarshalJSON writes what JSON has no number for, a NaN or an infinity, as null.
func (h *History) MarshalJSON() ([]byte, error) {
	out := jsonHistory{Epochs: h.Epochs, Names: h.Names, Values: map[string][]*float64{}}
	for name, values := range h.Values {
		column := make([]*float64, len(values))
		for i := range values {
			if !math.IsNaN(values[i]) && !math.IsInf(values[i], 0) {
				column[i] = &values[i]
			}
		}
		out.Values[name] = column
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote; columns must be as long as there are epochs.
func (h *History) UnmarshalJSON(text []byte) error {
	var in jsonHistory
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	for i, epoch := range in.Epochs {
		if epoch < 1 || epoch > 1<<30 || i > 0 && epoch <= in.Epochs[i-1] {
			return fmt.Errorf("the history's epochs are not numbered upwards from 1: %d at place %d", epoch, i+1)
		}
	}
	*h = History{Epochs: in.Epochs, Names: in.Names, Values: map[string][]float64{}}
	for _, name := range in.Names {
		if h.Values[name] != nil || len(in.Values[name]) != len(in.Epochs) {
			return fmt.Errorf("the history has %d values of %q for %d epochs", len(in.Values[name]), name, len(in.Epochs))
		}
		for _, v := range in.Values[name] {
			if v == nil {
				none := NotMeasured()
				v = &none
			}
			h.Values[name] = append(h.Values[name], *v)
		}
	}
	return nil
}

type jsonHistory struct {
	Epochs []int                 `json:"epochs"`
	Names  []string              `json:"names"`
	Values map[string][]*float64 `json:"values"`
}
