package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// content is what a cell declares: what the session keeps, and what only runs.
type content struct {
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

// readContent reads the declarations of a cell. Its imports are added to those of
// the state. A method whose receiver is an alias belongs to the type that the alias
// stands for.
func readContent(cell Cell, st *state, imp types.Importer) (*content, error) {
	c := &content{imports: st.imports, dots: st.dots}
	var errs Error
	for _, piece := range cell.Decls {
		if err := c.read(cell, piece, imp); err != nil && !errs.Add(err) {
			return nil, err
		}
	}
	if len(errs.Messages) > 0 {
		return nil, &errs
	}
	all := slices.Concat(c.decls, st.kept())
	aliasOf := func(name string) string {
		for _, d := range all {
			if d.key.Symbol == typeKey(name).Symbol {
				return d.alias
			}
		}
		return ""
	}
	for _, d := range c.decls {
		if d.key.Kind == source.Method {
			d.key.Recv = source.Unalias(d.key.Recv, aliasOf)
		}
	}
	return c, nil
}

// declares reports whether the cell declares a name.
func (c *content) declares(name string) bool {
	return slices.ContainsFunc(slices.Concat(c.decls, c.once), func(d *decl) bool { return slices.Contains(d.names, name) })
}

// read reads a piece of a cell: imports, or one or more declarations.
func (c *content) read(cell Cell, piece Piece, imp types.Importer) error {
	fset := token.NewFileSet()
	f, err := source.ParseDecl(fset, "decl", cell.Number, piece, cell.isLast(piece))
	if err != nil {
		return err
	}
	for _, spec := range source.Imports(f.Syntax) {
		if err := c.addImport(fset, spec, imp); err != nil {
			return err
		}
	}
	for _, d := range source.Decls(f.Syntax) {
		if err := c.add(cell, piece, fset, f, d); err != nil {
			return err
		}
	}
	return nil
}

// add adds a declaration, to be kept or of this cell only.
func (c *content) add(cell Cell, piece Piece, fset *token.FileSet, f *source.File, d source.Decl) error {
	offset := func(pos token.Pos) int { return fset.PositionFor(pos, false).Offset }
	fn, isFunc := d.Node.(*ast.FuncDecl)
	if isFunc {
		if text := refused(fn); text != "" {
			m, _ := source.MessageAt(fset.Position(fn.Name.Pos()), text)
			return &Error{Messages: []Message{m}}
		}
	}
	at := fset.Position(d.Node.Pos())
	kept := &decl{key: key{Symbol: d.Symbol}, alias: d.AliasOf(), names: d.Names, cell: cell.Number, line: at.Line, col: at.Column,
		prefix: d.Prefix, text: f.Text[offset(d.Node.Pos()):offset(d.Node.End())], doc: piece.Doc}
	if d.Doc != nil { // inside a group
		kept.doc = f.Text[offset(d.Doc.Pos()):offset(d.Doc.End())]
	}
	switch {
	case d.Kind == source.Func && d.Name == "init": // runs with its cell, cannot be called
		c.nextID++
		called, end := gen.Init(c.nextID), fset.Position(fn.Name.End())
		name := offset(fn.Name.Pos()) - offset(fn.Pos())
		kept.text = kept.text[:name] + called + gen.Line(cell.Number, end.Line, end.Column) + kept.text[name+len("init"):]
		kept.key, kept.names = funcKey(called), []string{called}
		c.inits = append(c.inits, called)
		c.once = append(c.once, kept)
		return nil
	case d.Kind == source.Func && d.Name == "main":
		c.main = true
		c.once = append(c.once, kept)
		return nil
	case d.Kind == source.Func && strings.HasPrefix(d.Name, "init_") && !cell.Restored && fn.Type.Params.NumFields() == 0:
		c.inits = append(c.inits, d.Name)
	}
	c.decls = append(c.decls, kept)
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

// addImport adds an import. It holds for the whole cell, also above its line.
func (c *content) addImport(fset *token.FileSet, spec source.ImportSpec, imp types.Importer) error {
	at, _ := source.MessageAt(fset.Position(spec.Pos), "")
	complain := func(text string) error {
		at.Text = text
		return &Error{Messages: []Message{at}}
	}
	if spec.Path == "C" {
		return complain(`cells cannot import "C": put the cgo code into a package of its own`)
	}
	name, err := spec.LocalName(imp)
	if err != nil {
		return complain(fmt.Sprintf("package %s: %v", path.Clean(spec.Path), err))
	}
	switch name {
	case "_":
		c.blank = append(c.blank, spec.Path)
	case ".":
		c.dots = append(slices.DeleteFunc(c.dots, func(old string) bool { return old == spec.Path }), spec.Path)
	default:
		c.imports[name] = spec.Path
		c.named, c.at = append(c.named, name), append(c.at, at)
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
