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

// A Program holds the cells of a notebook as parts of an ordinary Go program: the
// declarations, each variable with a name of its own, and the statements of each
// cell, which are written into main one after the other.
type Program struct {
	Decls []Declaration
	Vars  []Declaration // variables that declarations use: they cannot be local to main
	Cells []Statements  // in the order of the cells
	// MainImports and DeclImports are the imports, local name to path, that
	// the statements and the declarations use.
	MainImports, DeclImports map[string]string
	Packages                 map[string]string // the names of packages, by path
	Blank                    []string          // packages imported for their effect
	Context                  string            // the name of the predeclared context, "" when nothing uses it
	Notes                    []string          // where the program behaves differently from the notebook
	Left                     map[int]error     // cells that are not in the program, and why
}

// A Declaration stands at the top of the program.
type Declaration struct {
	Cell, Line int // where its text begins
	Text       string
}

// Statements are what one cell does.
type Statements struct {
	Cell  int
	Stmts []string // for each piece of the cell's statements
	// Own says that the statements need a function of their own, because they
	// return, defer or jump.
	Own    bool
	Locals []string // with Own: declarations of the variables that later cells see
	Calls  []string // functions to call after the statements: init and main
	// Main is the body of the main of the cell, for each piece; nil for none. With
	// MainOwn it needs a function of its own. Parse is the call in front of it that
	// parses flags, "" if the program has none.
	Main    []string
	MainOwn bool
	Parse   string
}

// The functions that the statements of a Program call besides those of the notebook.
const (
	ShowFunc  = "show"  // show(values ...any): for a last expression
	CheckFunc = "check" // check(err error): for an error that the cell does not look at
	MustFunc  = "must"  // must(v, err): v; must2(v, w, err): v, w; must3
)

// Program translates all cells of a notebook. The session must be new, and cannot be
// used afterwards. Errors are *Error.
func (s *Session) Program(cells []Cell) (*Program, error) {
	l := &listing{s: s, program: &Program{MainImports: map[string]string{}, DeclImports: map[string]string{}, Packages: map[string]string{}, Left: map[int]error{}},
		versions: map[key]int{}, emitted: map[key]string{}, names: map[thing]string{}, words: map[string]bool{},
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

// A listing makes a Program.
type listing struct {
	s        *Session
	program  *Program
	versions map[key]int      // of declarations
	emitted  map[key]string   // the text of each declaration when it was last written
	names    map[thing]string // the names of things in the program
	words    map[string]bool  // all identifiers in all cells
	global   map[string]bool  // variables that declarations use, by identifier
	made     map[string]bool  // variables that main has declared, by identifier
}

// A thing is something that has a name in the program. Only the fields that
// identify it are set.
type thing struct {
	variable string // its identifier in compiled files
	decl     key
	name     string // of decl, which may declare several
	version  int    // of decl; of a main or init the number of its cell
	path     string // of a package
	local    string // a local variable, or the predeclared context
}

// A page is one checked cell.
type page struct {
	*checkedCell
	notes    []string
	gone     []string // notes about variables that are gone
	edits    map[*unit]*edit.List
	versions map[key]int     // of the declarations that the cell sees
	units    []*unit         // the declarations to write
	first    map[string]bool // variables that the cell is the first to declare, by identifier
}

// read finds the declarations that a cell adds or changes, and those that use what
// changed: from this cell on, an older function calls the new version of a
// redeclared one, so it is written again.
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
			continue // only this cell has it
		}
		l.emitted[u.decl.key] = said[u]
	}
	if p.body != nil {
		ast.Inspect(p.body.Syntax, func(n ast.Node) bool { l.word(n); return true })
	}
	pg.versions = maps.Clone(l.versions)
	return pg, nil
}

// listOf returns a copy of edits, to which more can be added.
func listOf(edits edit.List) *edit.List {
	list := slices.Clone(edits)
	return &list
}

func (l *listing) word(n ast.Node) {
	if id, ok := n.(*ast.Ident); ok {
		l.words[written(id)] = true
	}
}

// written returns an identifier as the cell has it.
func written(id *ast.Ident) string {
	name, _ := gen.CutHiddenImport(id.Name)
	return name
}

// sibling returns a revised declaration that belongs to the same type as u, nil for
// none: a type and its methods are revised together.
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

