package lora

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// Adapters are the additions to a model. As a module they have the parameters that training changes.
type Adapters struct {
	Config Config // with its defaults
	Layers []*Linear

	model  lm.Model
	slots  []lm.Slot
	saved  []nn.NamedParameter // of ModulesToSave
	frozen []*nn.Parameter     // that Add froze
	merged bool
	gone   bool // off the model
}

// Add puts additions into a model and freezes all else, so that training changes these only. At first they add 0.
func Add(m lm.Model, c Config) (*Adapters, error) {
	if m == nil {
		return nil, errors.New("lora.Add: the model is nil")
	}
	c = c.defaults(m)
	if err := c.check(); err != nil {
		return nil, err
	}
	slots, err := c.choose(lm.Projections(m))
	if err != nil {
		return nil, err
	}
	return add(m, c, slots, func(lm.Slot) int { return c.Rank })
}

// add puts additions into places.
func add(m lm.Model, c Config, slots []lm.Slot, rank func(s lm.Slot) int) (*Adapters, error) {
	a := &Adapters{Config: c, model: m, slots: slots}
	for _, s := range lm.Projections(m) {
		if _, ok := (*s.At).(*Linear); ok {
			return nil, fmt.Errorf("lora: the model has additions already, at %s; use their MergeAndUnload or Unload before", s.Name)
		}
	}
	for _, s := range slots {
		base, ok := (*s.At).(sized)
		if !ok {
			return nil, fmt.Errorf("lora: a %T stands in the place of %s, which has no method Sizes() (in, out int)", *s.At, s.Name)
		}
		in, out := base.Sizes()
		r := rank(s)
		if r > max(in, out) {
			return nil, fmt.Errorf("lora: the rank is %d; %s has %d channels to %d, and more than %d have no use", r, s.Name, in, out, max(in, out))
		}
		a.Layers = append(a.Layers, newLinear(*s.At, in, out, r, s.Name, &c))
	}
	for _, target := range c.ModulesToSave {
		found := false
		for _, p := range lm.StateDict(m) {
			module := p.Name[:max(0, strings.LastIndex(p.Name, "."))]
			if names(target, module) {
				found = true
				a.saved = append(a.saved, p)
			}
		}
		if !found {
			return nil, fmt.Errorf("lora.Config: ModulesToSave: no part of the model is called %q; parameters have names such as %s",
				target, lm.StateDict(m)[len(lm.StateDict(m))-1].Name)
		}
	}
	for _, p := range m.Parameters() {
		if !p.Frozen && !slices.ContainsFunc(a.saved, func(s nn.NamedParameter) bool { return s.Parameter == p }) {
			a.frozen = append(a.frozen, p)
		}
	}
	nn.Freeze(list(a.frozen))
	for _, p := range a.saved {
		nn.Unfreeze(list{p.Parameter})
	}
	for i, s := range slots {
		*s.At = a.Layers[i]
	}
	return a, nil
}

// list are parameters as a module.
type list []*nn.Parameter

func (l list) Parameters() []*nn.Parameter { return l }

// Parameters returns those that training changes: the As and Bs, and those of ModulesToSave.
func (a *Adapters) Parameters() []*nn.Parameter {
	var all []*nn.Parameter
	for _, l := range a.Layers {
		all = append(all, l.A, l.B)
	}
	for _, p := range a.saved {
		all = append(all, p.Parameter)
	}
	return all
}

// String says how many parameters are trained of how many, as peft's print_trainable_parameters.
func (a *Adapters) String() string {
	trained, all := 0, 0
	seen := map[*dl.Tensor]bool{}
	for _, p := range append(a.model.Parameters(), a.Parameters()...) {
		if !seen[p.Value] {
			seen[p.Value] = true
			all += p.Value.Size()
			if !p.Frozen {
				trained += p.Value.Size()
			}
		}
	}
	state := ""
	if a.merged {
		state = ", merged"
	}
	return fmt.Sprintf("LoRA of rank %d at %d matrices: %d of %d parameters are trained, %.4g %%%s",
		a.Config.Rank, len(a.Layers), trained, all, 100*float64(trained)/float64(max(all, 1)), state)
}

// Merge adds the additions to the weights of the model, so that it computes as fast as before; training would change
// what is no longer looked at. [Adapters.Unmerge] takes them out again, up to the rounding of float32.
func (a *Adapters) Merge() error {
	switch {
	case a.gone:
		return errors.New("lora: the adapters are off the model already")
	case a.merged:
		return nil
	}
	for i, l := range a.Layers { // before any is changed
		base, ok := l.Base.(*lm.Linear)
		if !ok {
			return fmt.Errorf("lora: %s is a %T, to which nothing can be added; keep its addition apart", a.slots[i].Name, l.Base)
		}
		if d := base.Weight.Value.DType(); d != dl.Float32 && d != dl.Float64 {
			return fmt.Errorf("lora: %s is kept as %v, which would round the addition away; load the model without lm.LoadOptions.Half", a.slots[i].Name, d)
		}
	}
	a.apply(1)
	return nil
}

// Unmerge takes merged additions out of the weights again.
func (a *Adapters) Unmerge() {
	if a.merged && !a.gone {
		a.apply(-1)
	}
}

// apply adds the additions to the weights, or subtracts them.
func (a *Adapters) apply(sign float64) {
	for _, l := range a.Layers {
		l.addTo(l.Base.(*lm.Linear), sign)
		l.merged = sign > 0
	}
	a.merged = sign > 0
}

// MergeAndUnload adds the additions to the weights and takes the adapters off: the model is a plain one with what it has
// learned, for [lm.Save].
func (a *Adapters) MergeAndUnload() error {
	if err := a.Merge(); err != nil {
		return err
	}
	a.off()
	return nil
}

// Unload takes the adapters off and leaves the weights as they were before Add, but for ModulesToSave.
func (a *Adapters) Unload() {
	a.Unmerge()
	a.off()
}

// off puts the matrices back into their places, and lets training change what it changed before.
func (a *Adapters) off() {
	for i, s := range a.slots {
		if *s.At == lm.Projection(a.Layers[i]) {
			*s.At = a.Layers[i].Base
		}
	}
	nn.Unfreeze(list(a.frozen))
	a.frozen, a.gone = nil, true
}
