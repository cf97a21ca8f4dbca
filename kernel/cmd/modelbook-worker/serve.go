package main

import (
	"maps"
	"os"
	"reflect"
	"slices"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// serve carries out a request and answers it.
func (r *runner) serve(q request) {
	r.emptyUnused()
	if answer := r.debugger.serve(q.what); answer != nil {
		r.conn.reply(q, answer)
		return
	}
	switch c := q.what.(type) {
	case control.Ping:
		r.conn.reply(q, control.OK{})
	case control.Open:
		apart := r.keepApart(c.Run)
		r.conn.reply(q, control.Began{})
		r.conn.reply(q, r.open(c, apart))
	case control.Run:
		r.conn.reply(q, control.Began{})
		if run := r.find(c.Run); run != nil {
			go func() { r.conn.reply(q, r.run(run)) }()
		} else {
			r.conn.reply(q, control.Failed{Reason: "no such run"})
		}
	case control.Interrupt:
		r.interrupt(c.Run)
	case control.SendComm:
		if rt.Comm != nil {
			rt.Comm(rt.CommMessage{Op: string(c.Op), ID: c.ID, Target: c.Target, Data: c.Data, Buffers: c.Buffers})
		}
	case control.ListVariables:
		r.conn.reply(q, control.VariableList{Variables: r.variables()})
	case control.Inspect:
		vars, err := r.inspect(c.Path)
		r.conn.reply(q, or(control.VariableList{Variables: vars}, err))
	case control.Show:
		data, metadata, err := r.show(sessionVariable, c.Path)
		r.conn.reply(q, or(control.Shown{Bundle: control.Bundle{Data: data, Metadata: metadata}}, err))
	case control.InspectFrame:
		vars, err := r.inspectFrame(c.Frame, c.Path)
		r.conn.reply(q, or(control.VariableList{Variables: vars}, err))
	case control.ShowLocal:
		data, metadata, err := r.show(r.debugger.root(c.Frame), c.Path)
		r.conn.reply(q, or(control.Shown{Bundle: control.Bundle{Data: data, Metadata: metadata}}, err))
	case control.Forget:
		r.forget(c.Names)
		r.conn.reply(q, control.OK{})
	case control.Revert:
		r.revert(c.Run, c.Names)
		r.conn.reply(q, control.OK{})
	case control.Save:
		saved, err := save(c.Path)
		r.conn.reply(q, or(saved, err))
	case control.Restore:
		saved, err := restore(c.Path)
		r.conn.reply(q, or(saved, err))
	case control.Chdir:
		r.conn.reply(q, or(control.OK{}, os.Chdir(c.Dir)))
	case control.Setenv:
		r.conn.reply(q, or(control.OK{}, os.Setenv(c.Key, c.Value)))
	}
}

// or is the reply to a request: what it asked for, or why there is none.
func or(r control.Reply, err error) control.Reply {
	if err != nil {
		return control.Failed{Reason: err.Error()}
	}
	return r
}

// forget drops variables.
func (r *runner) forget(names []string) {
	for _, name := range names {
		if p := rt.Vars[name]; p != nil {
			r.unused = append(r.unused, p)
		}
		delete(rt.Vars, name)
	}
	r.emptyUnused()
}

// emptyUnused makes forgotten variables zero. Their storage stays as long as the
// process: the collector gets what it referred to. Cells that run may still use
// them, so this is done when none does. As all that uses rt.Vars it is for the
// goroutine that serves requests.
func (r *runner) emptyUnused() {
	if len(r.unused) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.active) > 0 {
		return
	}
	for _, p := range r.unused {
		if !slices.Contains(slices.Collect(maps.Values(rt.Vars)), p) { // else a cell has made it anew
			empty(reflect.ValueOf(p).Elem())
		}
	}
	r.unused = nil
}

// revert makes variables what they were before the cell of a run was loaded.
func (r *runner) revert(id control.RunID, names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.runs, func(run *run) bool { return run.id == id })
	if i < 0 {
		return
	}
	for _, name := range names {
		switch p, replaced := r.runs[i].replaced[name]; {
		case !replaced:
		case p == nil:
			delete(rt.Vars, name)
		default:
			rt.Vars[name] = p
		}
	}
}