// stranded returns the error that a variable outlives a change of its type, which is
// possible in notebooks only.
func stranded(p *checkedCell, u *unit) error {
	for _, name := range sortedKeys(p.st.vars) {
		if v := p.st.vars[name]; p.lifted[name] != v && mentionsName(v.typ, source.DeclName(u.decl.names[0])) {
			return &Error{Messages: []Message{{Cell: p.cell.Number, Line: u.decl.line, Col: u.decl.col, Text: fmt.Sprintf(
				"this cell changes the type %s or one of its methods, and the variable %s of an earlier cell has that type; "+
					"a program has only one definition of a type: write the final one where the type is first declared", u.decl.names[0], name)}}}
		}
	}
	return nil
}

// reserve names the variables and declarations, in the order in which they appear,
// before the packages are named.
func (l *listing) reserve(pages []*page) {
	for _, pg := range pages {
		for _, u := range pg.units {
			for _, name := range u.decl.names {
				l.name(pg.declared(u.decl, name), plainName(name, pg.cell.Number))
			}
		}
		for _, name := range sortedKeys(pg.lifted) {
			l.name(thing{variable: pg.lifted[name].ident()}, name)
		}
	}
}

// plainName returns the name that a declaration should have: main and init of a cell
// are functions of its number.
func plainName(name string, cell int) string {
	switch {
	case name == "main":
		return fmt.Sprintf("cell%d", cell)
	case gen.IsInit(name):
		return fmt.Sprintf("init%d", cell)
	}
	return name
}

// declared identifies one version of a declaration.
func (pg *page) declared(d *decl, name string) thing {
	t := thing{decl: d.key, name: name, version: pg.versions[d.key]}
	if name == "main" || gen.IsInit(name) {
		t.version = pg.cell.Number
	}
	return t
}

// reserved are names that the program itself uses.
var reserved = []string{"main", "init", ShowFunc, CheckFunc, MustFunc, MustFunc + "2", MustFunc + "3"}

// name returns the name of a thing in the program: the wanted one if it is free.
func (l *listing) name(t thing, want string) string {
	if name, ok := l.names[t]; ok {
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
	l.names[t] = name
	return name
}

// write adds a cell to the program.
func (l *listing) write(pg *page) {
	pr := l.program
	for _, n := range pg.notes {
		if !slices.Contains(pg.gone, n) { // in the program both variables exist
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
			continue // it is written into main, after the statements of the cell
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

// isBody reports whether a unit is the main made of the statements after %%.
func isBody(u *unit) bool {
	return u.decl.key == funcKey("main") && strings.HasPrefix(u.decl.text, mainHead)
}

// mainBody writes the statements after %%, which are local to a block.
func (l *listing) mainBody(pg *page, u *unit, cell *Statements) {
	fn := u.Syntax.Decls[len(u.Syntax.Decls)-1].(*ast.FuncDecl)
	cell.MainOwn = jumps(fn.Body)
	pr := l.program
	used := func(imports map[string]string) bool {
		return slices.Contains(slices.Collect(maps.Values(imports)), "flag")
	}
	if used(pr.MainImports) || used(pr.DeclImports) || used(u.decl.imports) {
		name := l.name(thing{path: "flag"}, "flag")
		pr.MainImports[name] = "flag"
		cell.Parse = name + ".Parse()"
	}
	l.rename(pg, u, pg.decls, pr.MainImports)
	cell.Main = pieces(pg, u, pg.cell.Body, u.Header+len(mainHead))
	if cell.Main == nil {
		cell.Main = []string{}
	}
}

// owned returns the name, in the program, of a declaration that a cell sees.
func (l *listing) owned(pg *page, name string) string {
	for _, d := range slices.Concat(pg.content.once, pg.st.kept()) {
		if slices.Contains(d.names, name) {
			return l.name(pg.declared(d, name), plainName(name, pg.cell.Number))
		}
	}
	return name
}

// rename gives every identifier of a unit its name in the program, and adds the
// packages that it uses to imports.
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
				return true // in the generated head of main
			}
			l.program.Packages[path] = o.Imported().Name()
			if gen.IsDotImport(id.Name) {
				name = l.name(thing{path: path}, o.Imported().Name())
				imports[name] = path
				edits.Insert(id.Pos(), name+".")
				return true
			}
			name = l.name(thing{path: path}, written(id))
			imports[name] = path
		case *types.Var:
			switch v := pg.variableOf(o, c); {
			case v != nil:
				name = l.name(thing{variable: v.ident()}, v.name)
			case pg.isContext(o, c):
				name = l.name(thing{local: "ctx"}, "ctx")
				l.program.Context = name
			case u == pg.body && !o.IsField() && o.Pkg() == c.Pkg && slices.Contains(reserved, id.Name): // local to a block
				name = l.name(thing{local: id.Name}, id.Name)
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
