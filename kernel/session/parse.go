package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source/gen"
)

// A unit is one generated file during planning: a declaration or the body of
// the cell, as text with a header in front, its syntax tree and the edits that
// make the compiled file of it.
type unit struct {
	decl   *decl // nil for the body of the cell
	src    string
	header int // length of what stands before the user's text
	file   *ast.File
	edits  edit.List
	// unresolved are the names that the text uses and does not declare.
	unresolved map[string]bool
	used       map[string]string // imports of the compiled file
	dots       map[string]string // names that packages imported with a dot export, with the packages
	// unused are the edits that use unused variables.
	unused edit.List
	// after is what the compiled file has behind the text.
	after string
}

// parseUnit parses header and text as a file. gaps say where the pieces of the
// text end, for errors there.
func parseUnit(fset *token.FileSet, name, header, text string, gaps ...gap) (*unit, error) {
	u := &unit{src: header + text, header: len(header), unresolved: map[string]bool{}, used: map[string]string{}}
	// Object resolution is deprecated for want of type information, but its
	// list of unresolved names is exactly what finding imports needs.
	f, err := parser.ParseFile(fset, name, u.src, parser.ParseComments)
	if err != nil {
		return nil, syntaxError(err, gaps)
	}
	u.file = f
	f.Unresolved = append(f.Unresolved, mapKeys(f)...)
	for _, id := range f.Unresolved {
		u.unresolved[id.Name] = true
	}
	return u, nil
}

// message places a complaint in its cell; ok is false when it is not in one.
func message(pos token.Position, text string) (m Message, ok bool) {
	if m.Cell, ok = gen.Cell(pos.Filename); ok {
		m.Line, m.Col, m.Text = pos.Line, pos.Column, text
		return m, true
	}
	return m, false
}

// mapKeys are the names that are keys in literals of maps and arrays. The parser
// does not list them among the unresolved ones: they could be fields.
func mapKeys(f *ast.File) (keys []*ast.Ident) {
	ast.Inspect(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch lit.Type.(type) {
		case *ast.MapType, *ast.ArrayType:
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if id, ok := kv.Key.(*ast.Ident); ok && id.Obj == nil {
						keys = append(keys, id)
					}
				}
			}
		}
		return true
	})
	return keys
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
		fset := token.NewFileSet()
		header := "package nb;" + gen.Line(c.Number, piece.Line, piece.Col)
		u, err := parseUnit(fset, "decl", header, piece.Text+"\n", c.gapBehind(piece, len(header)+len(piece.Text)))
		if err != nil {
			if e, ok := err.(*Error); ok {
				errs.Messages = append(errs.Messages, e.Messages...)
				continue
			}
			return nil, err
		}
		for _, d := range u.file.Decls {
			if err := s.addDecl(p, c, piece, fset, u, d); err != nil {
				if e, ok := err.(*Error); ok {
					errs.Messages = append(errs.Messages, e.Messages...)
					continue
				}
				return nil, err
			}
		}
	}
	if len(errs.Messages) > 0 {
		return nil, &errs
	}
	return p, nil
}

