package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A Program is what a notebook's cells say, as the parts of an ordinary Go
// program: every declaration once, every variable with a name of its own, and
// the statements of each cell, to be written one behind the other into main.
type Program struct {
	Decls []Declaration
	Vars  []Declaration // variables that declarations use: they cannot be main's own
	Cells []Statements  // in the order of the cells
	// MainImports and DeclImports are the imports, local name to path, that
	// the statements and the declarations use.
	MainImports, DeclImports map[string]string
	Packages                 map[string]string // what packages call themselves, by path
	Blank                    []string          // packages imported for their effect
	Context                  string            // the name of the predeclared context, "" when nothing uses it
	Notes                    []string          // what the program does otherwise than the notebook
	Left                     map[int]error     // cells that the program does not have, and why
}

// A Declaration stands at the top of the program.
type Declaration struct {
	Cell, Line int // where its text begins
	Text       string
}

// Statements are what a cell does.
type Statements struct {
	Cell  int
	Stmts []string // for each piece of the cell's statements
	// Own says that the statements need a function of their own: they return,
	// defer, or jump.
	Own    bool
	Locals []string // with Own: declarations of the variables that later cells see
	Calls  []string // functions to call behind the statements: init and main
	// Main is the body of the cell's main, for each piece, if it has one; it
	// needs a function of its own with MainOwn. Parse is the call that parses
	// the program's flags in front of it, "" in a program without flags.
	Main    []string
	MainOwn bool
	Parse   string
}

// The functions that the statements of a Program call, beside the notebook's.
const (
	ShowFunc  = "show"  // show(values ...any): of a last expression
	CheckFunc = "check" // check(err error): of an error that the cell does not look at
	MustFunc  = "must"  // must(v, err): v; must2(v, w, err): v, w; must3
)

// Program translates all cells of a notebook. The session must be new; it is
// used up. Errors are *Error.
func (s *Session) Program(cells []Cell) (*Program, error) {
	l := &listing{s: s, program: &Program{MainImports: map[string]string{}, DeclImports: map[string]string{}, Packages: map[string]string{}, Left: map[int]error{}},
		versions: map[key]int{}, emitted: map[key]string{}, names: map[string]string{}, words: map[string]bool{},
		global: map[string]bool{}, made: map[string]bool{}}
	var pages []*page
	for _, c := range cells {
		plan, p, err := s.plan(c)
		var page *page
		if err == nil {
			page, err = l.read(plan, p)
		}
		if err != nil && c.Optional {
			l.program.Left[c.Number] = err
			continue
		}
		if err != nil {
			return nil, err
		}
		s.Commit(plan)
		pages = append(pages, page)
	}
	l.reserve(pages)
	for _, page := range pages {
		l.write(page)
	}
	return l.program, nil
}

// listing makes a Program.
type listing struct {
	s        *Session
	program  *Program
	versions map[key]int       // of declarations
	emitted  map[key]string    // what a declaration said when it was last written
	names    map[string]string // by thing (a variable, declaration or package): its name in the program
	words    map[string]bool   // all identifiers of all cells
	global   map[string]bool   // variables that declarations use, by ident
	made     map[string]bool   // variables that main has declared, by thing
}

// page is one cell, checked.
type page struct {
	*checkedCell
	notes    []string
	gone     []string // notes about variables that are gone
	edits    map[*unit]*edit.List
	versions map[key]int     // of the declarations that the cell sees
	units    []*unit         // the declarations to write
	first    map[string]bool // variables that the cell declares first, by ident
}

// read finds the declarations that a cell adds or changes, and with them those
// that use what changed: an older function that calls a redefined one calls
// the new one from here on.
func (l *listing) read(plan *Plan, p *checkedCell) (*page, error) {
	pg := &page{checkedCell: p, notes: plan.Notes, gone: plan.gone, edits: map[*unit]*edit.List{}, first: map[string]bool{}}
	g := graphOf(p)
	if p.body != nil {
		pg.edits[p.body] = listOf(p.unused[p.body])
	}
	said := map[*unit]string{}
	revised := map[*unit]bool{}
	for _, u := range p.units {
		pg.edits[u] = listOf(p.unused[u])
		vars := slices.Sorted(slices.Values(g.vars[u]))
		said[u] = u.decl.prefix + u.decl.text + "\x00" + strings.Join(slices.Compact(vars), " ")
		if old, known := l.emitted[u.decl.key]; known && old != said[u] {
			revised[u] = true
		}
		ast.Inspect(u.Syntax, func(n ast.Node) bool { l.word(n); return true })
	}
	for again := true; again; {
		again = false
		for _, u := range p.units {
			if revised[u] || l.emitted[u.decl.key] == "" {
				continue
			}
			if slices.ContainsFunc(g.uses[u], func(o *unit) bool { return revised[o] }) || revised[sibling(g, u, revised)] {
				revised[u], again = true, true
			}
		}
	}
	for _, u := range p.units {
		if revised[u] && u.decl.key.Kind == source.Type {
			if err := stranded(p, u); err != nil {
				return nil, err
			}
		}
	}
	for _, u := range p.units {
		if revised[u] || l.emitted[u.decl.key] == "" {
			l.versions[u.decl.key]++
			pg.units = append(pg.units, u)
			for _, ident := range g.vars[u] {
				l.global[ident] = l.global[ident] || !isBody(u)
			}
		}
		if slices.Contains(p.content.once, u.decl) {
			continue // of this cell only
		}
		l.emitted[u.decl.key] = said[u]
	}
	if p.body != nil {
		ast.Inspect(p.body.Syntax, func(n ast.Node) bool { l.word(n); return true })
	}
	pg.versions = maps.Clone(l.versions)
	return pg, nil
}

