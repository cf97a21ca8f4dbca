package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/source/gen"
)

// Standalone writes a cell as a program of its own, with the declarations of
// the session that it names, for another system than the session's (%wasm).
// Nothing is known of that system's packages, so no types are checked: names
// alone decide what the program holds and imports. consts are string constants
// that it can use. Errors are *Error.
func (s *Session) Standalone(c Cell, consts map[string]string) (string, error) {
	a := &standalone{s: s, c: c, imports: map[string]string{}, wanted: map[string][]string{}, declared: map[string]bool{}}
	for name := range consts {
		a.declared[name] = true
	}
	for _, piece := range c.Decls {
		if err := a.add(piece.Text, piece.Line, piece.Col, c.Number); err != nil {
			return "", err
		}
	}
	for _, piece := range c.Stmts {
		if strings.HasPrefix(piece.Text, "var") && a.add(piece.Text, piece.Line, piece.Col, c.Number) == nil {
			continue // as in any program, it belongs to the package
		}
		a.main = append(a.main, piece)
	}
	a.main = append(a.main, c.Body...)
	body := a.mainText()
	if body != "" {
		if err := a.add(body, 1, 1, c.Number); err != nil {
			return "", err
		}
	}
	if !a.declared["main"] {
		return "", a.wrong(1, "there is nothing to run: put statements behind %%%%, or declare func main")
	}
	if err := a.reach(); err != nil {
		return "", err
	}
	return a.text(consts), nil
}

type standalone struct {
	s        *Session
	c        Cell
	main     []Piece
	parts    []string            // declarations of the program
	imports  map[string]string   // of the session and the cell, by name
	blank    []string            // imported for their effect, or with a dot
	wanted   map[string][]string // names used and not declared where they are, with what is asked of them as packages
	order    []string            // of wanted
	declared map[string]bool
	inits    []string // func init_x of the cell
}

func (a *standalone) wrong(line int, format string, args ...any) error {
	return &Error{Messages: []Message{{Cell: a.c.Number, Line: line, Col: 1, Text: fmt.Sprintf(format, args...)}}}
}

// valueOnly are the predeclared functions that are no statements.
var valueOnly = []string{"append", "cap", "complex", "imag", "len", "make", "max", "min", "new", "real"}

// mainText is the func main of the cell's loose statements, "" for none.
func (a *standalone) mainText() string {
	if len(a.main) == 0 && !a.c.Main {
		return ""
	}
	name := "main"
	if a.declared["main"] {
		name = "init"
	}
	var b strings.Builder
	b.WriteString("func " + name + "() {\n")
	if a.c.Main {
		b.WriteString("flag.Parse();")
	}
	for _, p := range a.main {
		if e, err := parser.ParseExpr(p.Text); err == nil {
			call, ok := ast.Unparen(e).(*ast.CallExpr)
			if ok {
				id, named := call.Fun.(*ast.Ident)
				ok = !named || !slices.Contains(valueOnly, id.Name)
			}
			if !ok {
				p.Text = "fmt.Println(" + p.Text + ")"
			}
		}
		b.WriteString(p.source(a.c.Number))
	}
	b.WriteString("}")
	return b.String()
}

// add takes in a declaration: it notes what it declares and what it names.
func (a *standalone) add(text string, line, col, cell int) error {
	fset := token.NewFileSet()
	at := gen.Line(cell, line, col)
	f, err := parser.ParseFile(fset, "x", "package p;"+at+text, 0)
	if err != nil {
		return syntaxError(err, nil)
	}
	imports := true
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			imports = imports && d.Tok == token.IMPORT
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					a.addImport(spec)
				case *ast.TypeSpec:
					a.declared[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						a.declared[n.Name] = true
					}
				}
			}
		case *ast.FuncDecl:
			imports = false
			if d.Recv != nil {
				break
			}
			a.declared[d.Name.Name] = true
			if strings.HasPrefix(d.Name.Name, "init_") && cell == a.c.Number && d.Type.Params.NumFields() == 0 {
				a.inits = append(a.inits, d.Name.Name)
			}
		}
	}
	if imports {
		return nil
	}
	a.parts = append(a.parts, at+text)
	for _, id := range f.Unresolved {
		if _, known := a.wanted[id.Name]; !known {
			a.wanted[id.Name] = nil
			a.order = append(a.order, id.Name)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && slices.Contains(f.Unresolved, id) {
				a.wanted[id.Name] = append(a.wanted[id.Name], sel.Sel.Name)
			}
		}
		return true
	})
	return nil
}

