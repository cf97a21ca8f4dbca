package session

import (
	"maps"
	"slices"
)

// A Scope is what a cell being written can refer to: the session as one
// package, for completion and inspection. It does not change, so it can be
// read while a cell runs.
type Scope struct {
	Decls    []Declared
	Vars     []Typed
	Imports  map[string]string // local name to path, of all cells
	Imported map[string]bool   // names of imports that hide a variable or declaration
	// CheckNames are what a new cell's names are called in a type check where
	// they mean what hides something else (see CheckNames).
	CheckNames map[string]string
	Dots       []string // paths imported with a dot
}

// A Declared is one kept declaration.
type Declared struct {
	Kind      string   // "func", "method", "type", "const" or "var"
	Name      string   // "T.M" for a method
	Names     []string // what it declares; none for a method
	Text      string   // a whole declaration
	Doc       string   // the comment above it, as written
	Cell      int
	Line, Col int               // where it starts in its cell
	Imports   map[string]string // the packages it uses, by the names it uses
	// CheckNames are like those of the scope, for the names that it uses.
	CheckNames map[string]string
}

// A Typed is a session variable with its type.
type Typed struct {
	Name  string
	Check string            // its name in a type check
	Type  string            // as Go source, packages by the names in Paths
	Shown string            // as a reader would write it
	Paths map[string]string // name to import path, of the packages in Type
}

// checkNames are the check names that differ from the names of the session.
func (s *state) checkNames(checkName func(string) string) map[string]string {
	names := map[string]string{}
	add := func(name string) {
		if check := checkName(name); check != name {
			names[name] = check
		}
	}
	for name := range s.vars {
		add(name)
	}
	for _, d := range s.decls {
		for _, name := range d.names {
			add(name)
		}
	}
	return names
}

// Scope lists what the session holds.
func (s *Session) Scope() *Scope {
	sc := &Scope{Imports: maps.Clone(s.imports), Imported: maps.Clone(s.imported), Dots: slices.Clone(s.dots)}
	has := func(name string) bool { return s.vars[name] != nil }
	sc.CheckNames = s.checkNames(s.meant(has, func(name string) meaning {
		if has(name) {
			return meansVariable
		}
		return meansDecl
	}))
	for _, key := range s.order {
		d := s.decls[key]
		sc.Decls = append(sc.Decls, Declared{
			Kind: d.kind(), Name: d.name(), Names: d.names, Text: d.prefix + d.text, Doc: d.doc,
			Cell: d.cell, Line: d.line, Col: d.col, Imports: d.imports,
			CheckNames: s.checkNames(s.meant(has, func(name string) meaning { return d.means[name] })),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(s.vars)) {
		v := s.vars[name]
		sc.Vars = append(sc.Vars, Typed{Name: name, Check: s.varName(name), Type: v.typ, Shown: v.shown, Paths: v.paths})
	}
	return sc
}
