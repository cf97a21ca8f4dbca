package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A Plan is what a cell would change, and the Go files it is compiled from.
type Plan struct {
	// Files and Globals go to the compiler. No Files: there is nothing to run.
	Files   []File
	Globals []string
	// Notes tell the user what the cell changes besides what it says.
	Notes []string
	// Imports are the packages that the files import.
	Imports []string
	state   state
	makings []making
	before  map[string]*variable // variables as they were
	lifted  map[string]*variable // variables the statements make
	broken  []*decl              // declarations that were dropped
	lost    map[string]string    // variables that were dropped and are made anew, with the reason
}

// Plan type-checks a cell against everything defined so far and generates the
// files of its plugin. Errors are *Error. The session does not change.
func (s *Session) Plan(c Cell) (*Plan, error) {
	plan, _, err := s.plan(c)
	return plan, err
}

// plan plans a cell. What it breaks is dropped, and the cell planned again, until
// nothing more breaks.
func (s *Session) plan(c Cell) (*Plan, *checkedCell, error) {
	if err := checkReserved(c); err != nil {
		return nil, nil, err
	}
	dropped := map[string]string{} // key of a kept declaration or variable to why it breaks
	for {
		plan, cell, broken, err := s.attempt(c, dropped)
		if err != nil {
			return nil, nil, err
		}
		if len(broken) == 0 {
			return plan, cell, nil
		}
		progress := false
		for key, why := range broken {
			_, again := dropped[key]
			progress = progress || !again
			dropped[key] = why
		}
		if !progress { // dropping did not help
			e := &Error{}
			for _, key := range sortedKeys(broken) {
				e.Messages = append(e.Messages, Message{Cell: c.Number, Line: 1, Col: 1, Text: key + ": " + broken[key]})
			}
			return nil, nil, e
		}
	}
}

// attempt plans a cell without what is dropped. It returns what else breaks, with
// the reasons; then there is no plan.
func (s *Session) attempt(c Cell, dropped map[string]string) (*Plan, *checkedCell, map[string]string, error) {
	p := &planner{s: s, c: c, dropped: dropped}
	if err := p.parse(); err != nil {
		return nil, nil, nil, err
	}
	broken, err := p.checkAll()
	if err != nil || len(broken) > 0 {
		return nil, nil, broken, err
	}
	versions := versionTypes(p)
	if len(versions.gone) > 0 {
		return nil, nil, versions.gone, nil
	}
	p.st.types = versions.types
	maps.Copy(p.st.vars, p.lifted)
	p.notes = append(p.notes, versions.notes...)
	p.noteHidden()
	keys, notes := changedHeld(p)
	for _, key := range keys {
		delete(p.st.held, key)
	}
	p.notes = append(p.notes, notes...)
	p.tellGone()
	plan := &Plan{state: p.st, before: p.before, lifted: p.lifted, lost: p.noteDropped()}
	plan.Notes = p.notes
	if runs(p) {
		emit(plan, p)
	}
	for _, key := range s.order {
		if _, ok := dropped[key]; ok {
			plan.broken = append(plan.broken, s.decls[key])
		}
	}
	return plan, p, nil, nil
}

// runs reports whether a cell has anything to run.
func runs(p *checkedCell) bool {
	return p.body != nil || p.cell.main || p.cell.tests || len(p.cell.inits) > 0 || len(declaredAnew(p)) > 0
}

// Commit makes a plan's changes the session's.
func (s *Session) Commit(p *Plan) {
	s.state = p.state
}

// planner is one attempt to plan a cell.
type planner struct {
	s       *Session
	c       Cell
	dropped map[string]string
	st      state
	cell    *parsed
	notes   []string

	fset  *token.FileSet
	units map[string]*unit // by file name; kept, new and once
	names []string         // of units, in order
	body  *unit            // the statements; nil without any

	stmts, decls source.Checked       // the two passes
	before       map[string]*variable // variables as they were
	lifted       map[string]*variable // variables the statements make
	liftedObjs   map[types.Object]bool
	replaced     []*variable     // variables whose names the cell declares anew
	local        map[string]bool // names that stay local, their type has no name here
}

type checkedCell = planner

// parse reads the declarations of the cell into the state, and parses all units.
func (p *planner) parse() (err error) {
	p.st = p.s.state.clone()
	p.st.lastCell = p.c.Number
	for key := range p.dropped {
		if name, ok := strings.CutPrefix(key, "var "); ok && p.st.vars[name] != nil {
			p.st.retire(name)
		} else {
			p.st.drop(key)
		}
	}
	if p.cell, err = p.s.parseDecls(p.c, &p.st); err != nil {
		return err
	}
	p.st.dots = p.cell.dots
	p.nameReceivers()
	if err := p.mergeImports(); err != nil {
		return err
	}
	p.addMain()
	p.merge()
	p.dropMethods()
	p.addTests()
	p.fset, p.units = token.NewFileSet(), map[string]*unit{}
	return p.parseUnits()
}

// checkAll does both passes. It returns the kept declarations and variables that
// no longer compile, with the reasons.
func (p *planner) checkAll() (broken map[string]string, err error) {
	errs := &Error{}
	if p.orderVars(errs) {
		if p.body, err = p.parseBody(); err != nil {
			return nil, err
		}
	}
	p.before = maps.Clone(p.st.vars)
	if p.body != nil {
		p.foresee()
		p.checkStatements(errs)
		made := variablesOf(p, p.bodyFunc())
		p.lifted, p.liftedObjs, p.local = made.lifted, made.objs, made.local
		p.notes = append(p.notes, made.notes...)
	}
	broken = p.checkDecls(errs)
	if len(errs.Messages) > 0 {
		p.explain(errs)
		if syntax := slices.DeleteFunc(slices.Clone(errs.Messages), func(m Message) bool { return !strings.HasPrefix(m.Text, "non-name ") }); len(syntax) > 0 {
			errs.Messages = syntax // as the compiler, whose parser refuses it
		}
		slices.SortStableFunc(errs.Messages, func(a, b Message) int { return (a.Line-b.Line)*1000 + a.Col - b.Col })
		return nil, errs
	}
	return broken, nil
}

