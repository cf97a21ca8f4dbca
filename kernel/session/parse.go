package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A unit is one generated file during planning: a declaration or the body of
// the cell, as text with a header in front and its syntax tree.
type unit struct {
	decl   *decl // nil for the body of the cell
	parsed *source.File
	src    string
	header int // length of what stands before the user's text
	file   *ast.File
	// unused are the edits that use unused variables.
	unused edit.List
}

// text is the source of a part of a unit.
func (u *unit) text(n ast.Node) string {
	return u.src[n.Pos()-u.file.FileStart : n.End()-u.file.FileStart]
}

// parseUnit parses header and text as a file. gaps say where the pieces of the
// text end, for errors there.
func parseUnit(fset *token.FileSet, name, header, text string, gaps ...source.Gap) (*unit, error) {
	f, err := source.Parse(fset, name, header, text, gaps...)
	return newUnit(f), err
}

func newUnit(f *source.File) *unit {
	if f == nil {
		return nil
	}
	return &unit{parsed: f, src: f.Text, header: f.Header, file: f.Syntax}
}

// parsed is a cell split into what the session keeps and what it runs.
type parsed struct {
	imports map[string]string // of this cell and all before
	dots    []string          // paths imported with a dot
	named   []string          // what the imports of this cell are called
	at      []Message         // and where they stand
	blank   []string          // import _ "path"
	decls   []*decl           // to keep
	once    []*decl           // main, init and the like: of this cell only
	inits   []string          // func init_x
	main    bool              // func main is declared
	tests   bool              // func __test runs tests
	nextID  int
}

// parseDecls reads the declarations of a cell.
func (s *Session) parseDecls(c Cell, st *state) (*parsed, error) {
	p := &parsed{imports: st.imports, dots: st.dots}
	var errs Error
	for _, piece := range c.Decls {
		err := s.parseDecl(p, c, piece)
		if e, ok := err.(*Error); ok {
			errs.Messages = append(errs.Messages, e.Messages...)
		} else if err != nil {
			return nil, err
		}
	}
	if len(errs.Messages) > 0 {
		return nil, &errs
	}
	return p, nil
}

// parseDecl reads one declaration, of a group maybe.
func (s *Session) parseDecl(p *parsed, c Cell, piece Piece) error {
	fset := token.NewFileSet()
	f, err := source.ParseDecl(fset, "decl", c.Number, piece, c.isLast(piece))
	if err != nil {
		return err
	}
	for _, spec := range source.Imports(f.Syntax) {
		if err := s.addImport(p, fset, spec); err != nil {
			return err
		}
	}
	for _, d := range source.Decls(f.Syntax) {
		if err := addDecl(p, c, piece, fset, f, d); err != nil {
			return err
		}
	}
	return nil
}

// addDecl takes in a declaration: to keep, or of this cell only.
func addDecl(p *parsed, c Cell, piece Piece, fset *token.FileSet, f *source.File, d source.Decl) error {
	offset := func(pos token.Pos) int { return fset.PositionFor(pos, false).Offset }
	fn, isFunc := d.Node.(*ast.FuncDecl)
	if isFunc {
		if text := refused(fn); text != "" {
			m, _ := source.MessageAt(fset.Position(fn.Name.Pos()), text)
			return &Error{Messages: []Message{m}}
		}
	}
	at := fset.Position(d.Node.Pos())
	kept := &decl{symbol: d.Symbol, key: d.Symbol.String(), alias: d.AliasOf(), names: d.Names, cell: c.Number, line: at.Line, col: at.Column,
		prefix: d.Prefix, text: f.Text[offset(d.Node.Pos()):offset(d.Node.End())], doc: piece.Doc}
	if d.Doc != nil { // inside a group
		kept.doc = f.Text[offset(d.Doc.Pos()):offset(d.Doc.End())]
	}
	switch {
	case d.Kind == source.Func && d.Name == "init": // runs with its cell, cannot be called
		p.nextID++
		called, end := gen.Init(p.nextID), fset.Position(fn.Name.End())
		name := offset(fn.Name.Pos()) - offset(fn.Pos())
		kept.text = kept.text[:name] + called + gen.Line(c.Number, end.Line, end.Column) + kept.text[name+len("init"):]
		kept.symbol.Name, kept.key, kept.names = called, "func "+called, []string{called}
		p.inits = append(p.inits, called)
		p.once = append(p.once, kept)
		return nil
	case d.Kind == source.Func && d.Name == "main":
		p.main = true
		p.once = append(p.once, kept)
		return nil
	case d.Kind == source.Func && strings.HasPrefix(d.Name, "init_") && !c.Restored && fn.Type.Params.NumFields() == 0:
		p.inits = append(p.inits, d.Name)
	}
	p.decls = append(p.decls, kept)
	return nil
}