// listOf is a copy of edits, to which more can be added.
func listOf(edits edit.List) *edit.List {
	list := slices.Clone(edits)
	return &list
}

func (l *listing) word(n ast.Node) {
	if id, ok := n.(*ast.Ident); ok {
		l.words[written(id)] = true
	}
}

// written is an identifier of a check as the cell has it.
func written(id *ast.Ident) string {
	name, _ := gen.CutHiddenImport(id.Name)
	return name
}

// sibling is a revised declaration that u must go with: a type and its methods
// are one.
func sibling(g *useGraph, u *unit, revised map[*unit]bool) *unit {
	name := u.decl.key.Recv
	if u.decl.key.Kind == source.Type {
		name = u.decl.names[0]
	}
	if name == "" {
		return nil
	}
	name = source.DeclName(name)
	for _, o := range append([]*unit{g.owner[name]}, g.methods[name]...) {
		if o != nil && revised[o] {
			return o
		}
	}
	return nil
}

// stranded is the error that a variable outlives the redefinition of its type,
// which only a notebook can do.
func stranded(p *checkedCell, u *unit) error {
	for _, name := range sortedKeys(p.st.vars) {
		if v := p.st.vars[name]; p.lifted[name] != v && mentionsName(v.typ, source.DeclName(u.decl.names[0])) {
			return &Error{Messages: []Message{{Cell: p.cell.Number, Line: u.decl.line, Col: u.decl.col, Text: fmt.Sprintf(
				"this cell changes the type %s or a method of it, and the variable %s of an earlier cell has that type; "+
					"a program knows one definition: give it the final one where it is declared first", u.decl.names[0], name)}}}
		}
	}
	return nil
}

// reserve gives the variables and declarations their names, in the order in
// which they appear, before the packages get theirs.
func (l *listing) reserve(pages []*page) {
	for _, pg := range pages {
		for _, u := range pg.units {
			for _, name := range u.decl.names {
				l.name(pg.declared(u.decl, name), plainName(name, pg.cell.Number))
			}
		}
		for _, name := range sortedKeys(pg.lifted) {
			l.name(pg.lifted[name].ident(), name)
		}
	}
}

// plainName is the name of a function that runs with its cell.
func plainName(name string, cell int) string {
	switch {
	case name == "main":
		return fmt.Sprintf("cell%d", cell)
	case gen.IsInit(name):
		return fmt.Sprintf("init%d", cell)
	}
	return name
}

// declared names one version of a declaration.
func (pg *page) declared(d *decl, name string) string {
	if name == "main" || gen.IsInit(name) {
		return fmt.Sprintf("%s %s of %d", d.key, name, pg.cell.Number)
	}
	return fmt.Sprintf("%s %s %d", d.key, name, pg.versions[d.key])
}

// reserved are names that the program has for itself.
var reserved = []string{"main", "init", ShowFunc, CheckFunc, MustFunc, MustFunc + "2", MustFunc + "3"}

// name is the name of a thing in the program: the given one if it is free.
func (l *listing) name(thing, want string) string {
	if name, ok := l.names[thing]; ok {
		return name
	}
	taken := func(name string) bool {
		for _, other := range l.names {
			if other == name {
				return true
			}
		}
		return slices.Contains(reserved, name) || types.Universe.Lookup(name) != nil
	}
	name := want
	for n := 2; taken(name) || name != want && l.words[name]; n++ {
		name = fmt.Sprintf("%s%d", want, n)
	}
	l.names[thing] = name
	return name
}

