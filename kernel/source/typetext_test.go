package source

import (
	"go/token"
	"go/types"
	"testing"
)

func TestTextOf(t *testing.T) {
	own, other, internal := types.NewPackage("sess", "sess"), types.NewPackage("a.b/c", "c"), types.NewPackage("x/internal/y", "y")
	named := func(pkg *types.Package, name string) types.Type {
		tn := types.NewTypeName(token.NoPos, pkg, name, nil)
		pkg.Scope().Insert(tn)
		return types.NewNamed(tn, types.Typ[types.Int], nil)
	}
	local := types.NewNamed(types.NewTypeName(token.NoPos, own, "local", nil), types.Typ[types.Int], nil)
	for _, test := range []struct {
		typ         types.Type
		text, shown string // "" for a type that cannot be written
	}{
		{types.Typ[types.Int], "int", "int"},
		{types.Typ[types.Invalid], "", ""},
		{named(own, "T"), "T", "T"},
		{named(own, "__own_error"), "__own_error", "error"},
		{types.NewSlice(named(other, "Exported")), "[]__aʹ2eʹb_c.Exported", "[]c.Exported"},
		{types.NewPointer(named(other, "hidden")), "", ""},
		{types.NewPointer(named(internal, "T")), "", ""},
		{types.NewMap(types.Typ[types.String], local), "", ""},
		{types.NewStruct([]*types.Var{types.NewField(token.NoPos, other, "x", types.Typ[types.Int], false)}, nil), "", ""},
		{types.NewStruct([]*types.Var{types.NewField(token.NoPos, own, "x", types.Typ[types.Int], false)}, nil), "struct{x int}", "struct{x int}"},
	} {
		got, ok := TextOf(test.typ, own)
		if ok != (test.text != "") || ok && (got.Text != test.text || got.Shown != test.shown) {
			t.Errorf("%s is written %+v, %v; want %q, shown %q", test.typ, got, ok, test.text, test.shown)
		}
	}
}
