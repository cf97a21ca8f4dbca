package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// addModule makes a module with one package in a temporary folder and lets the
// session's module require it.
func addModule(t *testing.T, nb *notebook, path, source string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module "+path+"\n\ngo 1.26\n")
	writeFile(t, filepath.Join(dir, "p.go"), source)
	cmd := exec.Command("go", "mod", "edit", "-require="+path+"@v0.0.0", "-replace="+path+"="+dir)
	cmd.Dir = nb.ModuleDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go mod edit: %v\n%s", err, out)
	}
	return dir
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPackageOfTheSessionModule(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	var entries strings.Builder
	for i := range 40 {
		fmt.Fprintf(&entries, "\t%d: %q,\n", i, fmt.Sprint("word", i))
	}
	addModule(t, nb, "example.test/p", "package p\n\n// Big is large enough for the linker to prune when unused.\nvar Big = map[int]string{\n"+entries.String()+"}\n\nvar Calls int\n\nfunc Small() int { Calls++; return Calls }\n")
	nb.shows("import \"example.test/p\"\np.Small()", "1")
	nb.shows("p.Small()", "2")
	// The first plugin with the package did not use the map.
	nb.shows("len(p.Big)", "40")
}

func TestMissingPackage(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	nb.run("x := 1")
	nb.fails("import \"example.test/nowhere\"\nnowhere.F()", "ImportError", "example.test/nowhere", "cell[2]:1:8")
	nb.shows("x", "1")
}

func TestUpgradeOfALoadedPackage(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	dir := addModule(t, nb, "example.test/p", "package p\n\nfunc F() int { return 1 }\n")
	nb.shows("import \"example.test/p\"\np.F()", "1")
	writeFile(t, filepath.Join(dir, "p.go"), "package p\n\nfunc F() int { return 2 }\n\nfunc G() int { return 3 }\n")
	if err := os.Mkdir(filepath.Join(dir, "q"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "q", "q.go"), "package q\n\nimport \"example.test/p\"\n\nfunc H() int { return p.G() }\n")
	nb.fails("import \"example.test/p/q\"\nq.H()", "RestartNeeded", "example.test/p", "Restart")
	nb.shows("p.F()", "1")
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
}

func TestUpgradeIsSaidAtOnce(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	addModule(t, nb, "example.test/p", "package p\n\nfunc F() int { return 1 }\n")
	nb.shows("import \"example.test/p\"\nvalue := p.F()\nvalue", "1")
	other := t.TempDir()
	writeFile(t, filepath.Join(other, "go.mod"), "module example.test/p\n\ngo 1.26\n")
	writeFile(t, filepath.Join(other, "p.go"), "package p\n\nfunc F() int { return 2 }\n")
	out := nb.run("!*go mod edit -replace=example.test/p=" + other)
	for _, want := range []string{"example.test/p", "(now ", other, "restart", "value"} {
		if !strings.Contains(out.stderr, want) {
			t.Errorf("notes lack %q: %s", want, out.stderr)
		}
	}
	if out := nb.run("!*true\np.F()"); out.stderr != "" || out.results[0] != "1" {
		t.Errorf("shows %q, notes %q", out.results, out.stderr)
	}
}

// A notebook's go command is that of the kernel, whatever PATH leads to.
func TestGoCommandOfShell(t *testing.T) {
	nb := alone(t)
	other := t.TempDir()
	writeFile(t, filepath.Join(other, "go"), "#!/bin/sh\necho another go\n")
	if err := os.Chmod(filepath.Join(other, "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", other+string(filepath.ListSeparator)+os.Getenv("PATH"))
	if out := nb.run("!*go version"); !strings.Contains(out.stdout, runtime.Version()) {
		t.Errorf("go version says %q, the kernel is of %s", out.stdout, runtime.Version())
	}
}