// write adds a cell to the program.
func (l *listing) write(pg *page) {
	pr := l.program
	for _, n := range pg.notes {
		if !slices.Contains(pg.gone, n) { // a new variable gets a name of its own
			pr.Notes = append(pr.Notes, fmt.Sprintf("cell %d: %s", pg.cell.Number, n))
		}
	}
	for _, path := range pg.content.blank {
		if !slices.Contains(pr.Blank, path) && !slices.Contains(slices.Collect(maps.Values(l.s.with)), path) {
			pr.Blank = append(pr.Blank, path)
		}
	}
	for _, u := range pg.units {
		if isBody(u) {
			continue // its place is in main, behind the cell's statements
		}
		l.rename(pg, u, pg.decls, pr.DeclImports)
		text := strings.TrimRight(strings.TrimPrefix(pg.edits[u].Apply(u.Text, u.Syntax.FileStart), u.Text[:u.Header]), "\n")
		pr.Decls = append(pr.Decls, Declaration{u.decl.cell, u.decl.line, u.decl.prefix + gen.WithoutLines(text)})
	}
	sorted(pr.Decls)
	cell := Statements{Cell: pg.cell.Number}
	for _, name := range pg.content.inits {
		cell.Calls = append(cell.Calls, l.owned(pg, name))
	}
	if pg.body != nil {
		l.statements(pg, &cell)
	}
	if i := slices.IndexFunc(pg.units, isBody); i >= 0 {
		l.mainBody(pg, pg.units[i], &cell)
	} else if pg.content.main {
		cell.Calls = append(cell.Calls, l.owned(pg, "main"))
	}
	pr.Cells = append(pr.Cells, cell)
}

// isBody reports whether a unit is the main that %% makes of statements.
func isBody(u *unit) bool {
	return u.decl.key == funcKey("main") && strings.HasPrefix(u.decl.text, mainHead)
}

// mainBody writes the statements behind %%, which are local to a block.
func (l *listing) mainBody(pg *page, u *unit, cell *Statements) {
	fn := u.Syntax.Decls[len(u.Syntax.Decls)-1].(*ast.FuncDecl)
	cell.MainOwn = jumps(fn.Body)
	pr := l.program
	used := func(imports map[string]string) bool {
		return slices.Contains(slices.Collect(maps.Values(imports)), "flag")
	}
	if used(pr.MainImports) || used(pr.DeclImports) || used(u.decl.imports) {
		name := l.name("package flag", "flag")
		pr.MainImports[name] = "flag"
		cell.Parse = name + ".Parse()"
	}
	l.rename(pg, u, pg.decls, pr.MainImports)
	cell.Main = pieces(pg, u, pg.cell.Body, u.Header+len(mainHead))
	if cell.Main == nil {
		cell.Main = []string{}
	}
}

// owned is the name of the declaration of this name that a cell sees.
func (l *listing) owned(pg *page, name string) string {
	for _, d := range slices.Concat(pg.content.once, pg.st.kept()) {
		if slices.Contains(d.names, name) {
			return l.name(pg.declared(d, name), plainName(name, pg.cell.Number))
		}
	}
	return name
}

// rename gives every identifier of a unit the name of what it means, and notes
// the packages.
func (l *listing) rename(pg *page, u *unit, c source.Checked, imports map[string]string) {
	edits := pg.edits[u]
	ast.Inspect(u.Syntax, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := c.Info.ObjectOf(id)
		if obj == nil || edits.Removed(id.Pos()) {
			return true
		}
		name := id.Name
		switch o := obj.(type) {
		case *types.PkgName:
			path := o.Imported().Path()
			if path == gen.RuntimePath {
				return true // in what was put in front of a main
			}
			l.program.Packages[path] = o.Imported().Name()
			if gen.IsDotImport(id.Name) {
				name = l.name("package "+path, o.Imported().Name())
				imports[name] = path
				edits.Insert(id.Pos(), name+".")
				return true
			}
			name = l.name("package "+path, written(id))
			imports[name] = path
		case *types.Var:
			switch v := pg.variableOf(o, c); {
			case v != nil:
				name = l.name(v.ident(), v.name)
			case pg.isContext(o, c):
				name = l.name("context", "ctx")
				l.program.Context = name
			case u == pg.body && !o.IsField() && o.Pkg() == c.Pkg && slices.Contains(reserved, id.Name): // a block's own
				name = l.name("local "+id.Name, id.Name)
			case o.Embedded():
				if tn := flow.TypeName(o.Type()); tn != nil && tn.Pkg() == c.Pkg && tn.Parent() == c.Pkg.Scope() {
					name = l.owned(pg, gen.Plain(tn.Name()))
				}
			}
		default:
			if o.Pkg() == c.Pkg && o.Parent() == c.Pkg.Scope() {
				name = l.owned(pg, id.Name)
			}
		}
		if old := written(id); name != old {
			edits.Replace(id.Pos(), id.Pos()+token.Pos(len(old)), name)
		}
		return true
	})
}
