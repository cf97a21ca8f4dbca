package build_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"modelbook/kernel/build"
)

// A Go release on which TestFacts fails must not be listed as supported.

// smallHome is a home with hardly any packages, kept between runs.
func smallHome(t *testing.T) *build.Home {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(root + runtime.Version()))
	dir := filepath.Join(cache, "modelbook-test", "small-"+hex.EncodeToString(sum[:6]))
	if err := build.PrepareFor(context.Background(), root, dir, []string{"fmt", "time", "context", "unicode"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := build.Check(dir); err != nil {
		t.Fatal(err)
	}
	h, err := build.OpenHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestFacts(t *testing.T) {
	h := smallHome(t)
	for _, thin := range []bool{true, false} {
		err := h.Try(context.Background(), thin)
		if thin && !strings.HasPrefix(runtime.Version(), "go1.26") {
			// Not known to work there yet: cells are linked in full.
			if (err == nil) != h.Thin {
				t.Errorf("thin links: %v, the home says %v", err, h.Thin)
			}
			continue
		}
		if err != nil {
			t.Errorf("thin %v: %v", thin, err)
		}
	}
}

func TestCompileErrorsNameCellAndLine(t *testing.T) {
	b, err := build.NewBuilder(smallHome(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Build(context.Background(), build.Plugin{Cell: 4, Files: []build.File{{Name: "a.go", Text: "package nb\nfunc f() {\n/*line cell[4]:7:3*/x := 1\n}\n"}}})
	var bad *build.CompileError
	if !errors.As(err, &bad) || len(bad.Messages) != 1 || bad.Messages[0] != (build.Message{Cell: 4, Line: 7, Col: 3, Text: "declared and not used: x"}) {
		t.Errorf("error %v", err)
	}
}

func TestSecondPreparationIsInstant(t *testing.T) {
	h := smallHome(t)
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
}
