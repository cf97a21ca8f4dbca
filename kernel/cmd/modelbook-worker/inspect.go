package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"time"
	"unsafe"

	"modelbook/internal/place"
	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/display"
	"modelbook/kernel/worker/rt"
	"modelbook/kernel/worker/still"
)

// Reading variables must not end the process. The variable view of a front end
// asks for them after every cell, without the user asking, while goroutines of
// cells may be changing them: Go ends the process when a map is iterated over and
// written to at the same time. So values are read with package still. Where the
// runtime has no hooks for it, nothing that could be a map is read while
// goroutines of cells are at work.

const (
	maxChildren   = 200 // shown of one value
	inspectWidth  = 120
	inspectFor    = time.Second             // all of a list
	showFor       = 2500 * time.Millisecond // one rich value
	stillRunning  = "(not read: a goroutine of a cell is at work and could be writing it)"
	elementsShown = "..."
	// maxCopied is the size up to which variables are copied before they are
	// shown. Of larger ones only the beginning is shown.
	maxCopied = 1 << 20
)

// sessionVariables are the session's variables, copied at one moment, by name.
func sessionVariables() []part {
	names := slices.Sorted(maps.Keys(rt.Vars))
	pointers := make([]any, len(names))
	for i, name := range names {
		pointers[i] = rt.Vars[name]
	}
	parts := make([]part, len(names))
	for i, v := range still.Copies(pointers, maxCopied) {
		parts[i] = part{names[i], v}
	}
	return parts
}

// variables lists the session variables with their values, shortened.
func (r *runner) variables() []control.Variable {
	var all []control.Variable
	closed := r.mapsClosed()
	for _, p := range sessionVariables() {
		v := control.Variable{Name: p.name, Type: p.value.Type().String(), Size: int64(p.value.Type().Size()), Value: stillRunning}
		if !closed || !reachesMap(p.value.Type(), nil) {
			shown := shownOf(p.value)
			v.Value, v.Shape = display.Short(shown, 80), display.Shape(shown)
			if p.value.Type().Size() <= maxCopied {
				v.Size = display.Size(shown)
			}
		}
		all = append(all, v)
	}
	return all
}

// shownOf is a value for package display. A value that is too large to be copied
// is passed by reference.
func shownOf(v reflect.Value) any {
	if v.Type().Size() > maxCopied {
		return v
	}
	return v.Interface()
}

// mapsClosed reports whether maps cannot be read safely now.
func (r *runner) mapsClosed() bool { return !still.Possible() && r.atWork() }

// reachesMap reports whether values of a type may hold or point to maps.
func reachesMap(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	if seen == nil {
		seen = map[reflect.Type]bool{}
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return t.NumMethod() > 0 || reachesMap(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if reachesMap(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return t.NumMethod() > 0 // its methods may read anything
}

// inspect lists the parts of the value at a path: the session's variables for an
// empty path, else a variable's name and the indexes of parts below it.
func (r *runner) inspect(path []string) ([]control.Variable, error) {
	if len(path) == 0 {
		return r.listed(sessionVariables()), nil
	}
	parts, err := r.childrenAt(sessionVariable, path)
	if err != nil {
		return nil, err
	}
	return r.listed(parts), nil
}

// inspectFrame is inspect for the variables of a frame of the stopped goroutine.
func (r *runner) inspectFrame(frame int, path []string) ([]control.Variable, error) {
	var parts []part
	var err error
	if len(path) == 0 {
		parts, err = r.debugger.parts(frame)
	} else {
		parts, err = r.childrenAt(r.debugger.root(frame), path)
	}
	if err != nil {
		return nil, err
	}
	return r.listed(parts), nil
}

// listed is a list of parts for a front end.
func (r *runner) listed(parts []part) (all []control.Variable) {
	closed := r.mapsClosed()
	deadline := time.Now().Add(inspectFor)
	for _, p := range parts {
		v := control.Variable{Name: p.name, Value: elementsShown}
		if p.value.IsValid() {
			v.Type = p.value.Type().String()
			switch {
			case closed && reachesMap(p.value.Type(), nil):
				v.Value = stillRunning
			case isScalar(p.value.Type()) || time.Now().Before(deadline):
				v.Value = display.Short(shownOf(p.value), inspectWidth)
			}
			v.Children = count(p.value)
		}
		all = append(all, v)
	}
	return all
}

// isScalar reports whether values of a type are shown without a limit of time.
func isScalar(t reflect.Type) bool {
	return t.NumMethod() == 0 && (t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String)
}

// A root is where paths begin: it returns a pointer to the variable of a name.
type root func(name string) (pointer any, err error)

// sessionVariable is the root of the session's variables.
func sessionVariable(name string) (any, error) {
	if p := rt.Vars[name]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no variable %s", name)
}

// childrenAt are the parts of the value at a path.
func (r *runner) childrenAt(from root, path []string) (parts []part, err error) {
	defer changing(&err)
	still.Carefully(func() {
		var v reflect.Value
		if v, err = r.walk(from, path); err == nil {
			parts, err = children(v)
		}
	})
	return parts, err
}

// changing turns a panic into an error: a goroutine has changed what was read.
func changing(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("a goroutine is changing the value (%s)", text(p))
	}
}

// show is the rich form of the value at a path.
func (r *runner) show(from root, path []string) (data, metadata map[string]any, err error) {
	v, err := r.valueAt(from, path)
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
		data, metadata := display.Bundle(shownOf(v))
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

// valueAt is the value at a path.
func (r *runner) valueAt(from root, path []string) (v reflect.Value, err error) {
	defer changing(&err)
	still.Carefully(func() { v, err = r.walk(from, path) })
	return v, err
}

func (r *runner) walk(from root, path []string) (reflect.Value, error) {
	p, err := from(path[0])
	if err != nil {
		return reflect.Value{}, err
	}
	v := still.Copies([]any{p}, maxCopied)[0]
	if reachesMap(v.Type(), nil) && r.mapsClosed() {
		return reflect.Value{}, errors.New(stillRunning)
	}
	for _, step := range path[1:] {
		parts, err := children(v)
		if err != nil {
			return reflect.Value{}, err
		}
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(parts) || !parts[i].value.IsValid() {
			return reflect.Value{}, errors.New("the variable has changed")
		}
		v = parts[i].value
	}
	return v, nil
}

// behind follows pointers and interfaces to a value.
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

// children lists the parts of a value. All of them can be used, unexported fields
// too.
func children(v reflect.Value) (parts []part, err error) {
	v = behind(v)
	if !v.IsValid() {
		return nil, nil
	}
	switch v.Kind() {
	case reflect.Struct:
		if !v.CanAddr() { // it is in an interface or a map
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
		keys, values, err := still.Entries(v, maxChildren)
		if err != nil {
			return nil, err
		}
		for i := range keys.Len() {
			parts = append(parts, part{display.Short(keys.Index(i).Interface(), inspectWidth), values.Index(i)})
		}
		sort.SliceStable(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	}
	if v.Kind() != reflect.Struct && v.Len() > maxChildren {
		parts = append(parts, part{name: fmt.Sprintf("(%d more)", v.Len()-maxChildren)})
	}
	return parts, nil
}

// atWork reports whether a goroutine has code of a cell on its stack and may run
// that code. A goroutine left behind by an interrupt ends at its next check.
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
			if number, ok := place.Cell(f.File); ok && !r.leftBehind(number) {
				return true
			}
			if !more {
				break
			}
		}
	}
	return false
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
