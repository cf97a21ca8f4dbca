package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// A checkpoint is a safetensors file with all that a training needs to resume exactly: the model's parameters (and its
// structure, so that nn.Load reads it), the optimizer's slots as "optimizer.<slot>.<parameter>", the best weights that
// a callback keeps as "best.<monitor>.<parameter>", and the rest as JSON in the metadata. Older files have the
// number of a trainable parameter in place of its path.
const (
	trainingKey = "modelbook.training"
	slotPrefix  = "optimizer."
	bestPrefix  = "best."
)

// training is what a checkpoint has in its metadata.
type training struct {
	Optimizer string                     `json:"optimizer"`
	Step      int                        `json:"step"`
	Rate      float64                    `json:"rate"`
	Seed      uint64                     `json:"seed"`
	Rand      []byte                     `json:"rand"`
	History   *History                   `json:"history"`
	Slots     []string                   `json:"slots,omitempty"`  // names of the optimizer's slots
	Owners    []owner                    `json:"owners,omitempty"` // of the optimizer's memory; nil: numbers, as before
	Notes     map[string]json.RawMessage `json:"notes,omitempty"`  // of callbacks
	Best      []string                   `json:"best,omitempty"`   // monitors whose best weights are kept
}

// owner is a parameter that the optimizer remembers, with the steps in which it had a gradient and in which it took
// part.
type owner struct {
	Path  string `json:"path"`
	Steps int    `json:"steps"`
	Given int    `json:"given"`
}

// Save writes a checkpoint. The file is replaced in one step: an interruption leaves the old one or the new one.
func (t *Trainer) Save(path string) error {
	if err := t.check(); err != nil {
		return err
	}
	tensors, meta, err := t.checkpoint()
	if err != nil {
		return fmt.Errorf("train: saving %s: %w", path, err)
	}
	return dl.SaveSafetensors(path, tensors, meta)
}

// WriteCheckpoint writes what Save writes, to where it is encrypted or sent.
func (t *Trainer) WriteCheckpoint(w io.Writer) error {
	tensors, meta, err := t.checkpoint()
	if err != nil {
		return err
	}
	return dl.WriteSafetensors(w, tensors, meta)
}

// checkpoint is what a file holds.
func (t *Trainer) checkpoint() ([]dl.Named, map[string]string, error) {
	if err := t.check(); err != nil {
		return nil, nil, err
	}
	if t.apart {
		return nil, nil, errors.New("each rank has a part of the optimizer's memory until the end of an epoch: save then; " +
			"after a Fit that failed, go on from the last checkpoint")
	}
	random := t.rand
	if random == nil {
		random = dl.NewRand(t.Seed)
	}
	history := t.History
	if history == nil {
		history = &History{}
	}
	if t.owners != nil {
		t.claim()
	}
	tensors, meta := nn.Tensors(t.Model)
	state := t.Optimizer.State()
	saved := training{Optimizer: state.Optimizer, Step: state.Step, Rate: state.Rate, Seed: t.Seed, Rand: random.State(),
		History: history, Slots: slices.Sorted(maps.Keys(state.Slots))}
	names, err := t.slotNames(state, &saved)
	if err != nil {
		return nil, nil, err
	}
	for _, slot := range saved.Slots {
		for i, s := range state.Slots[slot] {
			if s != nil {
				tensors = append(tensors, dl.Named{Name: slotPrefix + slot + "." + names[i], Tensor: s})
			}
		}
	}
	if t.memory != nil {
		saved.Notes = t.memory.notes
		for _, monitor := range slices.Sorted(maps.Keys(t.memory.best)) {
			saved.Best = append(saved.Best, monitor)
			values := t.memory.best[monitor].values
			for _, name := range slices.Sorted(maps.Keys(values)) {
				tensors = append(tensors, dl.Named{Name: bestPrefix + monitor + "." + name, Tensor: values[name]})
			}
		}
	}
	text, err := json.Marshal(saved)
	if err != nil {
		return nil, nil, err
	}
	meta[trainingKey] = string(text)
	return tensors, meta, nil
}

