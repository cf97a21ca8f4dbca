package build

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUnknownRelease makes the release that runs an unknown one, and lets the
// trial of the facts come out in all ways.
func TestUnknownRelease(t *testing.T) {
	home := SmallHome(t)
	good := facts[:1]
	bad := slices.Clone(good)
	bad[0].cells = []factCell{{"func run() { print(1) }", "2", nil}}
	known, all := supported, facts
	defer func() { supported, facts = known, all }()
	for _, c := range []struct {
		name                       string
		known                      []string
		facts                      []fact
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
		supported, facts = c.known, c.facts
		err := h.tryAll(context.Background())
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
		// And cells do work: the facts once more, as a cell would be linked.
		b, err := NewBuilder(&h, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.tryFact(context.Background(), b, good[0]); err != nil {
			t.Errorf("%s: a cell: %v", c.name, err)
		}
	}
	// A home of a release that was never tried is no home.
	supported, facts = []string{"go1.26000"}, all
	if err := Check(home.Dir); err == nil || !strings.Contains(err.Error(), "is not among the Go releases tried") {
		t.Errorf("Check of an untried release: %v", err)
	}
}

func TestLinkRoot(t *testing.T) {
	dir := t.TempDir()
	cache, home := filepath.Join(dir, "cache"), filepath.Join(dir, "home")
	fetched := filepath.Join(cache, "golang.org", "toolchain@v0.0.1-go1.99.1.linux-amd64")
	for _, d := range []string{fetched, home, filepath.Join(dir, "cache-of-another")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		tc := Toolchain{GOROOT: fetched, Root: fetched, GOMODCACHE: cache, GOVERSION: "go1.99.1"}
		if err := tc.linkRoot(home); err != nil {
			t.Fatal(err)
		}
		real, err := filepath.EvalSymlinks(tc.Root)
		if want := filepath.Join(home, "go1.99.1"); tc.Root != want || err != nil || real != fetched || tc.GOROOT != fetched {
			t.Errorf("%+v, %v, %v; want %s", tc, real, err, want)
		}
	}
	for _, root := range []string{"/usr/lib/go", filepath.Join(dir, "cache-of-another")} {
		tc := Toolchain{GOROOT: root, Root: root, GOMODCACHE: cache, GOVERSION: "go1.99.2"}
		if err := tc.linkRoot(home); err != nil || tc.Root != root {
			t.Errorf("%+v, %v", tc, err)
		}
	}
}