// noteDropped tells of what was dropped. Variables that this very cell makes anew
// are returned, with the reasons.
func (p *planner) noteDropped() (lost map[string]string) {
	lost = map[string]string{}
	for _, key := range sortedKeys(p.dropped) {
		if name, ok := strings.CutPrefix(key, "var "); ok {
			if p.lifted[name] != nil {
				lost[name] = p.dropped[key]
				continue
			}
			p.note("the variable %s is gone: %s", name, p.dropped[key])
		} else {
			p.note("%s was dropped: %s", key, p.dropped[key])
		}
	}
	return lost
}

func (p *planner) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

// mainHead begins the main that addMain makes.
const mainHead = "func main() { " + gen.ParseFlags + "\n"

// addMain makes a func main of statements that are local to it.
func (p *planner) addMain() {
	if !p.c.Main {
		return
	}
	var b strings.Builder
	b.WriteString(mainHead)
	for _, piece := range p.c.Body {
		b.WriteString(piece.Source(p.c.Number))
	}
	b.WriteString("}")
	p.cell.main = true
	p.cell.once = append(p.cell.once, &decl{key: "func main", names: []string{"main"}, cell: p.c.Number, line: 1, col: 1, text: b.String()})
}

// merge puts the new declarations into the state: they replace older ones of
// their names, variables included.
func (p *planner) merge() {
	for _, d := range slices.Concat(p.cell.decls, p.cell.once) {
		for _, name := range d.names {
			if name == "_" {
				continue
			}
			delete(p.st.imported, name)
			if v := p.st.vars[name]; v != nil {
				p.replaced = append(p.replaced, v)
				p.st.retire(name)
			}
			for _, key := range slices.Clone(p.st.order) {
				old := p.st.decls[key]
				if old.cell == p.c.Number && slices.Contains(p.cell.decls, old) {
					continue // of this cell: the type checker complains
				}
				if !slices.Contains(old.names, name) {
					continue
				}
				p.st.undeclare(old, name)
			}
		}
	}
	for _, d := range p.cell.decls {
		key := d.key
		for n := 2; p.st.decls[key] != nil && p.st.decls[key].cell == p.c.Number && slices.Contains(p.cell.decls, p.st.decls[key]); n++ {
			key = fmt.Sprintf("%s (%d)", d.key, n) // twice in one cell
		}
		if p.st.decls[key] == nil {
			p.st.order = append(p.st.order, key)
		}
		d.key, p.st.decls[key] = key, d
	}
}

// declares reports whether this cell declares a name.
func (p *planner) declares(name string) bool {
	for _, d := range slices.Concat(p.cell.decls, p.cell.once) {
		if slices.Contains(d.names, name) {
			return true
		}
	}
	return false
}

// parseUnits parses every declaration and the body.
func (p *planner) parseUnits() error {
	var errs Error
	fail := func(err error) error {
		if e, ok := err.(*Error); ok {
			errs.Messages = append(errs.Messages, e.Messages...)
			return nil
		}
		return err
	}
	var err error
	if p.body, err = p.parseBody(); err != nil {
		if err := fail(err); err != nil {
			return err
		}
	}
	for i, d := range slices.Concat(p.kept(), p.cell.once) {
		name := fmt.Sprintf("unit%d", i)
		u, err := parseUnit(p.fset, name, gen.Clause+d.prefix+gen.Line(d.cell, d.line, d.col), d.text+"\n")
		if err != nil {
			if err := fail(err); err != nil {
				return err
			}
			continue
		}
		u.decl = d
		p.units[name], p.names = u, append(p.names, name)
	}
	if len(errs.Messages) > 0 {
		return &errs
	}
	made := p.bodyNames()
	for _, u := range p.units {
		if u.decl.imports == nil {
			scope := p.scope(p.st.vars)
			u.decl.imports, u.decl.dots = scope.Resolve(u.parsed, func(name string) bool { return made[name].Line > 0 })
			u.decl.means = scope.Meanings(u.parsed, u.decl.line, u.decl.col, made)
		}
		source.Qualify(u.file, u.decl.dots)
	}
	return nil
}

// parseBody parses the statements; nil stands for none.
func (p *planner) parseBody() (*unit, error) {
	if len(p.c.Stmts) == 0 {
		return nil, nil
	}
	f, err := source.ParseBody(p.fset, "body", p.c.Number, p.c.Stmts, p.c.isLast)
	return newUnit(f), err
}

func (p *planner) kept() []*decl {
	var all []*decl
	for _, key := range p.st.order {
		all = append(all, p.st.decls[key])
	}
	return all
}

func (p *planner) isDeclared(name string) bool {
	for _, d := range p.st.decls {
		if slices.Contains(d.names, name) {
			return true
		}
	}
	return p.declares(name)
}

// bodyNames are the names that the statements declare at the top of the cell,
// and where.
func (p *planner) bodyNames() map[string]token.Position {
	if p.body == nil {
		return nil
	}
	return source.Made(p.fset, p.bodyFunc())
}

// makes reports whether the statements make a variable of a name.
func (p *planner) makes(name string) bool { return p.bodyNames()[name].Line > 0 }

// bodyFunc is the function that the statements stand in.
func (p *planner) bodyFunc() *ast.FuncDecl { return p.body.parsed.Body() }
