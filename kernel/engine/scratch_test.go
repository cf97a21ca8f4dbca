package engine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScratchOfTheDeadIsRemoved(t *testing.T) {
	temp := t.TempDir()
	dead, live := newTestScratch(t, temp), newTestScratch(t, temp)
	if err := dead.lock.Close(); err != nil { // what the end of a process does
		t.Fatal(err)
	}
	other := filepath.Join(temp, scratchPrefix+"mine")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	last := newTestScratch(t, temp)
	for dir, want := range map[string]bool{dead.dir: false, live.dir: true, last.dir: true, other: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: exists %v, want %v", dir, err == nil, want)
		}
	}
}

func newTestScratch(t *testing.T, temp string) *scratch {
	t.Helper()
	s, err := newScratch(temp)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
