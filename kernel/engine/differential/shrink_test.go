package differential

import (
	"slices"
	"testing"
	"time"
)

// shrinkFor is how long a difference is made shorter.
const shrinkFor = 90 * time.Second

// shrink leaves out of a sequence what a difference does not need: first all
// behind it, then cells, then single actions. It returns nil if the sequence
// by itself does not differ.
func shrink(t *testing.T, found *difference) *difference {
	var best *difference
	end := time.Now().Add(shrinkFor)
	try := func(actions []action) bool {
		if time.Now().After(end) {
			return false
		}
		d := alone(t, found.replay(actions))
		if d == nil || best != nil && d.cell > best.cell {
			return false
		}
		best = d
		return true
	}
	if !try(found.actions) {
		return nil
	}
	for size := best.cell; size > 0; size /= 2 { // so many cells at once
		for k := best.cell - size; k > -size; k -= size {
			cells := best.cellsOfActions()
			if k+size > best.cell {
				continue
			}
			out := cells[max(0, k) : k+size]
			try(slices.DeleteFunc(slices.Clone(best.actions), func(a action) bool {
				return slices.Contains(out, a.cell) || a.cell > cells[best.cell]
			}))
		}
	}
	for i := len(best.actions) - 1; i >= 0; i-- {
		if i < len(best.actions) {
			try(slices.Delete(slices.Clone(best.actions), i, i+1))
		}
	}
	return best
}

// cellsOfActions are the numbers of the cells that actions made.
func (g *sequence) cellsOfActions() []int {
	var all []int
	for _, a := range g.actions {
		if !slices.Contains(all, a.cell) {
			all = append(all, a.cell)
		}
	}
	return all
}

// alone runs one sequence in a worker of its own. What cannot be run does not
// differ.
func alone(t *testing.T, g *sequence) *difference {
	want, err := runProgram(t.TempDir(), []*sequence{g})
	if err != nil {
		t.Log(err)
		return nil
	}
	r, err := newRunner(t)
	if err != nil {
		t.Log(err)
		return nil
	}
	defer r.Close()
	return r.run(g, want)
}
