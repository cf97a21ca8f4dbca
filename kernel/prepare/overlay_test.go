package prepare

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"modelbook/kernel/toolchain"
	"modelbook/kernel/toolchain/hook"
)

// Of an installation with one file of another text, all hooks but the one of that
// file are made.
func TestOverlayLeavesOutWhatDoesNotFit(t *testing.T) {
	root := t.TempDir()
	link := func(from, to string) {
		t.Helper()
		entries, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	const other = "runtime/mfinal.go"
	src := filepath.Join(root, "src")
	link(filepath.Join(runtime.GOROOT(), "src"), src)
	if err := os.Remove(filepath.Join(src, "runtime")); err != nil {
		t.Fatal(err)
	}
	link(filepath.Join(runtime.GOROOT(), "src", "runtime"), filepath.Join(src, "runtime"))
	if err := os.Remove(filepath.Join(src, other)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, other), []byte("package runtime\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	h := &toolchain.Home{Dir: t.TempDir(), Manifest: toolchain.Manifest{Toolchain: toolchain.Toolchain{Root: root}}}
	if err := writeOverlay(h); err != nil || len(h.Lacks) != 1 || !strings.Contains(h.Lacks[0], "panic") {
		t.Errorf("the home lacks %q, error %v", h.Lacks, err)
	}
	b, err := os.ReadFile(h.Overlay())
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Replace map[string]string }
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	if list.Replace[filepath.Join(src, "os", "proc.go")] == "" || list.Replace[filepath.Join(src, other)] != "" {
		t.Errorf("replaced are %v", list.Replace)
	}

	h = &toolchain.Home{Dir: t.TempDir(), Manifest: toolchain.Manifest{Toolchain: toolchain.Toolchain{Root: t.TempDir()}}}
	if err := writeOverlay(h); err != nil || len(h.Lacks) != len(hook.All) {
		t.Errorf("without sources the home lacks %q, error %v", h.Lacks, err)
	}
	if _, err := os.Stat(h.Overlay()); !os.IsNotExist(err) {
		t.Errorf("without sources there is an overlay: %v", err)
	}
}
