package session

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"modelbook/internal/place"
	"modelbook/kernel/source/gen"
)

// A cell can end before all statements that make its variables have run: it panics, is
// interrupted, or returns. So the compiled code counts these statements. A variable
// whose statement did not run is what it was before the cell, or does not exist.

// A making is a statement at the top of a cell that makes variables.
type making struct {
	names []string
	line  int
}

// countMaking adds a statement that makes variables, and inserts code that reports that
// it ran.
func (l *lifting) countMaking(p *checkedCell, stmt ast.Stmt) {
	m := making{line: p.fset.Position(stmt.Pos()).Line}
	declared := func(id *ast.Ident) {
		if obj := p.stmts.Info.Defs[id]; obj != nil && p.objs[obj] {
			m.names = append(m.names, id.Name)
		}
	}
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		for _, l := range stmt.Lhs {
			if id, ok := l.(*ast.Ident); ok {
				declared(id)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					declared(id)
				}
			}
		}
	}
	if len(m.names) == 0 {
		return
	}
	l.makings = append(l.makings, m)
	l.edits.Insert(stmt.End(), ";"+gen.Made(len(l.makings)))
}

// Made reports whether all statements that make variables have run, when the
// first made ones have.
func (p *Plan) Made(made int) bool { return made >= len(p.makings) }

// Unmade is called after the cell of a committed plan has ended. It takes back the
// variables of the statements that did not run, which are all but the first made
// ones. It returns the names whose storage changed, or that are gone, and notes.
func (s *Session) Unmade(p *Plan, made int) (changed, notes []string) {
	var kept, lost []string
	for _, m := range p.makings[min(made, len(p.makings)):] {
		for _, name := range m.names {
			v, old := p.lifted[name], p.before[name]
			switch {
			case s.vars[name] != v:
			case old == nil:
				changed = append(changed, name)
				s.retire(name)
				s.gone[name] = fmt.Sprintf("%s was never assigned: its statement (%s:%d) did not run", name, place.File(s.lastCell), m.line)
				if why := p.lost[name]; why != "" {
					lost = append(lost, fmt.Sprintf("the variable %s is gone: %s, and the cell ended before the statement that makes it again", name, why))
				}
			case old.ident() != v.ident():
				changed = append(changed, name)
				s.retire(name)
				s.vars[name] = old
				kept = append(kept, name)
			default:
				kept = append(kept, name)
			}
		}
	}
	slices.Sort(kept)
	if len(kept) == 1 {
		notes = append(notes, fmt.Sprintf("%s keeps its old value: the cell ended before the statement that assigns it", kept[0]))
	} else if len(kept) > 1 {
		notes = append(notes, fmt.Sprintf("%s keep their old values: the cell ended before the statements that assign them", strings.Join(kept, ", ")))
	}
	slices.Sort(lost)
	notes = append(notes, lost...)
	if len(changed) > 0 {
		notes = append(notes, s.takeBack(p)...)
	}
	return changed, notes
}

// takeBack restores declarations that a plan has dropped because of variables that were
// then not made, if they compile now. It returns notes.
func (s *Session) takeBack(p *Plan) (notes []string) {
	back := *s
	back.state = s.state.clone()
	var again []*decl
	for _, d := range p.broken {
		if back.decls[d.key] == nil && !slices.ContainsFunc(d.names, func(name string) bool { return back.vars[name] != nil || back.declares(name) }) {
			back.keep(d)
			again = append(again, d)
		}
	}
	if len(again) == 0 {
		return nil
	}
	_, planned, err := back.plan(Cell{Number: s.lastCell})
	if err != nil {
		return nil // they stay dropped
	}
	for _, d := range again {
		if _, broken := planned.dropped[d.key]; broken {
			continue
		}
		s.keep(d)
		for _, name := range d.names {
			delete(s.gone, name)
		}
		notes = append(notes, fmt.Sprintf("%s is declared again: it compiles with what is defined now", d.key))
	}
	return notes
}
