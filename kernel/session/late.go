package session

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A cell is compiled with the functions as they are now. What it leaves behind
// (closures, goroutines, timers, methods, stored functions) may call them when they
// have been redeclared. Such code calls a function h through
//
//	func h__late(x int) int { if f := h__now1; f != nil { return f(x) }; return h(x) }
//
// and the cell that redeclares h sets the session variable h__now1 to the new
// function. Code from then on uses another variable, which stays nil until h is
// redeclared again, so that calls are direct as long as possible. Code that runs
// only while its cell runs calls h itself: the statements, and functions that only
// they call.

// A lateVariable holds the function that older code calls.
type lateVariable struct{ ident, signature string }

// lateCalls are the late calls in a plugin, with what they need.
type lateCalls struct {
	names map[*ast.Ident]bool       // names of functions that are called late
	known map[string][]lateVariable // becomes state.late
	after map[*unit]string          // code behind the declaration of a function
	vars  []string                  // the variables that the plugin declares
	set   []string                  // statements that set them when it is loaded
	notes []string
}

// bindLate finds the late calls in the statements and declarations of a plugin.
func bindLate(p *checkedCell, g *useGraph, reached []*unit) *lateCalls {
	l := &lateCalls{names: map[*ast.Ident]bool{}, known: maps.Clone(p.st.late), after: map[*unit]string{}}
	stored := map[string]bool{}                    // functions that may run after the cell
	var pending []string                           // those of them that were not looked at
	direct := map[string]map[string][]*ast.Ident{} // function to what it calls directly
	store := func(name string) {
		if !stored[name] {
			stored[name], pending = true, append(pending, name)
		}
	}
	called := map[string]bool{} // late
	late := func(id *ast.Ident) {
		l.names[id], called[id.Name] = true, true
		store(id.Name)
	}
	look := func(u *unit, in source.Checked) {
		name := ""
		if u != p.body && u.decl.key.Kind == source.Func {
			name = u.decl.names[0]
		}
		if name == gen.Test {
			return
		}
		method := u != p.body && u.decl.key.Kind == source.Method
		ast.PreorderStack(u.Syntax, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || !isPlainFunction(in.Info.Uses[id], in) || g.owner[id.Name] == nil || !canBeLate(g.owner[id.Name]) {
				return true
			}
			isCall := false
			switch parent := stack[len(stack)-1].(type) {
			case *ast.CallExpr:
				isCall = parent.Fun == ast.Expr(id)
			case *ast.RangeStmt:
				isCall = parent.X == ast.Expr(id)
			}
			_, isGo := stack[max(len(stack)-2, 0)].(*ast.GoStmt)
			switch {
			case !isCall || method || flow.InFunction(stack):
				late(id)
			case id.Name == name: // a recursive call stays in the function that runs
				if isGo {
					late(id)
				}
			case name == "":
				if isGo {
					store(id.Name)
				}
			default:
				if direct[name] == nil {
					direct[name] = map[string][]*ast.Ident{}
				}
				direct[name][id.Name] = append(direct[name][id.Name], id)
				if isGo {
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
	anew := declaredAnew(p)
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
		l.bind(p, g.owner[name], slices.Contains(anew, name), true)
		anew = slices.DeleteFunc(anew, func(n string) bool { return n == name })
	}
	for _, name := range anew {
		l.bind(p, g.owner[name], true, false)
	}
	return l
}

// isPlainFunction reports whether an object is a function of the session, and
// neither a method nor generic: one variable cannot hold a generic function.
func isPlainFunction(obj types.Object, in source.Checked) bool {
	fn, ok := obj.(*types.Func)
	return ok && fn.Pkg() == in.Pkg && fn.Parent() == in.Pkg.Scope() && fn.Signature().TypeParams() == nil
}

// declaredAnew returns the functions of this cell that older code calls late.
func declaredAnew(p *checkedCell) (names []string) {
	for _, d := range p.content.decls {
		if d.key.Kind == source.Func && len(p.s.late[d.names[0]]) > 0 && !slices.Contains(names, d.names[0]) {
			names = append(names, d.names[0])
		}
	}
	return names
}

// canBeLate reports whether a unit declares a function with a body.
func canBeLate(u *unit) bool {
	fn := declaredFunction(u)
	return fn != nil && fn.Body != nil && fn.Recv == nil && fn.Type.TypeParams == nil
}

func declaredFunction(u *unit) *ast.FuncDecl {
	fn, _ := u.Syntax.Decls[len(u.Syntax.Decls)-1].(*ast.FuncDecl)
	return fn
}

// bind declares the variables of a function that is called late; with calls, also
// the function that makes them. anew says that the cell redeclares it: then the
// variables of older code are set.
func (l *lateCalls) bind(p *checkedCell, u *unit, anew, calls bool) {
	if !canBeLate(u) {
		return
	}
	function := compiledFunc(p, u)
	signature := function.Signature()
	known := slices.Clone(l.known[function.Name])
	var after strings.Builder
	declare := func(v lateVariable) {
		after.WriteString(gen.VarDecl(v.ident, v.signature))
		l.vars = append(l.vars, v.ident)
		l.set = append(l.set, gen.KeepNow(v.ident))
	}
	if anew {
		others := 0
		for _, v := range known {
			if v.signature != signature {
				if v.ident != "" { // empty after %reset
					others++
				}
				continue
			}
			declare(v)
			l.set = append(l.set, gen.SetNow(v.ident, function.Name))
		}
		known = append(known, lateVariable{}) // code from now on uses another one
		if others > 0 {
			l.notes = append(l.notes, "closures, goroutines and stored functions from earlier cells keep calling the old "+function.Name+", because its parameters or results changed")
		}
	}
	if calls {
		var now lateVariable
		if n := len(known); n > 0 && !anew && known[n-1].signature == signature {
			now = known[n-1]
		} else {
			now = lateVariable{gen.Now(function.Name, len(known)+1), signature}
			known = append(known, now)
		}
		declare(now)
		after.WriteString(function.LateDecl(now.ident))
	}
	l.known[function.Name] = known
	l.after[u] = gen.LatePosition + after.String()
}

// compiledFunc returns the signature of a declared function, with the types as
// compiled files call them.
func compiledFunc(p *checkedCell, u *unit) gen.Func {
	fn := declaredFunction(u)
	f := gen.Func{Name: fn.Name.Name}
	for _, field := range fn.Type.Params.List {
		typ, dots := u.text(field.Type), ""
		if rest, ok := strings.CutPrefix(typ, "..."); ok {
			typ, dots = rest, "..."
		}
		for range max(1, len(field.Names)) {
			f.Params = append(f.Params, dots+p.versioned(typ))
		}
	}
	if fn.Type.Results != nil {
		for _, field := range fn.Type.Results.List {
			for range max(1, len(field.Names)) {
				f.Results = append(f.Results, p.versioned(u.text(field.Type)))
			}
		}
	}
	return f
}
