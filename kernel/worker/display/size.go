package display

import (
	"reflect"

	"modelbook/kernel/worker/still"
)

// Size is the memory that a value takes, in bytes, with what it refers to.
// What is shared counts once. Large structures are counted in part, and the
// count is then carried on to the whole.
// What cannot be read because goroutines write it does not count.
func Size(v any) (n int64) {
	if v == nil {
		return 0
	}
	s := sizer{seen: map[uintptr]bool{}}
	r := reflect.ValueOf(v)
	n = int64(r.Type().Size())
	defer func() { recover() }()
	still.Carefully(func() { n += s.behind(r, 0) })
	return n
}

const (
	maxSized   = 10_000 // values looked at
	sizedItems = 100    // elements of a slice or map looked at
)

type sizer struct {
	seen  map[uintptr]bool
	count int
}

// behind is the memory that r refers to, r itself not counted.
func (s *sizer) behind(r reflect.Value, depth int) int64 {
	if s.count++; s.count > maxSized || depth > 50 {
		return 0
	}
	switch r.Kind() {
	case reflect.String:
		return int64(r.Len())
	case reflect.Pointer:
		if r.IsNil() || s.known(r.Pointer()) {
			return 0
		}
		return int64(r.Type().Elem().Size()) + s.behind(r.Elem(), depth+1)
	case reflect.Interface:
		if r.IsNil() {
			return 0
		}
		return int64(r.Elem().Type().Size()) + s.behind(r.Elem(), depth+1)
	case reflect.Struct:
		var n int64
		for i := range r.NumField() {
			n += s.behind(r.Field(i), depth+1)
		}
		return n
	case reflect.Slice:
		if r.IsNil() || r.Len() > 0 && s.known(r.Pointer()) {
			return 0
		}
		return int64(r.Cap())*int64(r.Type().Elem().Size()) + s.elements(r, depth)
	case reflect.Array:
		return s.elements(r, depth)
	case reflect.Map:
		if r.IsNil() || s.known(r.Pointer()) {
			return 0
		}
		entry := int64(r.Type().Key().Size() + r.Type().Elem().Size())
		var n int64
		keys, values, err := still.Entries(r, sizedItems)
		if err == nil && keys.Len() > 0 {
			for i := range keys.Len() {
				n += s.behind(keys.Index(i), depth+1) + s.behind(values.Index(i), depth+1)
			}
			n = n * int64(r.Len()) / int64(keys.Len())
		}
		return int64(r.Len())*entry + n
	}
	return 0
}

// elements is what the elements of a slice or array refer to.
func (s *sizer) elements(r reflect.Value, depth int) int64 {
	if !refers(r.Type().Elem()) || r.Len() == 0 {
		return 0
	}
	var n int64
	counted := min(r.Len(), sizedItems)
	for i := range counted {
		n += s.behind(r.Index(i), depth+1)
	}
	return n * int64(r.Len()) / int64(counted)
}

func (s *sizer) known(p uintptr) bool {
	if s.seen[p] {
		return true
	}
	s.seen[p] = true
	return false
}

// refers reports whether values of a type can refer to memory of their own.
func refers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return false
	}
	return true
}
