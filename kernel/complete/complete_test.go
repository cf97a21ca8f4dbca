package complete

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

var earlier = []string{
	"xs := []float64{1, 2}\nname := \"gopher\"\nm := map[string]int{}\nmodel, err := nn.Sequential(dl.Shape{28, 28, 1}, nn.Flatten{}, nn.Dense{Units: 10})\n_ = err",
	"// A point is where two lines meet.\ntype point struct {\n\tX, Y float64\n\thidden int // not exported\n}\n\n// Norm is the distance to the origin.\nfunc (p point) Norm() float64 { return p.X }\nfunc (p *point) Move(dx float64) { p.X += dx }\ntype named struct { point; Name string }",
	"// mean is the sum by the number.\nfunc mean(xs []float64) float64 { return xs[0] }\nconst answer = 42\ntype list[T any] struct { items []T }\nfunc (l *list[T]) First() T { return l.items[0] }\nfunc mapped[T, U any](in []T, f func(T) U) []U { return nil }",
	"p := point{}\nq := &named{}\nl := &list[point]{}\npoints := []point{p}",
}

func TestComplete(t *testing.T) {
	c := opened(t, earlier...)
	for _, test := range []struct {
		name, code string
		want       []string // in this order, maybe with others between
		not        []string
		replaced   string
	}{
		{"session variables", "x¦", []string{"xs"}, []string{"mean", "name"}, "x"},
		{"whatever the case of letters", "NA¦", []string{"name"}, nil, "NA"},
		{"functions of earlier cells", "me¦", []string{"mean"}, nil, "me"},
		{"types of earlier cells", "var z po¦", []string{"point"}, []string{"points"}, "po"},
		{"fields and methods", "p.¦", []string{"hidden", "Move", "Norm", "X", "Y"}, nil, ""},
		{"promoted ones", "q.¦", []string{"Name", "point", "hidden", "Norm", "X"}, nil, ""},
		{"of a pointer, with a start", "q.N¦", []string{"Name", "Norm"}, []string{"X"}, "N"},
		{"a library's type", "model.¦", []string{"Forward"}, []string{"hidden"}, ""},
		{"packages without import line", "plott¦", []string{"plotting"}, nil, "plott"},
		{"their names", "strings.Spl¦", []string{"Split", "SplitAfter", "SplitN", "SplitSeq"}, []string{"Builder"}, "Spl"},
		{"dl", "dl.Ran¦", []string{"Randn"}, nil, "Ran"},
		{"in lower case", "fmt.pri¦", []string{"Print", "Printf", "Println"}, nil, "pri"},
		{"two packages of a name", "rand.Re¦", []string{"Reader"}, nil, "Re"},
		{"the cell's own import", "import str \"strings\"\nstr.Has¦", []string{"HasPrefix", "HasSuffix"}, nil, "Has"},
		{"the cell's own variables", "total := 1\ntoo := tot¦", []string{"total"}, nil, "tot"},
		{"variables of a function", "func f(alpha int) {\n\talphabet := 2\n\tfor alpine := range 3 {\n\t\tal¦\n\t}\n\talso := 1\n}", []string{"alpine", "alpha", "alphabet"}, []string{"also"}, "al"},
		{"a function sees the statements of its cell", "total := []point{}\nfunc f() { total[0].N¦ }", []string{"Norm"}, nil, "N"},
		{"a method chain", "strings.NewReplacer(\"a\", \"b\").Rep¦", []string{"Replace"}, nil, "Rep"},
		{"a chain of many lines", "time.Now().\n\tAdd(3).\n\tTrunc¦", []string{"Truncate"}, nil, "Trunc"},
		{"an element", "points[0].¦", []string{"Norm"}, nil, ""},
		{"a generic type", "l.First().N¦", []string{"Norm"}, nil, "N"},
		{"a generic function's result", "mapped(xs, func(x float64) point { return p })[0].N¦", []string{"Norm"}, nil, "N"},
		{"a parameter of a function literal", "mapped(points, func(pt point) float64 { return pt.N¦", []string{"Norm"}, nil, "N"},
		{"struct literal fields", "nn.Conv2D{Fi¦", []string{"Filters:"}, []string{"fmt", "first", "final"}, "Fi"},
		{"all of them, in their order", "nn.Conv2D{Filters: 3, ¦}", []string{"Kernel:", "Stride:", "Activation:"}, []string{"Filters:"}, ""},
		{"before a colon", "nn.Conv2D{Fi¦: 3}", []string{"Filters"}, []string{"Filters:"}, "Fi"},
		{"of a pointer", "o := &optim.Adam{Lear¦", []string{"LearningRate:"}, nil, "Lear"},
		{"of elided types", "[]point{{X: 1, ¦}}", []string{"Y:", "hidden:"}, []string{"X:"}, ""},
		{"in the middle of a call", "model, err := nn.Sequential(dl.Shape{1}, nn.Den¦, nn.Flatten{})", []string{"Dense"}, nil, "Den"},
		{"a value for a field", "nn.Dense{Activation: nn.Re¦}", []string{"ReLU"}, nil, "Re"},
		{"what fits stands first", "mean(¦)", []string{"xs", "answer"}, nil, ""},
		{"in the middle of an identifier", "strings.Has¦Prefix(name, \"a\")", []string{"HasPrefix", "HasSuffix"}, nil, "HasPrefix"},
		{"after emoji and CJK", "s := \"🎉世界\"; 世 := p; 世.N¦", []string{"Norm"}, nil, "N"},
		{"an identifier of CJK", "世界 := 1\n世¦", []string{"世界"}, nil, "世"},
		{"what follows is broken", "p.N¦\nfoo(((\nfunc", []string{"Norm"}, nil, "N"},
		{"what stands before is broken", "foo(1 2\ny := (\np.N¦", []string{"Norm"}, nil, "N"},
		{"broken inside a function", "func f(a point) {\n\tx := := 2\n\ta.N¦\n}", []string{"Norm"}, nil, "N"},
		{"an unfinished if", "if p.N¦", []string{"Norm"}, nil, "N"},
		{"an unfinished for", "for i, e := range points {\n\tif e.N¦", []string{"Norm"}, nil, "N"},
		{"a for's header", "for i := 0; i < len(poi¦", []string{"points"}, nil, "poi"},
		{"an unfinished switch", "switch {\ncase p.N¦", []string{"Norm"}, nil, "N"},
		{"an if with an assignment", "if n := p.N¦", []string{"Norm"}, nil, "N"},
		{"a switch with one", "switch n := p.N¦", []string{"Norm"}, nil, "N"},
		{"a for with one", "for n := p.N¦", []string{"Norm"}, nil, "N"},
		{"a list of what is assigned to", "name, p.hi¦", []string{"hidden"}, nil, "hi"},
		{"a call in such a list", "name, xs[int(p.N¦", []string{"Norm"}, nil, "N"},
		{"go and defer", "defer p.N¦", []string{"Norm"}, nil, "N"},
		{"a dot at the end of a line", "p.¦\nx := 3", []string{"Norm"}, nil, ""},
		{"a call at the end of a line", "mean(poi¦\nfunc g() {}", []string{"points"}, nil, "poi"},
		{"behind a command", "%time\np.N¦", []string{"Norm"}, nil, "N"},
		{"in main", "%%\nv := p\nv.N¦", []string{"Norm"}, nil, "N"},
		{"ctx", "ct¦", []string{"ctx"}, nil, "ct"},
		{"ctx's methods", "ctx.De¦", []string{"Deadline"}, nil, "De"},
		{"builtins", "appe¦", []string{"append"}, nil, "appe"},
		{"keywords", "sele¦", []string{"select"}, nil, "sele"},
		{"letters left out", "strings.hpx¦", []string{"HasPrefix"}, nil, "hpx"},
		{"import paths", "import \"gonum.org/v1/gonum/st¦\"", []string{"gonum.org/v1/gonum/stat"}, nil, "gonum.org/v1/gonum/st"},
		{"an import path by its last element", "import \"stat¦\"", []string{"gonum.org/v1/gonum/stat"}, []string{"strconv"}, "stat"},
		{"no others", "import \"net/ur¦\"", []string{"net/url"}, []string{"net/http"}, "net/ur"},
		{"import paths, not closed", "import (\n\t\"math/ra¦\n)", []string{"math/rand/v2"}, nil, "math/ra"},
		{"nothing in a comment", "// str¦", nil, []string{"strings"}, ""},
		{"nothing in a number", "x := 12¦", nil, []string{"xs"}, ""},
		{"nothing for a new field", "type t struct { na¦ string }", nil, []string{"name"}, ""},
		{"types for a field", "type t struct { a poi¦ }", []string{"point"}, []string{"points"}, "poi"},
		{"a label", "outer:\nfor {\n\tbreak ou¦\n}", []string{"outer"}, nil, "ou"},
		{"a redefined type", "type point struct { Z int }\nvar r point\nr.¦", []string{"Z"}, []string{"X"}, ""},
		{"commands", "%wr¦", []string{"%%writefile"}, []string{"%who"}, "%wr"},
		{"commands in the middle of a cell", "x\n%w¦\ny", []string{"%who", "%whos", "%with_inputs"}, []string{"%%writefile"}, "%w"},
		{"cell commands", "%%b¦", []string{"%%bash"}, []string{"%cd"}, "%%b"},
		{"all commands", "%¦", []string{"%cd", "%who"}, []string{"!"}, "%"},
		{"files of a shell command", "!cat fo¦", []string{"folder/", "food.txt"}, []string{"other.go"}, "fo"},
		{"files in a folder", "!cat folder/¦", []string{"inner.txt"}, nil, ""},
		{"programs", "!ech¦", []string{"echo"}, nil, "ech"},
		{"behind a pipe", "!ls | sor¦", []string{"sort"}, nil, "sor"},
		{"folders", "%cd f¦", []string{"folder/"}, []string{"food.txt"}, "f"},
		{"a file to write", "%%writefile -a oth¦\nbody", []string{"other.go"}, nil, "oth"},
		{"help of a command", "%help wr¦", []string{"%%writefile"}, []string{"%who"}, "wr"},
		{"a file to load", "%load fo¦", []string{"folder/", "food.txt"}, nil, "fo"},
		{"nothing for a command that takes nothing", "%time ¦\nx", nil, []string{"food.txt"}, ""},
		{"a program", "%%script bas¦\nx", []string{"bash"}, nil, "bas"},
		{"a statement behind a command", "%timeit -n 3 strings.HasP¦", []string{"HasPrefix"}, nil, "HasP"},
		{"below a cell command", "%%timeit\nstrings.HasP¦", []string{"HasPrefix"}, nil, "HasP"},
		{"a file in a script", "%%bash\nls fo¦", []string{"folder/", "food.txt"}, nil, "fo"},
		{"a file in a string", "os.ReadFile(\"foo¦\")", []string{"food.txt"}, nil, "foo"},
		{"the environment", "%env PAT¦", []string{"PATH"}, nil, "PAT"},
		{"the environment of a script", "!echo $PAT¦", []string{"$PATH"}, nil, "$PAT"},
		{"in quotes", "%%bash\necho \"a:$PAT¦", []string{"$PATH"}, nil, "$PAT"},
		{"flags", "%%writefile -¦", []string{"-a"}, nil, "-"},
		{"flags that the help names", "%load -e¦", []string{"-exact"}, []string{"-a"}, "-e"},
		{"types of variables", "%who po¦", []string{"point"}, []string{"points"}, "po"},
		{"range", "for i := ra¦", []string{"range"}, nil, "ra"},
		{"range with a body", "for _, x = r¦ {\n}", []string{"range"}, nil, "r"},
		{"no range elsewhere", "x := ra¦", nil, []string{"range"}, "ra"},
		{"what to remove", "%rm poi¦", []string{"point", "points"}, []string{"mean"}, "poi"},
		{"what to look up", "%doc strings.Spl¦", []string{"Split"}, nil, "Spl"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, at := cursor(t, test.code)
			got := c.Complete(code, at)
			i := 0
			for _, m := range got.Matches {
				if i < len(test.want) && m.Text == test.want[i] {
					i++
				}
				if slices.Contains(test.not, m.Text) {
					t.Errorf("%q is among the matches", m.Text)
				}
			}
			if i < len(test.want) {
				t.Errorf("no %q, or not in this place; matches: %.300s", test.want[i], texts(got))
			}
			runes := []rune(code)
			if r := string(runes[got.Start:got.End]); len(test.want) > 0 && r != test.replaced {
				t.Errorf("replaces %q, want %q", r, test.replaced)
			}
		})
	}
}