var versionElement = regexp.MustCompile(`^v[0-9]+$`)

// addImport notes an import. The name of a package that has no other is taken
// from its path.
func (a *standalone) addImport(spec *ast.ImportSpec) {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return
	}
	name := path.Base(p)
	if versionElement.MatchString(name) {
		name = path.Base(path.Dir(p))
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), ".go")
	if pkg, err := a.s.imp.Import(p); err == nil {
		name = pkg.Name()
	}
	if spec.Name != nil {
		name = spec.Name.Name
	}
	if name == "_" || name == "." {
		a.blank = append(a.blank, name+" "+strconv.Quote(p))
		return
	}
	a.imports[name] = p
}

// reach adds the declarations of the session that the program names, and finds
// the packages.
func (a *standalone) reach() error {
	scope := a.s.Scope()
	used := map[string]string{}
	for i := 0; i < len(a.order); i++ {
		name := a.order[i]
		switch {
		case a.declared[name], types.Universe.Lookup(name) != nil:
			continue
		case a.imports[name] != "":
			used[name] = a.imports[name]
			continue
		}
		found := false
		for _, d := range scope.Decls {
			if slices.Contains(d.Names, name) || d.Kind == "method" && strings.HasPrefix(d.Name, name+".") {
				if err := a.add(d.Text, d.Line, d.Col, d.Cell); err != nil {
					return err
				}
				for n, p := range d.Imports {
					if a.imports[n] == "" && p != gen.RuntimePath && p != gen.TestsPath {
						a.imports[n] = p
					}
				}
				found = true
			}
		}
		switch {
		case found:
		case a.s.vars[name] != nil:
			return a.wrong(1, "%s is a variable of the session: a program in the browser has none of its values", name)
		case scope.Imports[name] != "":
			used[name] = scope.Imports[name]
		case name == "ctx":
			decl, local := gen.Background()
			a.parts = append(a.parts, decl)
			used[local] = "context"
			a.declared[name] = true
		default:
			if p := a.known(name); p != "" {
				used[name] = p
			}
		}
	}
	a.imports = used
	return nil
}

// known is the well-known package that has all that is asked of a name.
func (a *standalone) known(name string) string {
	candidates := a.s.known(name)
	for _, p := range candidates {
		pkg, err := a.s.imp.Import(p)
		if err == nil && !slices.ContainsFunc(a.wanted[name], func(w string) bool { return pkg.Scope().Lookup(w) == nil }) {
			return p
		}
	}
	return ""
}

// text is the program.
func (a *standalone) text(consts map[string]string) string {
	var b strings.Builder
	b.WriteString("package main\n\n")
	for _, name := range sortedKeys(a.imports) {
		fmt.Fprintf(&b, "import %s %q\n", name, a.imports[name])
	}
	for _, p := range a.blank {
		fmt.Fprintf(&b, "import %s\n", p)
	}
	for _, name := range sortedKeys(consts) {
		fmt.Fprintf(&b, "\nconst %s = %q\n", name, consts[name])
	}
	for _, part := range a.parts {
		b.WriteString("\n" + part + "\n")
	}
	for _, name := range a.inits {
		b.WriteString("\nfunc init() { " + name + "() }\n")
	}
	return b.String()
}
