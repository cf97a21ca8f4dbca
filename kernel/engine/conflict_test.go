package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/kernel/module/proxytest"
)

// conflict gives the session's module another version of golang.org/x/exp than
// the one that packages compiled ahead were built with (package comms of gonbui
// among them), and a package that needs it.
func conflict(t *testing.T, nb *notebook) {
	t.Helper()
	const module = "golang.org/x/exp"
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	list.Dir = nb.ModuleDir()
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	for _, name := range []string{"constraints", "slices"} {
		if err := os.CopyFS(filepath.Join(other, name), os.DirFS(filepath.Join(strings.TrimSpace(string(out)), name))); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(other, "go.mod"), "module "+module+"\n\ngo 1.25\n")
	writeFile(t, filepath.Join(other, "constraints", "newer.go"), "package constraints\n\n// Newer is not in the version compiled ahead.\ntype Newer interface{ ~int | ~string }\n\nvar Version = 2\n")
	addModule(t, nb, "example.test/needs", "package needs\n\nimport \"golang.org/x/exp/constraints\"\n\nfunc Twice[T constraints.Newer](v T) T { return v + v }\n\nvar Version = &constraints.Version\n")
	edit := exec.Command("go", "mod", "edit", "-replace="+module+"="+other)
	edit.Dir = nb.ModuleDir()
	if out, err := edit.CombinedOutput(); err != nil {
		t.Fatalf("go mod edit: %v\n%s", err, out)
	}
}

// Nothing was loaded that is lost: a worker without packages ahead takes over.
func TestOtherVersionOfAPackageCompiledAhead(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	nb.run("func half(x int) int { return x / 2 }")
	conflict(t, nb)
	const cell = "import \"example.test/needs\"\nneeds.Twice(half(8))"
	if out := nb.run(cell); out.results[0] != "8" || !strings.Contains(out.stderr, "linked in full") {
		t.Errorf("shows %q, says %q", out.results, out.stderr)
	}
	if how := nb.Linking(); !strings.HasPrefix(how, "in full") {
		t.Errorf("cells are linked %s", how)
	}
	// One package, not two: the new one, which others share.
	nb.shows("import \"golang.org/x/exp/constraints\"\nconstraints.Version++\n*needs.Version", "3")
	nb.shows("mat.Det(mat.NewDense(2, 2, []float64{1, 2, 3, 4}))", "-2")
	out := nb.run("gonbui.DisplayHTML(\"<b>shown</b>\")")
	if len(out.displays) != 1 {
		t.Errorf("gonbui shows %v, says %q", out.displays, out.stderr)
	}
	// It stays so: the next worker would be in the way again.
	nb.run("%restart")
	nb.shows("needs.Twice(3)", "6")
}

// What a cell has loaded, or the values of a session, are not given up without
// a word.
func TestOtherVersionAsksForARestart(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	nb.run("kept := 7")
	conflict(t, nb)
	const cell = "import \"example.test/needs\"\nneeds.Twice(4)"
	nb.fails(cell, "RestartNeeded", "golang.org/x/exp/constraints", "A restart loses all values: kept")
	nb.shows("kept", "7")
	nb.run("%restart")
	nb.shows(cell, "8")
}

// A session with values gets a release that goes with what it has loaded.
func TestGetBesideWhatIsLoaded(t *testing.T) {
	nb := alone(t)
	p := proxytest.New(t)
	cell := func(name, code string) string { return "import \"" + p.Path + "/" + name + "\"\n" + code }
	p.Add("base", "v1.0.0", "", "const V = 10")
	nb.shows(cell("base", "kept := base.V\nkept"), "10")
	p.Add("base", "v1.1.0", "", "const V = 11")
	p.Add("fresh", "v1.0.0", "PROXY/base v1.0.0", "import \"PROXY/base\"\n\nconst V = base.V + 100")
	p.Add("fresh", "v1.1.0", "PROXY/base v1.1.0", "import \"PROXY/base\"\n\nconst V = base.V + 200")
	p.Add("must", "v1.0.0", "PROXY/base v1.1.0", "import \"PROXY/base\"\n\nconst V = base.V")
	out := nb.run(cell("fresh", "fresh.V"))
	if out.results[0] != "110" || !strings.Contains(out.stderr, "fresh is not the newest: v1.1.0 needs") || strings.Contains(out.stderr, "upgraded") {
		t.Errorf("shows %q, says %q", out.results, out.stderr)
	}
	out = nb.fails(cell("must", "must.V"), "RestartNeeded", p.Path+"/base", "kept")
	if !strings.Contains(out.stderr, "upgraded "+p.Path+"/base v1.0.0 => v1.1.0") {
		t.Errorf("says %q", out.stderr)
	}
	nb.shows("kept + fresh.V", "120")
}
