// Package still reads values that goroutines may be changing. Looking at a
// variable must never end the process, and Go ends it when a map is iterated
// over while another goroutine writes it.
//
// In the worker, package runtime is compiled with hooks (kernel/toolchain/hook): Entries
// copies a map while no other goroutine runs, and in Carefully what would end
// the process is a panic. Elsewhere Possible is false, and reading is as safe
// as Go makes it.
package still

import (
	"errors"
	"reflect"
	"runtime/debug"
	"strings"
	"time"
	"unsafe"
)

// stopped calls f while all other goroutines are stopped. f must not wait for
// anything, allocate, or make system calls.
//
//go:linkname stopped runtime.modelbookStill
var stopped func(f func())

// reading says whether this goroutine only looks: a map that is being written is
// a panic for it.
//
//go:linkname reading runtime.modelbookReading
var reading func(now bool) (was bool)

// Possible reports whether goroutines can be stopped while values are read.
func Possible() bool { return stopped != nil }

// Carefully calls f, which reads values. What f panics with it panics with, and
// with an error where Go would end the process: a map that is being written,
// memory that is not there.
func Carefully(f func()) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if reading != nil {
		was := reading(true)
		defer func() { reading(was) }()
	}
	f()
}

// ErrBusy says that a map could not be read because it is written all the time.
var ErrBusy = errors.New("goroutines write this map all the time")

// attempts is how often a map is tried: a goroutine can be stopped in the midst
// of writing it, but seldom is.
const attempts = 50

// Entries copies the entries of a map, at most limit of them, into two slices.
// They can be used as far as the map can (see reflect.Value.CanInterface).
func Entries(m reflect.Value, limit int) (keys, values reflect.Value, err error) {
	t, open := m.Type(), exported(m)
	for try := 0; try < attempts; {
		n := min(m.Len()+m.Len()/8+8, limit) // with room for what comes meanwhile
		keys, values = reflect.MakeSlice(reflect.SliceOf(t.Key()), n, n), reflect.MakeSlice(reflect.SliceOf(t.Elem()), n, n)
		count, more, busy := copyEntries(open, keys, values)
		switch {
		case busy:
			try++
			time.Sleep(time.Millisecond)
		case more && n < limit:
			try++
		default:
			return asOf(m, keys.Slice(0, count)), asOf(m, values.Slice(0, count)), nil
		}
	}
	return reflect.Value{}, reflect.Value{}, ErrBusy
}

// copyEntries fills slices with the entries of a map. more says that there was
// no room for all, busy that a goroutine was in the midst of writing the map.
func copyEntries(m, keys, values reflect.Value) (count int, more, busy bool) {
	it := m.MapRange()
	room := keys.Len()
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); stopped == nil || !ok || !strings.Contains(err.Error(), "concurrent map") {
				panic(p)
			}
			busy = true
		}
	}()
	read := func() {
		for it.Next() {
			if more = count == room; more {
				break
			}
			keys.Index(count).SetIterKey(it)
			values.Index(count).SetIterValue(it)
			count++
		}
	}
	if stopped == nil {
		read()
		return count, more, false
	}
	Carefully(func() { stopped(read) })
	return count, more, false
}

// exported is a map that reflect lets one copy from, also one in an unexported
// field.
func exported(m reflect.Value) reflect.Value {
	if m.CanInterface() {
		return m
	}
	p := m.UnsafePointer()
	return reflect.NewAt(m.Type(), unsafe.Pointer(&p)).Elem()
}

// asOf is a slice as reflect would give it out of m: not to be used further if
// m comes from an unexported field.
func asOf(m, list reflect.Value) reflect.Value {
	if m.CanInterface() {
		return list
	}
	return reflect.ValueOf(struct{ hidden any }{list.Interface()}).Field(0).Elem()
}

// Copies makes copies of what pointers point to, all at one moment, so that
// none of them is half written. What is larger than limit is not copied: its
// place in the list is the memory itself.
func Copies(pointers []any, limit uintptr) []reflect.Value {
	list := make([]reflect.Value, len(pointers))
	var to, from []reflect.Value
	for i, p := range pointers {
		v := reflect.ValueOf(p).Elem()
		if list[i] = v; v.Type().Size() <= limit {
			list[i] = reflect.New(v.Type()).Elem()
			to, from = append(to, list[i]), append(from, v)
		}
	}
	read := func() {
		for i := range to {
			to[i].Set(from[i])
		}
	}
	if stopped == nil {
		read()
	} else {
		stopped(read)
	}
	return list
}
