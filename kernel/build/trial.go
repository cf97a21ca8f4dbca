package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A fact about the linker that the design of cells rests on: packages, each
// with a func run, that are loaded into one process one after another, and what
// each prints. Shared are the variables that all of them share.
type fact struct {
	name  string
	cells []factCell
}

type factCell struct {
	source, prints string
	shared         []string
}

const (
	identity = "type T struct{ n int }\ntype G[V any] struct{ v V }\nvar boxed, generic any\n"
	dynamic  = "type M interface { m() int }\ntype T struct{}\n//go:noinline\nfunc dynamic(v any) int { return v.(M).m() }\n"
)

var facts = []fact{
	{"variables are shared, functions are not", []factCell{
		{"var x int\nvar old func() int\nfunc f() int { return 1 }\nfunc run() { x = 5; old = f; print(f()) }", "1", []string{"x", "old"}},
		{"var x int\nvar old func() int\nfunc f() int { return 2 }\nfunc run() { x++; print(x, f(), old()) }", "621", []string{"x", "old"}},
		{"var x int\nfunc run() { print(x) }", "6", []string{"x"}},
	}},
	{"hidden variables are not shared", []factCell{
		{"var x = 1\nfunc run() { x++; print(x) }", "2", nil},
		{"var x = 7\nfunc run() { print(x) }", "7", nil},
	}},
	{"types keep their identity", []factCell{
		{identity + "func run() { boxed = T{3}; generic = G[T]{T{4}} }", "", []string{"boxed", "generic"}},
		{identity + "func run() { t, ok := boxed.(T); g, ok2 := generic.(G[T]); print(t.n, ok, g.v.n, ok2) }", "3true4true", []string{"boxed", "generic"}},
	}},
	{"methods bind through the first descriptor", []factCell{
		{dynamic + "func (T) m() int { return 1 }\nfunc run() { print(dynamic(T{})) }", "1", nil},
		// Why a type whose methods change gets a version in its name.
		{dynamic + "func (T) m() int { return 2 }\nfunc run() { print(dynamic(T{}), T{}.m()) }", "12", nil},
		{strings.ReplaceAll(dynamic+"func (T) m() int { return 3 }\nfunc run() { print(dynamic(T{})) }", "T", "Tʼ2"), "3", nil},
	}},
	{"local types need padding", []factCell{
		{"import \"fmt\"\nvar kept any\nfunc run() { type local struct{ a int }; kept = local{1}; fmt.Print(kept) }", "{1}", []string{"kept"}},
		{"import \"fmt\"\nvar kept any\nfunc pad() { type t0 int }\nfunc run() { type local struct{ s []string; f float64 }; fmt.Print(local{[]string{\"x\"}, 2}, kept) }", "{[x] 2} {1}", []string{"kept"}},
	}},
	{"names may have any letters", []factCell{
		{"var größe int\nfunc run() { größe = 3 }", "", []string{"größe"}},
		{"var größe int\nfunc run() { print(größe) }", "3", []string{"größe"}},
	}},
	{"maps of packages are filled", []factCell{
		{"import \"unicode\"\nfunc run() { print(unicode.IsUpper('A')) }", "true", nil},
		{"import \"unicode\"\nfunc run() { print(len(unicode.Properties) > 20, len(unicode.Scripts) > 100) }", "truetrue", nil},
	}},
	{"the collector knows the variables of plugins", []factCell{
		{"import \"time\"\nimport \"runtime\"\nvar when []*time.Time\nvar timer struct{ a int; t time.Time; s []string }\nfunc run() { for i := range 1000 { t := time.Unix(int64(i), 0); when = append(when, &t) }; timer.s = []string{string(make([]byte, 3))}; timer.t = time.Now(); runtime.GC() }", "", []string{"when", "timer"}},
		{"import \"time\"\nimport \"runtime\"\nvar when []*time.Time\nvar timer struct{ a int; t time.Time; s []string }\nfunc run() { for range 10 { runtime.GC(); _ = make([][]byte, 1000) }; print(when[999].Unix(), len(timer.s[0])) }", "9993", []string{"when", "timer"}},
	}},
	{"functions have names", []factCell{
		{"import \"runtime\"\nfunc run() { pc, _, _, _ := runtime.Caller(0); print(runtime.FuncForPC(pc).Name()) }", "sess.run", nil},
	}},
	{"goroutines, defer, panics and stacks that grow", []factCell{
		{"import \"fmt\"\nfunc deep(n int) int { var a [64]int; a[n%64] = n; if n == 0 { return 0 }; return deep(n-1) + a[n%64] - n }\nfunc run() { c := make(chan any); go func() { defer func() { c <- recover() }(); deep(10000); var m map[string]int; m[\"x\"] = 1 }(); fmt.Print(<-c) }",
			"assignment to entry in nil map", nil},
	}},
}

