package session

import (
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
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
	// Debug says that the functions which the cell reaches are to tell a debugger
	// where they are, and its statements too.
	Debug bool
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

// A Session holds what all cells so far have defined.
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

// New makes an empty session. imp imports compiled packages; known lists the
// paths of the packages that a name may mean without an import line, the most
// likely first; lang is the version of Go ("go1.26").
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

// Reset forgets everything, except for the versions of variables and types: the
// worker still has the old ones.
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
	for name, all := range s.late { // old code keeps calling what it calls now
		late[name] = make([]lateVariable, len(all))
	}
	s.state = state{decls: map[key]*decl{}, vars: map[string]*variable{}, retired: retired,
		shared: map[string]flow.Sharing{}, types: versions, imports: map[string]string{}, imported: map[string]bool{}, locals: s.locals, localTypes: map[key]localTypes{},
		instances: map[string][]*variable{}, lastCell: s.lastCell, late: late, held: map[key]bool{}, gone: map[string]string{}}
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

// Remove removes what a name means. It returns its kind, "" for a name that means
// nothing, and with a type the variables that are removed with it. If the name hid
// an older declaration, it means that one again.
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
	for _, d := range s.kept() {
		switch {
		case slices.Contains(d.names, name):
			kind = d.key.Kind.String()
			s.undeclare(d, name)
		case d.key.Kind == source.Method && (d.name() == name || d.key.Recv == name):
			if kind == "" {
				kind = d.key.Kind.String()
			}
			s.drop(d.key)
		}
	}
	if kind == source.Type.String() {
		with = s.removeOfType(name)
	}
	return kind, with
}

// removeOfType removes the variables whose types use a removed type, directly or
// through other types of the session, and returns their names.
func (s *Session) removeOfType(name string) (removed []string) {
	if s.types[name].version == 0 || s.decls[typeKey(name)] != nil {
		return nil
	}
	gone := []string{name}
	for i := 0; i < len(gone); i++ {
		for _, d := range s.kept() {
			_, definition, _ := strings.Cut(d.text, d.name())
			if d.key.Kind == source.Type && !slices.Contains(gone, d.name()) && mentionsName(strings.TrimSpace(definition), gone[i]) {
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

// A Definition is one thing that a session holds, for listings.
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
	for _, d := range s.kept() {
		first, _, _ := strings.Cut(d.text, "\n")
		all = append(all, Definition{Kind: d.key.Kind.String(), Name: d.name(), Text: first, Cell: d.cell})
	}
	for _, name := range slices.Sorted(maps.Keys(s.vars)) {
		all = append(all, Definition{Kind: "var", Name: name, Text: s.vars[name].shown})
	}
	return all
}
