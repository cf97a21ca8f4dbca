package toolchain

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The go command lists the same packages, but for those that experiments hide.
func TestStandard(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	h := &Home{}
	h.Toolchain.GOROOT = strings.TrimSpace(string(root))
	names := h.Standard()
	out, err := exec.Command("go", "list", "-f", "{{.Name}} {{.ImportPath}}", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if hidden := strings.Contains("/"+path+"/", "/internal/") || strings.HasPrefix(path, "vendor/"); hidden == slices.Contains(names[name], path) {
			t.Errorf("%s %s: listed is %v", name, path, !hidden)
		}
	}
}

// What is not compiled ahead takes several times as long in every cell that
// uses it.
func TestTheStandardLibraryIsCompiledAhead(t *testing.T) {
	out, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	ahead := slices.Concat(Libraries(), Added(&Toolchain{GOVERSION: runtime.Version()}))
	not := []string{"net/http/pprof", "time/tzdata", "plugin", "runtime/cgo", "runtime/race"}
	for _, path := range strings.Fields(string(out)) {
		if hidden := strings.Contains("/"+path+"/", "/internal/") || strings.HasPrefix(path, "vendor/"); hidden || slices.Contains(not, path) {
			continue
		}
		if !slices.Contains(ahead, path) {
			t.Errorf("%s is not compiled ahead", path)
		}
	}
}
