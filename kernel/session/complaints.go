package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// messageOf makes a message of a problem, in the words of the compiler. Its line is
// 0 if the problem is not in a cell.
func messageOf(p *parsedCell, e problem) Message {
	m, _ := source.MessageAt(p.fset.Position(e.Pos), "")
	m.Text = gen.Plain(e.Msg)
	if e.unit == nil {
		return m
	}
	id := source.NameAt([]*ast.File{e.unit.Syntax}, e.Pos)
	switch e.kind {
	case source.UndefinedName:
		// An error in a repeated expression (iota) is reported at the constant.
		if id != nil && e.info.Uses[id] == nil && e.info.Defs[id] == nil {
			m.Problem, m.Name = e.kind, gen.Plain(id.Name)
		}
	case source.UnknownExport:
		if id != nil {
			m.Problem, m.Name = e.kind, gen.Plain(id.Name)
		}
	case source.UnknownMember:
		if id != nil && !hasAlike(e.info, e.unit.Syntax, id) { // else go/types says so
			m.Problem, m.Name = e.kind, gen.Plain(id.Name)
		}
	case source.BarePackage:
		if id != nil {
			m.Text = "use of package " + gen.Plain(id.Name) + " without selector"
		}
	case source.BadSyntax:
		if target := rangeTarget(e.unit.Syntax, e.Pos); target != nil {
			m.Text = "non-name " + gen.Plain(types.ExprString(target)) + " on left side of :="
		}
	case source.BadConversion, source.WrongArgCount:
		if t := calledType(e); t != nil {
			m.Problem, m.Name = source.CalledType, gen.Plain(types.ExprString(t))
		}
	case source.UnusedVariable:
		if isError(e.info, e.Pos) {
			m.Text += " (an unhandled error: handle it, or assign it to _)"
		}
	}
	return m
}

// hasAlike reports whether go/types gives a hint about an unknown member: its type
// has a member whose name differs in case only, or is a pointer to an interface.
func hasAlike(info *types.Info, f *ast.File, member *ast.Ident) bool {
	var of types.Type
	ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel == member {
				of = info.TypeOf(n.X)
			}
		case *ast.KeyValueExpr:
			if n.Key == member {
				of = literalType(info, stack)
			}
		}
		return of == nil
	})
	if of == nil {
		return false
	}
	if ptr, ok := of.Underlying().(*types.Pointer); ok {
		if of = ptr.Elem(); types.IsInterface(of) {
			return true
		}
	}
	for m := range types.NewMethodSet(types.NewPointer(of)).Methods() {
		if strings.EqualFold(m.Obj().Name(), member.Name) {
			return true
		}
	}
	return hasField(of, member.Name, map[types.Type]bool{})
}

// literalType returns the type of the innermost of nested literals. The type check
// has not recorded it yet, and in the text it may be left out ([]T{{x: 1}}).
func literalType(info *types.Info, stack []ast.Node) types.Type {
	depth := 0
	for _, n := range slices.Backward(stack) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			continue
		}
		if lit.Type == nil {
			depth++
			continue
		}
		t := info.TypeOf(lit.Type)
		for range depth {
			elem, ok := t.Underlying().(interface{ Elem() types.Type })
			if !ok {
				return nil
			}
			t = elem.Elem()
		}
		return t
	}
	return nil
}

// hasField reports whether a struct, or one embedded in it, has a field of a name,
// in any case.
func hasField(t types.Type, name string, seen map[types.Type]bool) bool {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || seen[t] {
		return false
	}
	seen[t] = true
	for f := range s.Fields() {
		if strings.EqualFold(f.Name(), name) || f.Embedded() && hasField(f.Type(), name, seen) {
			return true
		}
	}
	return false
}

// rangeTarget returns the expression at a position that stands for a variable of a
// range clause, nil for none. go/parser accepts any expression there.
func rangeTarget(f *ast.File, pos token.Pos) (target ast.Expr) {
	ast.Inspect(f, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok {
			for _, e := range []ast.Expr{r.Key, r.Value} {
				if e != nil && e.Pos() == pos {
					target = e
				}
			}
		}
		return target == nil
	})
	return target
}

// calledType returns the type that is called at a problem as if it were a function,
// nil for none.
func calledType(e problem) (t ast.Expr) {
	ast.Inspect(e.unit.Syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || e.Pos < call.Pos() || call.End() <= e.Pos {
			return true
		}
		switch {
		case e.info.Types[call.Fun].IsType():
			t = call.Fun
		case e.kind == source.WrongArgCount:
			t = nil // this call has wrong arguments
		}
		return true
	})
	return t
}

// explained completes messages about undefined names: what became of them, or that
// they are packages. Of equal messages about a line it keeps one.
func explained(c *checkedCell, messages []Message) (all []Message) {
	for _, m := range messages {
		aboutName := m.Problem != source.OtherProblem
		if m.Problem == source.UndefinedName {
			plain := m.Text
			if m.Text = undefined(c, m.Name); m.Text != plain { // it is explained
				m.Problem, m.Name = source.OtherProblem, ""
			}
		}
		isSame := func(o Message) bool { return o.Cell == m.Cell && o.Line == m.Line && o.Text == m.Text }
		if aboutName && slices.ContainsFunc(all, isSame) {
			continue
		}
		all = append(all, m)
	}
	return all
}

// undefined is the message about an undefined name.
func undefined(c *checkedCell, name string) string {
	for _, k := range inOrder(c.dropped) { // just now
		if slices.Contains(namesOf(c.s, k), name) {
			return droppedText(name, c.dropped[k])
		}
	}
	if why := c.st.gone[name]; why != "" {
		return why
	}
	known := c.s.known(name)
	switch {
	case c.content.imports[name] != "" || slices.Contains(known, name):
		return "use of package " + name + " without selector"
	case len(known) > 0:
		return "undefined: " + name + " (package " + known[0] + " needs a selector)"
	}
	return "undefined: " + name
}

// goneNames returns the names that are no longer defined, with what became of them.
func goneNames(c *checkedCell) map[string]string {
	gone := map[string]string{}
	for name, why := range c.st.gone {
		gone[name] = why
	}
	for k, why := range c.dropped {
		for _, name := range namesOf(c.s, k) {
			gone[name] = droppedText(name, why)
		}
	}
	for name := range gone {
		if c.lifted[name] != nil || c.isDeclared(name) {
			delete(gone, name)
		}
	}
	return gone
}

func droppedText(name, why string) string {
	return fmt.Sprintf("undefined: %s (dropped: %s)", name, why)
}

// namesOf returns the names of a dropped declaration or variable.
func namesOf(s *Session, k key) []string {
	if d := s.decls[k]; d != nil {
		return d.names
	}
	if k.Kind == source.Var {
		return []string{k.Name}
	}
	return nil
}
