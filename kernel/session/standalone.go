package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// Standalone returns a cell as a program of its own, with the declarations of the
// session that it uses, for another system than this one (%wasm). The packages of that
// system are not known here, so nothing is type-checked: names alone decide what the
// program contains and imports. consts are string constants that it can use. Errors
// are *Error.
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
			continue // it belongs to the package, as in any program
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
	wanted   map[string][]string // what is selected of names, which packages may have
	order    []string            // names used and not declared where they are
	declared map[string]bool
	inits    []string // func init_x of the cell
}

func (a *standalone) wrong(line int, format string, args ...any) error {
	return &Error{Messages: []Message{{Cell: a.c.Number, Line: line, Col: 1, Text: fmt.Sprintf(format, args...)}}}
}

// valueOnly are the predeclared functions that cannot be called as statements.
var valueOnly = []string{"append", "cap", "complex", "imag", "len", "make", "max", "min", "new", "real"}

// mainText returns a func main with the statements of the cell, "" for none.
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
		b.WriteString(p.Source(a.c.Number))
	}
	b.WriteString("}")
	return b.String()
}

// add adds a declaration, with what it declares and the names that it uses.
func (a *standalone) add(text string, line, col, cell int) error {
	piece := Piece{Text: text, Line: line, Col: col}
	f, err := source.Parse(token.NewFileSet(), "x", source.DeclHeader(cell, piece), text)
	if err != nil {
		return err
	}
	for _, spec := range source.Imports(f.Syntax) {
		a.addImport(spec)
	}
	decls := source.Decls(f.Syntax)
	for _, d := range decls {
		for _, name := range d.Names {
			a.declared[name] = true
		}
		if d.Kind == source.Func && strings.HasPrefix(d.Name, "init_") && cell == a.c.Number && d.Node.(*ast.FuncDecl).Type.Params.NumFields() == 0 {
			a.inits = append(a.inits, d.Name)
		}
	}
	if len(decls) == 0 {
		return nil
	}
	a.parts = append(a.parts, strings.TrimPrefix(f.Text, gen.Clause))
	for _, id := range f.Syntax.Unresolved {
		if !slices.Contains(a.order, id.Name) {
			a.order = append(a.order, id.Name)
		}
		if selected, ok := f.Selected[id.Name]; ok {
			a.wanted[id.Name] = append(a.wanted[id.Name], selected...)
		}
	}
	return nil
}

// addImport adds an import. A package that cannot be read here gets the name that its
// path suggests.
func (a *standalone) addImport(spec source.ImportSpec) {
	name, err := spec.LocalName(a.s.imp)
	if err != nil && name == "" {
		name = source.GuessName(spec.Path)
	}
	if name == "_" || name == "." {
		a.blank = append(a.blank, name+" "+strconv.Quote(spec.Path))
		return
	}
	a.imports[name] = spec.Path
}

// reach adds the declarations of the session that the program uses, and finds the
// packages.
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
			if slices.Contains(d.Names, name) || d.Kind == source.Method && d.Recv == name {
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
			return a.wrong(1, "%s is a variable of the session: a program in the browser does not have its value", name)
		case scope.Imports[name] != "":
			used[name] = scope.Imports[name]
		case name == "ctx":
			decl, local := gen.Background()
			a.parts = append(a.parts, decl)
			used[local] = "context"
			a.declared[name] = true
		default:
			packages := source.Scope{Importer: a.s.imp, Known: a.s.known}
			if fitting := packages.Fitting(&source.File{Selected: a.wanted}, name); len(fitting) > 0 {
				used[name] = fitting[0]
			}
		}
	}
	a.imports = used
	return nil
}

// text returns the program.
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
