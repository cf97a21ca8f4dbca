package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A parsedCell is the result of the first stage: the declarations of the cell are
// in the state, in place of older ones, and everything is parsed.
type parsedCell struct {
	s        *Session // as it was before the cell
	cell     Cell
	dropped  reasons
	content  *content
	st       state
	replaced []*variable // variables whose names the cell redeclares
	notes    []string

	fset  *token.FileSet
	units []*unit // all kept declarations with those of the cell, and what is of this cell only (main, init)
	body  *unit   // the statements; nil without any
}

// A unit is a declaration, or the statements of the cell, as a file.
type unit struct {
	decl *decl // nil for the statements
	*source.File
}

// text is the source of a part of a unit.
func (u *unit) text(n ast.Node) string {
	return u.Text[n.Pos()-u.Syntax.FileStart : n.End()-u.Syntax.FileStart]
}

// parseCell parses a cell and all declarations of the session but those that are
// dropped. Errors are *Error.
func parseCell(s *Session, cell Cell, dropped reasons) (*parsedCell, error) {
	p := &parsedCell{s: s, cell: cell, dropped: dropped, st: s.state.clone(), fset: token.NewFileSet()}
	p.st.lastCell = cell.Number
	for k := range dropped {
		if k.Kind == source.Var && p.st.vars[k.Name] != nil {
			p.st.retire(k.Name)
		} else {
			p.st.drop(k)
		}
	}
	var err error
	if p.content, err = readContent(cell, &p.st, s.imp); err != nil {
		return nil, err
	}
	p.st.dots = p.content.dots
	hidden, err := hideByImports(&p.st, p.content)
	if err != nil {
		return nil, err
	}
	if cell.Main {
		p.content.main = true
		p.content.once = append(p.content.once, mainOf(cell))
	}
	p.replaced = merge(&p.st, p.content)
	stray := dropMethods(&p.st, p.content, cell.Program)
	if cell.Test {
		p.content.tests = true
		p.content.once = append(p.content.once, testsOf(cell, &p.st, p.content))
	}
	p.notes = slices.Concat(hidden, stray)
	return p, p.parseUnits()
}

// mainHead begins the main that mainOf makes.
const mainHead = "func main() { " + gen.ParseFlags + "\n"

// mainOf makes a func main of statements that are local to it.
func mainOf(cell Cell) *decl {
	var b strings.Builder
	b.WriteString(mainHead)
	for _, piece := range cell.Body {
		b.WriteString(piece.Source(cell.Number))
	}
	b.WriteString("}")
	return &decl{key: funcKey("main"), names: []string{"main"}, cell: cell.Number, line: 1, col: 1, text: b.String()}
}

// parseUnits parses every declaration and the statements, and finds what the
// names of new declarations mean.
func (p *parsedCell) parseUnits() error {
	var errs Error
	var err error
	if p.body, err = parseBody(p.fset, p.cell); err != nil && !errs.Add(err) {
		return err
	}
	for i, d := range slices.Concat(p.st.kept(), p.content.once) {
		f, err := source.Parse(p.fset, fmt.Sprintf("unit%d", i), gen.Clause+d.prefix+gen.Line(d.cell, d.line, d.col), d.text+"\n")
		if err != nil {
			if !errs.Add(err) {
				return err
			}
			continue
		}
		p.units = append(p.units, &unit{d, f})
	}
	if len(errs.Messages) > 0 {
		return &errs
	}
	scope, made := p.scope(p.st.vars), p.made()
	for _, u := range p.units {
		if u.decl.imports == nil {
			u.decl.imports, u.decl.dots = scope.Resolve(u.File, func(name string) bool { return made[name].Line > 0 })
			u.decl.means = scope.Meanings(u.File, u.decl.line, u.decl.col, made)
		}
		source.Qualify(u.Syntax, u.decl.dots)
	}
	return nil
}

// parseBody parses the statements; nil stands for none.
func parseBody(fset *token.FileSet, cell Cell) (*unit, error) {
	if len(cell.Stmts) == 0 {
		return nil, nil
	}
	f, err := source.ParseBody(fset, "body", cell.Number, cell.Stmts, cell.isLast)
	if f == nil {
		return nil, err
	}
	return &unit{nil, f}, err
}

// isDeclared reports whether the session or this cell declares a name.
func (p *parsedCell) isDeclared(name string) bool {
	return p.st.declares(name) || p.content.declares(name)
}

// made returns the variables that the statements declare at the top of the cell,
// with their positions.
func (p *parsedCell) made() map[string]token.Position {
	if p.body == nil {
		return nil
	}
	return source.Made(p.fset, p.body.Body())
}

// scope tells what names mean when these variables exist.
func (p *parsedCell) scope(vars map[string]*variable) *source.Scope {
	return &source.Scope{
		Importer: p.s.imp, Known: p.s.known,
		HasVar: func(name string) bool { return vars[name] != nil }, HasDecl: p.isDeclared,
		Imports: p.content.imports, Hiding: p.st.imported, Dots: p.st.dots,
	}
}
