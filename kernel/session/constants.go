package session

import (
	"go/constant"
	"go/types"
	"math"
	"math/big"
)

// isTooBig reports whether an expression is an untyped constant that its default type,
// such as int or float64, cannot hold.
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

// constantText returns the value of a constant, exact if it is an integer.
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
