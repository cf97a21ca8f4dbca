package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"modelbook/dl/privacy/sealed"
	"modelbook/kernel/cell"
	"modelbook/kernel/output"
)

// testKey is the text of a key, testPublic that of its public part.
var testKey, testPublic = func() (secret, public string) {
	k, err := sealed.NewKey()
	if err != nil {
		panic(err)
	}
	return k.Secret(), k.String()
}()

// record is a front end that writes down what a cell puts out.
type record struct {
	mu             sync.Mutex
	stdout, stderr string
	displays       []output.Display
	answers        []string // to questions
	onText         func()   // called when text arrives
}

func (r *record) Stream(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "stdout" {
		r.stdout += text
	} else {
		r.stderr += text
	}
	if r.onText != nil {
		r.onText()
	}
}
func (r *record) Display(d output.Display) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.displays = append(r.displays, d)
}
func (r *record) Result(d output.Display) { r.Display(d) }
func (r *record) Clear(bool)              { r.Stream("stdout", "[clear]") }
func (r *record) Input(prompt string, password bool) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.answers) == 0 {
		return "", errors.New("nobody is there")
	}
	a := r.answers[0]
	r.answers = r.answers[1:]
	return a, nil
}

// fakeHost is an engine without a worker, for commands.
type fakeHost struct {
	dir, module string
	env         []string
	decls       []Declaration
	vars        []Variable
	auto        bool
	page        bool // one is connected
	flags       []string
	done        []string // what was asked of it
}

func (h *fakeHost) Dir() string             { return h.dir }
func (h *fakeHost) SetDir(dir string) error { h.dir = dir; return nil }
func (h *fakeHost) ModuleDir() string       { return h.module }
func (h *fakeHost) Environ() []string       { return append(os.Environ(), h.env...) }
func (h *fakeHost) SetEnv(k, v string) error {
	h.env = append(h.env, k+"="+v)
	return nil
}
func (h *fakeHost) Declarations() []Declaration { return h.decls }
func (h *fakeHost) Variables() []Variable       { return h.vars }
func (h *fakeHost) Remove(name string) (string, []string, error) {
	for _, d := range h.decls {
		if d.Name == name {
			h.done = append(h.done, "remove "+name)
			return d.Kind, nil, nil
		}
	}
	return "", nil, nil
}
func (h *fakeHost) Reset(context.Context) error { h.done = append(h.done, "reset"); return nil }
func (h *fakeHost) ResetModule() error          { h.done = append(h.done, "reset module"); return nil }
func (h *fakeHost) SetAutoGet(on bool)          { h.auto = on }
func (h *fakeHost) ConnectPage() bool           { h.done = append(h.done, "connect page"); return h.page }
func (h *fakeHost) PingPage() bool              { return h.page }
func (h *fakeHost) DocumentName(name string, source bool) (map[string]any, bool) {
	return map[string]any{"text/plain": fmt.Sprint(name, " ", source)}, name == "known"
}
func (h *fakeHost) RestartWorker(context.Context) ([]string, error) {
	h.done = append(h.done, "restart")
	return []string{"x", "y"}, nil
}
func (h *fakeHost) RunFile(_ context.Context, name, text string, args []string, out *Output) error {
	h.done = append(h.done, fmt.Sprintf("run %s %q %q", name, text, args))
	return nil
}
func (h *fakeHost) Outside(f func()) { f() }

func (h *fakeHost) History() []string { return []string{"x := 1", "", "x\n!ls"} }
func (h *fakeHost) SetGoFlags(flags []string) ([]string, error) {
	h.flags = flags
	if slices.Contains(flags, "-race") {
		return nil, errors.New("-race does not work with cells")
	}
	return nil, nil
}
func (h *fakeHost) GoFlags() []string       { return h.flags }
func (h *fakeHost) Linking() string         { return "against the worker" }
func (h *fakeHost) Track(path string) error { h.done = append(h.done, "track "+path); return nil }
func (h *fakeHost) Save(path string, key *sealed.Key) (Saved, error) {
	h.done = append(h.done, "save "+path)
	if key != nil {
		h.done = append(h.done, "sealed for "+key.String())
	}
	return Saved{Done: []string{"x"}, Skipped: []Skipped{{Name: "f", Why: "f: a function cannot be written"}}}, nil
}
func (h *fakeHost) LoadSession(_ context.Context, path string, key *sealed.Key, _ *Output) (Saved, error) {
	h.done = append(h.done, "load "+path)
	if key != nil {
		h.done = append(h.done, "opened with "+key.String())
	}
	return Saved{Done: []string{"x", "y"}}, nil
}
func (h *fakeHost) Untrack(path string) error                 { h.done = append(h.done, "untrack "+path); return nil }
func (h *fakeHost) Tracked(context.Context) ([]string, error) { return []string{"/a", "/b&c"}, nil }
func (h *fakeHost) UseWork(_ context.Context, report func(path, dir, before string)) error {
	report("m.org/a", "/a", "")
	report("m.org/b", "/b", "/b")
	return nil
}
func (h *fakeHost) BuildWasm(_ context.Context, c *cell.Cell, consts map[string]string, file string, _ *Output) error {
	h.done = append(h.done, fmt.Sprintf("build %s for %s", filepath.Base(file), consts["GonbWasmUrl"]))
	return os.WriteFile(file, []byte("wasm"), 0o644)
}
func (h *fakeHost) TestPackage(*cell.Cell, bool, bool) (*TestPackage, error) {
	return nil, errors.New("no session")
}
func (h *fakeHost) RankProgram(string, []string, string) (*RankProgram, error) {
	return nil, errors.New("no session")
}
func (h *fakeHost) RunText(_ context.Context, name, text string, _ *Output) error {
	h.done = append(h.done, fmt.Sprintf("%s runs %q", name, text))
	return nil
}
func (h *fakeHost) WasmScript() string { return filepath.Join(h.module, "wasm_exec.js") }

func newFakeHost(t *testing.T) *fakeHost {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &fakeHost{dir: filepath.Join(dir, "cells"), module: filepath.Join(dir, "module"), env: []string{"HOME=" + dir}}
	for _, d := range []string{h.dir, h.module} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// host is the fake as a Host.
func (h *fakeHost) host() Host { return Host{h, h, h, h, h, h, h, h, h} }

// runCell runs the commands of a cell.
func runCell(t *testing.T, ctx context.Context, h *fakeHost, code string, out output.Sink) error {
	t.Helper()
	c, err := cell.Parse(code, 3)
	if err != nil {
		t.Fatal(err)
	}
	run, err := New().Run(ctx, h.host(), c, code, NewOutput(out))
	run.End()
	return err
}
