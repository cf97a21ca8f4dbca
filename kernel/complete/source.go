package complete

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"modelbook/internal/place"
	"modelbook/kernel/source/gen"
)

// sourceFile returns the path of a source file that a compiled package names.
// Positions in it have paths without the folders of the machine that compiled
// it: "fmt/print.go" or "example.org/mod@v1.2.3/dir/file.go".
func (c *Completer) sourceFile(name string) string {
	module, _, versioned := strings.Cut(name, "@")
	switch {
	case filepath.IsAbs(name):
		return name
	case strings.HasPrefix(name, "$GOROOT/"):
		return filepath.Join(c.cfg.GOROOT, name[len("$GOROOT/"):])
	case module == "modelbook" && versioned:
		_, rest, _ := strings.Cut(name, "/")
		return filepath.Join(c.cfg.Source, rest)
	case strings.HasPrefix(name, "modelbook/"):
		return filepath.Join(c.cfg.Source, name[len("modelbook/"):])
	case versioned:
		return filepath.Join(c.cfg.GOMODCACHE, escaped(name))
	}
	return filepath.Join(c.cfg.GOROOT, "src", name)
}

// escaped writes a module path as the module cache does: !a for A.
func escaped(path string) string {
	var b strings.Builder
	for _, r := range path {
		if unicode.IsUpper(r) {
			b.WriteByte('!')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// A declText is the text that declares something.
type declText struct {
	doc  string // the comment that documents it, without marks
	decl string // the declaration without bodies and what is not exported
	text string // all of it
	at   string // its place, as a reader knows it
}

// sourceOf finds the text that declares an object.
func (p *program) sourceOf(obj types.Object) declText {
	switch {
	case obj.Pkg() == nil:
		return declaredIn(filepath.Join(p.cfg.GOROOT, "src/builtin/builtin.go"), nil, obj.Name(), 0, true)
	case obj.Pkg().Path() == gen.Package:
		return p.cellSource(obj)
	case obj.Pkg() == types.Unsafe:
		return declaredIn(filepath.Join(p.cfg.GOROOT, "src/unsafe/unsafe.go"), nil, obj.Name(), 0, true)
	}
	at := p.packages.fset.Position(obj.Pos())
	if !at.IsValid() {
		return declText{}
	}
	s := declaredIn(p.sourceFile(at.Filename), nil, obj.Name(), at.Line, true)
	s.at = at.Filename
	return s
}

// cellSource finds the declaration of something that a cell declares.
func (p *program) cellSource(obj types.Object) declText {
	name, at := gen.Plain(obj.Name()), p.fset.PositionFor(obj.Pos(), false)
	for _, u := range p.units {
		if u.Name == at.Filename {
			before := docAbove(u.doc)
			text := strings.TrimPrefix(gen.WithoutLines(u.Text), gen.Clause)
			return declaredIn(u.Name, []byte(before+text), name, at.Line+strings.Count(before, "\n"), false)
		}
	}
	d, ok := p.kept[at.Filename]
	if !ok {
		return declText{}
	}
	s := declaredIn(at.Filename, []byte(docAbove(d.Doc)+d.Text), name, 0, false)
	s.at = place.File(d.Cell)
	return s
}

// docAbove returns the start of a file in which a declaration can follow, with
// the comment that documents it.
func docAbove(doc string) string {
	if doc == "" {
		return gen.Clause + "\n"
	}
	return gen.Clause + "\n" + doc + "\n"
}

// declaredIn finds the declaration of a name in a file, in a line or, with 0,
// in any.
func declaredIn(file string, text []byte, name string, line int, exported bool) declText {
	if text == nil {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return declText{}
		}
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if f == nil || err != nil && len(f.Decls) == 0 {
		return declText{}
	}
	here := func(id *ast.Ident) bool {
		return id.Name == name && (line == 0 || fset.PositionFor(id.Pos(), false).Line == line)
	}
	slice := func(n ast.Node) string {
		return string(text[fset.PositionFor(n.Pos(), false).Offset:min(len(text), fset.PositionFor(n.End(), false).Offset)])
	}
	var s declText
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			if here(n.Name) {
				found = true
				s = declText{doc: n.Doc.Text(), text: slice(n)}
			}
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				var doc *ast.CommentGroup
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if !here(spec.Name) {
						continue
					}
					found = true
					if doc = spec.Doc; doc == nil {
						doc = n.Doc
					}
					s = declText{doc: doc.Text(), text: "type " + slice(spec), decl: shortType(fset, spec, exported)}
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						if !here(id) {
							continue
						}
						found = true
						for _, g := range []*ast.CommentGroup{spec.Doc, spec.Comment, n.Doc} {
							if doc == nil {
								doc = g
							}
						}
						s = declText{doc: doc.Text(), text: slice(spec)}
						if len(n.Specs) == 1 || n.Tok == token.CONST { // iota says nothing by itself
							s.text = slice(n)
						}
					}
				}
			}
		case *ast.Field:
			for _, id := range n.Names {
				if here(id) {
					found = true
					doc := n.Doc
					if doc == nil {
						doc = n.Comment
					}
					s = declText{doc: doc.Text(), text: slice(n)}
				}
			}
		}
		return !found
	})
	return s
}

// shortType returns the declaration of a type; with exported, without the fields
// and methods that are not.
func shortType(fset *token.FileSet, spec *ast.TypeSpec, exported bool) string {
	c := *spec
	c.Doc, c.Comment = nil, nil
	hidden := false
	if exported {
		switch t := spec.Type.(type) {
		case *ast.StructType:
			s := *t
			s.Fields, hidden = exportedFields(t.Fields)
			c.Type = &s
		case *ast.InterfaceType:
			s := *t
			s.Methods, hidden = exportedFields(t.Methods)
			c.Type = &s
		}
	}
	var b bytes.Buffer
	if format.Node(&b, fset, &ast.GenDecl{Tok: token.TYPE, Specs: []ast.Spec{&c}}) != nil {
		return ""
	}
	text := b.String()
	if hidden {
		if rest, ok := strings.CutSuffix(text, "}"); ok {
			text = strings.TrimRight(rest, " \n") + "\n\t// and what is not exported\n}"
		}
	}
	return text
}

func exportedFields(list *ast.FieldList) (kept *ast.FieldList, hidden bool) {
	c := *list
	c.List = nil
	for _, f := range list.List {
		if len(f.Names) == 0 { // embedded
			t := f.Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			if id, ok := t.(*ast.Ident); ok && !id.IsExported() && types.Universe.Lookup(id.Name) == nil {
				hidden = true
				continue
			}
			c.List = append(c.List, f)
			continue
		}
		g := *f
		g.Names, g.Tag = nil, nil
		for _, id := range f.Names {
			if id.IsExported() {
				g.Names = append(g.Names, id)
			} else {
				hidden = true
			}
		}
		if len(g.Names) > 0 {
			c.List = append(c.List, &g)
		}
	}
	return &c, hidden
}

// packageDoc returns the comment that documents a package.
func (p *program) packageDoc(pkg *types.Package) string {
	dir := ""
	for _, name := range pkg.Scope().Names() {
		if at := p.packages.fset.Position(pkg.Scope().Lookup(name).Pos()); at.IsValid() {
			dir = filepath.Dir(p.sourceFile(at.Filename))
			break
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	best := ""
	for _, file := range files {
		if dir == "" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil || f.Name.Name != pkg.Name() {
			continue
		}
		if text := f.Doc.Text(); len(text) > len(best) {
			best = text
		}
	}
	return best
}
