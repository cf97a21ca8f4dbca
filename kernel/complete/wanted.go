package complete

import (
	"go/ast"
	"go/token"
	"go/types"
)

// wantsType reports whether a type must stand at the cursor.
func (p *program) wantsType() bool {
	n := ast.Node(p.path[0])
	for _, parent := range p.path[1:] {
		switch parent := parent.(type) {
		case *ast.SelectorExpr, *ast.StarExpr, *ast.ParenExpr, *ast.Ellipsis:
			n = parent
			continue
		case *ast.Field:
			return parent.Type == n
		case *ast.ValueSpec:
			return parent.Type == n
		case *ast.TypeSpec:
			return parent.Type == n
		case *ast.CompositeLit:
			return parent.Type == n
		case *ast.ArrayType:
			return parent.Elt == n
		case *ast.MapType, *ast.ChanType:
			return true
		case *ast.TypeAssertExpr:
			return parent.Type == n
		}
		return false
	}
	return false
}

// fits reports whether an object has the type wanted at the cursor, or is a
// function that returns it.
func (p *program) fits(obj types.Object) bool {
	want := p.wanted()
	if want == nil {
		return false
	}
	switch obj := obj.(type) {
	case *types.Var, *types.Const:
		return types.AssignableTo(obj.Type(), want)
	case *types.Func:
		sig := obj.Type().(*types.Signature)
		if sig.TypeParams().Len() > 0 {
			return false
		}
		return types.AssignableTo(sig, want) || sig.Results().Len() > 0 && !types.IsInterface(want) && types.AssignableTo(sig.Results().At(0).Type(), want)
	case *types.Nil:
		return false
	}
	return false
}

// wanted returns the type expected at the cursor, or nil when it is unknown or
// any type will do.
func (p *program) wanted() types.Type {
	if p.wantedKnown {
		return p.wantedType
	}
	p.wantedKnown, p.wantedType = true, p.findWanted()
	if i, ok := p.wantedType.(*types.Interface); ok && i.Empty() {
		p.wantedType = nil
	}
	return p.wantedType
}

func (p *program) findWanted() types.Type {
	n := ast.Node(p.path[0])
	for i, parent := range p.path[1:] {
		switch parent := parent.(type) {
		case *ast.SelectorExpr, *ast.ParenExpr:
			n = parent
			continue
		case *ast.CallExpr:
			sig, ok := p.typeOf(parent.Fun).(*types.Signature)
			if !ok {
				return nil
			}
			for j, arg := range parent.Args {
				if arg != n {
					continue
				}
				last := sig.Params().Len() - 1
				if j >= last && sig.Variadic() {
					if s, ok := sig.Params().At(last).Type().(*types.Slice); ok {
						return concrete(s.Elem())
					}
				}
				if j <= last {
					return concrete(sig.Params().At(j).Type())
				}
			}
		case *ast.KeyValueExpr:
			if lit, ok := p.path[i+2].(*ast.CompositeLit); ok && parent.Value == n {
				t := p.typeOf(lit)
				if t == nil {
					return nil
				}
				switch t := deref(t).Underlying().(type) {
				case *types.Struct:
					for i := range t.NumFields() {
						if id, ok := parent.Key.(*ast.Ident); ok && t.Field(i).Name() == id.Name {
							return t.Field(i).Type()
						}
					}
				case *types.Map:
					return t.Elem()
				}
			}
		case *ast.CompositeLit:
			if t := p.typeOf(parent); t != nil {
				if s, ok := t.Underlying().(*types.Slice); ok {
					return s.Elem()
				}
			}
		case *ast.AssignStmt:
			for j, r := range parent.Rhs {
				if r == n && parent.Tok == token.ASSIGN && j < len(parent.Lhs) {
					return p.typeOf(parent.Lhs[j])
				}
			}
		case *ast.ReturnStmt:
			for j, r := range parent.Results {
				if r == n {
					return p.result(j)
				}
			}
		case *ast.BinaryExpr:
			if parent.Y == n {
				return p.typeOf(parent.X)
			}
		}
		return nil
	}
	return nil
}

// concrete returns t, or nil for a type parameter.
func concrete(t types.Type) types.Type {
	if _, ok := t.(*types.TypeParam); ok {
		return nil
	}
	return t
}

func (p *program) typeOf(e ast.Expr) types.Type {
	t := p.info.TypeOf(e)
	if t == types.Typ[types.Invalid] {
		return nil
	}
	return t
}

// result returns the type of a result of the function around the cursor.
func (p *program) result(i int) types.Type {
	for _, n := range p.path {
		var sig *types.Signature
		switch n := n.(type) {
		case *ast.FuncLit:
			sig, _ = p.typeOf(n).(*types.Signature)
		case *ast.FuncDecl:
			if obj := p.info.Defs[n.Name]; obj != nil {
				sig, _ = obj.Type().(*types.Signature)
			}
		default:
			continue
		}
		if sig != nil && i < sig.Results().Len() {
			return sig.Results().At(i).Type()
		}
		return nil
	}
	return nil
}
