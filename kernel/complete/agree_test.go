package complete

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// The compiler and Tab agree: these tests give cells to a session, which runs
// them, and to a completer, as they are typed, and hold them to the invariants
// that the documentation of package source lists.

var (
	agreeCells = flag.Int("agree.cells", 1500, "how many random cells the session and the completer must agree on")
	agreeSeed  = flag.Uint64("agree.seed", 1, "seed of the random cells")
)

// An agreement is a session with its completer.
type agreement struct {
	*testing.T
	c        *Completer
	s        *session.Session
	archives map[string]string
	number   int
	// What was seen: cells that were run, and those refused.
	ran, refused int
}

func newAgreement(t *testing.T) *agreement {
	t.Helper()
	a := &agreement{T: t, c: opened(t)}
	a.archives = a.c.packages.archives
	a.reset()
	return a
}

func (a *agreement) reset() {
	p := newPackages()
	p.update(a.archives)
	a.s = session.New(p, func(name string) []string { return a.c.cfg.Known[name] }, a.c.cfg.Lang)
	a.teach()
}

func (a *agreement) teach() { a.c.Update(a.s.Scope(), a.archives, "") }

// cell holds the session and the completer to the invariants for one cell, and
// reports whether the session has accepted and run it.
func (a *agreement) cell(code string) bool {
	a.number++
	parsed, err := cell.Parse(code, a.number)
	if err == nil && parsed.Whole != nil {
		return false
	}
	status, _ := IsComplete(code)
	if err != nil {
		if status == Complete {
			a.Errorf("%q is complete, and the cell language refuses it: %v", code, err)
		}
		return false
	}
	for _, cmd := range parsed.Commands {
		if cmd.Name == "%rm" {
			for _, name := range cmd.Args {
				a.s.Remove(name)
			}
		}
	}
	a.teach()
	sc := session.Cell{Number: a.number, Main: parsed.Main, Quiet: parsed.Quiet, Program: parsed.Package != ""}
	for _, list := range []struct {
		from []cell.Piece
		to   *[]session.Piece
	}{{parsed.Decls, &sc.Decls}, {parsed.Stmts, &sc.Stmts}, {parsed.MainBody, &sc.Body}} {
		for _, p := range list.from {
			*list.to = append(*list.to, session.Piece{Text: p.Text, Line: p.Line, Col: p.Col, Doc: p.Doc})
		}
	}
	a.syntax(code, status, sc)
	typed := a.typed(code)
	atEnd := a.atEnd(code)
	plan, err := a.s.Plan(sc)
	if err != nil {
		a.refused++
		return false
	}
	a.ran++
	before := held(a.s.Scope())
	a.s.Commit(plan)
	after := a.s.Scope()
	typed.agrees(a, code, plan, after)
	if atEnd != nil && !sc.Main && !slices.ContainsFunc(plan.Notes, func(n string) bool { return strings.Contains(n, "is known in this cell only") }) {
		a.names(code, "at its end", atEnd, held(after), []string{"main", "init"}, before)
	}
	a.teach()
	if p := a.c.around(cell.Draft{Go: "\n"}, 0, 0); p == nil {
		a.Errorf("%q: nothing is known behind it", code)
	} else {
		a.names(code, "behind it", p, held(after), nil, nil)
	}
	return true
}

// syntax checks that is_complete and the parser agree.
func (a *agreement) syntax(code, status string, sc session.Cell) {
	fset, last := token.NewFileSet(), func(source.Piece) bool { return false }
	var errs []error
	for _, p := range sc.Decls {
		_, err := source.ParseDecl(fset, "", sc.Number, p, false)
		errs = append(errs, err)
	}
	for _, list := range [][]source.Piece{sc.Stmts, sc.Body} {
		_, err := source.ParseBody(fset, "", sc.Number, list, last)
		errs = append(errs, err)
	}
	err := errors.Join(errs...)
	if valid := status == Complete || status == Incomplete && (sc.Main || strings.HasPrefix(code, "%%")); err != nil && valid && status == Complete {
		a.Errorf("%q is complete, and the parser refuses it: %v", code, err)
	} else if err == nil && status == Invalid {
		a.Errorf("%q is invalid, and the parser takes it", code)
	}
}

