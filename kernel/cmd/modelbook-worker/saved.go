package main

import (
	"bufio"
	"errors"
	"os"
	"reflect"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
	"modelbook/kernel/worker/snapshot"
)

func init() { rt.AddGlobals = addGlobals }

// addGlobals registers variables of packages with their present values.
func addGlobals(all []rt.Global) {
	for _, g := range all {
		rt.Globals[g.Name] = reflect.ValueOf(g.Pointer).Elem().Interface()
	}
}

// save writes the values of all session variables to a file.
func save(path string) (control.Reply, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	saved, err := snapshot.Write(w, rt.Vars, rt.Globals)
	if err := errors.Join(err, w.Flush(), f.Close()); err != nil {
		return nil, err
	}
	return *saved, nil
}

// restore sets the session variables whose values are in a file. The types that
// the file names were registered by the cell before.
func restore(path string) (control.Reply, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	types := map[string]reflect.Type{}
	for key, pointer := range rt.Types {
		types[key] = reflect.TypeOf(pointer).Elem()
	}
	clear(rt.Types)
	saved, err := snapshot.Read(b, rt.Vars, types, rt.Globals)
	if err != nil {
		return nil, err
	}
	return *saved, nil
}
