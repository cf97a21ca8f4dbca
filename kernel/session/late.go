package session

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A cell is compiled with the functions as they are. What it leaves behind may
// call them when they have long been declared anew: closures, goroutines, timers,
// methods, stored functions. Such code calls a function h through
//
//	func h__late(x int) int { if f := h__now1; f != nil { return f(x) }; return h(x) }
//
// and the cell that declares h anew sets the session variable h__now1 to the new
// one. It begins another variable for the code to come, which stays nil until h
// is declared once more, so that calls are direct as long as they can be. Code
// that runs while its cell does calls h itself: the statements, and functions that
// only these call.

// A lateVariable holds the function that old code is to call.
type lateVariable struct{ ident, signature string }

// lateFunction is the declaration of a function that can be called late, or nil:
// methods are found by their receiver, and one variable cannot hold all that
// a generic function is.
func (p *planner) lateFunction(obj types.Object, c source.Checked) *types.Func {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Pkg() != c.Pkg || fn.Parent() != c.Pkg.Scope() || fn.Signature().TypeParams() != nil {
		return nil
	}
	return fn
}

// bindLate finds the names of functions that are to be called late in the
// statements and declarations of this plugin, and gives these functions what it
// takes.
func (p *planner) bindLate(g *useGraph, reached []*unit) {
	p.lateNames = map[*ast.Ident]bool{}
	stored := map[string]bool{}                    // functions that may run after the cell
	var pending []string                           // of these, those not yet looked at
	direct := map[string]map[string][]*ast.Ident{} // function to what it calls directly
	store := func(name string) {
		if !stored[name] {
			stored[name], pending = true, append(pending, name)
		}
	}
	called := map[string]bool{} // late
	late := func(id *ast.Ident) {
		p.lateNames[id], called[id.Name] = true, true
		store(id.Name)
	}
	look := func(u *unit, c source.Checked) {
		name := ""
		if u != p.body && u.decl.kind() == "func" {
			name = u.decl.names[0]
		}
		if name == gen.Test {
			return
		}
		method := u != p.body && u.decl.kind() == "method"
		ast.PreorderStack(u.file, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || p.lateFunction(c.Info.Uses[id], c) == nil || g.owner[id.Name] == nil || !p.canBeLate(g.owner[id.Name]) {
				return true
			}
			isCall := false
			switch parent := stack[len(stack)-1].(type) {
			case *ast.CallExpr:
				isCall = parent.Fun == ast.Expr(id)
			case *ast.RangeStmt:
				isCall = parent.X == ast.Expr(id)
			}
			switch {
			case !isCall || method || flow.InFunction(stack):
				late(id)
			case id.Name == name: // a call that recurses belongs to the one that is running
				if _, isGo := stack[len(stack)-2].(*ast.GoStmt); isGo {
					late(id)
				}
			case name == "":
				if _, isGo := stack[len(stack)-2].(*ast.GoStmt); isGo {
					store(id.Name)
				}
			default:
				if direct[name] == nil {
					direct[name] = map[string][]*ast.Ident{}
				}
				direct[name][id.Name] = append(direct[name][id.Name], id)
				if _, isGo := stack[len(stack)-2].(*ast.GoStmt); isGo {
					late(id)
				}
			}
			return true
		})
	}
	if p.body != nil {
		look(p.body, p.stmts)
	}
	for _, u := range reached {
		look(u, p.decls)
	}
	anew := p.declaredAnew()
	for _, name := range anew {
		store(name)
	}
	for len(pending) > 0 {
		name := pending[0]
		pending = pending[1:]
		for _, callee := range sortedKeys(direct[name]) {
			for _, id := range direct[name][callee] {
				late(id)
			}
		}
	}
	for _, name := range sortedKeys(called) {
		p.emitLate(g.owner[name], slices.Contains(anew, name), true)
		anew = slices.DeleteFunc(anew, func(n string) bool { return n == name })
	}
	for _, name := range anew {
		p.emitLate(g.owner[name], true, false)
	}
}

// declaredAnew are the functions of this cell that older code may call late.
func (p *planner) declaredAnew() (names []string) {
	for _, d := range p.cell.decls {
		if d.kind() == "func" && len(p.s.late[d.names[0]]) > 0 && !slices.Contains(names, d.names[0]) {
			names = append(names, d.names[0])
		}
	}
	return names
}

// canBeLate reports whether a unit declares a function with a body.
func (p *planner) canBeLate(u *unit) bool {
	fn := declaredFunction(u)
	return fn != nil && fn.Body != nil && fn.Recv == nil && fn.Type.TypeParams == nil
}

func declaredFunction(u *unit) *ast.FuncDecl {
	fn, _ := u.file.Decls[len(u.file.Decls)-1].(*ast.FuncDecl)
	return fn
}

// emitLate gives a function the variables through which it is called late, and if
// there are calls, what makes them. When it was declared anew, the variables of
// older code are set.
func (p *planner) emitLate(u *unit, anew, calls bool) {
	if !p.canBeLate(u) {
		return
	}
	fn := declaredFunction(u)
	name := fn.Name.Name
	text := func(n ast.Node) string {
		return u.src[p.fset.PositionFor(n.Pos(), false).Offset:p.fset.PositionFor(n.End(), false).Offset]
	}
	called := gen.Func{Name: name}
	for _, field := range fn.Type.Params.List {
		typ, dots := text(field.Type), ""
		if rest, ok := strings.CutPrefix(typ, "..."); ok {
			typ, dots = rest, "..."
		}
		for range max(1, len(field.Names)) {
			called.Params = append(called.Params, dots+p.versioned(typ))
		}
	}
	if fn.Type.Results != nil {
		for _, field := range fn.Type.Results.List {
			for range max(1, len(field.Names)) {
				called.Results = append(called.Results, p.versioned(text(field.Type)))
			}
		}
	}
	signature := called.Signature()
	known := slices.Clone(p.st.late[name])
	var after strings.Builder
	declare := func(v lateVariable) {
		after.WriteString(gen.VarDecl(v.ident, v.signature))
		p.plan.Globals = append(p.plan.Globals, gen.Symbol(v.ident))
		p.lateSet = append(p.lateSet, gen.KeepNow(v.ident))
	}
	if anew {
		others := 0
		for _, v := range known {
			if v.signature != signature {
				if v.ident != "" { // else forgotten by %reset
					others++
				}
				continue
			}
			declare(v)
			p.lateSet = append(p.lateSet, gen.SetNow(v.ident, name))
		}
		known = append(known, lateVariable{}) // code to come takes another one
		if others > 0 {
			p.note("closures, goroutines and stored functions that were made before call the old %s: it has other parameters or results now", name)
		}
	}
	if calls {
		var now lateVariable
		if n := len(known); n > 0 && !anew && known[n-1].signature == signature {
			now = known[n-1]
		} else {
			now = lateVariable{gen.Now(name, len(known)+1), signature}
			known = append(known, now)
		}
		declare(now)
		after.WriteString(called.LateDecl(now.ident))
	}
	p.st.late[name] = known
	u.after = gen.LatePosition + after.String()
}
