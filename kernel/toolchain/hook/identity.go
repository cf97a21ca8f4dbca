package hook

import "strings"

// In a Go program each type has one descriptor, and each pair of an interface
// and a type has one table: compiled code compares their addresses. A plugin
// brings copies of its own. The dynamic linker binds those that have a symbol to
// the first copy of that name. But the runtime also makes interface tables, and
// package reflect types, while a program runs; these have no symbol, so a value
// that one cell converted at run time would not have its own type in the next.
//
// So the runtime reports a plugin whose code has not run yet to the worker
// (kernel/worker/bind), which makes it refer to what the process has already.
//
// A type that gets another method remains the same type: the descriptor that
// the process has keeps its address, and its methods are those of the newest
// descriptor of its name. The runtime and package reflect look methods up
// there.
var identityHooks = Hook{map[string]edit{
	"runtime/plugin.go": hookLoad, "runtime/iface.go": hookInterfaces,
	"reflect/type.go": hookReflect, "reflect/value.go": hookValues, "internal/reflectlite/type.go": hookReflectLite},
	"an interface value may have another type in a later cell, and types cannot get methods later"}

const loadedHook = `

// modelbookLoaded, when set, is called when a plugin is loaded, before its
// interface tables are registered and its code runs. It gets the module as an
// address, and the functions by which it can change it.
//
//go:linkname modelbookLoaded
var modelbookLoaded func(module unsafe.Pointer, same func(module, own, first unsafe.Pointer),
	table func(inter, typ unsafe.Pointer) unsafe.Pointer, renew func(first, newest unsafe.Pointer))

// modelbookSame makes a type of the module stand for one that the process has.
func modelbookSame(module, own, first unsafe.Pointer) {
	md := (*moduledata)(module)
	if md.typemap != nil {
		md.typemap[MODELBOOKKEY] = (*_type)(first)
	}
}

// modelbookTable returns the one interface table of a pair.
func modelbookTable(inter, typ unsafe.Pointer) unsafe.Pointer {
	return unsafe.Pointer(getitab((*interfacetype)(inter), (*_type)(typ), true))
}
`

// hookLoad adds the hook to runtime/plugin.go. Up to Go 1.26 the key of a
// module's map of types is an offset.
func hookLoad(source string) (hooked string, ok bool) {
	const verify, lock = "\tmoduledataverify1(md)\n\n", "\tlock(&itabLock)\n"
	key := "(*_type)(own)"
	if strings.Contains(source, "range md.itablinks") {
		key = "typeOff(uintptr(own)-md.types)"
	}
	hooked, ok = replaced(source, verify+lock, verify+
		"\tif modelbookLoaded != nil {\n\t\tmodelbookLoaded(unsafe.Pointer(md), modelbookSame, modelbookTable, modelbookRenew)\n\t}\n\n"+lock)
	return hooked + strings.Replace(loadedHook, "MODELBOOKKEY", key, 1), ok
}

