package dist

import (
	"testing"

	"modelbook/dl"
)

// Where a part of the memory that a parameter needs is missing, the rest of it is there for others.
func TestMemoryForAPartOfWhatIsNeededIsGivenBack(t *testing.T) {
	const n = 6
	for _, missing := range []int{n * 2, n, 2 * apart} {
		c := &Comm{size: 2}
		c.memory.none = true // but for what is free
		for _, size := range []int{n, n * 2, n, 2 * apart} {
			c.giveBack(make([]float32, size))
		}
		c.memory.free[missing] = c.memory.free[missing][1:]
		before := len(c.memory.free[n])
		s := newShare(c, dl.Ones(3, 2))
		s.join()
		if s.common == nil || s.near() {
			t.Fatalf("without %d values the parameter lies in common: %v, gradients: %v", missing, s.common != nil, s.near())
		}
		for _, size := range []int{n * 2, 2 * apart} {
			if want := 1; size != missing && len(c.memory.free[size]) != want {
				t.Errorf("without %d values, %d pieces of %d are free, want %d", missing, len(c.memory.free[size]), size, want)
			}
		}
		if got := len(c.memory.free[n]); got != before-1 { // the parameter lies in one
			t.Errorf("without %d values, %d pieces of %d are free, want %d", missing, got, n, before-1)
		}
		s.separate()
		if got := len(c.memory.free[n]); got != before {
			t.Errorf("without %d values, %d pieces of %d are free after all, want %d", missing, got, n, before)
		}
	}
}
