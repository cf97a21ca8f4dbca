package build

import (
	"os/exec"
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
