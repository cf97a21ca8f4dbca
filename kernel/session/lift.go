package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Statements become the body of a function. What they declare at the top of
// the cell is lifted out of it: "x := f()" becomes "x__v1 = f()", and x__v1 a
// variable that all later cells share.

// lift finds the variables that the statements make and rewrites the
// statements that make them.
func (p *planner) lift() {
	p.lifted, p.local, p.liftedObjs = map[string]*variable{}, map[string]bool{}, map[types.Object]bool{}
	fn := p.bodyFunc()
	p.stmts.eachDefined(fn, func(id *ast.Ident, obj types.Object) {
		v, ok := p.newVariable(id.Name, obj.Type())
		if !ok {
			p.local[id.Name] = true
			p.note("%s is known in this cell only: its type %s has no name here", id.Name, Plain(obj.Type().String()))
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
func (c checked) eachDefined(fn *ast.FuncDecl, f func(*ast.Ident, types.Object)) {
	defined := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" && c.info.Defs[id] != nil {
			if _, isVar := c.info.Defs[id].(*types.Var); isVar {
				f(id, c.info.Defs[id])
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
		p.edit(p.body, stmt.TokPos, stmt.TokPos+2, "=")
		return
	}
	for i, l := range stmt.Lhs {
		id := l.(*ast.Ident)
		if v := p.lifted[id.Name]; v != nil {
			temp := fmt.Sprintf("__t%d", i)
			p.edit(p.body, id.Pos(), id.End(), temp)
			p.edit(p.body, stmt.End(), stmt.End(), ";"+v.ident()+" = "+temp)
		} else if id.Name != "_" {
			p.edit(p.body, stmt.End(), stmt.End(), ";_ = "+id.Name)
		}
	}
}

// zeroing names the function that makes a variable zero: memory that nothing has
// written to should not be there for it.
func zeroing(obj types.Object) string {
	const large = 1 << 20
	if obj != nil && types.SizesFor("gc", "amd64").Sizeof(obj.Type()) >= large && isPlain(obj.Type()) {
		return "ZeroPlain"
	}
	return "Zero"
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
	p.edit(p.body, d.Pos(), d.Specs[0].Pos(), "")
	if d.Rparen.IsValid() {
		p.edit(p.body, d.Rparen, d.Rparen+1, "")
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) > 0 {
			if v.Type != nil {
				p.remove(p.body, v.Type.Pos(), v.Type.End(), "")
			}
			continue
		}
		var zero []string
		for _, n := range v.Names {
			if n.Name != "_" {
				zero = append(zero, "__rt."+zeroing(p.stmts.info.Defs[n])+"(&"+p.lifted[n.Name].ident()+")")
			}
		}
		p.remove(p.body, v.Pos(), v.End(), strings.Join(zero, ";"))
	}
}