// slotNames are what the parameters of an optimizer's state are called in a file.
func (t *Trainer) slotNames(state optim.State, saved *training) ([]string, error) {
	n := 0
	for _, slot := range state.Slots {
		n = max(n, len(slot))
	}
	n = max(n, len(state.Steps))
	names := make([]string, n)
	keeper, ok := t.Optimizer.(optim.Keeper)
	if !ok || keeper.Owners() == nil { // an optimizer of one's own, or a state that no step has used yet
		for i := range names {
			names[i] = fmt.Sprint(i)
		}
		return names, nil
	}
	paths := map[*dl.Tensor]string{}
	for _, p := range nn.NamedParameters(t.Model) {
		paths[p.Value] = p.Name
	}
	saved.Owners = []owner{}
	for i, p := range keeper.Owners() {
		path, ok := paths[p]
		if !ok { // of another model: it begins anew when it comes back
			for _, slot := range state.Slots {
				slot[i] = nil
			}
			continue
		}
		names[i] = path
		saved.Owners = append(saved.Owners, owner{path, state.Steps[i], state.Given[i]})
	}
	return names, nil
}

// Load sets the Trainer to a checkpoint: parameters, optimizer, history, random state, and what its callbacks remember.
// Model and Optimizer must be of the kinds that were saved. The next Fit continues as if there had been no break. On an
// error nothing is changed.
func (t *Trainer) Load(path string) error {
	if err := t.check(); err != nil {
		return err
	}
	list, meta, err := dl.LoadSafetensors(path)
	if err != nil {
		return err
	}
	if err := t.set(list, meta); err != nil {
		return fmt.Errorf("train: %s is no checkpoint for this training: %w", path, err)
	}
	return nil
}

// ReadCheckpoint is Load of what WriteCheckpoint has written, so many bytes.
func (t *Trainer) ReadCheckpoint(r io.Reader, size int64) error {
	if err := t.check(); err != nil {
		return err
	}
	list, meta, err := dl.ReadSafetensors(r, size)
	if err != nil {
		return err
	}
	if err := t.set(list, meta); err != nil {
		return fmt.Errorf("train: this is no checkpoint for this training: %w", err)
	}
	return nil
}

// set sets the Trainer to what a file holds.
func (t *Trainer) set(list []dl.Named, meta map[string]string) error {
	text, ok := meta[trainingKey]
	if !ok {
		return errors.New("it holds a model or parameters but no training; nn.Load and nn.LoadParameters read those")
	}
	var saved training
	if err := json.Unmarshal([]byte(text), &saved); err != nil {
		return fmt.Errorf("its metadata %q: %w", trainingKey, err)
	}
	if saved.History == nil {
		saved.History = &History{}
	}
	random := dl.NewRand(saved.Seed)
	if err := random.SetState(saved.Rand); err != nil {
		return err
	}
	tensors := map[string]*dl.Tensor{}
	for _, n := range list {
		tensors[n.Name] = n.Tensor
	}
	notes := &memory{notes: saved.Notes}
	for _, monitor := range saved.Best {
		s := &snapshot{values: map[string]*dl.Tensor{}}
		for name, tensor := range tensors {
			if path, ok := strings.CutPrefix(name, bestPrefix+monitor+"."); ok {
				s.values[path] = tensor
			}
		}
		notes.weights(monitor).values = s.values
	}
	if t.owners != nil { // of a loaded session: the optimizer's groups are to know their parameters
		t.claim()
	}
	state, owners, err := saved.state(tensors, nn.NamedParameters(t.Model), nn.Trainable(t.Model))
	if err != nil {
		return err
	}
	back := t.remembered()
	if err := t.restore(state, owners); err != nil {
		back()
		return err
	}
	if err := nn.SetParameters(t.Model, tensors); err != nil {
		back()
		return err
	}
	if err := nn.SetFrozen(t.Model, meta); err != nil {
		return err
	}
	t.apart = false
	t.Seed, t.rand, t.History, t.memory, t.owners = saved.Seed, random, saved.History, notes, nil
	return nil
}

