package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"modelbook/dl"
)

// walker goes through the exported fields of a structure, and through the structs, pointers, slices, arrays and maps
// that they hold.
type walker struct {
	visit  func(path string, x any) (into bool)  // for every pointer to a struct, and for every struct
	hidden func(path string, holds reflect.Type) // for what a field that is not exported holds; may be nil
	seen   map[reflect.Type]map[uintptr]bool     // pointers that were met
}

var (
	moduleType    = reflect.TypeFor[Module]()
	parameterType = reflect.TypeFor[*Parameter]()
	tensorType    = reflect.TypeFor[dl.Tensor]()
)

// root walks the fields of a struct or of what a pointer leads to, without visiting itself.
func (w *walker) root(structure any) {
	w.seen = map[reflect.Type]map[uintptr]bool{}
	v := reflect.ValueOf(structure)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			w.first(v)
		}
		v = v.Elem()
	}
	w.into(v, "")
}

// first notes a pointer and says whether it is met for the first time: structures may lead back to themselves.
func (w *walker) first(v reflect.Value) bool {
	known := w.seen[v.Type()]
	if known == nil {
		known = map[uintptr]bool{}
		w.seen[v.Type()] = known
	}
	if known[v.Pointer()] {
		return false
	}
	known[v.Pointer()] = true
	return true
}

// value walks a value that can be had.
func (w *walker) value(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			w.value(v.Elem(), path)
		}
		return
	case reflect.Pointer:
		if v.IsNil() || v.Type().Elem() == tensorType || !w.first(v) {
			return
		}
		if v.Elem().Kind() == reflect.Struct || v.Type().Implements(moduleType) {
			if !w.visit(path, v.Interface()) {
				return
			}
		}
		w.into(v.Elem(), path)
		return
	case reflect.Struct:
		if v.CanAddr() { // methods may be those of the pointer
			if p := v.Addr(); !w.first(p) || !w.visit(path, p.Interface()) {
				return
			}
		} else if !w.visit(path, v.Interface()) {
			return
		}
	}
	w.into(v, path)
}

// into walks what a value holds.
func (w *walker) into(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == tensorType {
			return
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				w.value(v.Field(i), join(path, field.Name))
			}
		}
		for i := range v.NumField() { // what is held by an exported field, too, is no secret
			if field := v.Type().Field(i); !field.IsExported() && w.hidden != nil {
				w.secret(v.Field(i), join(path, field.Name), 0)
			}
		}
	case reflect.Slice, reflect.Array:
		if !holds(v.Type().Elem()) {
			return
		}
		for i := range v.Len() {
			w.value(v.Index(i), join(path, fmt.Sprint(i)))
		}
	case reflect.Map:
		if !holds(v.Type().Elem()) {
			return
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, key := range keys {
			w.value(v.MapIndex(key), join(path, fmt.Sprint(key)))
		}
	case reflect.Pointer, reflect.Interface:
		w.value(v, path)
	}
}

// holds says whether values of a type can hold a parameter or a module.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return t != tensorType
	}
	return false
}

// farthest is how deeply a field that is not exported is searched: a parameter that is hidden by mistake is near.
const farthest = 6

// secret looks for parameters and modules in a field that is not exported. They may be held elsewhere, too: what the
// walk has met is no secret.
func (w *walker) secret(v reflect.Value, path string, depth int) {
	if depth > farthest || !holds(v.Type()) || foreign(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			w.secret(v.Elem(), path, depth)
		}
		return
	case reflect.Pointer:
		if v.IsNil() || v.Type().Elem() == tensorType || w.seen[v.Type()][v.Pointer()] {
			return
		}
		if v.Type() == parameterType || v.Type().Implements(moduleType) {
			w.hidden(path, v.Type())
			return
		}
		w.first(v)
		w.secret(v.Elem(), path, depth)
	case reflect.Struct:
		if reflect.PointerTo(v.Type()).Implements(moduleType) {
			w.hidden(path, v.Type())
			return
		}
		for i := range v.NumField() {
			w.secret(v.Field(i), join(path, v.Type().Field(i).Name), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.secret(v.Index(i), join(path, fmt.Sprint(i)), depth+1)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			w.secret(v.MapIndex(key), join(path, fmt.Sprint(key)), depth+1)
		}
	}
}

// foreign says whether a type is of a package that holds no parameters: Go's own, and dl's below this one.
func foreign(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	path := t.PkgPath()
	if path == "" || path == packagePath || strings.HasSuffix(path, "_test") {
		return false
	}
	first, _, _ := strings.Cut(path, "/")
	return isStandard[first] || strings.HasPrefix(path, "modelbook/dl")
}

// isStandard are the first parts of the paths of Go's packages that structures often hold.
var isStandard = map[string]bool{"sync": true, "time": true, "context": true, "io": true, "os": true, "net": true,
	"math": true, "bytes": true, "bufio": true, "strings": true, "encoding": true, "crypto": true, "log": true,
	"reflect": true, "runtime": true, "text": true, "html": true, "regexp": true, "fmt": true, "errors": true}
