package engine

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// TestLocalModules edits a module that go.mod replaces while cells use it.
func TestLocalModules(t *testing.T) {
	e := newEngine(t)
	dir := t.TempDir()
	age := 10 * time.Minute
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		age -= time.Second // a later change, however fast the test is
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.org/p\n\ngo 1.26\n")
	write("p.go", "package p\n\nfunc Name() string { return \"first\" }\n")
	write("plain.go", "//go:build !fancy\n\npackage p\n\nconst Kind = \"plain\"\n")
	write("fancy.go", "//go:build fancy\n\npackage p\n\nconst Kind = \"fancy\"\n")
	write("q/q.go", "package q\n\nconst Q = 1\n")
	n := 0
	check := func(code, want string) {
		t.Helper()
		n++
		out := &record{}
		if err := e.Execute(context.Background(), Request{Code: code, Cell: n}, out); err != nil {
			out.err = err.(*CellError)
		}
		if got := outcome(out); !regexp.MustCompile(`^(?s:` + want + `)$`).MatchString(got) {
			t.Errorf("cell %d\n%s\nputs out\n%s\nwant\n%s", n, code, got, want)
		}
	}
	check("!*go mod edit -require example.org/p@v0.0.0 -replace example.org/p="+dir+"\n%goflags -tags=fancy\nimport \"example.org/p\"\nv := p.Name() + p.Kind\nv",
		`%goflags=\["-tags=fancy"\]\n= "firstfancy"\n`)
	check("%track", `\+ List of files/directories being tracked:\n\+   `+regexp.QuoteMeta(dir)+`\n`)
	write("p.go", "package p\n\nfunc Name() string { return \"second\" }\n")
	check("p.Name()", `! note: example\.org/p has changed, and the process of the cells has loaded the old code\. After %restart cells use the new code, and the values of v are lost\.\n= "first"\n`)
	check("p.Name()", `= "first"\n`) // told once
	check("%restart\np.Name()", `\* The cells have a new process\.\n  Lost: the values of v\.\n.*= "second"\n`)
	write("p.go", "package p\n\nfunc Name() string { return 3 }\n")
	check("p.Name()", `! note: example\.org/p has changed, and the cells continue to use the old code: .*cannot use 3.*= "second"\n`)
	write("p.go", "package p\n\nfunc Name() string { return \"second\" }\n")
	check("import \"example.org/p/q\"\nfunc quiet() int { return q.Q }", "")
	write("q/q.go", "package q\n\nconst Q = 2\n")
	check("quiet()", `! note: example\.org/p has changed: the cells use the new code\n= 2\n`)
	// What a package embeds is part of it: files, folders, new ones too.
	write("r/r.go", "package r\n\nimport \"embed\"\n\n//go:embed a.txt all:more *.tmpl\nvar files embed.FS\n\nfunc Text(name string) string { b, err := files.ReadFile(name); if err != nil { return \"none\" }; return string(b) }\n")
	write("r/a.txt", "one")
	write("r/more/.deep/b.txt", "two")
	write("r/c.tmpl", "three")
	write("r/unused.txt", "x")
	check("import \"example.org/p/r\"\nfunc texts() string { return r.Text(\"a.txt\") + r.Text(\"more/.deep/b.txt\") + r.Text(\"c.tmpl\") + r.Text(\"d.tmpl\") }", "")
	const renewed = `! note: example\.org/p has changed: the cells use the new code\n`
	for _, c := range []struct{ file, want string }{{"r/a.txt", renewed}, {"r/more/.deep/b.txt", renewed}, {"r/d.tmpl", renewed}, {"r/unused.txt", ""}} {
		write(c.file, "new "+c.file)
		check("1", c.want+"= 1\n")
		check("1", "= 1\n")
	}
	check("texts()", `= "new r/a\.txtnew r/more/\.deep/b\.txtthreenew r/d\.tmpl"\n`)
	write("r/a.txt", "loaded")
	check("texts()", `! note: example\.org/p has changed, and the process of the cells has loaded the old code\. After %restart .*= "new r/a.*`)
	check("%restart\ntexts()", `.*= "loadednew r/more.*`)
}

func TestChangesOfTrackedCodeAreTold(t *testing.T) {
	e := newEngine(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "p.go")
	write := func(text string, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	write("package p\n", time.Hour)
	cell := func(code string) string {
		t.Helper()
		out := &record{}
		if err := e.Execute(context.Background(), Request{Code: code, Cell: 1}, out); err != nil {
			t.Fatal(err)
		}
		return out.stderr
	}
	if got := cell("%track " + dir); got != "" {
		t.Errorf("%q", got)
	}
	write("package p // new\n", time.Minute)
	if got := cell("1"); got != "note: "+dir+" has changed; no replace rule in go.mod makes the cells use it\n" {
		t.Errorf("the change is not told: %q", got)
	}
	if got := cell("1"); got != "" {
		t.Errorf("it is told again: %q", got)
	}
	write("package p // newer\n", 0)
	if got := cell("%untrack " + dir + "...\n1"); got != "" {
		t.Errorf("told of what is tracked no more: %q", got)
	}
}
