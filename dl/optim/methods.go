package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// settings are the fields of an optimizer as its methods need them, with the rule of its step.
type settings struct {
	name      string
	rate      *float64
	byDefault float64 // what a rate of 0 stands for
	decay     float64
	schedule  Schedule
	clip      Clip
	groups    []Group
	rule      rule
}

// optimizer is one of this package: what its settings and its memory do not say, it need not say.
type optimizer interface {
	settings() settings
	check() // panics for settings that no step can be taken with
	remembers() *memory
}

func (m *memory) remembers() *memory { return m }

// baseRate is the learning rate before a schedule.
func (s *settings) baseRate(m *memory) float64 { return m.rate(*s.rate, s.byDefault) }

func rateOf(o optimizer) float64 {
	s, m := o.settings(), o.remembers()
	return s.baseRate(m) * factor(s.schedule, m.step)
}

func setRate(o optimizer, rate float64) { o.remembers().set(o.settings().rate, rate) }

func stateOf(o optimizer) State {
	s, m := o.settings(), o.remembers()
	return m.state(s.name, s.baseRate(m), s.groups, s.rule.slots()...)
}

func setState(o optimizer, state State) error {
	s := o.settings()
	if err := o.remembers().restore(state, s.name, s.rule.slots()...); err != nil {
		return err
	}
	setRate(o, state.Rate)
	return nil
}

func ownersOf(o optimizer) []*dl.Tensor { return o.remembers().whose(o.settings().groups) }

func setOwners(o optimizer, parameters []*dl.Tensor) error {
	s := o.settings()
	return o.remembers().give(parameters, s.groups, s.rule)
}

func step(o optimizer, parameters []*dl.Tensor) {
	o.check()
	s, m := o.settings(), o.remembers()
	s.clip.check()
	m.begin(s.name, parameters, s.groups, s.rule)
	rate := s.baseRate(m) * factor(s.schedule, m.step)
	if !(rate >= 0) || math.IsInf(rate, 1) {
		dl.PanicValue("optim."+s.name, "the rate of step %d is %v, from a LearningRate of %v; it is a number, and not negative", m.step+1, rate, s.baseRate(m))
	}
	m.clip(s.clip, s.groups)
	m.update(s.rule, rate, s.decay)
}

func init() {
	gradient.Elementwise = func(o any) bool {
		own, ok := o.(optimizer)
		if !ok {
			return false
		}
		s := own.settings()
		_, each := s.rule.(elementwise)
		_, all := s.rule.(whole)
		_, chooses := s.rule.(chooser)
		for _, g := range s.groups {
			each = each && g.Clip == Clip{}
		}
		return each && !all && !chooses && s.clip == Clip{}
	}
}
