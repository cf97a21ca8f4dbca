package session

import (
	"fmt"
	"maps"
	"slices"

	"modelbook/kernel/source"
)

// A Plan is what a cell will change, and the Go files of its plugin.
type Plan struct {
	// Files are the source of the plugin, and Globals the linker symbols that all
	// plugins share. Without files there is nothing to run.
	Files   []File
	Globals []string
	// Notes tell the user what else the cell changes.
	Notes []string
	// Imports are the packages that the files import.
	Imports []string
	state   state
	makings []making
	before  map[string]*variable // variables as they were
	lifted  map[string]*variable // variables the statements make
	broken  []*decl              // declarations that were dropped
	lost    map[string]string    // variables that were dropped and that the cell makes again, with the reason
	gone    []string             // those of the notes that are about removed variables
}

// Plan type-checks a cell against everything defined so far and generates the
// files of its plugin. The session does not change. Errors are *Error.
func (s *Session) Plan(c Cell) (*Plan, error) {
	plan, _, err := s.plan(c)
	return plan, err
}

// Commit makes a plan's changes the session's.
func (s *Session) Commit(p *Plan) {
	s.state = p.state
}

// reasons say why declarations and variables are dropped.
type reasons map[key]string

// plan plans a cell. It drops what the cell breaks and plans again, until nothing
// more breaks.
func (s *Session) plan(cell Cell) (*Plan, *checkedCell, error) {
	if err := checkReserved(cell); err != nil {
		return nil, nil, err
	}
	dropped := reasons{}
	for {
		plan, checked, broken, err := s.attempt(cell, dropped)
		if err != nil || len(broken) == 0 {
			return plan, checked, err
		}
		before := len(dropped)
		maps.Copy(dropped, broken)
		if len(dropped) == before { // dropping did not help
			e := &Error{}
			for _, k := range inOrder(broken) {
				e.Messages = append(e.Messages, Message{Cell: cell.Number, Line: 1, Col: 1, Text: k.String() + ": " + broken[k]})
			}
			return nil, nil, e
		}
	}
}

// attempt is the pipeline: each stage makes a value of the one before. It plans a
// cell for a session without what is dropped. If the cell breaks something more,
// there is no plan, and that is returned.
func (s *Session) attempt(cell Cell, dropped reasons) (*Plan, *checkedCell, reasons, error) {
	parsed, err := parseCell(s, cell, dropped)
	if err != nil {
		return nil, nil, nil, err
	}
	checked, broken, err := checkCell(parsed)
	if err != nil || len(broken) > 0 {
		return nil, nil, broken, err
	}
	versions := versionTypes(checked)
	if len(versions.gone) > 0 {
		return nil, nil, versions.gone, nil
	}
	changes := changesOf(checked)
	next := &checked.st // a copy of the session's state, which becomes the plan's
	next.types = versions.types
	maps.Copy(next.vars, checked.lifted)
	for name := range checked.lifted {
		delete(next.imported, name)
	}
	for _, k := range changes.held {
		delete(next.held, k)
	}
	next.gone = goneNames(checked)
	plan := &Plan{state: *next, before: checked.before, lifted: checked.lifted, broken: changes.broken, lost: changes.lost, gone: changes.gone,
		Notes: slices.Concat(checked.notes, versions.notes, changes.notes)}
	if runs(checked) {
		emit(plan, checked)
	}
	return plan, checked, nil, nil
}

// runs reports whether a cell has anything to run.
func runs(p *checkedCell) bool {
	return p.body != nil || p.content.main || p.content.tests || len(p.content.inits) > 0 || len(declaredAnew(p)) > 0
}

// changes are what a cell changes besides what its text says.
type changes struct {
	notes  []string
	gone   []string          // those of the notes that are about removed variables
	broken []*decl           // declarations that were dropped
	lost   map[string]string // variables that were dropped and that the cell makes again, with the reason
	held   []key             // generic functions and methods that older code keeps calling
}

func (c *changes) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

func (c *changes) goneVariable(format string, args ...any) {
	c.note("the variable "+format, args...)
	c.gone = append(c.gone, c.notes[len(c.notes)-1])
}

// changesOf finds which names mean something else from now on, and what was
// dropped.
func changesOf(p *checkedCell) *changes {
	c := &changes{lost: map[string]string{}}
	for _, v := range p.replaced {
		if p.lifted[v.name] == nil {
			c.goneVariable("%s %s is gone: its name was redeclared", v.name, v.shown)
		}
	}
	for _, name := range sortedKeys(p.lifted) {
		d := p.st.declaring(name)
		hid := p.s.vars[name] != nil && p.s.declares(name) || p.content.declares(name)
		if d != nil && !hid {
			c.note("from now on %s means the new variable; code that was declared before still uses the %s %s (%%rm %s undoes this)", name, d.what(), name, name)
		}
	}
	c.changeHeld(p)
	for _, k := range inOrder(p.dropped) {
		switch {
		case k.Kind != source.Var:
			c.note("%s was dropped: %s", k, p.dropped[k])
		case p.lifted[k.Name] != nil: // this cell makes it again
			c.lost[k.Name] = p.dropped[k]
		default:
			c.goneVariable("%s is gone: %s", k.Name, p.dropped[k])
		}
	}
	for _, d := range p.s.kept() {
		if _, ok := p.dropped[d.key]; ok {
			c.broken = append(c.broken, d)
		}
	}
	return c
}
