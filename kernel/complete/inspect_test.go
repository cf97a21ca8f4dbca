package complete

import (
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	c := opened(t, earlier...)
	value := func(name string) string { return map[string]string{"xs": "[1 2]"}[name] }
	for _, test := range []struct {
		name, code string
		source     bool
		want       []string
		not        string
	}{
		{"a variable with its value", "x¦s", false, []string{"var xs []float64", "Value: [1 2]"}, ""},
		{"a variable of a type of dl", "model¦", false, []string{"var model *nn.Model", "Type: "}, ""},
		{"a function of a cell", "mea¦n(xs)", false, []string{"func mean(xs []float64) float64", "mean is the sum by the number.", "cell[3]"}, "return"},
		{"its source", "mean¦", true, []string{"Source", "{ return xs[0] }"}, ""},
		{"a type of a cell", "poin¦t{}", false, []string{"type point struct {", "hidden int", "A point is where two lines meet.", "func (p point) Norm() float64"}, ""},
		{"a method of a cell", "p.Nor¦m()", false, []string{"func (p point) Norm() float64", "Norm is the distance to the origin."}, ""},
		{"a field of a cell's type", "p.hidd¦en", false, []string{"field point.hidden int", "not exported"}, ""},
		{"a function of the standard library", "strings.Spl¦it(name, \",\")", false, []string{"func strings.Split(s string, sep string) []string", "Split slices s into all substrings", "\"strings\""}, ""},
		{"its source", "strings.Title¦", true, []string{"func Title(s string) string {", "isSeparator"}, ""},
		{"a method of it", "time.Now().Trunc¦ate(3)", false, []string{"func (t time.Time) Truncate(d time.Duration) time.Time"}, ""},
		{"a type of it", "strings.Buil¦der", false, []string{"type Builder struct", "// and what is not exported", "func (b *strings.Builder) WriteString(s string) (int, error)"}, "addr"},
		{"a constant", "math.P¦i", false, []string{"const math.Pi untyped float = 3.14159"}, ""},
		{"a package without import line", "stri¦ngs.Split", false, []string{"package strings // import \"strings\"", "Package strings implements", "func Split("}, ""},
		{"a package by itself", "strconv¦", false, []string{"package strconv"}, ""},
		{"dl", "dl.Ran¦dn", false, []string{"func dl.Randn(", "Randn"}, ""},
		{"a method of dl", "dl.Randn(1, dl.Shape{2}).MatM¦ul", false, []string{"dl.Tensor) MatMul("}, ""},
		{"a struct literal's field", "nn.Dense{Uni¦ts: 3}", false, []string{"field nn.Dense.Units int"}, ""},
		{"gonum", "mat.NewDen¦se(2, 2, nil)", false, []string{"func mat.NewDense(r int, c int, data []float64) *mat.Dense", "NewDense creates a new Dense matrix"}, ""},
		{"a builtin", "appen¦d(xs, 1)", false, []string{"func append(slice []Type, elems ...Type) []Type", "The append built-in function"}, ""},
		{"between the parentheses of a call", "strings.Split(¦)", false, []string{"func strings.Split("}, ""},
		{"a later argument", "strings.Split(name, ¦)", false, []string{"func strings.Split("}, ""},
		{"a string argument", "strings.Split(name, \"¦,\")", false, []string{"func strings.Split("}, ""},
		{"a number argument", "strings.Repeat(name, 1¦2)", false, []string{"func strings.Repeat("}, ""},
		{"the innermost call", "mean(append(xs, ¦", false, []string{"func append("}, ""},
		{"a call of a generic function", "mapped[float64, int](xs, ¦)", false, []string{"func mapped[T, U any]"}, ""},
		{"inside a literal", "nn.Dense{¦}", false, []string{"type Dense struct"}, ""},
		{"a name that the cell declares", "// Up is one more.\nfunc Up(x int) int { return x + 1 }\ny := U¦p(1)", false, []string{"func Up(x int) int", "Up is one more."}, ""},
		{"a local variable", "func f() {\n\tlocal := []string{}\n\tloc¦al[0] = name\n}", false, []string{"var local []string"}, ""},
		{"what it is declared as", "v¦ := 1.5", false, []string{"var v float64"}, ""},
		{"after emoji", "s := \"🎉\"; mea¦n(nil)", false, []string{"func mean("}, ""},
		{"in broken code", "foo(((\nx := mea¦n(", false, []string{"func mean("}, ""},
		{"ctx", "ct¦x.Err()", false, []string{"var ctx context.Context", "done when the cell is interrupted"}, ""},
		{"an import path", "import \"str¦ings\"", false, []string{"package strings", "func Split("}, ""},
		{"a command", "%c¦d /tmp", false, []string{"%cd [directory]", "changes the directory"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, at := cursor(t, test.code)
			page, ok := c.Inspect(code, at, test.source, value)
			if !ok {
				t.Fatal("nothing is found")
			}
			for _, w := range test.want {
				if !strings.Contains(page.Plain, w) {
					t.Errorf("no %q in\n%.1000s", w, page.Plain)
				}
			}
			if test.not != "" && strings.Contains(page.Plain, test.not) {
				t.Errorf("%q in\n%s", test.not, page.Plain)
			}
			if page.Markdown == "" || page.HTML == "" {
				t.Error("no Markdown or HTML")
			}
		})
	}
	for _, code := range []string{"", "¦", "1 +¦ 2", "// strings.Split¦", "undefinedName¦", "func¦"} {
		code, at := strings.Replace(code, "¦", "", 1), strings.Index(code, "¦")
		if page, ok := c.Inspect(code, at, false, nil); ok {
			t.Errorf("%q: %.200s", code, page.Plain)
		}
	}
}

func TestDescribe(t *testing.T) {
	c := opened(t, earlier...)
	for name, want := range map[string]string{
		"strings.Split": "func strings.Split(", "mean": "func mean(", "mean()": "func mean(", "point.Norm": "Norm is the distance", "p.X": "field point.X float64",
		"dl.Tensor.MatMul": "MatMul(", "gonum.org/v1/gonum/stat": "package stat", "net/http.Get": "func http.Get(", "\"net/http\"": "package http", "plotting": "package plotting",
		"http.Client.Do": "func (c *http.Client) Do(",
	} {
		page, ok := c.Describe(name, false, nil)
		if !ok || !strings.Contains(page.Plain, want) {
			t.Errorf("%s: no %q in %.300s", name, want, page.Plain)
		}
	}
	if _, ok := c.Describe("strings.Nothing", false, nil); ok {
		t.Error("something is said of what does not exist")
	}
}

func TestPageForms(t *testing.T) {
	c := opened(t, earlier...)
	page, _ := c.Describe("strings.Builder", false, nil)
	for _, want := range []string{"```go\ntype Builder struct", "[Writer.Write]", "**Index**"} {
		if want != "[Writer.Write]" && !strings.Contains(page.Markdown, want) {
			t.Errorf("no %q in the Markdown\n%s", want, page.Markdown)
		}
	}
	if !strings.Contains(page.HTML, `<pre><code class="language-go">type Builder struct`) || !strings.Contains(page.HTML, "<p>A Builder") {
		t.Errorf("HTML:\n%s", page.HTML)
	}
}

func FuzzInspect(f *testing.F) {
	for _, s := range []string{"p.X", "f(", "nn.Dense{Un", "%cd", "世界.x(\n🎉", "a[b](", "}}(("} {
		f.Add(s, 3)
	}
	c := opened(f, earlier...)
	f.Fuzz(func(t *testing.T, code string, at int) {
		c.Inspect(code, at, true, nil)
		c.Describe(code, true, nil)
	})
}