// remembered returns a function that gives the optimizer back what it remembers now.
func (t *Trainer) remembered() (back func()) {
	before := t.Optimizer.State()
	var owners []*dl.Tensor
	if keeper, ok := t.Optimizer.(optim.Keeper); ok {
		owners = keeper.Owners()
	}
	return func() {
		if err := t.restore(before, owners); err != nil {
			panic(err) // it was its own
		}
	}
}

// restore sets the optimizer's state and says whose it is, if that is known.
func (t *Trainer) restore(state optim.State, owners []*dl.Tensor) error {
	if err := t.Optimizer.SetState(state); err != nil {
		return err
	}
	if keeper, ok := t.Optimizer.(optim.Keeper); ok && len(owners) > 0 {
		return keeper.SetOwners(owners)
	}
	return nil
}

// state collects the optimizer's state from the tensors of a checkpoint, and whose it is.
func (saved *training) state(tensors map[string]*dl.Tensor, parameters []nn.NamedParameter, trainable []*dl.Tensor) (optim.State, []*dl.Tensor, error) {
	s := optim.State{Optimizer: saved.Optimizer, Step: saved.Step, Rate: saved.Rate, Slots: map[string][]*dl.Tensor{}}
	if !(saved.Rate >= 0) || math.IsInf(saved.Rate, 0) {
		return s, nil, fmt.Errorf("its learning rate is %v", saved.Rate)
	}
	if saved.Owners == nil {
		return saved.numbered(s, tensors, trainable)
	}
	byPath := map[string]*dl.Tensor{}
	for _, p := range parameters {
		byPath[p.Name] = p.Value
	}
	var owners []*dl.Tensor
	s.Steps, s.Given = []int{}, []int{}
	for _, o := range saved.Owners {
		p := byPath[o.Path]
		if p == nil {
			return s, nil, fmt.Errorf("the model has no parameter %q, which the optimizer remembers", o.Path)
		}
		owners = append(owners, p)
		s.Steps, s.Given = append(s.Steps, o.Steps), append(s.Given, o.Given)
		for _, slot := range saved.Slots {
			t := tensors[slotPrefix+slot+"."+o.Path]
			if t != nil && (t.DType() != p.DType() || !fits(t.Shape(), p.Shape())) {
				return s, nil, fmt.Errorf("tensor %q is not of shape %v", slotPrefix+slot+"."+o.Path, p.Shape())
			}
			s.Slots[slot] = append(s.Slots[slot], t)
		}
	}
	return s, owners, nil
}

// fits says whether a slot may belong to a parameter: some, such as Adafactor's, have one value for a whole axis. The
// optimizer itself knows which.
func fits(slot, parameter dl.Shape) bool {
	if len(slot) != len(parameter) {
		return false
	}
	for i, n := range slot {
		if n != parameter[i] && n != 1 {
			return false
		}
	}
	return true
}

// numbered is state for a file that numbers the trainable parameters.
func (saved *training) numbered(s optim.State, tensors map[string]*dl.Tensor, trainable []*dl.Tensor) (optim.State, []*dl.Tensor, error) {
	for name := range tensors {
		rest, ok := strings.CutPrefix(name, slotPrefix)
		slot, number, found := strings.Cut(rest, ".")
		if !ok || !found || number != "0" {
			continue
		}
		for i, p := range trainable {
			name := fmt.Sprintf("%s%s.%d", slotPrefix, slot, i)
			t := tensors[name]
			if t == nil || t.DType() != dl.Float32 || !slices.Equal(t.Shape(), p.Shape()) {
				return s, nil, fmt.Errorf("tensor %q is missing or not of shape %v", name, p.Shape())
			}
			s.Slots[slot] = append(s.Slots[slot], t)
		}
	}
	if len(s.Slots) == 0 { // SGD without momentum remembers nothing of its parameters
		return s, nil, nil
	}
	return s, trainable, nil
}