func TestKindsAndSignatures(t *testing.T) {
	c := opened(t, earlier...)
	for _, test := range []struct {
		code string
		want Match
	}{
		{"mea¦", Match{"mean", "function", "(xs []float64) float64"}},
		{"xs¦", Match{"xs", "instance", "[]float64"}},
		{"poin¦", Match{"points", "instance", "[]point"}},
		{"list¦", Match{"list", "class", "struct"}},
		{"p.X¦", Match{"X", "property", "float64"}},
		{"answ¦", Match{"answer", "constant", "untyped int"}},
		{"stat¦", Match{"stat", "module", "gonum.org/v1/gonum/stat"}},
		{"strings.HasP¦", Match{"HasPrefix", "function", "(s string, prefix string) bool"}},
		{"%cd¦ ", Match{}},
		{"func¦", Match{"func", "keyword", ""}},
	} {
		code, at := cursor(t, test.code)
		got := c.Complete(code, at)
		if test.want.Text == "" {
			if len(got.Matches) > 0 {
				t.Errorf("%s: %v, want nothing", test.code, got.Matches)
			}
			continue
		}
		if !slices.Contains(got.Matches, test.want) {
			t.Errorf("%s: %+v, want %+v", test.code, got.Matches, test.want)
		}
	}
}

// FuzzComplete asks at every position of any text.
func FuzzComplete(f *testing.F) {
	for _, s := range []string{"p.", "nn.Dense{Un", "%wr", "!ls fo", "世界.x\n🎉", "func f() {", "import \"", "%%bash\nls", "a\r\n`b", "type t[P any] struct{", "switch x := p.(type) { case"} {
		f.Add(s, 3)
	}
	c := opened(f, earlier...)
	f.Fuzz(func(t *testing.T, code string, at int) {
		n := len([]rune(code))
		got := c.Complete(code, at)
		if got.Start < 0 || got.End < got.Start || got.End > n {
			t.Fatalf("replaces %d to %d of %d", got.Start, got.End, n)
		}
		if strings.Contains(texts(got), placeholder) {
			t.Fatal("the placeholder is a match")
		}
	})
}

// Front ends ask while the session changes.
func TestAskedFromAllSides(t *testing.T) {
	c := opened(t, earlier...)
	sc, archives := c.held.Load(), c.packages.archives
	other := map[string]string{}
	for path, file := range archives {
		if path != "strings" { // as after a change of go.mod
			other[path] = file
		}
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 20 {
				switch i {
				case 0:
					if n%2 == 0 {
						c.Update(sc, other, "")
					} else {
						c.Update(sc, archives, "")
					}
				case 1:
					c.Complete("strings.HasP", 12)
				case 2:
					if texts(c.Complete("p.N", 3)) != "Norm" {
						t.Error("p has no Norm")
					}
				default:
					if _, ok := c.Inspect("dl.Randn(", 9, true, nil); !ok {
						t.Error("dl.Randn is unknown")
					}
				}
			}
		})
	}
	all.Wait()
	if texts(c.Complete("strings.HasP", 12)) != "HasPrefix" {
		t.Error("strings is not what it was")
	}
}