// refused says why a function cannot be declared, "" if it can.
func refused(d *ast.FuncDecl) string {
	name := d.Name.Name
	if d.Recv == nil && (name == "init" || name == "main") {
		switch {
		case d.Type.TypeParams != nil:
			return "func " + name + " must have no type parameters"
		case d.Type.Params.NumFields() > 0 || d.Type.Results.NumFields() > 0:
			return "func " + name + " must have no arguments and no return values"
		}
	}
	if d.Body == nil {
		return "missing function body"
	}
	return ""
}

// nameReceivers files methods that are declared by an alias of their type under
// the type.
func (p *planner) nameReceivers() {
	aliasOf := func(name string) string {
		for _, d := range slices.Concat(p.cell.decls, p.kept()) {
			if d.key == "type "+name {
				return d.alias
			}
		}
		return ""
	}
	for _, d := range p.cell.decls {
		if d.symbol.Kind == source.Method {
			d.symbol.Recv = source.Unalias(d.symbol.Recv, aliasOf)
			d.key = d.symbol.String()
		}
	}
}

// addImport notes an import. Pieces share the map of their cell, so an import
// below a function serves the function too.
func (s *Session) addImport(p *parsed, fset *token.FileSet, spec source.ImportSpec) error {
	at, _ := source.MessageAt(fset.Position(spec.Pos), "")
	complain := func(text string) error {
		at.Text = text
		return &Error{Messages: []Message{at}}
	}
	if spec.Path == "C" {
		return complain(`cells cannot import "C": put the cgo code into a package of its own`)
	}
	name, err := spec.LocalName(s.imp)
	if err != nil {
		return complain(fmt.Sprintf("package %s: %v", path.Clean(spec.Path), err))
	}
	switch name {
	case "_":
		p.blank = append(p.blank, spec.Path)
	case ".":
		p.dots = append(slices.DeleteFunc(p.dots, func(old string) bool { return old == spec.Path }), spec.Path)
	default:
		p.imports[name] = spec.Path
		p.named, p.at = append(p.named, name), append(p.at, at)
	}
	return nil
}

// An Import is an import of a cell and where it stands.
type Import struct {
	Path string
	Message
}

// Imports lists what the import declarations of a cell name, so that missing
// packages can be obtained before the cell is planned.
func Imports(c Cell) (all []Import) {
	for _, piece := range c.Decls {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", source.DeclHeader(c.Number, piece)+piece.Text, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, spec := range source.Imports(f) {
			if spec.Path != "C" {
				m, _ := source.MessageAt(fset.Position(spec.Pos), "")
				all = append(all, Import{spec.Path, m})
			}
		}
	}
	return all
}

// isLast reports whether no piece of the cell stands behind this one.
func (c Cell) isLast(p Piece) bool {
	return !slices.ContainsFunc(slices.Concat(c.Decls, c.Stmts, c.Body), func(other Piece) bool {
		return other.Line > p.Line || other.Line == p.Line && other.Col > p.Col
	})
}
