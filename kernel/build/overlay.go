package build

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// The standard library is compiled for cells anyway, so a few of its files get
// hooks at the places where a package would end the worker, and with it all
// values of the session, and where text is put out. The worker sets them.

// A hook is a change of files of the standard library, named below GOROOT/src.
// When one of them has not the text that is expected, none is changed.
type hook struct {
	files map[string]func(source string) (hooked string, ok bool)
	lack  string // what is so without it
}

var hooks = []hook{exitHooks, printHooks, panicHooks, identityHooks, runHooks, memoryHooks, childHooks, registryHooks}

// hookTexts is what hooks add, as part of what decides how a home is made.
const hookTexts = exitHook + printHook + printCall + panicHook + mutexHook + stillHook + finalizerHook + cleanupHook +
	loadedHook + methodsHook + methodsOfRuntime + madeHook + runHook + coroutineHook + memoryHook + childHook + registryHook + handlerHook

// replaced replaces, one after another, texts that stand in the source once.
func replaced(source string, oldNew ...string) (string, bool) {
	for i := 0; i < len(oldNew); i += 2 {
		if strings.Count(source, oldNew[i]) != 1 {
			return "", false
		}
		source = strings.Replace(source, oldNew[i], oldNew[i+1], 1)
	}
	return source, true
}

// overlayFile names the replaced files of the standard library.
func (h *Home) overlayFile() string { return filepath.Join(h.Dir, "overlay", "overlay.json") }

// writeOverlay makes the files with hooks, and the list of them for the go
// command. A package with an unknown text stays as it is, which h.Lacks notes.
func (h *Home) writeOverlay() error {
	dir := filepath.Dir(h.overlayFile())
	list := map[string]string{}
	for _, hook := range hooks {
		texts := hook.apply(filepath.Join(h.Toolchain.Root, "src"))
		if texts == nil {
			h.Lacks = append(h.Lacks, hook.lack)
		}
		for name, text := range texts {
			original := filepath.Join(h.Toolchain.Root, "src", filepath.FromSlash(name))
			replacement := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(replacement), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(replacement, []byte(text), 0o644); err != nil {
				return err
			}
			list[original] = replacement
		}
	}
	if len(list) == 0 {
		return os.RemoveAll(dir)
	}
	b, err := json.Marshal(map[string]map[string]string{"Replace": list})
	if err != nil {
		return err
	}
	return os.WriteFile(h.overlayFile(), b, 0o644)
}

// apply returns the changed files by name, nil when one of those in src has
// another text, or when the installation has no sources.
func (h hook) apply(src string) map[string]string {
	texts := map[string]string{}
	for name, change := range h.files {
		source, err := os.ReadFile(filepath.Join(src, filepath.FromSlash(name)))
		if err != nil {
			return nil
		}
		text, ok := change(string(source))
		if !ok {
			return nil
		}
		texts[name] = text
	}
	return texts
}

// overlay is the flag of go commands that compile for cells.
func (h *Home) overlay() []string {
	if _, err := os.Stat(h.overlayFile()); err != nil {
		return nil
	}
	return []string{"-overlay=" + h.overlayFile()}
}
