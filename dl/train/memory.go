package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// memory is what the callbacks of a Trainer remember from one Fit to the next.
type memory struct {
	notes map[string]json.RawMessage // by the callback's kind and number
	best  map[string]*snapshot       // weights that EarlyStopping keeps, by the same
}

func (m *memory) note(key string, note json.RawMessage) {
	if m.notes == nil {
		m.notes = map[string]json.RawMessage{}
	}
	m.notes[key] = note
}

// weights are the best weights under a key, empty at first.
func (m *memory) weights(key string) *snapshot {
	if m.best == nil {
		m.best = map[string]*snapshot{}
	}
	if m.best[key] == nil {
		m.best[key] = &snapshot{}
	}
	return m.best[key]
}

// snapshot is a copy of a model's parameters by their paths.
type snapshot struct{ values map[string]*dl.Tensor }

func (s *snapshot) take(m nn.Module) {
	if s.values == nil {
		s.values = map[string]*dl.Tensor{}
	}
	for _, n := range nn.NamedParameters(m) {
		if t := s.values[n.Name]; t != nil && t.DType() == n.Value.DType() && t.Shape().Equal(n.Value.Shape()) {
			t.CopyFrom(n.Value)
		} else {
			s.values[n.Name] = n.Value.Clone()
		}
	}
}

func (s *snapshot) put(m nn.Module) error {
	if len(s.values) == 0 {
		return nil
	}
	return nn.SetParameters(m, s.values)
}

// session is what a Trainer's State holds as JSON. Before there was more than the random source it was that alone.
type session struct {
	Rand   []byte                     `json:"rand"`
	Owners []string                   `json:"owners,omitempty"` // of the optimizer's memory
	Notes  map[string]json.RawMessage `json:"notes,omitempty"`
}

// State is what a Trainer remembers beside its fields: where its random source is, what its callbacks remember (but not
// the best weights), and whose the optimizer's memory is; nil when there is nothing yet. With the optimizer's State and
// the parameters it is all that is needed to resume exactly; Save writes them all.
func (t *Trainer) State() []byte {
	var s session
	if keeper, ok := t.Optimizer.(optim.Keeper); ok && !isNil(t.Model) && !isNil(t.Optimizer) {
		if s.Owners = t.owners; s.Owners == nil { // not those of a loaded session that waits for its first Fit
			s.Owners = t.ownerNames(keeper)
		}
	}
	if t.rand != nil {
		s.Rand = t.rand.State()
	} else if len(s.Owners) == 0 {
		return nil
	}
	if t.memory != nil {
		s.Notes = t.memory.notes
	}
	text, err := json.Marshal(s)
	if err != nil {
		return s.Rand // a callback's own note is no JSON
	}
	return text
}

// ownerNames are the paths of the parameters that an optimizer remembers, nil when one is not of the model.
func (t *Trainer) ownerNames(keeper optim.Keeper) []string {
	paths := map[*dl.Tensor]string{}
	for _, n := range nn.NamedParameters(t.Model) {
		paths[n.Value] = n.Name
	}
	var names []string
	for _, p := range keeper.Owners() {
		name, ok := paths[p]
		if !ok {
			return nil
		}
		names = append(names, name)
	}
	return names
}

// SetState continues from a State.
func (t *Trainer) SetState(state []byte) error {
	if state == nil {
		t.rand, t.memory, t.owners = nil, nil, nil
		return nil
	}
	s := session{Rand: state}
	if len(state) > 0 && state[0] == '{' {
		if json.Unmarshal(state, &s) != nil {
			s = session{Rand: state}
		}
	}
	var r *dl.Rand
	if len(s.Rand) > 0 { // else before the first Fit
		r = dl.NewRand(t.Seed)
		if err := r.SetState(s.Rand); err != nil {
			return err
		}
	}
	t.rand, t.owners, t.memory = r, s.Owners, &memory{notes: maps.Clone(s.Notes)}
	return nil
}

// watch follows a value of the history.
type watch struct {
	Name  string  `json:"name"` // "": "val_loss"
	Best  float64 `json:"best"`
	Epoch int     `json:"epoch"`          // of the best value; 0: none yet
	Since int     `json:"since"`          // epochs since
	Cool  int     `json:"cool,omitempty"` // epochs that ReduceOnPlateau still waits

	mode  Mode
	least float64
}

// Mode says which values of what is monitored are better.
type Mode uint8

const (
	Auto Mode = iota // as the metric says; the loss is better where it is smaller
	Min              // smaller ones
	Max              // larger ones
)

var errNoDirection = errors.New("give the metric a method Direction, or the callback a Mode: train.Min or train.Max")

// improved looks at the last epoch.
func (w *watch) improved(run *Run) (bool, error) {
	if w.Name == "" {
		w.Name = "val_loss"
	}
	if run.History.Get(w.Name) == nil {
		return false, fmt.Errorf("train: nothing is measured as %q; there are %s (validation needs Options.ValidationSplit or Validation)",
			w.Name, list(run.History.Names))
	}
	mode := w.mode
	if mode == Auto {
		if mode = run.History.mode(w.Name); mode == Auto {
			return false, fmt.Errorf("train: nothing says which values of %q are better: %w", w.Name, errNoDirection)
		}
	}
	value := run.History.Last(w.Name)
	switch {
	case !isFinite(value): // no value to compare with: never the best, and no reason to stop before there is one
		if w.Epoch > 0 {
			w.Since++
		}
		return false, nil
	case w.Epoch == 0 || better(mode, value, w.Best, w.least):
		w.Best, w.Epoch, w.Since = value, run.Epoch, 0
		return true, nil
	}
	w.Since++
	return false, nil
}

func (w *watch) Remember() (json.RawMessage, error) { return json.Marshal(w) }

// Recall goes on with what was remembered, if it is about the same value of a history that is still there.
func (w *watch) Recall(run *Run, note json.RawMessage) error {
	var was watch
	if err := json.Unmarshal(note, &was); err != nil {
		return err
	}
	name := w.Name
	if name == "" {
		name = "val_loss"
	}
	if was.Name != name || was.Epoch < 0 || was.Since < 0 || was.Epoch >= run.First {
		return nil
	}
	w.Name, w.Best, w.Epoch, w.Since, w.Cool = was.Name, was.Best, was.Epoch, was.Since, max(was.Cool, 0)
	return nil
}
