package build_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"modelbook/kernel/build"
	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// These tests state the linker facts that the design of cells rests on. A Go
// release on which one fails must not be listed as supported.

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

// bench is a worker with a builder.
type bench struct {
	t *testing.T
	*worker.Worker
	*build.Builder
	n int

	mu   sync.Mutex
	text string
}

func (b *bench) Output(stream, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text += text
}
func (b *bench) Display(data, metadata map[string]any) {}
func (b *bench) Panicked(f *control.Failure)           {}
func (b *bench) Measured(control.Event)                {}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t}
	home := smallHome(t)
	var err error
	if b.Builder, err = build.NewBuilder(home, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if b.Worker, err = worker.Start(worker.Options{Path: home.Worker(), Dir: t.TempDir(), Env: os.Environ(), Handler: b}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Worker.Close)
	return b
}

// prints builds, loads and runs a package with a func run, and compares what
// it prints. shared are its variables that all plugins share.
func (b *bench) prints(source, want string, shared ...string) {
	b.t.Helper()
	b.n++
	p := build.Plugin{Cell: b.n}
	var vars strings.Builder
	for _, v := range shared {
		p.Globals = append(p.Globals, "sess."+v)
		fmt.Fprintf(&vars, "\trt.Var(%q, &%s)\n", v, v)
	}
	p.Files = []build.File{
		{Name: "cell.go", Text: "package nb\n" + source},
		{Name: "z.go", Text: fmt.Sprintf("package nb\nimport \"modelbook/kernel/worker/rt\"\nvar cell rt.Cell\nfunc init() {\n\trt.Load(&cell, %d, run)\n%s}\n", b.n, vars.String())},
	}
	plugin, err := b.Build(context.Background(), p)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.Open(plugin, nil); err != nil {
		b.t.Fatal(err)
	}
	b.text = ""
	failure, err := b.Run()
	if err != nil {
		b.t.Fatal(err)
	}
	if failure != nil {
		b.t.Fatalf("plugin %d: %s: %s", b.n, failure.Kind, failure.Message)
	}
	if b.text != want {
		b.t.Errorf("plugin %d prints %q, want %q", b.n, b.text, want)
	}
}

func TestVariablesAreSharedFunctionsAreNot(t *testing.T) {
	b := newBench(t)
	b.prints("var x int\nvar old func() int\nfunc f() int { return 1 }\nfunc run() { x = 5; old = f; print(f()) }", "1", "x", "old")
	b.prints("var x int\nvar old func() int\nfunc f() int { return 2 }\nfunc run() { x++; print(x, f(), old()) }", "621", "x", "old")
	b.prints("var x int\nfunc run() { print(x) }", "6", "x")
}

func TestHiddenVariablesAreNotShared(t *testing.T) {
	b := newBench(t)
	b.prints("var x = 1\nfunc run() { x++; print(x) }", "2")
	b.prints("var x = 7\nfunc run() { print(x) }", "7")
}

func TestTypesKeepTheirIdentity(t *testing.T) {
	b := newBench(t)
	const decl = "type T struct{ n int }\ntype G[V any] struct{ v V }\nvar boxed, generic any\n"
	b.prints(decl+"func run() { boxed = T{3}; generic = G[T]{T{4}} }", "", "boxed", "generic")
	b.prints(decl+"func run() { t, ok := boxed.(T); g, ok2 := generic.(G[T]); print(t.n, ok, g.v.n, ok2) }", "3true4true", "boxed", "generic")
}

func TestMethodsBindThroughTheFirstDescriptor(t *testing.T) {
	b := newBench(t)
	const decl = "type M interface { m() int }\ntype T struct{}\n//go:noinline\nfunc dynamic(v any) int { return v.(M).m() }\n"
	b.prints(decl+"func (T) m() int { return 1 }\nfunc run() { print(dynamic(T{})) }", "1")
	// Why a type whose methods change gets a version in its name.
	b.prints(decl+"func (T) m() int { return 2 }\nfunc run() { print(dynamic(T{}), T{}.m()) }", "12")
	b.prints(strings.ReplaceAll(decl+"func (T) m() int { return 3 }\nfunc run() { print(dynamic(T{})) }", "T", "Tʼ2"), "3")
}

func TestLocalTypesNeedPadding(t *testing.T) {
	b := newBench(t)
	b.prints("import \"fmt\"\nvar kept any\nfunc run() { type local struct{ a int }; kept = local{1}; fmt.Print(kept) }", "{1}", "kept")
	b.prints("import \"fmt\"\nvar kept any\nfunc pad() { type t0 int }\nfunc run() { type local struct{ s []string; f float64 }; fmt.Print(local{[]string{\"x\"}, 2}, kept) }", "{[x] 2} {1}", "kept")
}

func TestUnicodeNames(t *testing.T) {
	b := newBench(t)
	b.prints("var größe int\nfunc run() { größe = 3 }", "", "größe")
	b.prints("var größe int\nfunc run() { print(größe) }", "3", "größe")
}

func TestPackageMapsAreFilled(t *testing.T) {
	b := newBench(t)
	b.prints("import \"unicode\"\nfunc run() { print(unicode.IsUpper('A')) }", "true")
	b.prints("import \"unicode\"\nfunc run() { print(len(unicode.Properties) > 20, len(unicode.Scripts) > 100) }", "truetrue")
}

func TestCompileErrorsNameCellAndLine(t *testing.T) {
	b := newBench(t)
	_, err := b.Build(context.Background(), build.Plugin{Cell: 4, Files: []build.File{{Name: "a.go", Text: "package nb\nfunc f() {\n/*line cell[4]:7:3*/x := 1\n}\n"}}})
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
