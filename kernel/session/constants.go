package session

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"slices"
	"strings"
)

// The constants of a group share its text, for iota's sake. One of them that is
// declared anew or removed leaves its place blank, so that the others stay what
// they are.

// undeclare takes a name out of the declarations: a constant out of its group,
// else the whole declaration.
func (s *state) undeclare(d *decl, name string) {
	rest := d.without(name)
	if rest == nil {
		s.drop(d.key)
		return
	}
	s.decls[d.key] = rest
}

// without is a group of constants without one of them, nil if nothing is left.
func (d *decl) without(name string) *decl {
	names := slices.Clone(d.names)
	for i, n := range names {
		if n == name {
			names[i] = "_"
		}
	}
	if d.kind() != "const" || !slices.ContainsFunc(names, func(n string) bool { return n != "_" }) {
		return nil
	}
	const clause = "package p;"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", clause+d.prefix+d.text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	text := []byte(d.text)
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, id := range v.Names {
			if id.Name != name {
				continue
			}
			// Blanks keep the columns of what follows.
			at := fset.PositionFor(id.Pos(), false).Offset - len(clause) - len(d.prefix)
			copy(text[at:], "_"+strings.Repeat(" ", len(name)-1))
		}
		return true
	})
	rest := *d
	rest.names, rest.text = names, string(text)
	return &rest
}

// isTooBig reports whether an expression is a constant without a type that the
// type of its kind, int or float64 say, cannot hold.
func isTooBig(tv types.TypeAndValue) bool {
	basic, ok := tv.Type.(*types.Basic)
	if !ok || tv.Value == nil || basic.Info()&types.IsUntyped == 0 {
		return false
	}
	isHuge := func(v constant.Value) bool {
		f, _ := constant.Float64Val(v)
		return math.IsInf(f, 0)
	}
	switch v := tv.Value; basic.Kind() {
	case types.UntypedInt, types.UntypedRune:
		n, exact := constant.Int64Val(constant.ToInt(v))
		return !exact || basic.Kind() == types.UntypedRune && n != int64(int32(n))
	case types.UntypedFloat:
		return isHuge(constant.ToFloat(v))
	case types.UntypedComplex:
		return isHuge(constant.Real(v)) || isHuge(constant.Imag(v))
	}
	return false
}

// constantText is the value of a constant, exact where it is an integer.
func constantText(v constant.Value) string {
	if v.Kind() == constant.Int {
		return v.ExactString()
	}
	switch f := constant.Val(v).(type) {
	case *big.Rat:
		return new(big.Float).SetPrec(512).SetRat(f).Text('g', -1)
	case *big.Float:
		return f.Text('g', -1)
	}
	return v.String()
}
