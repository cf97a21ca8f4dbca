// Package bind makes a plugin that is loaded into the worker use the type
// descriptors and interface tables that the process has.
//
// Compiled Go compares the addresses of descriptors and tables. The dynamic
// linker binds a plugin's references to the first copy of each symbol, but the
// runtime makes interface tables and package reflect types when a program asks
// for them, and of these it knows nothing. So, before code of a plugin runs:
//
//   - a reference to a type that reflect made goes to the type that it made,
//   - a reference to an interface table goes to the one that the runtime has,
//   - a type of the session that was loaded before keeps its address and gets the
//     methods of the plugin's copy.
//
// The words that are changed are those that the dynamic linker filled in. Their
// places and symbols are read from the plugin's own tables in memory.
package bind

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"unsafe"
)

// loadedHook is called by the runtime for a plugin that is being loaded. It is
// there in the runtime as the installation compiles it (kernel/toolchain/hook);
// elsewhere nothing calls it. So is madeHook, in package reflect.
//
//go:linkname loadedHook runtime.modelbookLoaded
var loadedHook func(module unsafe.Pointer, same func(module, own, first unsafe.Pointer),
	table func(inter, typ unsafe.Pointer) unsafe.Pointer, renew func(first, newest unsafe.Pointer))

//go:linkname madeHook reflect.modelbookMade
var madeHook func(f func(t unsafe.Pointer))

func init() {
	loadedHook = func(module unsafe.Pointer, same func(module, own, first unsafe.Pointer),
		table func(inter, typ unsafe.Pointer) unsafe.Pointer, renew func(first, newest unsafe.Pointer)) {
		if err := all.bind(uintptr(module), same, table, renew); err != nil {
			fmt.Fprintf(os.Stderr, "note: types of this cell may not be those of earlier cells: %v\n", err)
		}
	}
}

// all is what the process knows of its types.
var all = binder{first: map[string]uintptr{}, known: map[uintptr]bool{}, made: map[shape]uintptr{}}

type binder struct {
	program *image
	// first are the descriptors of types that only plugins have, by symbol.
	first map[string]uintptr
	// known are the types that reflect made or looked up, and made those by
	// what they are made of.
	known map[uintptr]bool
	made  map[shape]uintptr
}

const typePrefix, tablePrefix = "type:", "go:itab."

// isType reports whether a symbol is a type descriptor. What belongs to
// descriptors, such as names, begins with a dot.
func isType(symbol string) bool {
	return strings.HasPrefix(symbol, typePrefix) && !strings.HasPrefix(symbol, typePrefix+".")
}

// bind binds the plugin that has an address in it.
func (b *binder) bind(address uintptr, same func(module, own, first unsafe.Pointer),
	table func(inter, typ unsafe.Pointer) unsafe.Pointer, renew func(first, newest unsafe.Pointer)) error {
	program, plugin, err := find(address)
	if err != nil {
		return err
	}
	b.program = program
	b.learn()
	seal, err := plugin.unseal()
	if err != nil {
		return err
	}
	defer seal()
	var tables, words []reference
	var own []typeOf
	plugin.symbols(func(name string, value uintptr) {
		switch {
		case isType(name):
			own = append(own, typeOf{own: value, first: b.firstOf(name, value)})
		case strings.HasPrefix(name, tablePrefix):
			tables = append(tables, reference{name: name, symbol: value})
		}
	})
	plugin.references(func(r reference) {
		switch {
		case isType(r.name):
			words = append(words, r)
		case strings.HasPrefix(r.name, tablePrefix):
			tables = append(tables, r)
		}
	})
	// What a made type is made of is looked up in descriptors as the dynamic
	// linker left them: its choice is replaced in all words at once.
	first := make([]uintptr, len(words))
	for i, w := range words {
		if first[i] = *word(w.at); w.symbol != 0 {
			first[i] = b.firstOf(w.name, w.symbol)
		}
		first[i] = b.canonical(first[i])
	}
	for i := range own {
		made := b.canonical(own[i].first)
		own[i].made, own[i].first = made != own[i].first, made
	}
	for i, w := range words {
		*word(w.at) = first[i]
	}
	module := pointer(address)
	for _, t := range own {
		same(module, pointer(t.own), pointer(t.first))
		switch {
		case t.own == t.first:
			b.shareHasher(t.own)
		case t.made:
			t.shareHash()
		case ofSession(typeAt(t.first)):
			renew(pointer(t.first), pointer(t.own))
		}
	}
	for _, r := range tables {
		at := r.symbol
		if r.at != 0 {
			at = *word(r.at)
		}
		inter, typ := *word(at), *word(at + wordSize)
		if t := uintptr(table(pointer(inter), pointer(typ))); t != 0 && r.at != 0 {
			*word(r.at) = t
		}
	}
	return nil
}

// A typeOf is a descriptor of the plugin and the one that stands for the type;
// made says that reflect made that.
type typeOf struct {
	own, first uintptr
	made       bool
}

// firstOf is the first descriptor of a symbol that the plugin defines.
func (b *binder) firstOf(name string, own uintptr) uintptr {
	if first, ok := b.first[name]; ok {
		return first
	}
	if first := b.program.lookup(name); first != 0 {
		return first
	}
	b.first[name] = own
	return own
}

// ofSession reports whether a type may have methods that a cell declared: the
// types of worker and packages never change.
func ofSession(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if t.Name() != "" {
		return t.PkgPath() == sessionPackage
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if f := t.Field(i); f.Anonymous && ofSession(f.Type) {
				return true
			}
		}
	}
	return false
}

// sessionPackage is the import path of all cells, as running code sees it. The
// worker has types of its own in it, which no plugin brings.
const sessionPackage = "main"
