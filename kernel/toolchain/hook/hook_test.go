package hook

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The calls of the hooks, which the changed files must have.
var hookCalls = map[string]string{
	"os/proc.go":                   "\tif modelbookExit != nil {\n\t\tmodelbookExit(code)\n",
	"os/file.go":                   writeCall,
	"runtime/panic.go":             "\t}\n\tmodelbookUnrecovered(&p)\n",
	"runtime/mfinal.go":            "\t\t\t\tmodelbookFinalizer(unsafe.Pointer(f.fn), frame, ",
	"runtime/mcleanup.go":          "\t\t\tmodelbookCleanup(c)\n",
	"runtime/plugin.go":            "\t\tmodelbookLoaded(unsafe.Pointer(md), ",
	"runtime/iface.go":             "\ttyp := modelbookMethods(m.Type)\n",
	"reflect/type.go":              "\tV = modelbookMethods(V)\n",
	"reflect/value.go":             "\t\tnewest := modelbookMethods(v.typ())\n",
	"runtime/runtime2.go":          "\tmodelbookRun    unsafe.Pointer\n",
	"runtime/proc.go":              "\tnewg.modelbookRun = modelbookInherit(callergp, newg)\n",
	"runtime/coro.go":              coroutineHook,
	"runtime/malloc.go":            "\t\tmodelbookAsk(size)\n",
	"runtime/map.go":               "\t\tmodelbookAsk(n * ",
	"syscall/exec_unix.go":         "\tmodelbookTell(pid, err)\n\treturn pid, 0, err\n",
	"internal/reflectlite/type.go": "\tV = modelbookMethods(V)\n",
	"encoding/gob/type.go":         "; modelbookTakes(name, taken && old != ut.user) && taken {\n",
	"expvar/expvar.go":             "\tif modelbookTakes(name, dup) && dup {\n",
	"net/http/server.go":           "\tif mux.modelbookReplace(pat, handler) {\n",
	"net/rpc/server.go":            "\tif modelbookTakes(sname, dup) && dup {\n",
	"database/sql/sql.go":          "!modelbookTakes(name, dup) && dup {\n",
	"runtime/pprof/pprof.go":       "!modelbookTakes(name, dup) && dup {\n",
}

func TestHooksFitThisToolchain(t *testing.T) {
	src := filepath.Join(runtime.GOROOT(), "src")
	var changed []string
	for _, h := range All {
		for name, text := range h.Apply(src) {
			changed = append(changed, name)
			if strings.Count(text, hookCalls[name]) != 1 {
				t.Errorf("%s of %s gets no hook", name, runtime.Version())
			}
		}
	}
	if slices.Sort(changed); !slices.Equal(changed, slices.Sorted(maps.Keys(hookCalls))) {
		t.Errorf("changed for %s: %v", runtime.Version(), changed)
	}
}

func TestHooksLeaveAnotherTextAlone(t *testing.T) {
	src := t.TempDir()
	for _, h := range All {
		for name := range h.files {
			text, err := os.ReadFile(filepath.Join(runtime.GOROOT(), "src", name))
			if err != nil {
				t.Fatal(err)
			}
			if name == "runtime/mfinal.go" { // one file of three
				text = []byte("package runtime\n")
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(src, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(src, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := panicHooks.Apply(src); got != nil {
		t.Errorf("with an unknown mfinal.go %d files of package runtime are changed", len(got))
	}
	if got := exitHooks.Apply(src); len(got) != 1 {
		t.Error("package os is not changed, although its text is known")
	}
	if got := exitHooks.Apply(t.TempDir()); got != nil {
		t.Error("an installation without sources is changed")
	}
}
