package engine

import "testing"

// Packages that are not compiled ahead need no import line either.
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
