package source

import (
	"go/importer"
	"go/token"
	"maps"
	"testing"
)

// packages are checked from their sources: these tests need no compiled ones.
var packages = importer.ForCompiler(token.NewFileSet(), "source", nil)

func known(name string) []string {
	switch name {
	case "strings", "errors", "fmt":
		return []string{name}
	case "rand":
		return []string{"math/rand/v2", "crypto/rand", "math/rand"}
	case "none":
		return []string{"example.org/none"}
	}
	return nil
}

func set(names ...string) func(string) bool {
	all := map[string]bool{}
	for _, n := range names {
		all[n] = true
	}
	return func(name string) bool { return all[name] }
}

func TestResolve(t *testing.T) {
	for _, test := range []struct {
		name, text string
		scope      Scope
		made       string
		imports    map[string]string
		dots       map[string]string
	}{
		{name: "a package without an import line", text: "strings.Cut(x, y)", imports: map[string]string{"strings": "strings"}},
		{name: "a name by itself", text: "f(strings)"},
		{name: "the first package that has all", text: "rand.IntN(3)", imports: map[string]string{"rand": "math/rand/v2"}},
		{name: "another has it", text: "rand.Read(nil)", imports: map[string]string{"rand": "crypto/rand"}},
		{name: "and both", text: "rand.Read(nil); rand.Seed(1)", imports: map[string]string{"rand": "math/rand"}},
		{name: "none has all", text: "rand.Nope()", imports: map[string]string{"rand": "math/rand/v2"}},
		{name: "one that cannot be read", text: "none.Nope()", imports: map[string]string{"none": "example.org/none"}},
		{name: "unsafe", text: "unsafe.Sizeof(x)", imports: map[string]string{"unsafe": "unsafe"}},
		{name: "a variable comes first", text: "strings.Cut(x, y)", scope: Scope{HasVar: set("strings")}},
		{name: "a declaration", text: "strings.Cut(x, y)", scope: Scope{HasDecl: set("strings"), Imports: map[string]string{"strings": "other"}}},
		{name: "what the cell makes", text: "strings.Cut(x, y)", made: "strings"},
		{name: "a local variable", text: "strings := x; strings.Cut()"},
		{name: "an import that hides a variable", text: "strings.Cut(x, y)", scope: Scope{HasVar: set("strings"), Imports: map[string]string{"strings": "my/strings"}, Hiding: map[string]bool{"strings": true}},
			imports: map[string]string{"strings": "my/strings"}},
		{name: "an import comes before well-known packages", text: "rand.IntN(1)", scope: Scope{Imports: map[string]string{"rand": "crypto/rand"}}, imports: map[string]string{"rand": "crypto/rand"}},
		{name: "an import that has a predeclared name", text: "len.X()", scope: Scope{Imports: map[string]string{"len": "my/len"}}, imports: map[string]string{"len": "my/len"}},
		{name: "a dot import", text: "Cut(x, y); lower()", scope: Scope{Dots: []string{"errors", "strings"}},
			imports: map[string]string{"__dot_strings": "strings"}, dots: map[string]string{"Cut": "strings"}},
		{name: "the latest dot import", text: "New(x)", scope: Scope{Dots: []string{"errors", "math/rand"}},
			imports: map[string]string{"__dot_math_rand": "math/rand"}, dots: map[string]string{"New": "math/rand"}},
		{name: "a declaration comes before a dot import", text: "Cut(x, y)", scope: Scope{Dots: []string{"strings"}, HasDecl: set("Cut")}},
		{name: "generated code", text: "__rt.Zero(x)", imports: map[string]string{"__rt": "modelbook/kernel/worker/rt"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := test.scope
			s.Importer, s.Known = packages, known
			if s.HasVar == nil {
				s.HasVar = set()
			}
			if s.HasDecl == nil {
				s.HasDecl = set()
			}
			imports, dots := s.Resolve(parsedBody(t, token.NewFileSet(), test.text), set(test.made))
			if !maps.Equal(imports, test.imports) || !maps.Equal(dots, test.dots) {
				t.Errorf("imports %v, dots %v; want %v, %v", imports, dots, test.imports, test.dots)
			}
		})
	}
}

func TestImports(t *testing.T) {
	f := parsed(t, "import ( \"fmt\"; s \"strings\"; _ \"embed\"; . \"math\"; \"math/rand/v2\" )")
	want := []struct{ name, path, local string }{{"", "fmt", "fmt"}, {"s", "strings", "s"}, {"_", "embed", "_"}, {".", "math", "."}, {"", "math/rand/v2", "rand"}}
	for i, spec := range Imports(f.Syntax) {
		local, err := spec.LocalName(packages)
		if w := want[i]; spec.Name != w.name || spec.Path != w.path || local != w.local || err != nil {
			t.Errorf("import %+v is used as %q, %v; want %+v", spec, local, err, w)
		}
	}
	if _, err := (ImportSpec{Path: "example.org/none"}).LocalName(packages); err == nil {
		t.Error("there is a package example.org/none")
	}
	for path, want := range map[string]string{"strings": "strings", "math/rand/v2": "rand", "example.org/go-thing": "thing", "example.org/thing.go": "thing", "example.org/x/v12": "x"} {
		if got := GuessName(path); got != want {
			t.Errorf("%s is probably called %s, want %s", path, got, want)
		}
	}
}

func TestWithoutConst(t *testing.T) {
	for _, test := range []struct {
		text string
		name string
		want string
	}{
		{"const (\n\tA = iota // first\n\tBB\n\tC\n)", "BB", "const (\n\tA = iota // first\n\t_ \n\tC\n)"},
		{"const A, B = 1, 2", "A", "const _, B = 1, 2"},
		{"const A = 1", "A", ""},
	} {
		var names []string
		for _, d := range Decls(parsed(t, test.text).Syntax) {
			names = d.Names
		}
		got, left, ok := WithoutConst(test.text, names, test.name)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%q without %s: %q, %v", test.text, test.name, got, ok)
		}
		if ok && len(left) != len(names) {
			t.Errorf("%q without %s: names %v", test.text, test.name, left)
		}
	}
}
