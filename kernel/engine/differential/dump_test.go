package differential

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	g := newSequence(*first)
	os.WriteFile("/tmp/differential/dump.go", []byte(g.file()), 0o644)
	for i, c := range g.cells {
		t.Logf("cell %d\n%s", i+1, c.code())
	}
}

func TestPrograms(t *testing.T) {
	var all []*sequence
	n := 0
	kinds := map[string]int{}
	for i := 0; i < *count; i++ {
		all = append(all, newSequence(*first+uint64(i)))
		n += len(all[i].cells)
		for _, a := range all[i].actions {
			kinds[a.does]++
		}
	}
	t.Log(n, "cells", kinds)
	_, err := runProgram(t.TempDir(), all)
	if err != nil {
		t.Fatal(err)
	}
}
