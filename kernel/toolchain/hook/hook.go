// Package hook changes a few files of Go's standard library for the process
// that runs cells. The library is compiled for cells anyway; the changed copies
// call the worker at the places where a program would otherwise end (os.Exit, a
// panic that nobody recovers, memory that runs out), where text is written, and
// where the runtime makes types and interface tables. A hook is a variable of
// the changed package that the worker sets (kernel/cmd/modelbook-worker,
// kernel/worker/bind, kernel/worker/still); while it is nil, the package behaves
// as Go's own.
//
// The package works on text alone and imports nothing of the project.
//
// To hook another place, add a file with a Hook and list it in All, add its text
// to Texts, and its call to the table of hook_test.go. When a new Go release has
// another text at such a place, TestHooksFitThisToolchain fails: make the
// function in question know both texts, as hookMap and hookLoad do.
package hook

import (
	"os"
	"path/filepath"
	"strings"
)

// A Hook is a change of files of the standard library. It is made to all of its
// files or, when one of them has not the expected text, to none.
type Hook struct {
	files map[string]edit // by name, below GOROOT/src
	// Lack is the sentence that tells users what does not work without it.
	Lack string
}

// An edit adds a hook to the source of a file. ok is false when the source has
// not the text that is expected.
type edit func(source string) (hooked string, ok bool)

// All lists the hooks.
var All = []Hook{exitHooks, stdioHooks, panicHooks, identityHooks, runHooks, memoryHooks, childHooks, registryHooks}

// Texts is all that the hooks add: where it changes, homes must be prepared
// again.
const Texts = exitHook + stdioHook + writeCall + readCall + panicHook + mutexHook + stillHook + finalizerHook + cleanupHook +
	loadedHook + methodsHook + methodsOfRuntime + madeHook + runHook + coroutineHook + memoryHook + childHook + registryHook + handlerHook

// Apply returns the changed files by name. It is nil when one of those below
// src, the folder of the standard library, has another text than expected, or
// when the installation has no sources.
func (h Hook) Apply(src string) map[string]string {
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

// replaced replaces, one after another, texts that occur in the source exactly
// once.
func replaced(source string, oldNew ...string) (string, bool) {
	for i := 0; i < len(oldNew); i += 2 {
		if strings.Count(source, oldNew[i]) != 1 {
			return "", false
		}
		source = strings.Replace(source, oldNew[i], oldNew[i+1], 1)
	}
	return source, true
}

// withUnsafe imports package unsafe, which go:linkname needs.
func withUnsafe(source string) string {
	if strings.Contains(source, "\"unsafe\"\n") {
		return source
	}
	return strings.Replace(source, "\nimport (\n", "\nimport (\n\t_ \"unsafe\"\n", 1)
}
