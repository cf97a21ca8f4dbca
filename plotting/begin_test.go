package plotting

import (
	"slices"
	"testing"
)

// The outputs of a training are made by the cell that begins it, and there are no others.
func TestLiveBeginsInItsCell(t *testing.T) {
	var ids []string
	before := notebook.Load()
	SetNotebook(func(_, _ map[string]any, id string) { ids = append(ids, id) })
	defer notebook.Store(before)
	run := halfway()
	o, err := Live().Start(run)
	if err != nil {
		t.Fatal(err)
	}
	begun := slices.Clone(ids)
	if len(begun) != 2 || begun[0] == "" || begun[1] == "" || begun[0] == begun[1] {
		t.Fatalf("outputs when a training begins: %q", begun)
	}
	learned(run)
	if err := o.Epoch(run); err != nil {
		t.Fatal(err)
	}
	if err := o.End(run); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, id := range ids[len(begun):] {
		seen[id] = true
	}
	if len(seen) != 2 || !seen[begun[0]] || !seen[begun[1]] {
		t.Errorf("outputs %q are made, %q are filled", begun, ids[len(begun):])
	}
}
