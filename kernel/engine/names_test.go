package engine

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestNames runs cells whose names hide others, as whole programs and as parts
// of a session.
func TestNames(t *testing.T) {
	nb := open(t)
	for _, c := range []struct{ cell, want string }{
		{"n := \"kept\"; m := map[string]int{\"a\": 1}; var e error; _ = e", "|"},
		{"type node struct{ v int }\nfunc mk(v int) node { return node{v} }\nold := mk(1)", "|"},
		{"node := mk(3)\nnode.v + mk(4).v + old.v", "|8"},
		{"string, error := \"hello\", 2\nfmt.Print(n, m, string, error, e)", "keptmap[a:1]hello2 <nil>|"},
		{"func both() int { return node.v + len(string) + error }\nboth()", "|10"},
		{"%rm string error\nvar s string = fmt.Sprint(old); s", "|\"{1}\""},
		{"type int uint8\nconst true = 3\nfunc println(a any) { fmt.Print(\"mine \", a) }\nvar small int = 255\nprintln(small + 1); len(m) == 1", "mine 0|true"},
		{"%rm int true println\nmk(7).v", "|7"},
		{"context := \"some text\"", "|"},
		{"context + fmt.Sprint(ctx.Err())", "|\"some text<nil>\""},
		{"const (\n\tA = iota\n\tB\n\tC\n)\nfunc name(i int) string { switch i { case A: return \"a\"; case C: return \"c\" }; return \"?\" }", "|"},
		{"const B = 77\nfmt.Print(A, B, C, name(2))", "0 77 2c|"},
		{"strings := []string{\"a\"}\nfunc first() string { return strings[0] }", "|"},
		{"package main\nimport (\"fmt\"; \"strings\")\nfunc main() { fmt.Print(strings.ToUpper(\"abc\"), first()) }", "ABCa|"},
		{"%rm strings\nstrings", "|[]string{\"a\"}"},
		{"import . \"strings\"\ngo Repeat(\"a\", 2)\nToLower(\"ABC\")", "|\"abc\""},
		{"package main\nimport . \"fmt\"\nvar d = g()\nfunc g() int { return x }\nvar x = 7\nfunc main() { Print(d, Sprint(x)) }", "77|"},
		{"b := 2", "|"},
		{"package main\nimport \"fmt\"\nvar (\n\ta = b\n\tb = \"hello\"\n)\nfunc main() { fmt.Print(a) }", "hello|"},
		{"//line foo.y:60\nfunc ll() int { return 1 }\nll()", "|1"},
		{"1 << 100", "|1267650600228229401496703205376"},
		{"package main\ntype Number int32\ntype Alias = Number\nfunc (n Alias) OK() bool { return n == 5 }\nfunc main() { fmt.Print(Number(5).OK()) }", "true|"},
		{"var cc = [...]int{1, 2, 3}\nconst clen = len(cc)\nvar gc [clen]byte\nlen(gc)", "|3"},
		{"func local() any { type T struct{ a byte }; return T{1} }\nconst uint16 = 3\nfmt.Print(local(), uint16)", "{1} 3|"},
		{"import _ \"time/tzdata\"\nunsafe.Sizeof(byte(3)) == 1", "|true"},
	} {
		out := nb.run(c.cell)
		got := out.stdout + "|" + strings.Join(out.results, ";")
		lines := strings.Split(got, "\n")
		if got = lines[len(lines)-1]; got != c.want { // behind what %rm says
			t.Errorf("%s\ngives %q, want %q", c.cell, got, c.want)
		}
	}
	// A saved session means the same.
	file := filepath.Join(t.TempDir(), "names.mbk")
	nb.run("func all() int { return node.v + mk(old.v).v }")
	nb.shows("all()", "4")
	nb.run("%save " + file)
	other := &notebook{t: t, Engine: newEngine(t)}
	other.run("%load_session " + file)
	other.shows("all()", "4")
	other.shows("node", "node{v: 3}")
}
