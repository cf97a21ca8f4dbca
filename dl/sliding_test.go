package dl

import "testing"

// Elements that are one in several windows cannot be set, those of windows that are apart can.
func TestOverlappingWindowsCannotBeSet(t *testing.T) {
	x := New(Float32, 6)
	if err := Try(func() { x.Unfold(0, 3, 1).Fill(1) }); err == nil {
		t.Error("overlapping windows were set")
	}
	x.Unfold(0, 2, 2).Fill(1)
	x.Reshape(2, 3).T().Fill(2)
	x.Reshape(1, 6).Expand(1, 6).Fill(3)
	if x.Sum().Item() != 18 {
		t.Error(x)
	}
}

// Folding what was unfolded counts the windows that see a pixel; a step in an arena allocates nothing.
func TestUnfoldAllocatesNothing(t *testing.T) {
	x := input(1, 4, 16, 8, 3).To(Float32).RequireGrad()
	o := WindowOptions{Size: [2]int{3, 3}, Padding: Pad2D(1, 1), Stride: [2]int{2, 1}}
	arena := NewArena()
	for name, f := range map[string]func() *Tensor{
		"Unfold":          func() *Tensor { return x.Reshape(4, 16, 24).Unfold(1, 4, 3) },
		"dl.Unfold, Fold": func() *Tensor { return Fold(Unfold(x, o), 16, 8, o) },
	} {
		step := func() {
			x.ZeroGrad()
			f().Sum().Backward()
		}
		for range 3 {
			arena.Run(step)
		}
		if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n >= 1 && countable() {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
