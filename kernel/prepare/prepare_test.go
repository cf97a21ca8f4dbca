package prepare_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/kernel/prepare"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

func TestSecondPreparationIsInstant(t *testing.T) {
	h := testhome.Small(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	err = prepare.HomeWith(context.Background(), root, h.Dir, h.Listed, func(step string, done, total int) { steps = append(steps, step) })
	if err != nil || strings.Join(steps, ",") != "compiled ahead" {
		t.Errorf("steps %v, error %v", steps, err)
	}
}

func TestPrepareNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"no source tree", t.TempDir(), "not modelbook's source tree"},
	} {
		err := prepare.Home(context.Background(), c.source, t.TempDir(), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if err := toolchain.CheckHome(t.TempDir()); err == nil || !strings.Contains(err.Error(), "modelbook install") {
		t.Errorf("CheckHome of an empty folder: %v", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = prepare.HomeWith(context.Background(), root, t.TempDir(), []string{"fmt", "modelbook/dl/nosuch"}, nil)
	if err == nil || !strings.Contains(err.Error(), "modelbook/dl/nosuch") {
		t.Errorf("a missing package: %v", err)
	}
	half := t.TempDir()
	if err := os.WriteFile(filepath.Join(half, "manifest.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err = prepare.HomeWith(ctx, root, half, []string{"fmt"}, func(step string, done, total int) {
		if step == "copying sources" {
			cancel()
		}
	})
	if _, e := toolchain.OpenHome(half); err == nil || e == nil {
		t.Errorf("a home that is half made passes for the one before: %v, %v", err, e)
	}
}

// A module that the plain worker holds could not be loaded in another version,
// even after a restart.
func TestPlainWorkerHoldsNoModules(t *testing.T) {
	for _, p := range testhome.Small(t).InPlain {
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			t.Errorf("the plain worker is linked with %s", p)
		}
	}
}
