package source

import (
	"go/ast"
	"go/types"
	"slices"

	"modelbook/kernel/source/gen"
)

// A Scope says what the names of a cell may mean besides what its own text
// declares: what the session holds, and the packages that can be named. With the
// rules of this file it decides what each name means.
type Scope struct {
	Importer types.Importer
	// Known lists the paths of the packages that a name may mean without an
	// import line, the most likely first.
	Known func(name string) []string
	// HasVar and HasDecl report whether there is a variable, or a type, function
	// or constant, of a name.
	HasVar, HasDecl func(name string) bool
	// Imports are the imports of this cell and all before, by local name; those
	// of Hiding hide a variable or declaration of the same name.
	Imports map[string]string
	Hiding  map[string]bool
	// Dots are the paths imported with a dot, the latest last.
	Dots []string
}

// Resolve finds the packages that a file names. imports are by local name, as
// WithImports takes them; dots leads from names that packages imported with a
// dot export to the paths of these packages, as Qualify takes it. made reports
// the variables that the statements of the cell itself declare.
//
// Imports that hide come first, then variables and declarations, then other
// imports, predeclared names, packages imported with a dot, and last the packages
// that need no import line.
func (s *Scope) Resolve(f *File, made func(name string) bool) (imports, dots map[string]string) {
	imports, dots = map[string]string{}, map[string]string{}
	for name := range f.Unresolved {
		switch {
		case gen.Import(name) != "":
			imports[name] = gen.Import(name)
		case s.Hiding[name]:
			imports[name] = s.Imports[name]
		case made != nil && made(name), s.HasVar(name), s.HasDecl(name):
		case s.Imports[name] != "":
			imports[name] = s.Imports[name]
		case types.Universe.Lookup(name) != nil:
		default:
			if path := s.dotted(name); path != "" {
				dots[name], imports[gen.DotImport(path)] = path, path
			} else if fitting := s.Fitting(f, name); len(fitting) > 0 {
				imports[name] = fitting[0]
			}
		}
	}
	return imports, dots
}

// dotted returns the package among those imported with a dot that exports a
// name, "" for none. The latest import comes first.
func (s *Scope) dotted(name string) string {
	if !ast.IsExported(name) {
		return ""
	}
	for _, path := range slices.Backward(s.Dots) {
		if pkg, err := s.Importer.Import(path); err == nil && pkg.Scope().Lookup(name) != nil {
			return path
		}
	}
	return ""
}

// Fitting lists the packages that a name may mean in a file without an import
// line: those that export all that the file selects of the name, the most likely
// first. When there is no such package, it is the most likely one, for an error
// that names what it lacks. A name of which nothing is selected means no
// package.
func (s *Scope) Fitting(f *File, name string) []string {
	selected, ok := f.Selected[name]
	if !ok {
		return nil
	}
	if name == "unsafe" {
		return []string{"unsafe"}
	}
	var fitting []string
	known := s.Known(name)
	for _, path := range known {
		if s.exports(path, selected) {
			fitting = append(fitting, path)
		}
	}
	if len(fitting) == 0 && len(known) > 0 {
		return known[:1]
	}
	return fitting
}

func (s *Scope) exports(path string, names []string) bool {
	pkg, err := s.Importer.Import(path)
	return err == nil && !slices.ContainsFunc(names, func(name string) bool { return pkg.Scope().Lookup(name) == nil })
}
