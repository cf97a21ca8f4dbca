package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"modelbook/kernel/source/gen"
)

// A Checker type-checks the package of all cells.
type Checker struct {
	Importer types.Importer
	Lang     string // "go1.26"
}

// A Package is what is checked together: the cell, declarations of older cells
// and variables.
type Package struct {
	Files []CheckFile
	Vars  []CheckVar
	// Taken reports the names that something other than a package has.
	Taken func(name string) bool
}

// A CheckFile is one file of a Package.
type CheckFile struct {
	Syntax  *ast.File
	Imports map[string]string // see Scope.Resolve
	// CheckName gives the check names of the names that the file does not
	// declare. A nil func leaves all as they are.
	CheckName func(name string) string
	// Signatures says that the bodies of functions are not looked at.
	Signatures bool
}

// A CheckVar is a variable of the session.
type CheckVar struct {
	Name, CheckName string
	Type            string // as Go source, packages by the names in Paths
	Paths           map[string]string
}

// ContextVar is the predeclared ctx of cells, for where nothing else has the
// name.
var ContextVar = CheckVar{Name: "ctx", CheckName: "ctx", Type: gen.ContextType, Paths: gen.ContextImports()}

// VarFile returns the name of the file that declares a variable, in positions.
func VarFile(name string) string { return "var " + name }

// Check type-checks a package. It calls report for every error, with what is
// known so far; the result holds all that could be understood. Identifiers have
// their check names during the check only.
func (c Checker) Check(fset *token.FileSet, p Package, report func(e types.Error, info *types.Info)) Checked {
	var files []*ast.File
	for _, f := range p.Files {
		syntax := f.Syntax
		if f.Signatures {
			syntax = Signatures(syntax)
		}
		files = append(files, WithImports(syntax, f.Imports, p.Taken))
		if f.CheckName != nil {
			defer rename(f.Syntax, f.CheckName)()
		}
	}
	for _, v := range p.Vars {
		text := gen.Clause + gen.ImportDecls(v.Paths) + "var " + v.CheckName + " " + v.Type
		if f, err := parser.ParseFile(fset, VarFile(v.Name), text, parser.SkipObjectResolution); err == nil {
			files = append(files, f)
		}
	}
	defer renameEmbedded(files)()
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	conf := types.Config{Importer: c.Importer, GoVersion: c.Lang, Error: func(err error) { report(err.(types.Error), info) }}
	pkg, _ := conf.Check(gen.Package, fset, files, info) // the error is the first of those reported
	return Checked{pkg, info}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
