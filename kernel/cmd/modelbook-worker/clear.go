package main

import (
	"os"
	"reflect"
	"syscall"
	"unsafe"
)

// A session variable stays as long as the process. The pages of a large one may
// never have been written to, and take no memory; to write zeros would allocate
// them. So the pages are given back to the system, which supplies zeros anew.

// large is the size from which on the pages of a variable are given back.
const large = 1 << 20

// clearLarge sets the memory of a session variable without pointers to zero.
func clearLarge(b []byte) {
	page := uintptr(os.Getpagesize())
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	from, to := (page-at%page)%page, uintptr(len(b))-(at+uintptr(len(b)))%page
	if len(b) < large || syscall.Madvise(b[from:to], syscall.MADV_DONTNEED) != nil || b[from] != 0 || b[to-1] != 0 {
		clear(b)
		return
	}
	clear(b[:from])
	clear(b[to:])
}

// empty sets a session variable to zero, so that the collector can free what it
// refers to.
func empty(v reflect.Value) {
	if v.Type().Size() < large || pointers(v.Type()) {
		v.SetZero()
		return
	}
	clearLarge(unsafe.Slice((*byte)(v.Addr().UnsafePointer()), v.Type().Size()))
}

// pointers reports whether values of a type hold pointers.
func pointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && pointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if pointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() < reflect.Bool || t.Kind() > reflect.Complex128
}
