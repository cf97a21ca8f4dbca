package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// state is what a cell can change. Plan works on a copy.
type state struct {
	decls      map[key]*decl
	order      []key // oldest first
	vars       map[string]*variable
	retired    map[string]int          // the highest versions of removed variables
	shared     map[string]flow.Sharing // by identifier: variables that more than statements of cells use
	types      map[string]typeVersion
	instances  map[string][]*variable // of generic types, by their names
	imports    map[string]string      // local name to path, of all cells
	dots       []string               // paths imported with a dot, of all cells
	imported   map[string]bool        // imports that hide a variable or declaration
	locals     int                    // how many types declared inside functions were emitted
	localTypes map[key]localTypes     // of declarations
	lastCell   int
	late       map[string][]lateVariable // of functions, by name, the newest last
	held       map[key]bool              // generic functions and methods that older code keeps calling
	// gone says of names that are no longer defined what became of them.
	gone map[string]string
}

// A key identifies a declaration of the session, or a variable.
type key struct {
	source.Symbol
	// again counts earlier declarations of the same symbol in the same cell. There
	// can be several of "func _()".
	again int
}

// String returns "func f", "method T.m", "type T" or "const A,B".
func (k key) String() string {
	if k.again > 0 {
		return fmt.Sprintf("%s (%d)", k.Symbol, k.again+1)
	}
	return k.Symbol.String()
}

func variableKey(name string) key { return key{Symbol: source.Symbol{Kind: source.Var, Name: name}} }
func typeKey(name string) key     { return key{Symbol: source.Symbol{Kind: source.Type, Name: name}} }
func funcKey(name string) key     { return key{Symbol: source.Symbol{Kind: source.Func, Name: name}} }

// inOrder returns the keys of a map, sorted by their text.
func inOrder[V any](m map[key]V) []key {
	return slices.SortedFunc(maps.Keys(m), func(a, b key) int { return strings.Compare(a.String(), b.String()) })
}

// A decl is one kept declaration.
type decl struct {
	key       key
	alias     string // the type that an alias stands for
	names     []string
	cell      int
	line, col int
	prefix    string // "type " for a type out of a group
	text      string
	doc       string                    // the comment above it
	imports   map[string]string         // what it uses, by local name
	dots      map[string]string         // the names it uses of packages imported with a dot, with the paths
	means     map[string]source.Meaning // of the names it uses that could mean several things: which
}

// name is its name in messages; of a group of constants, the names that are left.
func (d *decl) name() string {
	if d.key.Kind == source.Const {
		return strings.Join(slices.DeleteFunc(slices.Clone(d.names), func(n string) bool { return n == "_" && len(d.names) > 1 }), ",")
	}
	return d.key.Qualified()
}

// what is its kind, in words.
func (d *decl) what() string {
	switch d.key.Kind {
	case source.Func:
		return "function"
	case source.Const:
		return "constant"
	}
	return d.key.Kind.String()
}

// A variable is a variable of the session. All plugins share its storage: the
// linker symbol of its identifier in compiled files.
type variable struct {
	name    string
	typ     string            // as Go source, packages by their alias
	shown   string            // as a reader would write it
	paths   map[string]string // alias to import path, of the packages in typ
	version int
}

func (v *variable) ident() string { return gen.Variable(v.name, v.version) }

// declares reports whether the session holds a declaration of a name.
func (s *state) declares(name string) bool { return s.declaring(name) != nil }

// declaring is the declaration of a name, nil without one.
func (s *state) declaring(name string) *decl {
	for _, d := range s.decls {
		if slices.Contains(d.names, name) {
			return d
		}
	}
	return nil
}

// kept are all declarations, oldest first.
func (s *state) kept() []*decl {
	var all []*decl
	for _, k := range s.order {
		all = append(all, s.decls[k])
	}
	return all
}

// keep adds a declaration.
func (s *state) keep(d *decl) {
	if s.decls[d.key] == nil {
		s.order = append(s.order, d.key)
	}
	s.decls[d.key] = d
}

// varName is the check name of a variable.
func (s *state) varName(name string) string { return source.VarName(name, s.declares(name)) }

func (s *state) clone() state {
	c := *s
	c.decls, c.vars, c.retired = maps.Clone(s.decls), maps.Clone(s.vars), maps.Clone(s.retired)
	c.shared, c.late, c.held = maps.Clone(s.shared), maps.Clone(s.late), maps.Clone(s.held)
	c.dots = slices.Clone(s.dots)
	c.localTypes, c.imported, c.gone = maps.Clone(s.localTypes), maps.Clone(s.imported), maps.Clone(s.gone)
	c.instances = maps.Clone(s.instances)
	c.types, c.imports, c.order = maps.Clone(s.types), maps.Clone(s.imports), slices.Clone(s.order)
	return c
}

// drop removes a declaration.
func (s *state) drop(dropped key) {
	delete(s.decls, dropped)
	s.order = slices.DeleteFunc(s.order, func(k key) bool { return k == dropped })
}

// retire removes a variable. A new one of the name gets new storage.
func (s *state) retire(name string) {
	if v := s.vars[name]; v != nil {
		s.retired[name] = max(s.retired[name], v.version)
		delete(s.vars, name)
	}
}

// undeclare removes the declaration of a name. A group of constants stays in one
// piece, because of iota: a constant that is removed from it, or redeclared,
// leaves a blank, so that the others keep their values.
func (s *state) undeclare(d *decl, name string) {
	if d.key.Kind == source.Const {
		if text, names, ok := source.WithoutConst(d.text, d.names, name); ok {
			rest := *d
			rest.names, rest.text = names, text
			s.decls[d.key] = &rest
			return
		}
	}
	s.drop(d.key)
}
