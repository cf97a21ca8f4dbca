package build

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// os.Exit in a package that a cell calls would end the worker, and with it all
// values of the session. The standard library is compiled for cells anyway, so
// package os gets a hook at the start of Exit, which the worker sets.

const exitHook = `

// modelbookExit, when set, is called in place of an exit; it does not return.
//
//go:linkname modelbookExit
var modelbookExit func(code int)
`

// hookExit adds the hook to the source text of os/proc.go; ok is false when
// the text is not as expected.
func hookExit(source string) (hooked string, ok bool) {
	const imports, exit = "\nimport (\n", "\nfunc Exit(code int) {\n"
	if strings.Count(source, imports) != 1 || strings.Count(source, exit) != 1 {
		return "", false
	}
	source = strings.Replace(source, imports, imports+"\t_ \"unsafe\"\n", 1)
	return strings.Replace(source, exit, exit+"\tif modelbookExit != nil {\n\t\tmodelbookExit(code)\n\t}\n", 1) + exitHook, true
}

// overlayFile names the replaced files of the standard library.
func (h *Home) overlayFile() string { return filepath.Join(h.Dir, "overlay", "overlay.json") }

// writeOverlay replaces os/proc.go in what is compiled for cells. With an
// unknown text of it there is no overlay.
func (h *Home) writeOverlay() error {
	original := filepath.Join(h.Toolchain.GOROOT, "src", "os", "proc.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return nil // an installation without sources
	}
	hooked, ok := hookExit(string(text))
	if !ok {
		return os.RemoveAll(filepath.Dir(h.overlayFile()))
	}
	replacement := filepath.Join(filepath.Dir(h.overlayFile()), "proc.go")
	if err := os.MkdirAll(filepath.Dir(replacement), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(replacement, []byte(hooked), 0o644); err != nil {
		return err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {original: replacement}})
	if err != nil {
		return err
	}
	return os.WriteFile(h.overlayFile(), list, 0o644)
}

// overlay is the flag of go commands that compile for cells.
func (h *Home) overlay() []string {
	if _, err := os.Stat(h.overlayFile()); err != nil {
		return nil
	}
	return []string{"-overlay=" + h.overlayFile()}
}