// methodsHook is the table of types that have newer methods. It is read without
// a lock. Type descriptors of modules never move and are never freed, so the
// garbage collector need not know of the table.
const methodsHook = `

type modelbookNewer struct{ first, newest uintptr }

// modelbookNewest is a hash table of types. Its size is a power of two, and it is
// replaced by a larger one before it is full.
var (
	modelbookNewest unsafe.Pointer // *[]modelbookNewer
	modelbookCount  int
	modelbookLock   mutex
)

// modelbookSlot returns the entry of a type, or the empty one where it would be.
func modelbookSlot(table []modelbookNewer, first uintptr) *modelbookNewer {
	for i := (first >> 5) * 0x9E3779B1; ; i++ {
		e := &table[i&uintptr(len(table)-1)]
		if t := atomic.Loaduintptr(&e.first); t == first || t == 0 {
			return e
		}
	}
}

// modelbookMethods returns the type whose methods are those of t.
//
//go:linkname modelbookMethods
func modelbookMethods(t *_type) *_type {
	table := (*[]modelbookNewer)(atomic.Loadp(unsafe.Pointer(&modelbookNewest)))
	if table == nil {
		return t
	}
	e := modelbookSlot(*table, uintptr(unsafe.Pointer(t)))
	if atomic.Loaduintptr(&e.first) == 0 {
		return t
	}
	newest := atomic.Loaduintptr(&e.newest)
	return *(**_type)(unsafe.Pointer(&newest))
}

// modelbookRenew gives a type the methods of another, and updates its interface
// tables. A table for which the new methods do not suffice remains as it is.
func modelbookRenew(first, newest unsafe.Pointer) {
	lock(&modelbookLock)
	table := (*[]modelbookNewer)(modelbookNewest)
	if table == nil || modelbookCount >= len(*table)/2 {
		n := 64
		if table != nil {
			n = 2 * len(*table)
		}
		larger := (*[]modelbookNewer)(persistentalloc(unsafe.Sizeof([]modelbookNewer{}), 0, &memstats.other_sys))
		*(*slice)(unsafe.Pointer(larger)) = slice{persistentalloc(uintptr(n)*unsafe.Sizeof(modelbookNewer{}), 0, &memstats.other_sys), n, n}
		if table != nil {
			for _, e := range *table {
				if e.first != 0 {
					*modelbookSlot(*larger, e.first) = e
				}
			}
		}
		atomic.StorepNoWB(unsafe.Pointer(&modelbookNewest), unsafe.Pointer(larger))
		table = larger
	}
	e := modelbookSlot(*table, uintptr(first))
	if e.first == 0 {
		modelbookCount++
	}
	atomic.Storeuintptr(&e.newest, uintptr(newest))
	atomic.Storeuintptr(&e.first, uintptr(first))
	unlock(&modelbookLock)
	if (*_type)(newest).Uncommon() == nil {
		return
	}
	lock(&itabLock)
	t := itabTable
	for i := uintptr(0); i < t.size; i++ {
		m := *(**itab)(add(unsafe.Pointer(&t.entries), i*goarch.PtrSize))
		if m != nil && unsafe.Pointer(m.Type) == first && itabInit(m, false) == "" {
			itabInit(m, true)
		}
	}
	unlock(&itabLock)
}
`

// hookInterfaces changes runtime/iface.go: methods are looked up in the newest
// type, tables made at run time serve type switches, there is one table for each
// pair (as from Go 1.27 on), and results that a later method would change are
// not cached by type assertions and switches.
func hookInterfaces(source string) (hooked string, ok bool) {
	const add = "\t\tif m2 == m {\n"
	if strings.Contains(source, add) {
		source = strings.Replace(source, add, "\t\tif m2 != nil && m2.Inter == m.Inter && m2.Type == m.Type {\n", 1)
	}
	const cache = "\tif !abi.UseInterfaceSwitchCache(goarch.ArchFamily) {\n\t\treturn "
	hooked, ok = replaced(source,
		"\tif typ.TFlag&abi.TFlagUncommon == 0 {\n\t\tif canfail {", "\tif modelbookMethods(typ).TFlag&abi.TFlagUncommon == 0 {\n\t\tif canfail {",
		"\ttyp := m.Type\n\tx := typ.Uncommon()\n", "\ttyp := modelbookMethods(m.Type)\n\tx := typ.Uncommon()\n",
		"\tm.Hash = 0\n", "\tm.Hash = typ.Hash\n",
		cache+"tab\n", strings.Replace(cache, " {\n", " || tab == nil {\n", 1)+"tab\n",
		cache+"case_, tab\n", strings.Replace(cache, " {\n", " || case_ > 0 {\n", 1)+"case_, tab\n")
	return hooked + methodsHook, ok
}

const methodsOfRuntime = `

// modelbookMethods returns the type whose methods are those of t.
//
//go:noescape
//go:linkname modelbookMethods runtime.modelbookMethods
func modelbookMethods(t *abi.Type) *abi.Type
`

