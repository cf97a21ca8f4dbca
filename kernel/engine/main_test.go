package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/prepare"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

func init() { slowBuild = time.Hour } // tests run on machines of any speed

// prepared makes the home of a list of packages, once a machine: it is kept
// in the user's cache folder and made anew when sources or toolchain change.
func prepared(t testing.TB, name string, list []string) string {
	t.Helper()
	home, root, err := testhome.Path(name)
	if err != nil {
		t.Fatal(err)
	}
	step := ""
	err = prepare.HomeWith(context.Background(), root, home, list, func(s string, done, total int) {
		if s != step {
			t.Log(s)
			step = s
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return home
}

// newEngine starts an engine whose cells have the libraries, not modelbook's
// own packages.
func newEngine(t testing.TB) *Engine {
	t.Helper()
	return newEngineAt(t, prepared(t, "libraries", toolchain.Libraries()))
}

func newEngineAt(t testing.TB, home string) *Engine {
	t.Helper()
	e, err := New(Config{Home: home, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// record is what a cell put out.
type record struct {
	mu             sync.Mutex
	stdout, stderr string
	results        []string  // as text
	shown          []Display // with all their types
	displays       []Display
	answers        []string // to input requests
	onText         func()   // called when text arrives
	err            *CellError
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
func (r *record) Display(d Display) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.displays = append(r.displays, d)
}
func (r *record) Result(d Display) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, fmt.Sprint(d.Data["text/plain"]))
	r.shown = append(r.shown, d)
}
func (r *record) Clear(bool) { r.Stream("stdout", "[clear]") }
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

func (r *record) text() (stdout, stderr string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stdout, r.stderr
}

// notebook runs cells and numbers them.
type notebook struct {
	t testing.TB
	*Engine
	n int
}

// open starts a notebook beside those of other tests.
func open(t *testing.T) *notebook {
	t.Parallel()
	return alone(t)
}

// alone starts a notebook with the machine to itself, for tests of timing.
func alone(t *testing.T) *notebook { return &notebook{t: t, Engine: newEngine(t)} }

// try runs a cell that may fail.
func (nb *notebook) try(code string) (*record, *CellError) {
	nb.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return nb.tryContext(ctx, code)
}

func (nb *notebook) tryContext(ctx context.Context, code string) (*record, *CellError) {
	nb.t.Helper()
	return nb.tryInto(ctx, code, &record{})
}

func (nb *notebook) tryInto(ctx context.Context, code string, out *record) (*record, *CellError) {
	nb.t.Helper()
	nb.n++
	err := nb.Execute(ctx, Request{Code: code, Cell: nb.n}, out)
	if err == nil {
		return out, nil
	}
	var cellErr *CellError
	if !errors.As(err, &cellErr) {
		nb.t.Fatalf("cell %d: error is a %T, not a *CellError", nb.n, err)
	}
	out.err = cellErr
	return out, cellErr
}

// run runs a cell that must succeed.
func (nb *notebook) run(code string) *record {
	nb.t.Helper()
	out, err := nb.try(code)
	if err != nil {
		nb.t.Fatalf("cell %d failed: %v\n%s\nstderr: %s", nb.n, err, strings.Join(err.Traceback, "\n"), out.stderr)
	}
	return out
}

// prints runs a cell and compares stdout.
func (nb *notebook) prints(code, want string) {
	nb.t.Helper()
	if got := nb.run(code).stdout; got != want {
		nb.t.Errorf("cell %d prints %q, want %q\n%s", nb.n, got, want, code)
	}
}

// shows runs a cell and compares the values it shows.
func (nb *notebook) shows(code string, want ...string) {
	nb.t.Helper()
	if got := nb.run(code).results; !slices.Equal(got, want) {
		nb.t.Errorf("cell %d shows %q, want %q\n%s", nb.n, got, want, code)
	}
}

// fails runs a cell that must fail with an error of a name, and whose
// traceback contains texts.
func (nb *notebook) fails(code, name string, texts ...string) *record {
	nb.t.Helper()
	out, err := nb.try(code)
	if err == nil {
		nb.t.Fatalf("cell %d succeeds, want %s\n%s", nb.n, name, code)
	}
	trace := plainText(strings.Join(err.Traceback, "\n"))
	if err.Name != name {
		nb.t.Errorf("cell %d fails with %s, want %s\n%s", nb.n, err.Name, name, trace)
	}
	for _, text := range texts {
		if !strings.Contains(trace, text) {
			nb.t.Errorf("cell %d: traceback lacks %q:\n%s", nb.n, text, trace)
		}
	}
	return out
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func plainText(s string) string { return colours.ReplaceAllString(s, "") }
