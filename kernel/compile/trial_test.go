package compile_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"modelbook/kernel/compile"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

// A Go release with which TestFacts fails must not be among toolchain.Releases.
func TestFacts(t *testing.T) {
	h := testhome.Small(t)
	for _, thin := range []bool{true, false} {
		err := compile.Try(context.Background(), h, thin)
		if err != nil {
			t.Errorf("thin %v: %v", thin, err)
		}
	}
}

func TestCompileErrorsNameCellAndLine(t *testing.T) {
	c := newCompiler(t, testhome.Small(t))
	_, err := c.Build(context.Background(), compile.Plugin{Cell: 4, Files: []compile.File{{Name: "a.go", Text: "package sess\nfunc f() {\n/*line cell[4]:7:3*/x := 1\n}\n"}}})
	var bad *toolchain.CompileError
	if !errors.As(err, &bad) || len(bad.Messages) != 1 || bad.Messages[0] != (toolchain.Message{Cell: 4, Line: 7, Col: 3, Text: "declared and not used: x"}) {
		t.Errorf("error %v", err)
	}
}

func newCompiler(t *testing.T, h *toolchain.Home) *compile.Compiler {
	t.Helper()
	packages, err := toolchain.NewPackages(h)
	if err != nil {
		t.Fatal(err)
	}
	return compile.New(h, packages, t.TempDir())
}

// TestUnknownRelease makes the present release an unknown one, with all outcomes of
// the trial of the facts.
func TestUnknownRelease(t *testing.T) {
	home := testhome.Small(t)
	known := toolchain.Releases
	defer func() { toolchain.Releases = known }()
	all := *compile.Facts
	defer func() { *compile.Facts = all }()
	good, bad := all[:1], compile.BadFacts
	for _, c := range []struct {
		name                       string
		known                      []string
		facts                      []compile.Fact
		withoutThin                bool
		refused                    string
		tried, usual               bool
		linking, checked, notThere string
	}{
		{name: "known", known: known, facts: good, usual: true, linking: "against the worker"},
		{name: "known, full links only", known: known, facts: good, withoutThin: true, linking: "in full", notThere: "not among"},
		{name: "unknown", known: []string{"go1.26000"}, facts: good, tried: true, linking: "not among the Go releases tried with this modelbook (go1.26000), but it does what cells need"},
		{name: "unknown, full links only", known: []string{"go1.26000"}, facts: good, withoutThin: true, tried: true, linking: "in full"},
		{name: "unknown, facts fail", known: []string{"go1.26000"}, facts: bad, refused: "cells do not work with it"},
	} {
		h := *home
		h.Full, h.Tried = "", false
		if c.withoutThin {
			h.InWorker = nil
		}
		toolchain.Releases, *compile.Facts = c.known, c.facts
		err := compile.Decide(context.Background(), &h)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), h.Toolchain.GOVERSION+" is not among") {
				t.Errorf("%s: error %v", c.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		how, usual := h.Linking()
		if h.Tried != c.tried || (h.Full != "") != c.withoutThin || usual != c.usual || !strings.Contains(how, c.linking) || c.notThere != "" && strings.Contains(how, c.notThere) {
			t.Errorf("%s: tried %v, full %q, %q, usual %v", c.name, h.Tried, h.Full, how, usual)
		}
		// And cells do work: the facts once more, linked as a cell would be.
		if err := newCompiler(t, &h).Try(context.Background(), good[0]); err != nil {
			t.Errorf("%s: a cell: %v", c.name, err)
		}
	}
	// A home of a release that was never tried is no home.
	toolchain.Releases, *compile.Facts = []string{"go1.26000"}, all
	if err := toolchain.CheckHome(home.Dir); err == nil || !strings.Contains(err.Error(), "is not among the Go releases tried") {
		t.Errorf("CheckHome of an untried release: %v", err)
	}
}
