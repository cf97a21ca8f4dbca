package flow

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/source"
)

var packages = importer.ForCompiler(token.NewFileSet(), "source", nil)

// checked checks the statements of a cell: the body of f. Variables of the
// package stand for those of a session.
func checked(t *testing.T, decls, stmts string) (source.Checked, *ast.File, *ast.FuncDecl) {
	t.Helper()
	fset := token.NewFileSet()
	text := "package p\n" + decls + "\nfunc f() {\n" + stmts + "\n}\n"
	file, err := parser.ParseFile(fset, "", text, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}}
	conf := types.Config{Importer: packages, Error: func(err error) {
		if p := source.ProblemOf(err.(types.Error)); p != source.UnusedVariable && p != source.UnusedValue {
			t.Fatalf("%v\n%s", err, text)
		}
	}}
	pkg, _ := conf.Check("p", fset, []*ast.File{file}, info)
	return source.Checked{Pkg: pkg, Info: info}, file, file.Decls[len(file.Decls)-1].(*ast.FuncDecl)
}

func TestQuietLoop(t *testing.T) {
	const decls = "import \"math\"\nvar a, n int; var x float64; var s []int; var m map[string]int; var p *int; var e any; var st struct{ a int }\nfunc g() int { return 1 }"
	for stmt, want := range map[string]bool{
		"for i := range 10 { a += i }":                     true,
		"for i := range 10 { a += i; if a > 5 { break } }": true,
		"for _, v := range s { a += v }":                   true,
		"for k := range m { _ = k; st.a++ }":               true,
		"for a < 10 { a += len(s) }":                       true,
		"for a < 10 { x = math.Sqrt(float64(a)); a++ }":    true,
		"for a < 10 { a = a / 2 }":                         true,
		"for a < 10 { a = a / n }":                         false, // n may be 0
		"for a < 10 { a = a << n }":                        false, // n may be negative
		"for a < 10 { a += g() }":                          false,
		"for a < 10 { a += s[0] }":                         false,
		"for a < 10 { *p = a }":                            false,
		"for a < 10 { if e == nil { a++ } }":               false, // an interface, like any other
		"for a < 10 { if e == e { a++ } }":                 false, // may panic
		"for a < 10 { return }":                            false,
		"for a < 10 { println(a) }":                        false,
		"l: for a < 10 { for { break l } }":                true,
		"for range g { }":                                  false,
	} {
		d := decls
		if stmt == "for range g { }" {
			d = strings.Replace(decls, "func g() int { return 1 }", "func g(yield func() bool) {}", 1)
			d = strings.Replace(d, "import \"math\"", "", 1)
		} else if !strings.Contains(stmt, "math.") {
			d = strings.Replace(d, "import \"math\"", "", 1)
		}
		c, _, fn := checked(t, d, stmt)
		if got := QuietLoop(c, fn.Body.List[0]); got != want {
			t.Errorf("%s: %v", stmt, got)
		}
	}
}

func TestShared(t *testing.T) {
	const decls = "var x int; var arr [3]int; var v T\ntype T struct{ n int }\nfunc (t *T) Set() {}\nfunc (t T) Get() int { return t.n }"
	for stmts, want := range map[string]string{
		"x++; v.n = 1; _ = v.Get()":     "",
		"func() { println(x) }()":       "x read",
		"func() { x++ }()":              "x written",
		"p := &x; *p = 1":               "x written",
		"v.Set()":                       "v written",
		"_ = arr[:]":                    "arr written",
		"_ = arr[0]":                    "",
		"go func() { v.n, x = 1, 2 }()": "v written, x written",
		"_ = &v.n":                      "v written",
	} {
		c, _, fn := checked(t, decls, stmts)
		var got []string
		for obj, how := range Shared(c, &ast.File{Name: ast.NewIdent("p"), Decls: []ast.Decl{fn}}, true) {
			if obj.Parent() == c.Pkg.Scope() {
				got = append(got, obj.Name()+map[Sharing]string{ReadByFunctions: " read", WrittenByOthers: " written"}[how])
			}
		}
		slices.Sort(got)
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s: %q, want %q", stmts, text, want)
		}
	}
}

func TestDroppedErrors(t *testing.T) {
	const decls = "import (\"os\"; \"errors\"; \"io\")\nvar _ = io.EOF; var _ = errors.New; var _ = os.Args; var err error\nfunc try() error { return nil }\nfunc two() (int, error) { return 0, nil }"
	for stmts, want := range map[string]int{
		"err := try()":                                         1,
		"n, err := two(); _ = n":                               1,
		"err := try(); if err != nil { return }":               0,
		"err := try(); err = try(); _ = err":                   1,
		"err := errors.New(\"x\")":                             0,
		"err := io.EOF":                                        0,
		"err := errors.Join(try())":                            1,
		"_ = try()":                                            0,
		"for range 3 { err = try() }":                          1,
		"for range 3 { if err != nil { break }; err = try() }": 0,
		"var e error; if e = try(); true { }; _ = 1":           1,
		"err := try(); defer func() { _ = err }()":             0,
		"err := try(); p := &err; _ = p":                       0,
		"if true { err = try() } else { println(err) }":        1,
		"try()": 0,
	} {
		c, _, fn := checked(t, decls, stmts)
		if got := DroppedErrors(c, fn, func(types.Object) bool { return false }); len(got) != want {
			t.Errorf("%s: %d errors, want %d", stmts, len(got), want)
		}
		if got := DroppedErrors(c, fn, func(types.Object) bool { return true }); len(got) != 0 {
			t.Errorf("%s: what a function reads is dropped", stmts)
		}
	}
}

