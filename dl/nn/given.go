package nn

import (
	"fmt"
	"math"
	"reflect"

	"modelbook/dl"
)

// isNil says whether a module, a layer or a node is nil or a pointer that is.
func isNil(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// nilName is how a message calls what is nil.
func nilName(x any) string {
	if x == nil {
		return "nil"
	}
	return fmt.Sprintf("a nil %T", x)
}

// given says that a function was given no module.
func given(op string, m Module) error {
	if !isNil(m) {
		return nil
	}
	return &dl.ValueError{Op: op, Detail: "the module is " + nilName(m) +
		": give a model of nn.Sequential, a layer of nn.Build, or a struct of layers with a method Parameters"}
}

// mustGive panics unless a function was given a module.
func mustGive(op string, m Module) {
	if err := given(op, m); err != nil {
		dl.PanicValue(op, "%s", err.(*dl.ValueError).Detail)
	}
}

// parametersOf are the parameters that a module lists, without those that are nil or have no value; none of a module
// that is nil, as parts of layers are that were not built.
func parametersOf(m Module) []*Parameter {
	if isNil(m) {
		return nil
	}
	all := m.Parameters()
	for i, p := range all {
		if p == nil || p.Value == nil {
			kept := append([]*Parameter{}, all[:i]...)
			for _, p := range all[i:] {
				if p != nil && p.Value != nil {
					kept = append(kept, p)
				}
			}
			return kept
		}
	}
	return all
}

// mustHold panics unless a value can hold parameters.
func mustHold(op string, structure any) {
	if isNil(structure) {
		dl.PanicValue(op, "the structure is %s: give a pointer to a struct of layers", nilName(structure))
	}
	t := reflect.TypeOf(structure)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map, reflect.Interface:
		return
	}
	dl.PanicValue(op, "a %T holds no parameters: give a pointer to a struct of layers", structure)
}

// isEpsilon says whether a number can be added to a variance, or be a least length: above 0, and finite as a float32.
func isEpsilon(e float64) bool { return e > 0 && e <= math.MaxFloat32 }

// finite panics for a setting that is no number.
func finite(op, field string, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		dl.PanicValue(op, "%s is %v; it is a finite number", field, v)
	}
}
