package lm

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// made refuses a model that nothing of this package has made, and one of which a part is missing.
func (s *state) made(op string, tables ...*nn.Parameter) {
	if len(s.slots) == 0 {
		dl.PanicValue(op, "the model is empty: New of a configuration makes one, and Load reads one from a folder")
	}
	s.filled(op)
	for _, t := range tables {
		if t == nil || t.Value == nil {
			dl.PanicValue(op, "a table of the model is nil: of the vectors of its tokens, or of its positions")
		}
	}
}

// filled refuses a model in which nothing stands in the place of a matrix.
func (s *state) filled(op string) {
	for i := range s.slots {
		if *s.slots[i].At == nil {
			dl.PanicValue(op, "nothing stands in the place of %s: it is a Projection, such as a *Linear", s.slots[i].Name)
		}
	}
}

// given panics when something that a function needs is nil.
func given(op, what string, there bool) {
	if !there {
		dl.PanicValue(op, "%s is nil", what)
	}
}

// A quantity is a number of a configuration that is no size.
type quantity struct {
	name  string
	value float64
}

// atLeastZero says which of some numbers is negative or not finite.
func atLeastZero(what string, numbers ...quantity) error {
	for _, n := range numbers {
		if !(n.value >= 0) || math.IsInf(n.value, 0) || n.value > math.MaxFloat32 {
			return fmt.Errorf("lm.%s: %s is %v; it is finite and not negative", what, n.name, n.value)
		}
	}
	return nil
}

// rates says which of some numbers is no rate of dropout.
func rates(what string, numbers ...quantity) error {
	for _, n := range numbers {
		if !(n.value >= 0 && n.value < 1) {
			return fmt.Errorf("lm.%s: %s is %v; it is a rate of dropout, from 0 to below 1", what, n.name, n.value)
		}
	}
	return nil
}
