package session

import (
	"go/ast"
	"go/types"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// variableOf returns the session variable that an object of a pass means, nil for
// none.
func (p *checkedCell) variableOf(obj types.Object, in source.Checked) *variable {
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() {
		return nil
	}
	if in.Pkg == p.stmts.Pkg {
		if p.objs[obj] {
			return p.lifted[obj.Name()]
		}
		if obj.Parent() == in.Pkg.Scope() {
			return p.before[gen.Plain(obj.Name())]
		}
		return nil
	}
	if obj.Parent() != in.Pkg.Scope() {
		return nil
	}
	name := gen.Plain(obj.Name())
	if l := p.lifted[name]; l != nil {
		return l
	}
	return p.st.vars[name]
}

// isContext reports whether an object is the predeclared ctx.
func (p *checkedCell) isContext(obj types.Object, in source.Checked) bool {
	v, ok := obj.(*types.Var)
	return ok && v.Name() == "ctx" && v.Parent() == in.Pkg.Scope() && p.variableOf(obj, in) == nil
}

// varIdent returns the name in compiled files of a variable of the statements.
func (p *checkedCell) varIdent(obj types.Object) string {
	if v := p.variableOf(obj, p.stmts); v != nil {
		return v.ident()
	}
	return obj.Name()
}

// compiledName returns the name in compiled files of what an identifier means. What
// is not of the session keeps its name.
func (p *checkedCell) compiledName(id *ast.Ident, in source.Checked) string {
	obj := in.Info.ObjectOf(id)
	if obj == nil || obj.Pkg() != in.Pkg {
		return id.Name
	}
	switch o := obj.(type) {
	case *types.Var:
		if o.Embedded() { // a field named like its type
			if tn := flow.TypeName(o.Type()); tn != nil && tn.Parent() == in.Pkg.Scope() && gen.Plain(tn.Name()) == id.Name {
				return p.emittedName(tn)
			}
		} else if v := p.variableOf(o, in); v != nil {
			return v.ident()
		} else if p.isContext(o, in) {
			return gen.Context
		}
	case *types.PkgName:
	default:
		if o.Parent() == in.Pkg.Scope() {
			return p.emittedName(o)
		}
	}
	return id.Name
}

// emittedName returns the name in compiled files of a type, function or constant.
func (p *checkedCell) emittedName(obj types.Object) string {
	name := obj.Name()
	if _, ok := obj.(*types.TypeName); ok {
		return p.typeIdent(name)
	}
	if plain, ok := gen.CutHidingName(name); ok {
		return gen.HidingDecl(plain)
	}
	return name
}

// typeIdent returns the name of a declared type in compiled files.
func (p *checkedCell) typeIdent(name string) string {
	plain, hides := gen.CutHidingName(name)
	if hides { // it must not be the name of the predeclared type
		return gen.Type(plain, p.st.types[name].version, true)
	}
	if t, ok := p.st.types[name]; ok && !t.gone {
		return gen.Type(name, t.version, false)
	}
	return name
}

// versioned returns the text of a type with the declared types as compiled files
// call them.
func (p *checkedCell) versioned(typ string) string {
	var edits edit.List
	eachTypeName(typ, func(id *ast.Ident) {
		if name := p.typeIdent(id.Name); name != id.Name {
			edits.Replace(id.Pos(), id.End(), name)
		}
	})
	return edits.Apply(typ, edit.InExpr)
}
