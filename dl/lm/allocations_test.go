//go:build !race && !checked

package lm

import "testing"

// A step in its steady state allocates next to nothing: sixteen bytes a result by which the arena notices late use.
func TestStepsAllocateNothing(t *testing.T) {
	for _, name := range decoders {
		m := open(t, name)
		s := NewSession(m, 1, 64)
		if err := s.Prompt([][]int{{1, 2, 3}}); err != nil {
			t.Fatal(err)
		}
		next := []int{5}
		step := func() {
			if err := s.Step(next); err != nil {
				t.Fatal(err)
			}
			s.Truncate(3)
		}
		step()
		if n := testing.AllocsPerRun(20, step); n > 10 {
			t.Errorf("%s: %v allocations a token", name, n)
		}
	}
}
