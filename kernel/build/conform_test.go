package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/kernel/build"
)

// A Go release on which TestFacts fails must not be listed as supported.

func TestFacts(t *testing.T) {
	h := build.SmallHome(t)
	for _, thin := range []bool{true, false} {
		err := h.Try(context.Background(), thin)
		if err != nil {
			t.Errorf("thin %v: %v", thin, err)
		}
	}
}

func TestCompileErrorsNameCellAndLine(t *testing.T) {
	b, err := build.NewBuilder(build.SmallHome(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Build(context.Background(), build.Plugin{Cell: 4, Files: []build.File{{Name: "a.go", Text: "package sess\nfunc f() {\n/*line cell[4]:7:3*/x := 1\n}\n"}}})
	var bad *build.CompileError
	if !errors.As(err, &bad) || len(bad.Messages) != 1 || bad.Messages[0] != (build.Message{Cell: 4, Line: 7, Col: 3, Text: "declared and not used: x"}) {
		t.Errorf("error %v", err)
	}
}

func TestSecondPreparationIsInstant(t *testing.T) {
	h := build.SmallHome(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	err = build.PrepareFor(context.Background(), root, h.Dir, h.Listed, func(step string, done, total int) { steps = append(steps, step) })
	if err != nil || strings.Join(steps, ",") != "compiled ahead" {
		t.Errorf("steps %v, error %v", steps, err)
	}
}

func TestPrepareNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"no source tree", t.TempDir(), "not modelbook's source tree"},
	} {
		err := build.Prepare(context.Background(), c.source, t.TempDir(), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if err := build.Check(t.TempDir()); err == nil || !strings.Contains(err.Error(), "modelbook install") {
		t.Errorf("Check of an empty folder: %v", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = build.PrepareFor(context.Background(), root, t.TempDir(), []string{"fmt", "modelbook/dl/nosuch"}, nil)
	if err == nil || !strings.Contains(err.Error(), "modelbook/dl/nosuch") {
		t.Errorf("a missing package: %v", err)
	}
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, "manifest.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err = build.PrepareFor(ctx, root, half, []string{"fmt"}, func(step string, done, total int) {
		if step == "copying sources" {
			cancel()
		}
	})
	if _, e := build.OpenHome(half); err == nil || e == nil {
		t.Errorf("a home that is half made passes for the one before: %v, %v", err, e)
	}
}

// A module in the plain worker could be there in one version only, and a
// restart would not help a cell that needs another.
func TestPlainWorkerHoldsNoModules(t *testing.T) {
	for _, p := range build.SmallHome(t).InPlain {
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			t.Errorf("the plain worker is linked with %s", p)
		}
	}
}
