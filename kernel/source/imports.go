package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/source/gen"
)

// An ImportSpec is one import of a cell.
type ImportSpec struct {
	// Name is the name as written: "" for none, "_" or "." for these.
	Name string
	Path string
	Pos  token.Pos // of the path
}

// Imports lists what the import declarations of a file import.
func Imports(f *ast.File) (all []ImportSpec) {
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has complained
		}
		i := ImportSpec{Path: p, Pos: spec.Path.Pos()}
		if spec.Name != nil {
			i.Name = spec.Name.Name
		}
		all = append(all, i)
	}
	return all
}

// LocalName returns the name by which a file uses an import: the one written,
// else what the package calls itself. The error says that there is no such
// package.
func (i ImportSpec) LocalName(imp types.Importer) (string, error) {
	pkg, err := imp.Import(i.Path)
	switch {
	case err != nil:
		return i.Name, err
	case i.Name != "":
		return i.Name, nil
	}
	return pkg.Name(), nil
}

var versionElement = regexp.MustCompile(`^v[0-9]+$`)

// GuessName returns the name that a package of this import path probably has,
// for one that cannot be read.
func GuessName(importPath string) string {
	name := path.Base(importPath)
	if versionElement.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "go-"), ".go")
}

// WithImports returns a file with import declarations in front. They are built,
// not parsed: a file is parsed once, and what it imports is known afterwards. A
// package whose name is taken by something else goes by an alias, and the names
// in the file that mean it are renamed.
func WithImports(f *ast.File, imports map[string]string, taken func(name string) bool) *ast.File {
	c := *f
	c.Decls, c.Imports = nil, nil
	for _, name := range sortedKeys(imports) {
		alias := name
		if taken(name) {
			alias = gen.HiddenImport(name)
			for _, id := range f.Unresolved {
				if id.Name == name {
					id.Name = alias
				}
			}
		}
		spec := &ast.ImportSpec{Name: &ast.Ident{Name: alias, NamePos: f.Package},
			Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(imports[name]), ValuePos: f.Package}}
		c.Imports = append(c.Imports, spec)
		c.Decls = append(c.Decls, &ast.GenDecl{Tok: token.IMPORT, TokPos: f.Package, Specs: []ast.Spec{spec}})
	}
	c.Decls = append(c.Decls, slices.DeleteFunc(slices.Clone(f.Decls), isImport)...)
	return &c
}

func isImport(d ast.Decl) bool {
	g, ok := d.(*ast.GenDecl)
	return ok && g.Tok == token.IMPORT
}
