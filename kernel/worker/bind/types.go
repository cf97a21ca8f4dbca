package bind

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// typeAt is the type of a descriptor.
func typeAt(descriptor uintptr) reflect.Type {
	v := [2]unsafe.Pointer{pointer(descriptor)}
	return reflect.TypeOf(*(*any)(unsafe.Pointer(&v)))
}

// descriptor is the address of a type's descriptor.
func descriptor(t reflect.Type) uintptr { return (*[2]uintptr)(unsafe.Pointer(&t))[1] }

// Parts of descriptors (internal/abi).
const (
	hashAt   = 2 * wordSize            // in all
	hasherAt = 6*wordSize + 3*wordSize // in those of maps, behind key, element and group
)

// A shape says what a type without a name is made of. Parts are the addresses
// of descriptors.
type shape struct {
	kind reflect.Kind
	a, b uintptr
	n    int
	rest string
}

// shapeOf is the shape of a type; part gives the addresses of its parts. ok is
// false for types that reflect does not make.
func shapeOf(t reflect.Type, part func(t reflect.Type) uintptr) (s shape, ok bool) {
	s.kind = t.Kind()
	switch {
	case t.Name() != "":
		return s, false
	case s.kind == reflect.Pointer, s.kind == reflect.Slice:
		s.a = part(t.Elem())
	case s.kind == reflect.Array:
		s.a, s.n = part(t.Elem()), t.Len()
	case s.kind == reflect.Chan:
		s.a, s.n = part(t.Elem()), int(t.ChanDir())
	case s.kind == reflect.Map:
		s.a, s.b = part(t.Key()), part(t.Elem())
	case s.kind == reflect.Func:
		var rest strings.Builder
		for i := range t.NumIn() {
			fmt.Fprintf(&rest, "%x,", part(t.In(i)))
		}
		rest.WriteString(")")
		for i := range t.NumOut() {
			fmt.Fprintf(&rest, "%x,", part(t.Out(i)))
		}
		if t.IsVariadic() {
			rest.WriteString("...")
		}
		s.rest = rest.String()
	case s.kind == reflect.Struct:
		var rest strings.Builder
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(&rest, "%s %q %x %q %v,", f.Name, f.PkgPath, part(f.Type), f.Tag, f.Anonymous)
		}
		s.rest = rest.String()
	default:
		return s, false
	}
	return s, true
}

// learn notes the types that reflect has made since the last plugin.
func (b *binder) learn() {
	if madeHook == nil {
		return
	}
	madeHook(func(t unsafe.Pointer) {
		at := uintptr(t)
		if b.known[at] {
			return
		}
		b.known[at] = true
		if s, ok := shapeOf(typeAt(at), descriptor); ok {
			b.made[s] = at
		}
	})
}

// canonical is the descriptor that stands for a type: what reflect returns for
// it, if it was asked, and otherwise the one that is given.
func (b *binder) canonical(at uintptr) uintptr {
	if len(b.made) == 0 {
		return at
	}
	if s, ok := shapeOf(typeAt(at), func(t reflect.Type) uintptr { return b.canonical(descriptor(t)) }); ok {
		if made, ok := b.made[s]; ok {
			return made
		}
	}
	return at
}

// shareHash gives the type that reflect made the compiler's hash, which
// compiled type switches look for.
func (t typeOf) shareHash() {
	if own, first := (*uint32)(pointer(t.own+hashAt)), (*uint32)(pointer(t.first+hashAt)); *own != *first {
		*first = *own
	}
}

// shareHasher gives a map type the hash function of the type without a name
// that reflect made: values go from one to the other as they are.
func (b *binder) shareHasher(own uintptr) {
	t := typeAt(own)
	if t.Kind() != reflect.Map || len(b.made) == 0 {
		return
	}
	s := shape{kind: reflect.Map, a: b.canonical(descriptor(t.Key())), b: b.canonical(descriptor(t.Elem()))}
	if made, ok := b.made[s]; ok && made != own {
		*word(own + hasherAt) = *word(made + hasherAt)
	}
}
