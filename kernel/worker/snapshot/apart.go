package snapshot

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unsafe"
)

// memory is what was written as one value, and the variable through which it was
// reached first.
type memory struct {
	from, to uintptr
	name     string
}

// apart lists pairs of variables that share memory of which the file does not
// tell: one has a pointer into a structure, array or slice of the other, or a
// part of its slice.
func (e *writer) apart(vars map[string]any) (pairs []string) {
	var all []memory
	add := func(p unsafe.Pointer, size uintptr, name string) {
		if size > 0 {
			all = append(all, memory{uintptr(p), uintptr(p) + size, name})
		}
	}
	for name, v := range vars {
		p := reflect.ValueOf(v)
		add(p.UnsafePointer(), p.Type().Elem().Size(), name)
	}
	for number, s := range e.order {
		switch s.t.Kind() {
		case reflect.Pointer:
			add(s.p, s.t.Elem().Size(), e.owners[number])
		case reflect.Slice:
			add(s.p, uintptr(s.len)*s.t.Elem().Size(), e.owners[number])
		}
	}
	slices.SortFunc(all, func(a, b memory) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	found := map[string]bool{}
	var around memory // what reaches farthest so far
	for _, m := range all {
		if m.from < around.to {
			a, b := min(m.name, around.name), max(m.name, around.name)
			if a == b {
				found[a] = true
			} else {
				found[fmt.Sprintf("%s and %s", a, b)] = true
			}
		}
		if m.to > around.to {
			around = m
		}
	}
	return slices.Sorted(maps.Keys(found))
}
