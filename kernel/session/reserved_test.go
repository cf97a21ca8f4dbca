package session

import (
	"strings"
	"testing"
)

func TestNamesOfTheKernelAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ decls, stmts, at string }{
		"a function":        {"func __rt() {}", "", "cell[1]:1:6: the name __rt "},
		"a local variable":  {"func f() {\t__cell := 3; _ = __cell }", "", "cell[1]:1:12: the name __cell "},
		"a parameter":       {"func f(a, __f int) {}", "", "cell[1]:1:11: the name __f "},
		"a variable":        {"", "a := 1\nx__v2 := a", "cell[1]:2:1: the name x__v2 "},
		"a type":            {"type __pkg_fmt int", "", "cell[1]:1:6: the name __pkg_fmt "},
		"what is called":    {"", "a := 1; h__late()", "cell[1]:1:9: the name h__late "},
		"others":            {"func __f1() {}\ntype T__ struct{ __x int }", "__ := 3; a__b := T__{}; _, _ = __, a__b", ""},
		"text and comments": {"// __rt\nconst c = \"__cell\"", "/* __cell */ print(c)", ""},
	} {
		_, err := start(t).plan(c.decls, c.stmts)
		if c.at == "" && err != nil || c.at != "" && (err == nil || !strings.HasPrefix(err.Error(), c.at)) {
			t.Errorf("%s: %v, want %q", name, err, c.at)
		}
	}
}
