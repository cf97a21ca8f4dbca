package snapshot

import (
	"encoding"
	"encoding/gob"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"
)

// sessionPackage is the import path of all cells, as running code sees it.
const sessionPackage = "main"

// source writes a type as Go source; ok is false for a type that cannot be
// written down elsewhere.
func source(t reflect.Type, paths map[string]string) (text string, ok bool) {
	if t.Name() != "" {
		if strings.ContainsAny(t.Name(), "[·") { // generic, or local to a function
			name := strings.ReplaceAll(t.Name(), sessionPackage+".", "")
			return name, t.PkgPath() == sessionPackage && !strings.ContainsAny(name, "./·")
		}
		switch t.PkgPath() {
		case "":
			return t.Name(), true
		case sessionPackage:
			return t.Name(), true
		}
		if c := t.Name()[0]; c < 'A' || c > 'Z' || strings.Contains("/"+t.PkgPath()+"/", "/internal/") {
			return "", false
		}
		alias := "__" + strings.Map(func(r rune) rune {
			if strings.ContainsRune("/.-~", r) {
				return '_'
			}
			return r
		}, t.PkgPath())
		paths[alias] = t.PkgPath()
		return alias + "." + t.Name(), true
	}
	elem := func(before string) (string, bool) {
		text, ok := source(t.Elem(), paths)
		return before + text, ok
	}
	switch t.Kind() {
	case reflect.Pointer:
		return elem("*")
	case reflect.Slice:
		return elem("[]")
	case reflect.Array:
		return elem(fmt.Sprintf("[%d]", t.Len()))
	case reflect.Map:
		key, ok := source(t.Key(), paths)
		if !ok {
			return "", false
		}
		return elem("map[" + key + "]")
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "any", true
		}
	case reflect.Struct:
		return structSource(t, paths)
	}
	return "", false
}

// structSource writes a structure without a name, of exported fields or of the
// session's.
func structSource(t reflect.Type, paths map[string]string) (string, bool) {
	var b strings.Builder
	b.WriteString("struct{")
	for i := range t.NumField() {
		f := t.Field(i)
		text, ok := source(f.Type, paths)
		if !ok || !f.IsExported() && f.PkgPath != sessionPackage {
			return "", false
		}
		if !f.Anonymous {
			text = f.Name + " " + text
		}
		if f.Tag != "" {
			text += fmt.Sprintf(" %q", string(f.Tag))
		}
		b.WriteString(text + "; ")
	}
	return b.String() + "}", true
}

// layout describes a type down to its fields, so that a value is not read into
// a type that only has the same name.
func layout(t reflect.Type) uint64 { return layoutOf(t, false) }

// isLater reports whether a field was added to its structure after files had
// been written without it, as its tag since says. Such a file is still read:
// the field keeps its zero value.
func isLater(f reflect.StructField) bool { return f.Tag.Get("since") != "" }

// layoutOf is layout, or that of the files of before the later fields.
func layoutOf(t reflect.Type, before bool) uint64 {
	h := fnv.New64a()
	seen := map[reflect.Type]int{}
	var write func(t reflect.Type)
	write = func(t reflect.Type) {
		fmt.Fprintf(h, "%s.%s %v ", t.PkgPath(), t.Name(), t.Kind())
		if n, ok := seen[t]; ok {
			fmt.Fprintf(h, "#%d ", n)
			return
		}
		seen[t] = len(seen)
		if own(t) || t.Kind() == reflect.Interface || t.Kind() == reflect.Func {
			return
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Chan:
			write(t.Elem())
		case reflect.Array:
			fmt.Fprintf(h, "%d ", t.Len())
			write(t.Elem())
		case reflect.Map:
			write(t.Key())
			write(t.Elem())
		case reflect.Struct:
			state, part := stateful(t)
			for i := range t.NumField() {
				if part && !t.Field(i).IsExported() || before && isLater(t.Field(i)) {
					continue
				}
				fmt.Fprintf(h, "%s ", t.Field(i).Name)
				write(t.Field(i).Type)
			}
			if part {
				write(state)
			}
		}
	}
	write(t)
	return h.Sum64()
}

var (
	binaryMarshaler   = reflect.TypeFor[encoding.BinaryMarshaler]()
	binaryUnmarshaler = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	gobEncoder        = reflect.TypeFor[gob.GobEncoder]()
	gobDecoder        = reflect.TypeFor[gob.GobDecoder]()
	textMarshaler     = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// own reports whether values of a type write and read themselves. Types of the
// session do not: their methods come with the file, and reading it must not run
// them. Nor do open structures that have the methods from a field: these write
// the field and nothing else.
func own(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface || t.PkgPath() == sessionPackage {
		return false
	}
	p := reflect.PointerTo(t)
	if !(p.Implements(binaryMarshaler) && p.Implements(binaryUnmarshaler) || p.Implements(gobEncoder) && p.Implements(gobDecoder)) {
		return texts(t)
	}
	return !embeds(t) || !open(t)
}

// texts reports whether a structure that hides what it is made of writes and
// reads itself as text, as regexp.Regexp does.
func texts(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() == reflect.Struct && p.Implements(textMarshaler) && p.Implements(textUnmarshaler) && !open(t)
}

// embeds reports whether a structure has an embedded field that may give it methods.
func embeds(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			return true
		}
	}
	return false
}

// statePackages begins the paths of the packages in which State and SetState
// mean what stateful says.
const statePackages = "modelbook/dl"

var errorType = reflect.TypeFor[error]()

// stateful reports whether a structure is its exported fields and what its
// method State returns, which SetState takes: dl's trainer, optimizers and
// random sources are.
func stateful(t reflect.Type) (state reflect.Type, ok bool) {
	if t.Kind() != reflect.Struct || t.PkgPath() != statePackages && !strings.HasPrefix(t.PkgPath(), statePackages+"/") {
		return nil, false
	}
	p := reflect.PointerTo(t)
	get, ok1 := p.MethodByName("State")
	set, ok2 := p.MethodByName("SetState")
	if !ok1 || !ok2 || get.Type.NumIn() != 1 || get.Type.NumOut() != 1 || set.Type.NumIn() != 2 || set.Type.NumOut() != 1 {
		return nil, false
	}
	state = get.Type.Out(0)
	return state, set.Type.In(1) == state && set.Type.Out(0) == errorType
}

// transparent are packages whose structures mean no more than their fields.
var transparent = []string{sessionPackage, "", "bytes", "container/list", "container/ring", "image", "image/color", "sync/atomic", "errors", "math/rand/v2"}

// locks are types of package sync that are written as unused ones.
var locks = []string{"Mutex", "RWMutex", "Once", "WaitGroup"}

func isLock(t reflect.Type) bool { return t.PkgPath() == "sync" && slices.Contains(locks, t.Name()) }

// open reports whether a structure is its fields.
func open(t reflect.Type) bool {
	if slices.Contains(transparent, t.PkgPath()) {
		return true
	}
	for i := range t.NumField() {
		if !t.Field(i).IsExported() && t.Field(i).Name != "_" {
			return false
		}
	}
	return true
}

// flat reports whether values of a type can be copied as they lie in memory,
// whatever the processor (all that Go cells run on are little-endian).
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return !own(t)
	}
	return false
}