// A typedCell is what the completer understands of a cell that is being typed.
type typedCell struct {
	passes []*program // the statements, and the declarations
	wrong  []string
}

// typed checks a cell as the completer does, in both passes.
func (a *agreement) typed(code string) typedCell {
	d := cell.ParseDraft(code)
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	var all typedCell
	for _, kind := range []partKind{stmtPart, declPart, mainPart} {
		p, _ := a.c.parse(arrange(d, len(d.Go), len(d.Go), whole, ""))
		for _, u := range p.units {
			u.cursorIn = -1 // nowhere: all is written
		}
		i := slices.IndexFunc(p.units, func(u *unit) bool { return u.kind == kind })
		if i < 0 {
			continue
		}
		p.at, p.path = p.units[i], nil
		p.check(func(e types.Error) {
			u := slices.IndexFunc(p.units, func(u *unit) bool { return u.Name == p.fset.PositionFor(e.Pos, false).Filename })
			if u < 0 || (p.units[u].kind == stmtPart) != (kind == stmtPart) || harmless(e.Msg) {
				return
			}
			all.wrong = append(all.wrong, e.Msg)
		})
		all.passes = append(all.passes, p)
	}
	return all
}

// harmless reports whether a session takes what a check complains about.
func harmless(text string) bool {
	return strings.Contains(text, "declared and not used") || strings.Contains(text, "imported") && strings.HasSuffix(text, "and not used") ||
		strings.HasSuffix(text, "is not used") || strings.HasPrefix(text, "\t")
}

// agrees compares with what the session made of the cell.
func (typed typedCell) agrees(a *agreement, code string, plan *session.Plan, after *source.Snapshot) {
	if len(typed.wrong) > 0 {
		a.Errorf("%q is accepted, and the completer finds %q", code, typed.wrong)
	}
	body := map[string]string{}
	for _, f := range plan.Files {
		if f.Name != "body.go" {
			continue
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), "", f.Text, parser.ImportsOnly)
		if err != nil {
			a.Fatal(err)
		}
		for _, spec := range source.Imports(syntax) {
			if name, ok := gen.CutHiddenImport(spec.Name); ok {
				spec.Name = name
			}
			body[spec.Name] = spec.Path
		}
	}
	for _, p := range typed.passes {
		for _, u := range p.units {
			if u.kind == stmtPart {
				for name, path := range u.imports {
					if other, ok := body[name]; ok && other != path {
						a.Errorf("%q: the name %s of a statement is package %q, and the completer says %q", code, name, other, path)
					}
				}
				continue
			}
			decls := source.Decls(u.Syntax)
			if len(decls) != 1 {
				continue
			}
			for _, d := range after.Decls {
				if d.Cell != a.number || d.Kind != decls[0].Kind || d.Name != decls[0].Name || d.Line != u.line {
					continue
				}
				for name, path := range d.Imports {
					if u.imports[name] != path {
						a.Errorf("%q: the name %s of %s is package %q, and the completer says %q", code, name, d.Symbol, path, u.imports[name])
					}
				}
				if len(u.imports) != len(d.Imports) {
					a.Errorf("%q: %s names packages %v, and the completer says %v", code, d.Symbol, d.Imports, u.imports)
				}
			}
		}
		if p.at.kind != stmtPart {
			continue
		}
		for _, id := range source.TopVars(p.at.Body()) {
			obj := p.info.Defs[id]
			if obj == nil {
				continue
			}
			text, ok := source.TextOf(obj.Type(), p.pkg)
			i := slices.IndexFunc(after.Vars, func(v source.KeptVar) bool { return v.Name == id.Name })
			if ok != (i >= 0) || ok && text.Text != after.Vars[i].Type {
				a.Errorf("%q: the completer types %s as %+v, %v; the session has %+v", code, id.Name, text, ok, after.Vars)
			}
		}
	}
}

// atEnd looks at the end of a cell, as if it went on there.
func (a *agreement) atEnd(code string) *program {
	d := cell.ParseDraft(code + "\n")
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	return a.c.around(d, len(d.Go), len(d.Go))
}

