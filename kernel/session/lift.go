package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// Statements become the body of a function. What they declare at the top of
// the cell is lifted out of it: "x := f()" becomes "x__v1 = f()", and x__v1 a
// variable that all later cells share.

// lift finds the variables that the statements make and rewrites the
// statements that make them.
func (p *planner) lift() {
	p.lifted, p.local, p.liftedObjs = map[string]*variable{}, map[string]bool{}, map[types.Object]bool{}
	fn := p.bodyFunc()
	eachDefined(p.stmts, fn, func(id *ast.Ident, obj types.Object) {
		v, ok := p.newVariable(id.Name, obj.Type())
		if !ok {
			p.local[id.Name] = true
			p.note("%s is known in this cell only: its type %s has no name here", id.Name, gen.Plain(obj.Type().String()))
			return
		}
		p.lifted[id.Name], p.liftedObjs[obj] = v, true
	})
	for _, stmt := range fn.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				p.liftAssign(stmt)
				p.countMaking(stmt)
			}
		case *ast.DeclStmt:
			if d := stmt.Decl.(*ast.GenDecl); d.Tok == token.VAR {
				p.liftVar(d)
				p.countMaking(stmt)
			}
		}
	}
	p.raiseDropped(fn)
	if last, ok := lastStmt(fn).(*ast.ExprStmt); ok {
		p.show(last)
	}
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

// liftAssign turns := into =. Where a variable must stay local, := stays, and
// the others are assigned behind it.
func (p *planner) liftAssign(stmt *ast.AssignStmt) {
	mixed := false
	for _, l := range stmt.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			return // the check has complained
		}
		mixed = mixed || p.local[id.Name]
	}
	if !mixed {
		p.body.edits.Replace(stmt.TokPos, stmt.TokPos+2, "=")
		return
	}
	for i, l := range stmt.Lhs {
		id := l.(*ast.Ident)
		if v := p.lifted[id.Name]; v != nil {
			temp := gen.Temp(i)
			p.body.edits.Replace(id.Pos(), id.End(), temp)
			p.body.edits.Insert(stmt.End(), ";"+v.ident()+" = "+temp)
		} else if id.Name != "_" {
			p.body.edits.Insert(stmt.End(), ";_ = "+id.Name)
		}
	}
}

// isLargePlain reports whether a variable is large and has no pointers. Setting
// it to zero should not bring memory that nothing has written to into use.
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

// liftVar turns "var a, b T = x, y" into "a, b = x, y" and "var a T" into
// setting a to zero: a cell that runs again starts anew.
func (p *planner) liftVar(d *ast.GenDecl) {
	first := d.Specs
	if len(first) == 0 {
		return
	}
	for _, spec := range d.Specs {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if p.local[n.Name] {
				return
			}
		}
	}
	p.body.edits.Replace(d.Pos(), d.Specs[0].Pos(), "")
	if d.Rparen.IsValid() {
		p.body.edits.Replace(d.Rparen, d.Rparen+1, "")
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) > 0 {
			if v.Type != nil {
				p.body.edits.Remove(v.Type.Pos(), v.Type.End(), "")
			}
			continue
		}
		var zero []string
		for _, n := range v.Names {
			if n.Name != "_" {
				zero = append(zero, gen.Zero(p.lifted[n.Name].ident(), isLargePlain(p.stmts.Info.Defs[n])))
			}
		}
		p.body.edits.Remove(v.Pos(), v.End(), strings.Join(zero, ";"))
	}
}
