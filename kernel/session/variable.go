package session

import (
	"go/types"

	"modelbook/kernel/source"
)

// newVariable makes a session variable of a type, as package pkg writes it: the storage of an older one
// of the same name and type, else new storage. It reports false for a type
// that cannot be written down, such as another package's unexported one.
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

// typed is a variable of a type, as package pkg writes it. It reports false for
// a type that cannot be written there.
func typed(t types.Type, pkg *types.Package) (*variable, bool) {
	text, ok := source.TextOf(t, pkg)
	return &variable{typ: text.Text, shown: text.Shown, paths: text.Paths}, ok
}