// held are the names that a session holds, with what they are to a reader: of a
// variable its type, else its kind.
func held(s *source.Snapshot) map[string]string {
	names := map[string]string{}
	for _, d := range s.Decls {
		for _, name := range d.Names {
			if name != "_" && !s.Hiding[name] && !strings.HasPrefix(name, "__") { // those are not offered
				names[name] = d.Kind.String()
			}
		}
	}
	for _, v := range s.Vars {
		if !s.Hiding[v.Name] && !strings.HasPrefix(v.Name, "__") {
			names[v.Name] = "var " + v.Shown
		}
	}
	return names
}

// names compares the names that are offered with those of the session. allowed
// are names that need not be kept; earlier is the session before the cell.
func (a *agreement) names(code, where string, p *program, want map[string]string, allowed []string, earlier map[string]string) {
	offered := map[string]candidate{}
	a.c.mu.Lock()
	all := p.names()
	a.c.mu.Unlock()
	for _, c := range all {
		if c.kind != kindModule && c.kind != kindKeyword {
			offered[c.name] = c
		}
	}
	for name, is := range want {
		c, ok := offered[name]
		got := map[string]string{kindFunction: "func", kindClass: "type", kindConstant: "const", kindInstance: "var " + c.detail}[c.kind]
		if typ, isVar := strings.CutPrefix(is, "var "); isVar && c.kind == kindFunction && strings.TrimPrefix(typ, "func") == c.detail {
			got = is // a variable that can be called
		}
		if !ok || got != is {
			a.Errorf("%q: the session has %s %s %s, and offered is %+v", code, is, name, where, c)
		}
	}
	for name := range offered {
		_, held := want[name]
		dotted := slices.ContainsFunc(p.view.Dots, func(path string) bool {
			pkg, err := p.packages.Import(path)
			return err == nil && ast.IsExported(name) && pkg.Scope().Lookup(name) != nil
		})
		if held || dotted || name == "ctx" || types.Universe.Lookup(name) != nil || slices.Contains(allowed, name) {
			continue
		}
		if _, was := earlier[name]; was {
			continue // the cell breaks it, or takes it away with its type
		}
		a.Errorf("%q: %s is offered %s, and the session does not have it", code, name, where)
	}
}

// TestAgreeOnTheCellsOfTests takes the string literals in the tests of the
// session and the engine as cells, those of each test as one session, and the
// cells of the notebooks.
func TestAgreeOnTheCellsOfTests(t *testing.T) {
	a := newAgreement(t)
	var files []string
	for _, pattern := range []string{"../session/*_test.go", "../engine/*_test.go", "*_test.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			a.reset()
			ast.Inspect(d, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil && len(text) < 1<<14 {
						a.cell(text)
					}
				}
				return true
			})
		}
	}
	a.atLeast(600)
	notebooks, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range notebooks {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a.reset()
		for _, code := range codeCells(t, b) {
			a.cell(code)
		}
	}
	a.atLeast(700)
}

func (a *agreement) atLeast(n int) {
	a.Helper()
	a.Logf("%d cells ran, %d were refused", a.ran, a.refused)
	if a.ran < n {
		a.Errorf("only %d cells ran, of which there should be %d", a.ran, n)
	}
}

// TestAgreeOnRandomCells makes cells whose few names meet all the time: as
// variables, types, functions, constants, methods, packages and predeclared
// names.
func TestAgreeOnRandomCells(t *testing.T) {
	a := newAgreement(t)
	r := rand.New(rand.NewPCG(*agreeSeed, 0))
	for i := range *agreeCells {
		if i%12 == 0 {
			a.reset()
		}
		if code := randomCell(r); !a.cell(code) && t.Failed() {
			t.Fatalf("seed %d, cell %d", *agreeSeed, i)
		}
	}
	a.atLeast(*agreeCells / 6)
}

