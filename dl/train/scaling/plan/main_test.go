package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tables of SCALING.md are those that the command prints.
func TestTables(t *testing.T) {
	page, err := os.ReadFile("../SCALING.md")
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := filepath.Glob("../testdata/*.json")
	if err != nil || len(profiles) != 2 {
		t.Fatalf("profiles %v, %v", profiles, err)
	}
	for _, path := range profiles {
		for _, faster := range []float64{1, 16} {
			s := usual
			s.faster = faster
			var b strings.Builder
			if err := s.print(&b, path); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(page), strings.TrimSpace(b.String())) {
				t.Errorf("SCALING.md has not the tables of %s, %g times as fast; they are\n%s", path, faster, b.String())
			}
		}
	}
}

func TestNoProfile(t *testing.T) {
	if err := usual.print(&strings.Builder{}, "nothing.json"); err == nil {
		t.Error("no error of a profile that is not there")
	}
}