func TestWaits(t *testing.T) {
	const decls = "import (\"time\"; \"sync\")\nvar _ = time.Now; var wg sync.WaitGroup; var c chan int\nfunc g() int { return 1 }"
	for stmt, want := range map[string][2]bool{ // without calls, with
		"time.Sleep(1)":                {true, true},
		"wg.Wait()":                    {true, true},
		"wg.Done()":                    {false, true},
		"c <- 1":                       {true, true},
		"x := <-c; _ = x":              {true, true},
		"g()":                          {false, true},
		"_ = len(\"x\")":               {false, false},
		"go g()":                       {false, false},
		"_ = func() { time.Sleep(1) }": {false, false},
		"if true { time.Sleep(1) }":    {false, true},
		"select { }":                   {true, true},
	} {
		c, _, fn := checked(t, decls, stmt)
		for i, calls := range []bool{false, true} {
			if got := Waits(c, fn.Body.List[0], calls); got != want[i] {
				t.Errorf("%s (calls %v): %v", stmt, calls, got)
			}
		}
	}
}

func TestOutlives(t *testing.T) {
	const decls = "import \"slices\"\nvar _ = slices.Sort[[]int]; var keep func()\nfunc target() {}\nfunc take(f func()) {}\nfunc less(a, b int) int { target(); return 0 }"
	for stmts, want := range map[string]string{ // of the call of target: called, by go, in what outlives
		"target()":                    "called",
		"go target()":                 "called by go",
		"keep = target":               "",
		"func() { target() }()":       "called",
		"defer func() { target() }()": "called",
		"go func() { target() }()":    "called outlives",
		"keep = func() { target() }":  "called outlives",
		"take(func() { target() })":   "called outlives",
		"slices.SortFunc([]int{}, func(a, b int) int { target(); return 0 })": "called",
		"take(target)": "",
	} {
		c, _, fn := checked(t, decls, stmts)
		ast.PreorderStack(fn, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || id.Name != "target" {
				return true
			}
			var got []string
			called, byGo := Called(id, stack)
			for is, word := range map[string]bool{"called": called, "by go": byGo, "outlives": Outlives(c, stack)} {
				if word {
					got = append(got, is)
				}
			}
			slices.SortFunc(got, func(a, b string) int {
				return strings.Index("called by go outlives", a) - strings.Index("called by go outlives", b)
			})
			if text := strings.Join(got, " "); text != want {
				t.Errorf("%s: %q, want %q", stmts, text, want)
			}
			return true
		})
	}
}

func TestCopies(t *testing.T) {
	const decls = "var a, b int; var s []int; var st struct{ x, y int }; var big [100]int\nfunc g() int { return 1 }"
	for stmts, want := range map[string]string{
		"for i := range 3 { a += i }":           "a: 1 write",
		"for i := range 3 { a += b; b = i }":    "a: 1 write, b: 1 write",
		"for i := range 3 { s = append(s, i) }": "s: left",
		"for i := range 3 { st.x = i }":         "st: 1 write",
		"for i := range 3 { big[i] = a }":       "a: 0 writes",
		"for range 3 { a, s[0] = 1, 2 }":        "a: left, s: 0 writes",
		"for a = range 3 { }":                   "a: 1 write",
		"for a = 0; a < 3; a++ { }":             "a: 2 writes",
		"for a = 0; a < s[a]; a++ { }":          "a: left, s: 0 writes",
		"for a = 0; a < g(); a++ { }":           "no loop",
		"for g() > 0 { for range 3 { a++ } }":   "a: 1 write",
		"func() { for range 3 { a++ } }()":      "no loop",
	} {
		c, _, fn := checked(t, decls, stmts)
		var got []string
		for _, loop := range Loops(c, fn) {
			all := Copies(c, loop, func(obj types.Object) string {
				if obj.Parent() == c.Pkg.Scope() {
					return obj.Name()
				}
				return ""
			})
			for _, name := range slices.Sorted(maps.Keys(all)) {
				switch v := all[name]; {
				case v.Left:
					got = append(got, name+": left")
				case len(v.Writes) == 1:
					got = append(got, name+": 1 write")
				default:
					got = append(got, fmt.Sprintf("%s: %d writes", name, len(v.Writes)))
				}
			}
			if len(got) == 0 {
				got = append(got, "nothing")
			}
		}
		if got == nil {
			got = []string{"no loop"}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s: %q, want %q", stmts, text, want)
		}
	}
}
