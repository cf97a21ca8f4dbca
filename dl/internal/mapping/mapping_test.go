package mapping

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, want := range []string{"", "weights"} {
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Private(f)
		if err != nil || string(got) != want {
			t.Fatalf("%q, want %q (%v)", got, want, err)
		}
		f.Close() // the mapping stays
		if want == "" {
			continue
		}
		got[0] = 'W'
		if in, err := os.ReadFile(path); err != nil || string(in) != want {
			t.Errorf("a write to the mapping is in the file: %q (%v)", in, err)
		}
		if err := syscall.Munmap(got); err != nil {
			t.Error(err)
		}
	}
	f, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := Private(f); err == nil {
		t.Error("a folder is mapped")
	}
}
