package main

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/display"
	"modelbook/kernel/worker/rt"
)

// The variable view of a front end asks after every cell, without the user's
// doing. So it must never cost a value: while goroutines of cells are at work
// nothing is looked at that they could be changing, because Go ends the whole
// process when a map is read and written at once.

const (
	maxChildren   = 200 // shown of one value
	inspectWidth  = 120
	inspectFor    = time.Second             // all of a list
	showFor       = 2500 * time.Millisecond // one rich value
	stillRunning  = "(a goroutine is still at work)"
	elementsShown = "..."
)

// inspect lists what the value at a path is made of: the session's variables
// for an empty path, else the variable named first, and so on down, each step
// the index of a child.
func (r *runner) inspect(path []string) ([]control.Variable, error) {
	if r.atWork() {
		if len(path) > 0 {
			return nil, errors.New(stillRunning)
		}
		var all []control.Variable
		for name, p := range rt.Vars {
			all = append(all, control.Variable{Name: name, Type: reflect.TypeOf(p).Elem().String(), Value: stillRunning})
		}
		sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
		return all, nil
	}
	deadline := time.Now().Add(inspectFor)
	var parts []part
	if len(path) == 0 {
		for name, p := range rt.Vars {
			parts = append(parts, part{name, reflect.ValueOf(p).Elem()})
		}
		sort.Slice(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	} else {
		v, err := walk(path)
		if err != nil {
			return nil, err
		}
		parts = children(v)
	}
	var all []control.Variable
	for _, p := range parts {
		v := control.Variable{Name: p.name, Value: elementsShown}
		if p.value.IsValid() {
			v.Type = p.value.Type().String()
			if time.Now().Before(deadline) {
				v.Value = display.Short(p.value.Interface(), inspectWidth)
			}
			v.Children = count(p.value)
		}
		all = append(all, v)
	}
	return all, nil
}

// show is the rich form of the value at a path.
func (r *runner) show(path []string) (data, metadata map[string]any, err error) {
	if r.atWork() {
		return nil, nil, errors.New(stillRunning)
	}
	v, err := walk(path)
	if err != nil {
		return nil, nil, err
	}
	type rich struct{ data, metadata map[string]any }
	made := make(chan rich, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				made <- rich{data: map[string]any{"text/plain": "? (" + text(p) + ")"}}
			}
		}()
		data, metadata := display.Bundle(v.Interface())
		made <- rich{data, metadata}
	}()
	select {
	case r := <-made:
		return r.data, r.metadata, nil
	case <-time.After(showFor):
		return nil, nil, errors.New("showing the value takes too long")
	}
}

// A part of a value: a field, an element, what a pointer points to.
type part struct {
	name  string
	value reflect.Value // invalid for "there is more"
}

func walk(path []string) (reflect.Value, error) {
	p := rt.Vars[path[0]]
	if p == nil {
		return reflect.Value{}, fmt.Errorf("no variable %s", path[0])
	}
	v := reflect.ValueOf(p).Elem()
	for _, step := range path[1:] {
		parts := children(v)
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(parts) || !parts[i].value.IsValid() {
			return reflect.Value{}, errors.New("the variable has changed")
		}
		v = parts[i].value
	}
	return v, nil
}

// behind is what a value is made of, pointers and interfaces followed.
func behind(v reflect.Value) reflect.Value {
	for range 10 {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return reflect.Value{}
			}
			v = v.Elem()
		default:
			return v
		}
	}
	return reflect.Value{}
}

// count is the number of children.
func count(v reflect.Value) int {
	v = behind(v)
	if !v.IsValid() {
		return 0
	}
	switch v.Kind() {
	case reflect.Struct:
		return v.NumField()
	case reflect.Slice, reflect.Array, reflect.Map:
		return v.Len()
	}
	return 0
}

// children lists the parts of a value. Each can be used as any other value,
// unexported fields too.
func children(v reflect.Value) (parts []part) {
	v = behind(v)
	if !v.IsValid() {
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		if !v.CanAddr() { // of an interface or a map
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			v = c
		}
		for i := range v.NumField() {
			f := v.Field(i)
			if !f.CanInterface() {
				f = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
			}
			parts = append(parts, part{v.Type().Field(i).Name, f})
		}
	case reflect.Slice, reflect.Array:
		for i := range min(v.Len(), maxChildren) {
			parts = append(parts, part{strconv.Itoa(i), v.Index(i)})
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next() && len(parts) < maxChildren; {
			parts = append(parts, part{display.Short(it.Key().Interface(), inspectWidth), it.Value()})
		}
		sort.SliceStable(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	}
	if v.Kind() != reflect.Struct && v.Len() > maxChildren {
		parts = append(parts, part{name: fmt.Sprintf("(%d more)", v.Len()-maxChildren)})
	}
	return parts
}

// atWork reports whether a goroutine has code of a cell on its stack and may
// run on. One left behind by an interrupt ends at its next check.
func (r *runner) atWork() bool {
	records := make([]runtime.StackRecord, runtime.NumGoroutine()+50)
	for {
		n, ok := runtime.GoroutineProfile(records)
		if ok {
			records = records[:n]
			break
		}
		records = make([]runtime.StackRecord, n+50)
	}
	for _, record := range records {
		frames := runtime.CallersFrames(record.Stack())
		for {
			f, more := frames.Next()
			if number, ok := cellNumber(f.File); ok && !r.leftBehind(number) {
				return true
			}
			if !more {
				break
			}
		}
	}
	return false
}

// cellNumber reads the name of a cell's file, "cell[3]", perhaps with a folder
// in front.
func cellNumber(file string) (number int, ok bool) {
	i := strings.LastIndex(file, "cell[")
	if i < 0 || !strings.HasSuffix(file, "]") {
		return 0, false
	}
	number, err := strconv.Atoi(file[i+len("cell[") : len(file)-1])
	return number, err == nil
}

// leftBehind reports whether all cells with this number were left behind.
func (r *runner) leftBehind(number int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := false
	for _, c := range r.cells {
		if c.Number == number {
			if !c.LeftBehind {
				return false
			}
			left = true
		}
	}
	return left
}
