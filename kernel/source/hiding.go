package source

import (
	"go/ast"
	"go/token"
	"go/types"

	"modelbook/kernel/source/gen"
)

// A name means what it means in a function: a variable that a statement makes
// hides a type, function, constant or predeclared name from there on, and what
// was declared before keeps its meaning. "node := mk(3)" leaves the type node to
// mk, and "string := s" the type string to all older cells.
//
// A package has one scope and no "from there on". So what hides something else
// goes by another name in a type check, its check name, and a declaration
// remembers which of its names meant what hides.

// A Meaning tells what a name of a declaration means.
type Meaning uint8

const (
	Outermost Meaning = iota // what it means without the session: a predeclared name
	Declared                 // the session's declaration
	Variable                 // the session's variable
)

// IsPredeclared reports whether a name means something without any
// declaration. init and main are among them: init is no variable of a package,
// main is the function of a cell, and both need a check name for the same
// reason.
func IsPredeclared(name string) bool {
	return name == "init" || name == "main" || types.Universe.Lookup(name) != nil
}

// DeclName returns the check name of a type, function or constant.
func DeclName(name string) string {
	if types.Universe.Lookup(name) != nil {
		return gen.HidingName(name)
	}
	return name
}

// VarName returns the check name of a variable; declared says that there is a
// declaration of the same name.
func VarName(name string, declared bool) string {
	if declared || IsPredeclared(name) {
		return gen.HidingVariable(name)
	}
	return name
}

// rename gives the identifiers of a file that its text does not declare, or
// declares for the package, their check names. The returned function takes that
// back.
func rename(f *ast.File, checkName func(name string) string) (restore func()) {
	type renamed struct {
		id   *ast.Ident
		name string
	}
	var all []renamed
	to := func(id *ast.Ident, name string) {
		if name != id.Name {
			all = append(all, renamed{id, id.Name})
			id.Name = name
		}
	}
	for _, id := range f.Unresolved {
		to(id, checkName(id.Name))
	}
	if f.Scope != nil { // found by the parser, as Unresolved was
		for declared, obj := range f.Scope.Objects {
			name := DeclName(declared)
			if name == declared {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && id.Obj == obj {
					to(id, name)
				}
				return true
			})
		}
	}
	return func() {
		for _, r := range all {
			r.id.Name = r.name
		}
	}
}

// Made lists where the statements of a cell, in the body of a function, declare
// variables at the top of the cell: the first place of each name.
func Made(fset *token.FileSet, body *ast.FuncDecl) map[string]token.Position {
	made := map[string]token.Position{}
	for _, id := range TopVars(body) {
		if _, again := made[id.Name]; !again {
			made[id.Name] = fset.Position(id.Pos())
		}
	}
	return made
}

// Meanings lists what the names of a new declaration mean that could mean
// something else. A variable that the statements of its own cell make hides
// something older from the declaration if it is made above it.
func (s *Scope) Meanings(f *File, line, col int, made map[string]token.Position) map[string]Meaning {
	means := map[string]Meaning{}
	for name := range f.Unresolved {
		if !IsPredeclared(name) && !s.HasDecl(name) {
			continue
		}
		means[name] = s.Newest(name)
		if at, ok := made[name]; ok && (at.Line < line || at.Line == line && at.Column < col) {
			means[name] = Variable
		}
	}
	return means
}

// Newest returns what a name means to the statements of a new cell, and to a
// new declaration, unless a variable that the cell itself makes stands before
// it.
func (s *Scope) Newest(name string) Meaning {
	switch {
	case s.HasVar(name):
		return Variable
	case s.HasDecl(name):
		return Declared
	}
	return Outermost
}

// CheckName returns the check name of what a name means. What is gone from the
// scope no longer hides anything.
func (s *Scope) CheckName(name string, m Meaning) string {
	if m == Variable && s.HasVar(name) {
		return VarName(name, s.HasDecl(name))
	}
	if m != Outermost && s.HasDecl(name) {
		return DeclName(name)
	}
	return name
}
