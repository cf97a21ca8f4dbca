package engine

import "testing"

// A package that panics, or exits, in its initialization: nothing is lost.
func TestPackageThatCannotBeInitialized(t *testing.T) {
	nb := open(t)
	nb.SetAutoGet(false)
	addModule(t, nb, "example.test/bad.v2", "package bad\n\nimport _ \"strings\"\n\nvar M map[string]int\n\nfunc init() { M[\"x\"] = 1 }\n\nfunc F() int { return 1 }\n")
	addModule(t, nb, "example.test/exits", "package exits\n\nimport \"log\"\n\nvar V = find()\n\nfunc find() int { log.Fatal(\"no key is set\"); return 1 }\n")
	addModule(t, nb, "example.test/good", "package good\n\nfunc F() int { return 7 }\n")
	nb.run("kept := 1")
	nb.fails("import bad \"example.test/bad.v2\"\nbad.F()", "Panic", "package example.test/bad.v2 cannot be initialized: assignment to entry in nil map", "p.go:7", "All values are kept")
	nb.fails("import bad \"example.test/bad.v2\"\nbad.F()", "ImportError", "example.test/bad.v2 failed when it was initialized")
	out := nb.fails("import \"example.test/exits\"\nexits.V", "ExitError", "package example.test/exits cannot be initialized: exit status 1", "exits.find")
	if out.stderr == "" {
		t.Error("what log.Fatal said is not shown")
	}
	nb.shows("kept", "1")
	nb.shows("import \"example.test/good\"\ngood.F() + kept", "8")
	nb.shows("import \"container/ring\"\nring.New(3).Len()", "3")
}
