package session

import (
	"go/types"

	"modelbook/kernel/source"
)

// newVariable makes a session variable of a type, as package pkg writes it. It uses the
// storage of an older variable of the same name and type, or new storage. ok is false
// for a type that cannot be written down, such as an unexported one of another
// package.
func newVariable(st *state, name string, t types.Type, pkg *types.Package) (*variable, bool) {
	v, ok := typed(t, pkg)
	if !ok {
		return nil, false
	}
	v.name, v.version = name, st.retired[name]+1
	if old := st.vars[name]; old != nil {
		if old.typ == v.typ {
			v.version = old.version
		} else {
			v.version = max(v.version, old.version+1)
		}
	}
	return v, true
}

// typed returns a variable of a type, as package pkg writes it, without a name. ok is
// false for a type that cannot be written there.
func typed(t types.Type, pkg *types.Package) (*variable, bool) {
	text, ok := source.TextOf(t, pkg)
	return &variable{typ: text.Text, shown: text.Shown, paths: text.Paths}, ok
}
