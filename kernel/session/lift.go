package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// The statements of a cell become the body of a function. The variables that they
// declare at the top of the cell are lifted out of it: "x := f()" becomes
// "x__v1 = f()", and x__v1 is a variable that all later cells share.

// madeVariables are the session variables that the statements of a cell make.
type madeVariables struct {
	lifted map[string]*variable
	objs   map[types.Object]bool // the objects that stand for them in the check of the statements
	local  map[string]bool       // variables that stay local: their type cannot be named outside the cell
}

// variablesOf finds the variables that the statements make, as they were checked.
func variablesOf(p *parsedCell, in source.Checked) (m madeVariables, notes []string) {
	m = madeVariables{lifted: map[string]*variable{}, objs: map[types.Object]bool{}, local: map[string]bool{}}
	eachDefined(in, p.body.Body(), func(id *ast.Ident, obj types.Object) {
		v, ok := newVariable(&p.st, id.Name, obj.Type(), in.Pkg)
		if !ok {
			m.local[id.Name] = true
			notes = append(notes, fmt.Sprintf("%s is known in this cell only: its type %s cannot be named outside it", id.Name, gen.Plain(obj.Type().String())))
			return
		}
		m.lifted[id.Name], m.objs[obj] = v, true
	})
	return m, notes
}

// eachDefined calls f for every variable that statements at the top of fn
// declare.
func eachDefined(c source.Checked, fn *ast.FuncDecl, f func(*ast.Ident, types.Object)) {
	defined := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" && c.Info.Defs[id] != nil {
			if _, isVar := c.Info.Defs[id].(*types.Var); isVar {
				f(id, c.Info.Defs[id])
			}
		}
	}
	for _, stmt := range fn.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				for _, l := range stmt.Lhs {
					defined(l)
				}
			}
		case *ast.DeclStmt:
			for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						defined(id)
					}
				}
			}
		}
	}
}

// A lifting turns the statements of a cell into the body of a function: variables
// are lifted, dropped errors are raised, and the last expression is shown.
type lifting struct {
	edits   edit.List
	imports map[string]string // what the edits import, from local name to path
	makings []making
}

// lift rewrites the statements of a cell.
func lift(p *checkedCell) *lifting {
	l := &lifting{imports: map[string]string{}}
	if p.body == nil {
		return l
	}
	fn := p.body.Body()
	for _, stmt := range fn.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				l.assign(p, stmt)
				l.countMaking(p, stmt)
			}
		case *ast.DeclStmt:
			if d := stmt.Decl.(*ast.GenDecl); d.Tok == token.VAR {
				l.declare(p, d)
				l.countMaking(p, stmt)
			}
		}
	}
	l.edits = append(l.edits, raiseDropped(p, fn)...)
	if last, ok := lastStmt(fn).(*ast.ExprStmt); ok {
		l.show(p, last)
	}
	return l
}

// assign turns := into =. If one of the variables must stay local, := stays, and the
// others are assigned after it.
func (l *lifting) assign(p *checkedCell, stmt *ast.AssignStmt) {
	mixed := false
	for _, e := range stmt.Lhs {
		id, ok := e.(*ast.Ident)
		if !ok {
			return // the check has reported it
		}
		mixed = mixed || p.local[id.Name]
	}
	if !mixed {
		l.edits.Replace(stmt.TokPos, stmt.TokPos+2, "=")
		return
	}
	for i, e := range stmt.Lhs {
		id := e.(*ast.Ident)
		if v := p.lifted[id.Name]; v != nil {
			temp := gen.Temp(i)
			l.edits.Replace(id.Pos(), id.End(), temp)
			l.edits.Insert(stmt.End(), ";"+v.ident()+" = "+temp)
		} else if id.Name != "_" {
			l.edits.Insert(stmt.End(), ";_ = "+id.Name)
		}
	}
}

// isLargePlain reports whether a variable is large and has no pointers. Setting
// it to zero must not touch memory that was never written.
func isLargePlain(obj types.Object) bool {
	const large = 1 << 20
	return obj != nil && types.SizesFor("gc", "amd64").Sizeof(obj.Type()) >= large && isPlain(obj.Type())
}

// isPlain reports whether values of a type have no pointers in them.
func isPlain(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsBoolean|types.IsNumeric) != 0
	case *types.Array:
		return isPlain(t.Elem())
	case *types.Struct:
		for i := range t.NumFields() {
			if !isPlain(t.Field(i).Type()) {
				return false
			}
		}
		return true
	}
	return false
}

// declare turns "var a, b T = x, y" into "a, b = x, y", and "var a T" into code that
// sets a to zero: when the cell runs again, a is zero again.
func (l *lifting) declare(p *checkedCell, d *ast.GenDecl) {
	if len(d.Specs) == 0 {
		return
	}
	for _, spec := range d.Specs {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if p.local[n.Name] {
				return
			}
		}
	}
	l.edits.Replace(d.Pos(), d.Specs[0].Pos(), "")
	if d.Rparen.IsValid() {
		l.edits.Replace(d.Rparen, d.Rparen+1, "")
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) > 0 {
			if v.Type != nil {
				l.edits.Remove(v.Type.Pos(), v.Type.End(), "")
			}
			continue
		}
		var zero []string
		for _, n := range v.Names {
			if n.Name != "_" {
				zero = append(zero, gen.Zero(p.lifted[n.Name].ident(), isLargePlain(p.stmts.Info.Defs[n])))
			}
		}
		l.edits.Remove(v.Pos(), v.End(), strings.Join(zero, ";"))
	}
}
