package build

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestHookExit(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(runtime.GOROOT(), "src", "os", "proc.go"))
	if err != nil {
		t.Fatal(err)
	}
	hooked, ok := hookExit(string(source))
	if !ok || strings.Count(hooked, "modelbookExit(code)") != 1 {
		t.Errorf("os.Exit of %s gets no hook", runtime.Version())
	}
	if _, ok := hookExit("package os\n\nfunc Exit(code int) {\n}\n"); ok {
		t.Error("another text is changed")
	}
}
