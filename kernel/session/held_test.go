package session

import (
	"strings"
	"testing"
)

// Generic functions and methods that older code keeps are named when they change.
func TestWhatOlderCodeKeepsIsNamed(t *testing.T) {
	const (
		generic = "closures, goroutines and stored functions from earlier cells keep calling the old g, because it is generic"
		method  = "closures, goroutines and stored functions from earlier cells keep calling the old method T.M, except through interfaces"
		decls   = "func g[X any](x X) X { return x }\ntype T struct{ n int }\nfunc (t *T) M() int { return t.n }\nfunc (t *T) Other() int { return t.M() }\n" +
			"type G[X any] struct{ x X }\nfunc (v G[X]) Get() X { return v.x }\nfunc f() int { return g(t.M()) }\ntype I interface{ M() int }\ntype E struct{ *T }"
	)
	for name, c := range map[string]struct{ stmts, again, want string }{
		"closure":                   {"h := func() int { return g(1) }", "func g[X any](x X) X { var zero X; return zero }", generic},
		"value":                     {"h := g[int]", "func g[X any](x X) X { var zero X; return zero }", generic},
		"by a function":             {"h := func() int { return f() }", "func g[X any](x X) X { var zero X; return zero }", generic},
		"goroutine":                 {"go f()", "func g[X any](x X) X { var zero X; return zero }", generic},
		"goroutine of a literal":    {"go func() { g(1) }()", "func g[X any](x X) X { var zero X; return zero }", generic},
		"statement":                 {"g(1)", "func g[X any](x X) X { var zero X; return zero }", ""},
		"function of statements":    {"f()", "func g[X any](x X) X { var zero X; return zero }", ""},
		"the same":                  {"h := g[int]", "func g[X any](x X) X { return x }", ""},
		"another":                   {"h := g[int]", "func f() int { return 1 }", ""},
		"method in a closure":       {"h := func() int { return t.M() }", "func (t *T) M() int { return 2 }", method},
		"method value":              {"h := t.M", "func (t *T) M() int { return 2 }", method},
		"method expression":         {"h := (*T).M", "func (t *T) M() int { return 2 }", method},
		"method by a method":        {"h := t.Other", "func (t *T) M() int { return 2 }", method},
		"method by a function":      {"h := func() int { return f() }", "func (t *T) M() int { return 2 }", method},
		"promoted method":           {"h := func() int { return E{t}.M() }", "func (t *T) M() int { return 2 }", method},
		"goroutine of a method":     {"go t.M()", "func (t *T) M() int { return 2 }", method},
		"through an interface":      {"var i I = t\nh := func() int { return i.M() }", "func (t *T) M() int { return 2 }", ""},
		"statement of a method":     {"t.M()", "func (t *T) M() int { return 2 }", ""},
		"method of a generic type":  {"h := func() int { return G[int]{1}.Get() }", "func (v G[X]) Get() X { var x X; return x }", strings.Replace(method, "T.M", "G.Get", 1)},
		"deferred literal":          {"defer func() { g(1) }()", "func g[X any](x X) X { var zero X; return zero }", ""},
		"literal that is called":    {"func() { g(1) }()", "func g[X any](x X) X { var zero X; return zero }", ""},
		"literal that others call":  {"n := strings.IndexFunc(\"a\", func(r rune) bool { return g(true) })", "func g[X any](x X) X { var zero X; return zero }", ""},
		"literal that others store": {"c := time.AfterFunc(1, func() { g(1) })", "func g[X any](x X) X { var zero X; return zero }", generic},
	} {
		t.Run(name, func(t *testing.T) {
			nb := start(t)
			nb.commit(decls, "t := &T{1}")
			nb.commit("", c.stmts)
			p := nb.commit(c.again, "")
			got := strings.Join(p.Notes, "\n")
			if c.want == "" && strings.Contains(got, "go on with the old") || !strings.Contains(got, c.want) {
				t.Errorf("notes %q, want %q", got, c.want)
			}
			if got := strings.Join(nb.commit(c.again+" // edited", "").Notes, "\n"); got != "" {
				t.Errorf("told again: %q", got)
			}
		})
	}
	nb := start(t)
	nb.commit(decls, "t := &T{1}\nh := func() int { return g(1) }")
	nb.Forget() // with the process, what was made before is gone
	if p := nb.commit("func g[X any](x X) X { var zero X; return zero }", ""); strings.Contains(strings.Join(p.Notes, "\n"), "go on with the old") {
		t.Errorf("notes %q", p.Notes)
	}
}