// randomCell makes one to four lines.
func randomCell(r *rand.Rand) string {
	var lines []string
	for range 1 + r.IntN(4) {
		lines = append(lines, randomLine(r))
	}
	return strings.Join(lines, "\n")
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func randomName(r *rand.Rand) string {
	if r.IntN(8) == 0 {
		return pick(r, "string", "len", "error", "max", "true", "any", "init", "main", "ctx", "Repeat", "Pi", "Cut")
	}
	return pick(r, "a", "b", "c", "T", "U", "node", "strings", "math", "rand")
}

func randomType(r *rand.Rand) string {
	return pick(r, "int", "string", "[]float64", "map[string]int", "error", "*strings.Builder", "rand.Rand", "T", "*T", "U", "node", "[]U", "func(int) T", "struct{ x T }")
}

func randomExpr(r *rand.Rand) string {
	switch r.IntN(14) {
	case 0:
		return fmt.Sprintf("fmt.Sprint(%s, %s)", randomName(r), randomName(r))
	case 1:
		return pick(r, `strings.Repeat("a", 2)`, `strings.NewReplacer("a", "b")`, `strings.Builder{}`, `Repeat("b", 3)`, `len(Repeat("b", 3))`)
	case 2:
		return pick(r, "rand.IntN(3)", "rand.Reader", "rand.Int()", "math.Pi", "math.Sqrt(2)", "Pi + 1", "max(1, 2)", "unsafe.Sizeof(1)")
	case 3:
		return randomType(r) + "{}"
	case 4:
		return "new(" + randomType(r) + ")"
	case 5:
		return "func(x int) " + randomType(r) + " { panic(x) }"
	case 6:
		return randomName(r)
	case 7:
		return randomName(r) + "." + pick(r, "x", "y", "T", "M", "String()", "error")
	case 8:
		return randomName(r) + "(" + pick(r, "", "1", "a", `"a"`) + ")"
	case 9:
		return "map[string]int{" + pick(r, `"a"`, "a", "b", "Repeat(\"k\", 1)") + ": 1}"
	case 10:
		return "[]any{" + randomName(r) + ", " + randomName(r) + "}"
	}
	return pick(r, "1", `"text"`, "2.5", "nil", "true", "'x'", "len(\"abc\")", "error(nil)", "ctx.Err()")
}

func randomLine(r *rand.Rand) string {
	n, m := randomName(r), randomName(r)
	switch r.IntN(22) {
	case 0:
		return fmt.Sprintf("type %s struct { x %s; y int }", n, randomType(r))
	case 1:
		return fmt.Sprintf("type %s struct { %s; z int }", n, pick(r, "T", "*U", "node", "error", "strings.Builder"))
	case 2:
		return fmt.Sprintf("type %s = %s", n, pick(r, "T", "U", "node", "int", "strings.Builder"))
	case 3:
		return fmt.Sprintf("func (r %s%s) %s() int { return %s }", pick(r, "*", ""), pick(r, "T", "U", "node", n), pick(r, "M", "String", "x"), pick(r, "1", "len(\"a\")", "r.y"))
	case 4:
		return fmt.Sprintf("func %s(x int) %s { var r %[2]s; return r }", n, randomType(r))
	case 5:
		return fmt.Sprintf("func %s() any { return %s }", n, randomExpr(r))
	case 6:
		return fmt.Sprintf("func %s[K any](k K) %s { panic(k) }", n, pick(r, "K", "[]K", "T", "string"))
	case 7:
		return fmt.Sprintf("const ( %s = iota; %s; %s )", n, m, randomName(r))
	case 8:
		return fmt.Sprintf("const %s = %s", n, pick(r, "1", `"c"`, "math.Pi", "len(\"abc\")", m))
	case 9:
		return pick(r, `import "strings"`, `import . "strings"`, `import . "math"`, `import "math/rand"`, `import rand "crypto/rand"`, `import math "strings"`, `import a "errors"`, `import _ "math"`)
	case 10:
		return fmt.Sprintf("var %s %s", n, randomType(r))
	case 11:
		return fmt.Sprintf("var %s, %s = %s, %s", n, m, randomExpr(r), randomExpr(r))
	case 12:
		return fmt.Sprintf("%s, %s := %s, %s", n, m, randomExpr(r), randomExpr(r))
	case 13:
		return fmt.Sprintf("if %s := %s; %[1]s != nil { println(%[1]s) }", n, randomExpr(r))
	case 14:
		return fmt.Sprintf("for %s := range 3 { %s := %[1]s; _ = %[2]s }", n, m)
	case 15:
		return randomExpr(r)
	case 16:
		return fmt.Sprintf("%s = %s", n, randomExpr(r))
	case 17:
		return "%rm " + n
	case 18:
		return pick(r, "x :=", "func f(", "}", "var", "if a", "a b", "1 +", "type T", "%%\na := 1")
	}
	return fmt.Sprintf("%s := %s", n, randomExpr(r))
}
