package engine

import (
	"strings"
	"testing"
	"time"
)

// All packages of the standard library are there without import line.
func TestStandardPackagesNeedNoImportLine(t *testing.T) {
	nb := open(t)
	nb.shows("a, err := mail.ParseAddress(\"Ann <a@b.example>\")\na.Name", `"Ann"`)
	nb.shows("fcgi.ErrConnClosed == nil", "false")
	nb.fails("mail.Nothing()", "CompileError", "undefined: mail.Nothing")
	nb.fails("arena.NewArena()", "CompileError", "undefined: arena") // an experiment's
	nb.run("types := 3")                                             // a variable is no package
	nb.shows("types", "3")
	nb.run("%rm types")
	nb.shows("types.Typ[types.Int].Name()", `"int"`)
	if found := nb.Complete("import \"go/typ", 14); len(found.Matches) == 0 || found.Matches[0].Text != "go/types" {
		t.Errorf("import paths %v", found)
	}
}

// What makes the cells of a package slow is told once.
func TestSlowCellsSayWhy(t *testing.T) {
	nb := open(t)
	told := func(code string, took time.Duration) string {
		nb.run(code)
		out := &record{}
		nb.saySlow(took, out)
		return out.stderr
	}
	if got := told("v := expvar.NewInt(\"v\")", 10*time.Millisecond); got != "" {
		t.Errorf("a fast cell says %q", got)
	}
	if got := told("v.Add(1)", 2*slowBuild); !strings.Contains(got, " s: expvar is not compiled ahead") {
		t.Errorf("says %q", got)
	}
	if got := told("v.Add(1)", 2*slowBuild); got != "" {
		t.Errorf("says it again: %q", got)
	}
	if got := told("w := httptest.NewRecorder()\nw.Code", 2*slowBuild); got != "" {
		t.Errorf("a cell of the standard library says %q", got)
	}
}
