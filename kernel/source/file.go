package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// A File is one declaration of a cell, or the statements of one in the body of
// a function, as a Go file.
type File struct {
	Name string
	// Text is the whole text; the first Header bytes of it are generated.
	Text   string
	Header int
	Syntax *ast.File
	// Unresolved are the names that the text uses and does not declare.
	Unresolved map[string]bool
	// Selected are, for each of these names that something is selected of
	// ("strings.Cut"), the selected names.
	Selected map[string][]string
}

// Parse parses a generated header and text as a file. gaps say where the pieces
// of the text end, for errors there. An error is an *Error unless the parser's
// complaints are about generated text only.
func Parse(fset *token.FileSet, name, header, text string, gaps ...Gap) (*File, error) {
	f, err := parse(fset, name, header, text, parser.ParseComments)
	if err != nil {
		return nil, syntaxError(err, gaps)
	}
	return f, nil
}

// ParseDraft parses text that is being written: with an error of the parser, the
// file holds what could be understood. The file is nil if that is nothing.
func ParseDraft(fset *token.FileSet, name, header, text string) (*File, error) {
	return parse(fset, name, header, text, parser.ParseComments|parser.AllErrors)
}

func parse(fset *token.FileSet, name, header, text string, mode parser.Mode) (*File, error) {
	f := &File{Name: name, Text: header + text, Header: len(header), Unresolved: map[string]bool{}, Selected: map[string][]string{}}
	var err error
	// Object resolution is deprecated because it works without types, but its
	// list of unresolved names is exactly what finding imports needs.
	f.Syntax, err = parser.ParseFile(fset, name, f.Text, mode)
	if f.Syntax == nil {
		return nil, err
	}
	f.Syntax.Unresolved = append(f.Syntax.Unresolved, mapKeys(f.Syntax)...)
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Syntax.Unresolved {
		f.Unresolved[id.Name], unresolved[id] = true, true
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && unresolved[id] {
				f.Selected[id.Name] = append(f.Selected[id.Name], sel.Sel.Name)
			}
		}
		return true
	})
	return f, err
}

// IgnoreSelected forgets that a name is selected: it stands for one that is not
// written yet.
func (f *File) IgnoreSelected(name string) {
	for of, names := range f.Selected {
		f.Selected[of] = slices.DeleteFunc(names, func(n string) bool { return n == name })
	}
}

// mapKeys lists the names that are keys in literals of maps and arrays. The
// parser does not list them as unresolved, because they could be fields.
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

// Body returns the function that holds the statements of a cell: the last
// declaration of their file.
func (f *File) Body() *ast.FuncDecl {
	if n := len(f.Syntax.Decls); n > 0 {
		fn, _ := f.Syntax.Decls[n-1].(*ast.FuncDecl)
		return fn
	}
	return nil
}

// Signatures returns a file without what the bodies of its functions hold, for a
// check that needs only their types. Generic functions keep their bodies, and
// init an empty one: go/types complains about one without.
func Signatures(f *ast.File) *ast.File {
	c := *f
	c.Decls = slices.Clone(f.Decls)
	for i, d := range c.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Type.TypeParams != nil {
			continue
		}
		bare := *fn
		bare.Body = nil
		if fn.Name.Name == "init" && fn.Body != nil {
			bare.Body = &ast.BlockStmt{Lbrace: fn.Body.Lbrace, Rbrace: fn.Body.Rbrace}
		}
		c.Decls[i] = &bare
	}
	return &c
}
