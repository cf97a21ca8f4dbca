// Package session keeps what the cells of one notebook have defined, and
// turns the next cell into the Go files that a plugin is compiled from. It is
// pure bookkeeping: it starts no process and touches no file.
//
// A cell is first planned (Session.Plan), which changes nothing; once its
// plugin is loaded, the plan is committed (Session.Commit). So a failing cell
// leaves no trace.
package session

import (
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A Piece is a declaration or statement of a cell, with its position in it.
type Piece = source.Piece

// A Cell is what the cell language made of a cell's text.
type Cell struct {
	Number int
	Decls  []Piece // imports among them
	Stmts  []Piece // statements; the variables they make are kept
	Body   []Piece // statements that are local to main
	Main   bool    // Body is to be run, even if empty
	Quiet  bool    // the last value is not shown
	// Program says that the cell has a package clause: it is a whole program,
	// and its variables are declared at the top of a package.
	Program bool
	// Raises says that an error of the statements is expected, and Optional
	// that they are left out if they do not compile. Both concern Program only.
	Raises, Optional bool
	// Restored says that the cell is a saved session: no init function runs.
	Restored bool
	// Test runs tests of the session, with TestArgs as flags; nil stands for
	// the tests of this cell, if it has any, and for all otherwise.
	Test     bool
	TestArgs []string
	TestLine int
}

// A File is a generated Go source file.
type File struct{ Name, Text string }

// A Session holds the definitions of all cells so far.
type Session struct {
	imp   types.Importer
	known func(name string) []string
	lang  string
	// showAs maps a static type to the function through which a last
	// expression of that type is shown.
	showAs map[string]string
	// with maps a function or method to a package that cells using it import
	// for its effect.
	with map[string]string
	// globals names the variables of a package that cells which import it
	// register; nil for none.
	globals func(path string) []string
	state
}

// state is what a cell may change; Plan works on a copy.
type state struct {
	decls      map[string]*decl // by key
	order      []string         // keys, oldest first
	vars       map[string]*variable
	retired    map[string]int          // highest version of variables that are gone
	shared     map[string]flow.Sharing // by identifier: variables that not only statements use
	types      map[string]typeVersion
	instances  map[string][]*variable // of generic types, by their names
	imports    map[string]string      // local name to path, of all cells
	dots       []string               // paths imported with a dot, of all cells
	imported   map[string]bool        // imports that hide a variable or declaration
	locals     int                    // types declared inside functions, emitted so far
	localTypes map[string]localTypes  // of declarations, by key
	lastCell   int
	late       map[string][]lateVariable // of functions, by name, the latest last
	held       map[string]bool           // generic functions and methods that older code keeps, by key
	// gone tells of names that are not there any more what became of them.
	gone map[string]string
}

// A decl is one kept declaration.
type decl struct {
	symbol    source.Symbol
	key       string // of symbol: "func f", "method T.m", "type T", "const A,B"
	alias     string // the type that an alias stands for
	names     []string
	cell      int
	line, col int
	prefix    string // "type " for a type out of a group
	text      string
	doc       string                    // the comment above it
	imports   map[string]string         // what it uses, by local name
	dots      map[string]string         // names it uses of packages imported with a dot, with their paths
	means     map[string]source.Meaning // of names it uses, what those mean that could mean something else
}

func (d *decl) kind() string {
	kind, _, _ := strings.Cut(d.key, " ")
	return kind
}

func (d *decl) name() string {
	if d.kind() == "const" {
		return strings.Join(slices.DeleteFunc(slices.Clone(d.names), func(n string) bool { return n == "_" && len(d.names) > 1 }), ",")
	}
	_, name, _ := strings.Cut(d.key, " ")
	return name
}

// receiver is the name of a method's type, "" for other declarations.
func (d *decl) receiver() string {
	if d.kind() != "method" {
		return ""
	}
	name, _, _ := strings.Cut(d.name(), ".")
	return name
}

// A variable is one session variable. Its storage is the linker symbol
// of its identifier in compiled files, shared by all plugins.
type variable struct {
	name    string
	typ     string            // as Go source, packages by their alias
	shown   string            // as a reader would write it
	paths   map[string]string // alias to import path, of the packages in typ
	version int
}

func (v *variable) ident() string { return gen.Variable(v.name, v.version) }

// New makes an empty session. imp imports compiled packages; known lists the
// paths of the packages that a name may mean without import line, the most
// likely first.
func New(imp types.Importer, known func(name string) []string, lang string) *Session {
	s := &Session{imp: imp, known: known, lang: lang, showAs: map[string]string{}, with: map[string]string{}}
	s.Reset()
	return s
}

// ShowAs makes last expressions of a static type (as go/types writes it) pass
// through a function, named by import path and name ("a/b.F").
func (s *Session) ShowAs(typ, function string) { s.showAs[typ] = function }

// With makes cells that use a function or method, named by import path and name
// ("a/b.F"), import another package for its effect.
func (s *Session) With(function, path string) { s.with[function] = path }

// Globals makes cells that import a package register variables of it, which a
// saved session may name.
func (s *Session) Globals(of func(path string) []string) { s.globals = of }

// Reset forgets everything except that variables of old names may still exist.
func (s *Session) Reset() {
	retired := map[string]int{}
	maps.Copy(retired, s.retired)
	for _, v := range s.vars {
		retired[v.name] = max(retired[v.name], v.version)
	}
	versions := map[string]typeVersion{}
	for name, t := range s.types {
		versions[name] = typeVersion{version: t.version, gone: true}
	}
	late := map[string][]lateVariable{}
	for name, all := range s.late { // what old code calls stays as it is
		late[name] = make([]lateVariable, len(all))
	}
	s.state = state{decls: map[string]*decl{}, vars: map[string]*variable{}, retired: retired,
		shared: map[string]flow.Sharing{}, types: versions, imports: map[string]string{}, imported: map[string]bool{}, locals: s.locals, localTypes: map[string]localTypes{},
		instances: map[string][]*variable{}, lastCell: s.lastCell, late: late, held: map[string]bool{}, gone: map[string]string{}}
}

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
func (s *state) drop(key string) {
	delete(s.decls, key)
	s.order = slices.DeleteFunc(s.order, func(k string) bool { return k == key })
}

// retire removes a variable; its name will get new storage.
func (s *state) retire(name string) {
	if v := s.vars[name]; v != nil {
		s.retired[name] = max(s.retired[name], v.version)
		delete(s.vars, name)
	}
}

// Forget removes all variables: the worker that held them is gone. It returns
// their names. In the new worker all storage is new.
func (s *Session) Forget() []string {
	names := slices.Sorted(maps.Keys(s.vars))
	for _, name := range names {
		s.retire(name)
	}
	for name, t := range s.types {
		t.loaded, t.isKnown = "", false
		s.types[name] = t
	}
	clear(s.held)
	return names
}

// Remove removes what a name means and returns its kind, "" for a name that
// means nothing, and the variables that go with it, as they are of a type that
// is no more. What it hid has the name again.
func (s *Session) Remove(name string) (kind string, with []string) {
	delete(s.gone, name)
	if path := s.imports[name]; s.imported[name] || path != "" && s.vars[name] == nil && !s.declares(name) {
		delete(s.imports, name)
		delete(s.imported, name)
		return "import", nil
	}
	if name == "." && len(s.dots) > 0 {
		s.dots = nil
		return "import", nil
	}
	if s.vars[name] != nil {
		s.retire(name)
		return "var", nil
	}
	for _, key := range slices.Clone(s.order) {
		d := s.decls[key]
		switch {
		case slices.Contains(d.names, name):
			kind = d.kind()
			s.undeclare(d, name)
		case d.kind() == "method" && (d.name() == name || strings.HasPrefix(d.name(), name+".")):
			if kind == "" {
				kind = "method"
			}
			s.drop(key)
		}
	}
	if kind == "type" {
		with = s.removeOfType(name)
	}
	return kind, with
}

// removeOfType removes the variables whose types mention a name that is no type
// any more, directly or through other types of the session.
func (s *Session) removeOfType(name string) (removed []string) {
	if s.types[name].version == 0 || slices.Contains(s.order, "type "+name) {
		return nil
	}
	gone := []string{name}
	for i := 0; i < len(gone); i++ {
		for _, key := range s.order {
			d := s.decls[key]
			_, definition, _ := strings.Cut(d.text, d.name())
			if d.kind() == "type" && !slices.Contains(gone, d.name()) && mentionsName(strings.TrimSpace(definition), gone[i]) {
				gone = append(gone, d.name())
			}
		}
	}
	for _, v := range slices.Sorted(maps.Keys(s.vars)) {
		if slices.ContainsFunc(gone, func(t string) bool { return mentionsName(s.vars[v].typ, t) }) {
			s.retire(v)
			s.gone[v] = droppedText(v, "its type "+name+" was removed")
			removed = append(removed, v)
		}
	}
	return removed
}

// A Definition is one thing a session holds, for listings.
type Definition struct {
	Kind string // "func", "method", "type", "const", "var", "import"
	Name string
	Text string // its type for variables, its path for imports, else its first line
	Cell int
}

// Definitions lists everything, imports first, then declarations in the order
// they were made, then variables by name.
func (s *Session) Definitions() []Definition {
	var all []Definition
	for _, name := range slices.Sorted(maps.Keys(s.imports)) {
		all = append(all, Definition{Kind: "import", Name: name, Text: s.imports[name]})
	}
	for _, path := range s.dots {
		all = append(all, Definition{Kind: "import", Name: ".", Text: path})
	}
	for _, key := range s.order {
		d := s.decls[key]
		first, _, _ := strings.Cut(d.text, "\n")
		all = append(all, Definition{Kind: d.kind(), Name: d.name(), Text: first, Cell: d.cell})
	}
	for _, name := range slices.Sorted(maps.Keys(s.vars)) {
		all = append(all, Definition{Kind: "var", Name: name, Text: s.vars[name].shown})
	}
	return all
}