// tryAll decides what cells can be with this toolchain. One that is not known
// must hold all facts; where thin links do not, cells are linked in full.
func (h *Home) tryAll(ctx context.Context) error {
	if err := h.Toolchain.known(); err != nil {
		if bad := h.Try(ctx, false); bad != nil {
			return fmt.Errorf("%w, and cells do not work with it: %w", err, bad)
		}
		h.Tried = true
	}
	if err := h.Try(ctx, true); err != nil {
		h.Full = err.Error()
	}
	return ctx.Err()
}

// Linking says how cells are linked, and on an unknown Go release that it was
// tried; usual is false when there is something to know about it.
func (h *Home) Linking() (how string, usual bool) {
	how, usual = "against the worker", true
	if h.Full != "" {
		how, usual = "in full, which takes about 100 ms longer: "+h.Full, false
	}
	if h.Tried {
		how, usual = how+"; "+h.Toolchain.known().Error()+", but it does what cells need", false
	}
	return how, usual
}

// Try states all facts to this toolchain, with thin links or full ones, and
// names the first that does not hold.
func (h *Home) Try(ctx context.Context, thin bool) error {
	dir, err := os.MkdirTemp("", "modelbook-trial-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := NewBuilder(h, dir)
	if err != nil {
		return err
	}
	if b.mustThin = thin; !thin {
		b.host = nil
	} else if b.host == nil {
		return errThin
	}
	for _, f := range facts {
		if err := h.tryFact(ctx, b, f); err != nil {
			return fmt.Errorf("%s does not do what cells need (%s): %w", h.Toolchain.GOVERSION, f.name, err)
		}
	}
	return nil
}

func (h *Home) tryFact(ctx context.Context, b *Builder, f fact) error {
	args, want := []string{"try"}, ""
	for i, c := range f.cells {
		p := Plugin{Cell: i + 1, Imports: []string{runtimePackage}}
		var vars strings.Builder
		for _, v := range c.shared {
			p.Globals = append(p.Globals, PackagePath+"."+v)
			fmt.Fprintf(&vars, "\trt.Var(%q, &%s)\n", v, v)
		}
		p.Files = []File{{"cell.go", "package nb\n" + c.source},
			{"z.go", fmt.Sprintf("package nb\nimport %q\nvar cell rt.Cell\nfunc init() {\n\trt.Load(&cell, %d, run)\n%s}\n", runtimePackage, i+1, vars.String())}}
		plugin, err := b.Build(ctx, p)
		if err != nil {
			return err
		}
		defer os.RemoveAll(filepath.Dir(plugin))
		args, want = append(args, plugin), want+c.prints+"\n"
	}
	cmd := exec.CommandContext(ctx, b.Worker(), args...)
	out, err := cmd.CombinedOutput()
	if err == nil && string(out) != want {
		err = errors.New("another output")
	}
	if err != nil {
		return fmt.Errorf("%w: %q, want %q", err, out, want)
	}
	return nil
}
