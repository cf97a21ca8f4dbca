package gen

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestNamesAreReserved(t *testing.T) {
	for _, name := range []string{
		Variable("x", 1), Copy("x", 1), HidingDecl("len"), Late("f"), Now("f", 3), Init(2), Temp(0), Hoisted(1), Param(2), Body, Test, Context, run,
		HidingVariable("x"), HidingName("string"), HiddenImport("rand"), DotImport("math/rand"),
		runtimeName, testsName, goRuntime, contextName, "__cell", "__globals",
	} {
		if !IsReserved(name) {
			t.Errorf("a cell may declare %s", name)
		}
	}
	for _, name := range []string{"x", "x_v1", "init", "init_x", "__x", "late", "body", "_"} {
		if IsReserved(name) {
			t.Errorf("a cell may not declare %s", name)
		}
	}
}

func TestAliasesDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, path := range []string{"a/b", "a_b", "a-b", "a.b", "ab", "a/b/v2", "gopkg.in/yaml.v3", "gopkg.in/yaml-v3"} {
		name := Alias(path)
		if !token.IsIdentifier(name) {
			t.Errorf("%s is no identifier", name)
		}
		if other := seen[name]; other != "" {
			t.Errorf("%s stands for %s and %s", name, path, other)
		}
		seen[name] = path
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"undefined: " + HidingVariable("x"):             "undefined: x",
		"[]" + HidingName("string"):                     "[]string",
		HiddenImport("rand") + ".N":                     "rand.N",
		"undefined: " + DotImport("math/rand") + ".Foo": "undefined: Foo",
		"nothing of ours":                               "nothing of ours",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestAsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"cannot use " + Variable("x", 12) + " (variable)": "cannot use x (variable)",
		"/tmp/a/unit3.go:4:5: bad":                        "bad",
		Symbol("point") + " has no field":                 "point has no field",
		HidingDecl("len") + " is too large":               "len is too large",
		"x__v is the user's":                              "x__v is the user's",
	} {
		if got := AsWritten(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestFunctionName(t *testing.T) {
	for name, want := range map[string]string{
		"main." + Body:                        "main.main",
		"main." + run + "." + Body + ".func1": "main.main.func1",
		"main." + Late("f"):                   "main.f",
		"main." + Init(1):                     "main.init.0",
		"main.(*T).M":                         "main.(*T).M",
	} {
		if got := FunctionName(name); got != want || len(got) > len(name) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestTypeVersions(t *testing.T) {
	for _, test := range []struct {
		version int
		hides   bool
		want    string
	}{{0, false, "T"}, {1, false, "T"}, {2, false, "Tʼ2"}, {0, true, "Tʼ1"}, {3, true, "Tʼ3"}} {
		got := Type("T", test.version, test.hides)
		if got != test.want || VersionLen(got[1:]) != len(got)-1 {
			t.Errorf("version %d: %s, want %s", test.version, got, test.want)
		}
	}
	if VersionLen("ʼx") != 0 || VersionLen("2") != 0 {
		t.Error("no version was found where there is none")
	}
}

func TestPositions(t *testing.T) {
	if got := WithoutLines("a" + Line(3, 4, 5) + "b"); got != "ab" {
		t.Error(got)
	}
}

// TestWrapperParses writes a file with everything in it.
func TestWrapperParses(t *testing.T) {
	c := Wrapper{Number: 7, Imports: map[string]string{Alias("math/rand"): "math/rand"}, Blank: []string{"image/png"},
		Vars:  []Var{{"r", Variable("r", 1), "*" + Alias("math/rand") + ".Rand"}, {"", Variable("old", 2), "int"}},
		Types: []string{"T"}, Now: []string{KeepNow(Now("f", 1)), SetNow(Now("f", 1), "f")}, Context: true, Run: []string{Body, "main"},
		Globals: []Global{{"flag", []string{"CommandLine"}}}}
	text := c.Text()
	f, err := parser.ParseFile(token.NewFileSet(), WrapperFile, text, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if f.Name.Name != Package || len(f.Imports) != 5 {
		t.Errorf("package %s with %d imports\n%s", f.Name.Name, len(f.Imports), text)
	}
	for _, want := range []string{`__rt.Var("r", &r__v1)`, "__rt.Keep(&old__v2)", "__rt.Keep((*T)(nil))", "f__now1 = f",
		"\t__body()\n\tmain()\n", "__rt.Load(&__cell, 7, __run)", `{"flag.CommandLine", &__p0.CommandLine}`, "__rt.AddGlobals("} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestLateDecl(t *testing.T) {
	for want, f := range map[string]Func{
		"func f__late() { if __f := f__now1; __f != nil { __f(); return }; f() }\n":                                                                 {Name: "f"},
		"func f__late(__p0 int, __p1 ...string) (error) { if __f := f__now1; __f != nil { return __f(__p0, __p1...) }; return f(__p0, __p1...) }\n": {"f", []string{"int", "...string"}, []string{"error"}},
	} {
		got := f.LateDecl(Now("f", 1))
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "", Clause+got, 0); err != nil {
			t.Error(err)
		}
	}
}