func (s *Session) addDecl(p *parsed, c Cell, piece Piece, fset *token.FileSet, u *unit, node ast.Decl) error {
	keep := func(key string, names []string, from, to token.Pos, prefix string, comments *ast.CommentGroup) {
		at := fset.Position(from)
		a, b := fset.PositionFor(from, false).Offset, fset.PositionFor(to, false).Offset
		p.decls = append(p.decls, &decl{key: key, names: names, cell: c.Number, line: at.Line, col: at.Column,
			prefix: prefix, text: u.src[a:b], doc: piece.Doc})
		if comments != nil { // inside a group
			from, to := fset.PositionFor(comments.Pos(), false).Offset, fset.PositionFor(comments.End(), false).Offset
			p.decls[len(p.decls)-1].doc = u.src[from:to]
		}
	}
	switch d := node.(type) {
	case *ast.GenDecl:
		switch d.Tok {
		case token.IMPORT:
			for _, spec := range d.Specs {
				if err := s.addImport(p, fset, spec.(*ast.ImportSpec)); err != nil {
					return err
				}
			}
		case token.TYPE: // each type of a group by itself
			for _, spec := range d.Specs {
				t := spec.(*ast.TypeSpec)
				if !d.Lparen.IsValid() {
					t.Doc = nil // what stands above it is not in the text
				}
				keep("type "+t.Name.Name, []string{t.Name.Name}, t.Pos(), t.End(), "type ", t.Doc)
			}
		default: // a const group stays together, for iota's sake
			var names []string
			for _, spec := range d.Specs {
				for _, n := range spec.(*ast.ValueSpec).Names {
					names = append(names, n.Name)
				}
			}
			keep(d.Tok.String()+" "+strings.Join(names, ","), names, d.Pos(), d.End(), "", nil)
		}
	case *ast.FuncDecl:
		name := d.Name.Name
		if text := refused(d); text != "" {
			m, _ := message(fset.Position(d.Name.Pos()), text)
			return &Error{Messages: []Message{m}}
		}
		if d.Recv != nil && len(d.Recv.List) > 0 {
			keep("method "+receiver(d.Recv.List[0].Type)+"."+name, nil, d.Pos(), d.End(), "", nil)
			return nil
		}
		keep("func "+name, []string{name}, d.Pos(), d.End(), "", nil)
		last := len(p.decls) - 1
		switch {
		case name == "init": // runs with its cell, cannot be called
			p.nextID++
			fn := p.decls[last]
			called := gen.Init(p.nextID)
			at := fset.PositionFor(d.Name.Pos(), false).Offset - fset.PositionFor(d.Pos(), false).Offset
			fn.text = fn.text[:at] + called + gen.Line(c.Number, fset.Position(d.Name.End()).Line, fset.Position(d.Name.End()).Column) + fn.text[at+len("init"):]
			fn.key, fn.names = "func "+called, []string{called}
			p.inits = append(p.inits, called)
			p.once, p.decls = append(p.once, fn), p.decls[:last]
		case strings.HasPrefix(name, "init_") && !c.Restored && d.Type.Params.NumFields() == 0:
			p.inits = append(p.inits, name)
		case name == "main":
			p.main = true
			p.once, p.decls = append(p.once, p.decls[last]), p.decls[:last]
		}
	}
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

// receiver is the name of a receiver's type.
func receiver(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

// nameReceivers files methods that are declared by an alias of their type under
// the type.
func (p *planner) nameReceivers() {
	aliased := func(name string) string { // "" for what is no alias of a declared type
		for _, d := range slices.Concat(p.cell.decls, p.kept()) {
			if d.key != "type "+name {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+d.prefix+d.text, parser.SkipObjectResolution)
			if err != nil {
				return ""
			}
			t := f.Decls[0].(*ast.GenDecl).Specs[0].(*ast.TypeSpec)
			if id, ok := ast.Unparen(t.Type).(*ast.Ident); ok && t.Assign.IsValid() {
				return id.Name
			}
			return ""
		}
		return ""
	}
	for _, d := range p.cell.decls {
		if d.kind() != "method" {
			continue
		}
		name, method, _ := strings.Cut(d.name(), ".")
		for range 100 { // an alias of itself is for the check to refuse
			other := aliased(name)
			if other == "" {
				break
			}
			name = other
		}
		d.key = "method " + name + "." + method
	}
}

// addImport notes an import. Pieces share the map of their cell, so an import
// below a function serves the function too.
func (s *Session) addImport(p *parsed, fset *token.FileSet, spec *ast.ImportSpec) error {
	importPath, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return err
	}
	complain := func(text string) error {
		m, _ := message(fset.Position(spec.Path.Pos()), text)
		return &Error{Messages: []Message{m}}
	}
	if importPath == "C" {
		return complain(`cells cannot import "C": put the cgo code into a package of its own`)
	}
	pkg, err := s.imp.Import(importPath)
	if err != nil {
		return complain(fmt.Sprintf("package %s: %v", path.Clean(importPath), err))
	}
	name := pkg.Name()
	if spec.Name != nil {
		name = spec.Name.Name
	}
	switch name {
	case "_":
		p.blank = append(p.blank, importPath)
	case ".":
		p.dots = append(slices.DeleteFunc(p.dots, func(old string) bool { return old == importPath }), importPath)
	default:
		p.imports[name] = importPath
		at, _ := message(fset.Position(spec.Path.Pos()), "")
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
func Imports(c Cell) []Import {
	var all []Import
	for _, piece := range c.Decls {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", "package nb;"+gen.Line(c.Number, piece.Line, piece.Col)+piece.Text, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, spec := range f.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil && p != "C" {
				m, _ := message(fset.Position(spec.Path.Pos()), "")
				all = append(all, Import{p, m})
			}
		}
	}
	return all
}