const madeHook = `

// modelbookMade calls f with every type that package reflect made or looked up.
//
//go:linkname modelbookMade
var modelbookMade = func(f func(t unsafe.Pointer)) {
	ptrMap.Range(func(_, t any) bool { f(unsafe.Pointer(t.(*ptrType))); return true })
	lookupCache.Range(func(_, t any) bool { f(unsafe.Pointer(t.(*rtype))); return true })
	funcLookupCache.m.Range(func(_, all any) bool {
		for _, t := range all.([]*abi.Type) {
			f(unsafe.Pointer(t))
		}
		return true
	})
	structLookupCache.m.Range(func(_, all any) bool {
		for _, t := range all.([]Type) {
			f(unsafe.Pointer(t.common()))
		}
		return true
	})
}
`

const exported = "\tut := t.uncommon()\n\tif ut == nil {\n\t\treturn nil\n\t}\n\treturn ut.ExportedMethods()\n"

// hookReflect makes reflect/type.go look methods up in the newest type, and list
// the types that it made.
func hookReflect(source string) (hooked string, ok bool) {
	const found = "\tut := t.uncommon()\n\tif ut == nil {\n\t\treturn Method{}, false\n\t}\n\n\tmethods := ut.ExportedMethods()\n"
	hooked, ok = replaced(source,
		exported, "\treturn modelbookMethods(&t.t).ExportedMethods()\n",
		"\tmethods := t.exportedMethods()\n", "\tnewest := toRType(modelbookMethods(&t.t))\n\tmethods := newest.t.ExportedMethods()\n",
		"\tpname := t.nameOff(p.Name)\n\tm.Name = pname.Name()\n\tfl := flag(Func)\n\tmtyp := t.typeOff(p.Mtyp)\n",
		"\tpname := newest.nameOff(p.Name)\n\tm.Name = pname.Name()\n\tfl := flag(Func)\n\tmtyp := newest.typeOff(p.Mtyp)\n",
		"\ttfn := t.textOff(p.Tfn)\n", "\ttfn := newest.textOff(p.Tfn)\n",
		found, "\tnewest := toRType(modelbookMethods(&t.t))\n\tmethods := newest.t.ExportedMethods()\n",
		"\t\tif !(t.nameOff(methods[h].Name).Name() >= name) {\n", "\t\tif !(newest.nameOff(methods[h].Name).Name() >= name) {\n",
		"name == t.nameOff(methods[i].Name).Name() {\n", "name == newest.nameOff(methods[i].Name).Name() {\n",
		"\tv := V.Uncommon()\n", "\tV = modelbookMethods(V)\n\tv := V.Uncommon()\n")
	return hooked + methodsOfRuntime + madeHook, ok
}

// hookValues makes reflect/value.go look methods up in the newest type.
func hookValues(source string) (hooked string, ok bool) {
	return replaced(source,
		"\t\tms := v.typ().ExportedMethods()\n", "\t\tnewest := modelbookMethods(v.typ())\n\t\tms := newest.ExportedMethods()\n",
		"!nameOffFor(v.typ(), m.Name).IsExported()", "!nameOffFor(newest, m.Name).IsExported()",
		"\t\tifn := textOffFor(v.typ(), m.Ifn)\n", "\t\tifn := textOffFor(newest, m.Ifn)\n",
		"typeOffFor(v.typ(), m.Mtyp)", "typeOffFor(newest, m.Mtyp)",
		"\tms := typ.ExportedMethods()\n", "\ttyp = modelbookMethods(typ)\n\tms := typ.ExportedMethods()\n")
}

// hookReflectLite makes internal/reflectlite/type.go look methods up in the newest
// type.
func hookReflectLite(source string) (hooked string, ok bool) {
	const implements = "\tv := V.Uncommon()\n\tif v == nil {\n"
	hooked, ok = replaced(source,
		exported, "\treturn modelbookMethods(t.Type).ExportedMethods()\n",
		implements, "\tV = modelbookMethods(V)\n\trV = toRType(V)\n"+implements)
	return hooked + methodsOfRuntime, ok
}
